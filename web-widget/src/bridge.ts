import type { Page, Position, StatusName, TeamState } from "web-shared/protocol.ts";

/** What the loader on the host page and the chat in the frame tell each other. Never words of the conversation: the host page may not read it. */
export type ToFrame =
  | { baton: 1; type: "init"; page: Page; language: string; open: boolean }
  | { baton: 1; type: "panel"; open: boolean }
  | { baton: 1; type: "navigate"; page: Page };

export type ToHost =
  | { baton: 1; type: "close" }
  | { baton: 1; type: "look"; color: string; position: Position }
  | { baton: 1; type: "unread"; count: number }
  | { baton: 1; type: "availability"; team: TeamState }
  | { baton: 1; type: "status"; status: StatusName }
  | { baton: 1; type: "queue"; ahead: number; eta_seconds: number | null }
  | { baton: 1; type: "message"; by: "ai" | "agent" };

/** Whether a message event's data is one of ours. Origin and source must have been checked before. */
export function isBridgeMessage<M extends ToFrame | ToHost>(data: unknown): data is M {
  return (
    typeof data === "object" &&
    data !== null &&
    "baton" in data &&
    data.baton === 1 &&
    "type" in data &&
    typeof data.type === "string"
  );
}
