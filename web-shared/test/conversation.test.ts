import { describe, expect, test } from "vitest";
import {
  applyAiText,
  applyEntries,
  applyEntry,
  type Log,
  lastMessageFor,
  liveDraft,
  prependHistory,
  unreadCount,
} from "../src/conversation.ts";
import type { LogEntry, LogEvent, Snapshot } from "../src/protocol.ts";
import { emptySnapshot } from "./fakes.ts";

const LENA = { id: "lena", name: "Lena Vos" };
const OMAR = { id: "omar", name: "Omar" };

const visitor = (key: string): LogEvent => ({ kind: "visitor_message", key, text: key });
const ai = (turn: number, confident = true): LogEvent => ({
  kind: "ai_message",
  turn,
  text: "answer",
  sources: [],
  confident,
});

function log(...events: LogEvent[]): Log {
  return applyEntries(emptySnapshot, entries(events)).log;
}

function entries(events: readonly LogEvent[], from = 1): LogEntry[] {
  return events.map((event, index) => ({ seq: from + index, at: 1000 * (from + index), event }));
}

describe("fold: the same as evolve.rs", () => {
  const started: LogEvent = { kind: "started" };
  const requested: LogEvent = { kind: "handoff_requested", reason: "button", text: "wait", brief: null };
  const joined: LogEvent = { kind: "agent_joined", agent: LENA };
  const ended: LogEvent = { kind: "ended", by: "agent", text: "bye" };
  const offered: LogEvent = { kind: "handoff_offered", reason: "words", text: "shall I?" };

  test.each<[string, LogEvent[], Partial<Snapshot>]>([
    [
      "a visitor message owes an answer and is read by its writer",
      [started, visitor("a")],
      { turn: 2, read_by_visitor: 2 },
    ],
    ["a newer message takes the turn over", [started, visitor("a"), visitor("b")], { turn: 3 }],
    [
      "an answer settles the turn",
      [started, visitor("a"), ai(2, false)],
      { turn: null, ai_answers: 1, last_answer_confident: false },
    ],
    ["an offer waits for yes or no", [started, visitor("a"), offered], { turn: null, offer: "words" }],
    [
      "a no takes the offer away",
      [started, visitor("a"), offered, { kind: "handoff_declined", text: "ok" }],
      { offer: null },
    ],
    [
      "a request starts the wait",
      [started, visitor("a"), requested],
      { status: "unassigned", waiting_since: 3000, escalated: true, turn: null },
    ],
    ["while waiting the AI still owes answers", [started, requested, visitor("a")], { status: "unassigned", turn: 3 }],
    [
      "cancelling leaves escalated",
      [started, requested, { kind: "handoff_cancelled" }],
      { status: "unrequested", waiting_since: null, escalated: true },
    ],
    [
      "an agent who joins ends wait, turn and offer",
      [started, requested, visitor("a"), joined],
      { status: "open", assignee: LENA, waiting_since: null, turn: null },
    ],
    ["with an agent no turn is owed", [started, joined, visitor("a")], { status: "open", turn: null }],
    [
      "an agent message is read by its writer",
      [started, joined, { kind: "agent_message", key: "m", agent: LENA, text: "hi" }],
      { read_by_agent: 3 },
    ],
    [
      "a note moves only the cursor",
      [started, joined, { kind: "note", key: "n", agent: LENA, text: "!" }],
      { seq: 3, read_by_agent: 0 },
    ],
    [
      "a transfer changes the holder",
      [started, joined, { kind: "transferred", from: LENA, to: OMAR }],
      { status: "open", assignee: OMAR },
    ],
    [
      "handing back returns to the AI",
      [started, joined, { kind: "handed_back", agent: LENA }],
      { status: "unrequested", assignee: null },
    ],
    [
      "the end ends everything",
      [started, requested, visitor("a"), ended],
      { status: "ended", turn: null, waiting_since: null, offer: null },
    ],
    [
      "reopening goes back to the AI",
      [started, ended, { kind: "reopened", by: "visitor" }, visitor("a")],
      { status: "unrequested", turn: 4 },
    ],
    ["after the end a message owes nothing", [started, ended, visitor("a")], { status: "ended", turn: null }],
    [
      "read markers only grow",
      [started, visitor("a"), { kind: "read", by: "agent", seq: 2 }, { kind: "read", by: "agent", seq: 1 }],
      { read_by_agent: 2 },
    ],
    [
      "a kind of a newer server moves the cursor",
      [started, { kind: "rated" } as never, visitor("a")],
      { seq: 3, turn: 3 },
    ],
    ["hidden moves the cursor", [started, { kind: "hidden" }], { seq: 2 }],
  ])("%s", (_, events, expected) => {
    expect(log(...events)).toMatchObject(expected);
  });

  test("the visitor of a snapshot follows visitor_seen", () => {
    const seen = { id: "v", page_url: "/b" } as never;
    expect(log(started, { kind: "visitor_seen", visitor: seen }).visitor).toEqual(seen);
  });
});

