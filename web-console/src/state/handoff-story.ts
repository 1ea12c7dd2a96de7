/** What an agent should know before the first word: why, since when, the last message, what the AI tried. Pure. */

import type { Log } from "../../../web-shared/src/conversation.ts";
import type { Reason } from "../../../web-shared/src/protocol.ts";

export interface Try {
  readonly question: string;
  readonly answer: string;
  readonly confident: boolean;
  readonly sources: readonly string[];
}

export interface HandoffStory {
  readonly reason: Reason;
  readonly requestedAt: number;
  readonly lastMessage: string;
  readonly tries: readonly Try[];
}

const SHOWN_TRIES = 3;

/** Null while nobody asked for a human, or the request is older than what is loaded. */
export function handoffStory(log: Log): HandoffStory | null {
  if (log.status !== "unassigned" && !(log.status === "open" && log.escalated)) return null;
  const at = log.entries.findLastIndex(({ event }) => event.kind === "handoff_requested");
  const request = log.entries[at];
  if (request?.event.kind !== "handoff_requested") return null;
  const tries: Try[] = [];
  let question = "";
  let lastMessage = "";
  log.entries.forEach(({ event }, index) => {
    if (event.kind === "visitor_message") {
      lastMessage = event.text;
      if (index < at) question = event.text;
    } else if (event.kind === "ai_message" && index < at) {
      tries.push({
        question,
        answer: event.text,
        confident: event.confident,
        sources: event.sources.map(({ title }) => title),
      });
    } else if ((event.kind === "ended" || event.kind === "handed_back") && index < at) {
      // What was tried before an earlier end was about something else.
      tries.length = 0;
    }
  });
  return { reason: request.event.reason, requestedAt: request.at, lastMessage, tries: tries.slice(-SHOWN_TRIES) };
}
