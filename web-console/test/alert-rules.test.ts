import { expect, test } from "vitest";
import { alertsFor, type Listener } from "../src/state/alert-rules.ts";
import { KIM, ME, row } from "./rows.ts";

const listener: Listener = { me: ME.id, availability: "online", watching: null };
const before = (...rows: ReturnType<typeof row>[]) => new Map(rows.map((one) => [one.conversation, one]));
const waiting = row({ conversation: "a", seq: 4, status: "unassigned", waiting_since: 1000, last_at: 1000 });

test("somebody starts to wait: rings once", () => {
  const known = before(row({ conversation: "a", seq: 3 }));
  expect(alertsFor(known, [waiting], listener).map(({ kind }) => kind)).toEqual(["waiting"]);
  expect(alertsFor(before(waiting), [{ ...waiting, seq: 5, preview: "hello?" }], listener)).toEqual([]);
  expect(alertsFor(before(waiting), [{ ...waiting, online: false }], listener)).toEqual([]);
});

test("a wait that is first seen long after it began is shown, not rung", () => {
  expect(alertsFor(new Map(), [{ ...waiting, last_at: 600_000 }], listener)).toEqual([]);
  expect(alertsFor(new Map(), [waiting], listener)).toHaveLength(1);
});

test("who is offline is not called to new chats; who is away is", () => {
  const known = before(row({ conversation: "a", seq: 3 }));
  expect(alertsFor(known, [waiting], { ...listener, availability: "offline" })).toEqual([]);
  expect(alertsFor(known, [waiting], { ...listener, availability: "away" })).toHaveLength(1);
});

test("a visitor's new message in mine rings, unless I am looking at it", () => {
  const mine = row({ conversation: "a", seq: 6, status: "open", assignee: ME, preview_by: "visitor", unread: 1 });
  const known = before({ ...mine, seq: 5, preview_by: "agent", unread: 0 });
  expect(alertsFor(known, [mine], listener).map(({ kind }) => kind)).toEqual(["message"]);
  expect(alertsFor(known, [mine], { ...listener, watching: "a" })).toEqual([]);
  expect(alertsFor(known, [mine], { ...listener, watching: "b" })).toHaveLength(1);
  expect(alertsFor(known, [{ ...mine, assignee: KIM }], listener)).toEqual([]);
});

test("a read marker changes the row but calls nobody", () => {
  const mine = row({ conversation: "a", seq: 6, status: "open", assignee: ME, preview_by: "visitor", unread: 2 });
  expect(alertsFor(before(mine), [{ ...mine, seq: 7, unread: 0 }], listener)).toEqual([]);
});
