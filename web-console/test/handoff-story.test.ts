import { expect, test } from "vitest";
import type { Log } from "../../web-shared/src/conversation.ts";
import type { LogEvent, StatusName } from "../../web-shared/src/protocol.ts";
import { handoffStory } from "../src/state/handoff-story.ts";

function logOf(status: StatusName, events: LogEvent[], escalated = true): Log {
  return {
    seq: events.length,
    epoch: "e",
    status,
    assignee: null,
    waiting_since: null,
    offer: null,
    escalated,
    ai_answers: 0,
    last_answer_confident: true,
    turn: null,
    read_by_visitor: 0,
    read_by_agent: 0,
    entries: events.map((event, index) => ({ seq: index + 1, at: (index + 1) * 1000, event })),
    has_more: false,
    brief: null,
    visitor: null,
    chatbot: "ada",
  };
}

const visitor = (text: string): LogEvent => ({ kind: "visitor_message", key: text, text });
const ai = (text: string, confident = true): LogEvent => ({
  kind: "ai_message",
  turn: 1,
  text,
  sources: [{ title: "Help", url: null }],
  confident,
});
const request: LogEvent = { kind: "handoff_requested", reason: "words", text: "Wait", brief: null };

test("why, since when, the last word, and what the AI tried for which question", () => {
  const log = logOf("unassigned", [
    visitor("Where is it?"),
    ai("Look here"),
    visitor("Not there"),
    ai("?", false),
    visitor("Human!"),
    request,
    visitor("Hello?"),
  ]);
  expect(handoffStory(log)).toEqual({
    reason: "words",
    requestedAt: 6000,
    lastMessage: "Hello?",
    tries: [
      { question: "Where is it?", answer: "Look here", confident: true, sources: ["Help"] },
      { question: "Not there", answer: "?", confident: false, sources: ["Help"] },
    ],
  });
});

test("what was answered before an earlier end, or after the request, is not part of it", () => {
  const ended: LogEvent = { kind: "ended", by: "agent", text: "" };
  const log = logOf("unassigned", [
    visitor("Old"),
    ai("Old answer"),
    ended,
    visitor("New"),
    ai("New answer"),
    request,
    visitor("x"),
    ai("Later"),
  ]);
  expect(handoffStory(log)?.tries.map(({ answer }) => answer)).toEqual(["New answer"]);
});

test("no story without a request in sight", () => {
  expect(handoffStory(logOf("unrequested", [visitor("a"), request]))).toBeNull();
  expect(handoffStory(logOf("open", [visitor("a")], false))).toBeNull();
  expect(handoffStory(logOf("unassigned", [visitor("a")]))).toBeNull();
});
