import { expect, test } from "vitest";
import { applyEntry, type Log } from "../../web-shared/src/conversation.ts";
import type { HandoffBrief, LogEvent, StatusName } from "../../web-shared/src/protocol.ts";
import { handoffStory } from "../src/state/handoff-story.ts";

const brief: HandoffBrief = {
  handoff: 3,
  reason: "words",
  language: "de",
  asked: "Where is it?",
  tried: [],
  summary: "The AI has answered nothing yet.",
  by: "embedded",
};

function logOf(status: StatusName, change: Partial<Log> = {}): Log {
  return {
    seq: 3,
    epoch: "e",
    status,
    assignee: null,
    waiting_since: status === "unassigned" ? 3000 : null,
    offer: null,
    escalated: true,
    ai_answers: 0,
    last_answer_confident: true,
    turn: null,
    read_by_visitor: 0,
    read_by_agent: 0,
    entries: [{ seq: 3, at: 3000, event: { kind: "handoff_requested", reason: "words", text: "Wait", brief } }],
    has_more: true,
    brief,
    visitor: null,
    chatbot: "ada",
    ...change,
  };
}

test("the brief, since when somebody waits, and a model's better summary when it comes", () => {
  const log = logOf("unassigned");
  expect(handoffStory(log)).toEqual({ brief, requestedAt: 3000 });
  const summarised: LogEvent = { kind: "handoff_summarised", handoff: 3, summary: "Wants a parcel." };
  const { log: later } = applyEntry(log, { seq: 4, at: 4000, event: summarised });
  expect(handoffStory(later)?.brief).toMatchObject({ summary: "Wants a parcel.", by: "model" });
});

test("a request that is older than what is loaded still has its brief", () => {
  expect(handoffStory(logOf("open"))).toEqual({ brief, requestedAt: 3000 });
  expect(handoffStory(logOf("open", { entries: [] }))).toEqual({ brief, requestedAt: null });
});

test("no story without a request, or after it", () => {
  expect(handoffStory(logOf("unrequested"))).toBeNull();
  expect(handoffStory(logOf("ended"))).toBeNull();
  expect(handoffStory(logOf("open", { escalated: false }))).toBeNull();
  expect(handoffStory(logOf("unassigned", { brief: null }))).toBeNull();
});
