import type { InboxRow } from "../../web-shared/src/protocol.ts";

/** A row of an unremarkable conversation. */
export function row(part: Partial<InboxRow> & Pick<InboxRow, "conversation">): InboxRow {
  return {
    chatbot: "ada",
    visitor_name: "Visitor 1",
    country: "",
    status: "unrequested",
    assignee: null,
    waiting_since: null,
    escalated: false,
    started_at: 0,
    last_at: 0,
    seq: 1,
    preview: "",
    preview_by: null,
    unread: 0,
    online: true,
    ...part,
  };
}

export const ME = { id: "me", name: "Lena" };
export const KIM = { id: "kim", name: "Kim" };
