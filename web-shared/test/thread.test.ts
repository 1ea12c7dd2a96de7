import { expect, test } from "vitest";
import { applyEntries, type Log } from "../src/conversation.ts";
import type { LogEvent, Snapshot } from "../src/protocol.ts";
import { type MessageRow, type Row, threadRows } from "../src/thread.ts";
import { emptySnapshot } from "./fakes.ts";

const NOON = new Date(2026, 2, 6, 12, 0, 0).getTime();
const LENA = { id: "lena", name: "Lena" };

function log(...events: [minute: number, LogEvent][]): Log {
  const entries = events.map(([minute, event], index) => ({ seq: index + 1, at: NOON + minute * 60_000, event }));
  return applyEntries(emptySnapshot as Snapshot, entries).log;
}

const wrote = (key: string): LogEvent => ({ kind: "visitor_message", key, text: key });
const said = (key: string): LogEvent => ({ kind: "agent_message", key, agent: LENA, text: key });
const options = { self: "visitor", pending: [], draft: null, lines: ["agent_joined"] } as const;
const messages = (rows: Row[]) => rows.filter((row): row is MessageRow => row.type === "message");

test("messages are grouped by author and minute, and a line ends a group", () => {
  const rows = threadRows(
    log(
      [0, wrote("a")],
      [0.1, wrote("b")],
      [1, wrote("c")],
      [1.1, said("d")],
      [1.2, { kind: "agent_joined", agent: LENA }],
      [1.3, said("e")],
    ),
    options,
  );
  expect(messages(rows).map(({ text, first, last }) => `${text}${first ? "[" : ""}${last ? "]" : ""}`)).toEqual([
    "a[",
    "b]",
    "c[]",
    "d[]",
    "e[]",
  ]);
});

test("each day starts with its date, also in front of a message on its way", () => {
  const tomorrow = NOON + 86_400_000;
  const pending = [{ key: "p", text: "p", at: tomorrow, failed: null, acked: false, as: "message" } as const];
  const rows = threadRows(log([0, wrote("a")], [1, said("b")]), { ...options, pending });
  expect(rows.map(({ type }) => type)).toEqual(["day", "message", "message", "day", "message"]);
});

test("an own message is one row from writing to being seen, and never two", () => {
  const pending = [{ key: "a", text: "a", at: NOON, failed: null, acked: false, as: "message" } as const];
  const sending = messages(threadRows(log(), { ...options, pending }));
  expect(sending).toMatchObject([{ id: "key:a", delivery: "sending" }]);
  const logged = log([0, wrote("a")]);
  expect(messages(threadRows(logged, { ...options, pending }))).toMatchObject([{ id: "key:a", delivery: "sent" }]);
  const seen = applyEntries(logged, [{ seq: 2, at: NOON, event: { kind: "read", by: "agent", seq: 1 } }]).log;
  expect(messages(threadRows(seen, options))).toMatchObject([{ id: "key:a", delivery: "seen" }]);
});

test("a refused message stays, marked as failed", () => {
  const pending = [{ key: "a", text: "a", at: NOON, failed: "too_long", acked: false, as: "message" } as const];
  expect(messages(threadRows(log(), { ...options, pending }))).toMatchObject([
    { delivery: "failed", failed: "too_long" },
  ]);
});

test("a streamed answer and its entry are the same row", () => {
  const asked = log([0, wrote("a")]);
  const streaming = messages(threadRows(asked, { ...options, draft: { turn: 1, text: "Hel" } }));
  expect(streaming.at(-1)).toMatchObject({ id: "ai:1", text: "Hel", streaming: true });
  const event: LogEvent = { kind: "ai_message", turn: 1, text: "Hello", sources: [], confident: true };
  const answered = applyEntries(asked, [{ seq: 2, at: NOON, event }]).log;
  const rows = messages(threadRows(answered, { ...options, draft: { turn: 1, text: "Hel" } }));
  expect(rows.map(({ id, text }) => [id, text])).toEqual([
    ["key:a", "a"],
    ["ai:1", "Hello"],
  ]);
});

test("row ids are unique", () => {
  const rows = threadRows(
    log(
      [0, wrote("a")],
      [1, { kind: "handoff_requested", reason: "words", text: "wait", brief: null }],
      [2, { kind: "agent_joined", agent: LENA }],
    ),
    { ...options, lines: ["agent_joined", "handoff_requested"] },
  );
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

test("notes are rows of their own kind", () => {
  const rows = messages(
    threadRows(log([0, said("a")], [0, { kind: "note", key: "n", agent: LENA, text: "psst" }]), {
      ...options,
      self: "agent",
    }),
  );
  expect(rows).toMatchObject([
    { as: "message", last: true },
    { as: "note", first: true },
  ]);
});
