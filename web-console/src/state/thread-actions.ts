/** What an agent can do with a conversation now. Pure; the same rules as `src/domain/conversation/decide.rs`. */

import type { AgentView, StatusName } from "../../../web-shared/src/protocol.ts";

export type ThreadAction = "accept" | "start" | "end" | "reopen" | "take_over" | "hand_back" | "transfer";

export interface Standing {
  readonly status: StatusName;
  readonly assignee: AgentView | null;
}

export interface Offered {
  readonly main: ThreadAction;
  readonly others: readonly ThreadAction[];
}

export const ACTION_WORDS: Readonly<Record<ThreadAction, string>> = {
  accept: "Accept",
  start: "Start chat",
  end: "End",
  reopen: "Reopen",
  take_over: "Take over",
  hand_back: "Hand back to the AI",
  transfer: "Transfer…",
};

export function actionsFor({ status, assignee }: Standing, me: string): Offered {
  switch (status) {
    case "unassigned":
      return { main: "accept", others: ["end"] };
    case "unrequested":
      return { main: "start", others: ["end"] };
    case "ended":
      return { main: "reopen", others: [] };
    case "open":
      return assignee?.id === me
        ? { main: "end", others: ["hand_back", "transfer"] }
        : { main: "take_over", others: [] };
  }
}

/** The AI owes answers, so an agent can write beside it and whisper to it. */
export function aiAnswers({ status }: Standing): boolean {
  return status === "unrequested" || status === "unassigned";
}

/** What writing to the visitor does besides sending; null when the agent can't write now. */
export type WritingMeans = "sends" | "joins" | "reopens";

export function writingMeans({ status, assignee }: Standing, me: string): WritingMeans | null {
  if (status === "open") return assignee?.id === me ? "sends" : null;
  return status === "ended" ? "reopens" : "joins";
}
