/** What an agent should know before the first word: why, since when, in which language, what was asked, what the AI tried. Pure. */

import type { Log } from "../../../web-shared/src/conversation.ts";
import type { HandoffBrief } from "../../../web-shared/src/protocol.ts";

export interface HandoffStory {
  readonly brief: HandoffBrief;
  /** Null when the request is older than what is loaded. */
  readonly requestedAt: number | null;
}

/** Null while nobody asked for a human, and once that is dealt with. */
export function handoffStory(log: Log): HandoffStory | null {
  const { brief, status, escalated } = log;
  if (!brief || !(status === "unassigned" || (status === "open" && escalated))) return null;
  const request = log.entries.find(({ seq }) => seq === brief.handoff);
  return { brief, requestedAt: log.waiting_since ?? request?.at ?? null };
}
