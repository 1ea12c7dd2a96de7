/** When an agent is called: pure, so that nobody is rung twice for one event or for old news after a reconnect. */

import type { Availability, InboxRow } from "../../../web-shared/src/protocol.ts";
import type { Rows } from "./inbox-rows.ts";

export interface Alert {
  readonly kind: "waiting" | "message";
  readonly row: InboxRow;
}

export interface Listener {
  readonly me: string;
  readonly availability: Availability;
  /** The conversation in front of the agent's eyes right now. */
  readonly watching: string | null;
}

/** Of a row never seen before, a wait counts as new when the row's last change began it. Both times are the server's. */
const BEGAN_WITHIN_MS = 5000;

/** `before`: the rows as they were known; `incoming`: live changes only, never fetched pages. */
export function alertsFor(before: Rows, incoming: readonly InboxRow[], listener: Listener): Alert[] {
  const alerts: Alert[] = [];
  for (const row of incoming) {
    const known = before.get(row.conversation);
    if (known && row.seq <= known.seq) continue;
    if (row.status === "unassigned" && known?.status !== "unassigned") {
      const isNew = known !== undefined || row.last_at - (row.waiting_since ?? 0) < BEGAN_WITHIN_MS;
      if (isNew && listener.availability !== "offline") alerts.push({ kind: "waiting", row });
    } else if (row.status === "open" && row.assignee?.id === listener.me && row.preview_by === "visitor") {
      const isNew = row.unread > (known?.unread ?? 0);
      if (isNew && listener.watching !== row.conversation) alerts.push({ kind: "message", row });
    }
  }
  return alerts;
}
