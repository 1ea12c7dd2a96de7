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
  /** Rows are compared from here on; what happened before is shown, not rung. */
  readonly since: number;
  /** The conversation in front of the agent's eyes right now. */
  readonly watching: string | null;
}

export function alertsFor(before: Rows, incoming: readonly InboxRow[], listener: Listener): Alert[] {
  const alerts: Alert[] = [];
  for (const row of incoming) {
    const known = before.get(row.conversation);
    if (known && row.seq <= known.seq) continue;
    if (row.status === "unassigned" && known?.status !== "unassigned") {
      const isNew = (row.waiting_since ?? 0) >= listener.since;
      if (isNew && listener.availability !== "offline") alerts.push({ kind: "waiting", row });
    } else if (row.status === "open" && row.assignee?.id === listener.me && row.preview_by === "visitor") {
      const isNew = known ? row.unread > known.unread : row.unread > 0 && row.last_at >= listener.since;
      if (isNew && listener.watching !== row.conversation) alerts.push({ kind: "message", row });
    }
  }
  return alerts;
}
