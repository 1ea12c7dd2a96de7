import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Snapshot, ToAgent } from "../../web-shared/src/protocol.ts";
import { Thread } from "../src/state/thread.ts";

const snapshot: Snapshot = {
  seq: 1,
  epoch: "e",
  status: "unrequested",
  assignee: null,
  waiting_since: null,
  offer: null,
  escalated: false,
  ai_answers: 0,
  last_answer_confident: true,
  turn: null,
  read_by_visitor: 0,
  read_by_agent: 0,
  entries: [{ seq: 1, at: 0, event: { kind: "started" } }],
  has_more: false,
  brief: null,
  visitor: null,
  chatbot: "ada",
};

const wrote = (seq: number, text: string): ToAgent => ({
  type: "event",
  conversation: "c",
  seq,
  at: seq,
  event: { kind: "visitor_message", key: `k${seq}`, text },
});
const typing = (active: boolean): ToAgent => ({ type: "typing", conversation: "c", by: { who: "visitor" }, active });

let thread: Thread;
beforeEach(() => {
  vi.useFakeTimers();
  thread = new Thread("c");
  thread.receive({ type: "snapshot", conversation: "c", snapshot });
});
afterEach(() => {
  vi.useRealTimers();
});

test("events fold in, doubles change nothing, a hole asks for the rest", () => {
  expect(thread.receive(wrote(2, "a"))).toBe("taken");
  expect(thread.receive(wrote(2, "a"))).toBe("taken");
  expect(thread.log.value?.entries).toHaveLength(2);
  expect(thread.receive(wrote(4, "c"))).toBe("gap");
  expect(thread.log.value?.seq).toBe(2);
});

test("typing ends with the message, and by itself when the end is lost", () => {
  thread.receive(typing(true));
  expect(thread.typists.value).toHaveLength(1);
  thread.receive(wrote(2, "a"));
  expect(thread.typists.value).toEqual([]);
  thread.receive(typing(true));
  vi.advanceTimersByTime(6000);
  expect(thread.typists.value).toHaveLength(1);
  vi.advanceTimersByTime(1000);
  expect(thread.typists.value).toEqual([]);
});

test("a repeated sign of typing starts the time again", () => {
  thread.receive(typing(true));
  vi.advanceTimersByTime(5000);
  thread.receive(typing(true));
  vi.advanceTimersByTime(5000);
  expect(thread.typists.value).toHaveLength(1);
});

test("streamed text grows and starts again after a break of the line", () => {
  thread.receive({ type: "ai_text", conversation: "c", turn: 2, from: 0, text: "Hel" });
  thread.receive({ type: "ai_text", conversation: "c", turn: 2, from: 3, text: "lo" });
  expect(thread.draft.value?.text).toBe("Hello");
  thread.disconnected();
  expect(thread.draft.value).toBeNull();
});

test("what is only true over a live line goes when the line goes; the log stays", () => {
  thread.receive(typing(true));
  thread.receive({ type: "viewers", conversation: "c", agents: [{ id: "kim", name: "Kim" }] });
  thread.disconnected();
  expect(thread.typists.value).toEqual([]);
  expect(thread.viewers.value).toEqual([]);
  expect(thread.log.value?.seq).toBe(1);
});