describe("order", () => {
  test("what is known is ignored, what follows is applied, a hole is reported", () => {
    const before = log({ kind: "started" }, visitor("a"));
    expect(applyEntry(before, { seq: 2, at: 0, event: visitor("x") })).toEqual({ result: "ignored", log: before });
    expect(applyEntry(before, { seq: 3, at: 0, event: ai(2) }).result).toBe("applied");
    expect(applyEntry(before, { seq: 4, at: 0, event: ai(2) })).toEqual({ result: "gap", log: before });
  });

  test("the old state is never changed", () => {
    const before = log({ kind: "started" });
    const frozen = structuredClone(before);
    applyEntry(before, { seq: 2, at: 0, event: visitor("a") });
    expect(before).toEqual(frozen);
  });

  test("any cut of a log gives the same state, with repeats too (I11)", () => {
    const events: LogEvent[] = [
      { kind: "started" },
      visitor("a"),
      ai(2),
      visitor("b"),
      { kind: "handoff_offered", reason: "cannot_answer", text: "?" },
      { kind: "handoff_requested", reason: "words", text: "wait", brief: null },
      { kind: "agent_joined", agent: LENA },
      { kind: "agent_message", key: "m", agent: LENA, text: "hi" },
      { kind: "read", by: "visitor", seq: 8 },
      { kind: "ended", by: "agent", text: "bye" },
      { kind: "reopened", by: "visitor" },
      visitor("c"),
    ];
    const whole = log(...events);
    for (let cut = 0; cut <= events.length; cut++) {
      const earlier = log(...events.slice(0, cut));
      const repeated = entries(events).slice(Math.max(0, cut - 3));
      expect(applyEntries(earlier, repeated).log).toEqual(whole);
    }
  });
});

test("history is put in front only when it fits", () => {
  const whole = log({ kind: "started" }, visitor("a"), ai(2), visitor("b"));
  const tail: Log = { ...whole, entries: whole.entries.slice(2), has_more: true };
  expect(prependHistory(tail, whole.entries.slice(0, 2), false)).toEqual(whole);
  expect(prependHistory(tail, whole.entries.slice(0, 1), false)).toBe(tail);
  expect(prependHistory(tail, whole.entries.slice(0, 3), false)).toEqual(whole);
});

test("unread messages and what a read marker names", () => {
  const state = log(
    { kind: "started" },
    visitor("a"),
    ai(2),
    { kind: "agent_joined", agent: LENA },
    {
      kind: "agent_message",
      key: "m",
      agent: LENA,
      text: "hi",
    },
  );
  expect(unreadCount(state, "visitor")).toBe(2);
  expect(lastMessageFor(state, "visitor")).toBe(5);
  expect(unreadCount(state, "agent")).toBe(0);
  expect(lastMessageFor(state, "agent")).toBe(2);
  expect(
    unreadCount(applyEntry(state, { seq: 6, at: 0, event: { kind: "read", by: "visitor", seq: 3 } }).log, "visitor"),
  ).toBe(1);
});

describe("streamed answers", () => {
  test("pieces append while they fit", () => {
    const first = applyAiText(null, { turn: 2, from: 0, text: "Hel" });
    expect(applyAiText(first, { turn: 2, from: 3, text: "lo 👋" })).toEqual({ turn: 2, text: "Hello 👋" });
    expect(applyAiText(first, { turn: 2, from: 9, text: "?" })).toBeNull();
    expect(applyAiText(null, { turn: 2, from: 5, text: "late" })).toBeNull();
    expect(applyAiText(first, { turn: 4, from: 0, text: "New" })).toEqual({ turn: 4, text: "New" });
  });

  test("a draft lives only while its turn is owed", () => {
    const owed = log({ kind: "started" }, visitor("a"));
    const draft = { turn: 2, text: "Hel" };
    expect(liveDraft(owed, draft)).toBe(draft);
    const taken = applyEntry(owed, { seq: 3, at: 0, event: { kind: "agent_joined", agent: LENA } }).log;
    expect(liveDraft(taken, draft)).toBeNull();
  });
});
