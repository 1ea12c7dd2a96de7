/** The rows of the inbox: merged from pages and live changes, ordered, and kept still under the pointer. Pure. */

import type { InboxRow } from "../../../web-shared/src/protocol.ts";

export type Rows = ReadonlyMap<string, InboxRow>;

/** Where rows came from: a live row is newer than a fetched one of the same seq, because presence changes without an event. */
export type Origin = "live" | "page";

export function mergeRows(have: Rows, incoming: readonly InboxRow[], origin: Origin): Rows {
  let merged: Map<string, InboxRow> | null = null;
  for (const row of incoming) {
    const known = (merged ?? have).get(row.conversation);
    if (known && (origin === "live" ? row.seq < known.seq : row.seq <= known.seq)) continue;
    merged ??= new Map(have);
    merged.set(row.conversation, row);
  }
  return merged ?? have;
}

/** Longest waiting first, then the latest. */
export function byUrgency(a: InboxRow, b: InboxRow): number {
  const aWaits = a.status === "unassigned";
  const bWaits = b.status === "unassigned";
  if (aWaits !== bWaits) return aWaits ? -1 : 1;
  const order = aWaits ? (a.waiting_since ?? a.last_at) - (b.waiting_since ?? b.last_at) : b.last_at - a.last_at;
  return order || (a.conversation < b.conversation ? -1 : 1);
}

export interface Arrangement {
  readonly ids: readonly string[];
  /** Rows that belong above the pointed one and wait until the pointer leaves. */
  readonly heldBack: number;
}

/**
 * The order to show. While the pointer rests on `pinned`, everything down to it stays as it was, rows that no longer match included: the
 * row under the pointer must not change between the decision to click and the click. Rows below may move.
 */
export function arrange(shown: readonly string[], sorted: readonly string[], pinned: string | null): Arrangement {
  const at = pinned === null ? -1 : shown.indexOf(pinned);
  if (at < 0) return { ids: sorted, heldBack: 0 };
  const kept = shown.slice(0, at + 1);
  const fixed = new Set(kept);
  const place = sorted.indexOf(kept[at] as string);
  // A pinned row that left the filter has no place any more: everything new goes below it.
  const above = new Set(place < 0 ? [] : sorted.slice(0, place));
  const below = sorted.filter((id) => !fixed.has(id) && !above.has(id));
  const wasBelow = new Set(shown.slice(at + 1));
  const moved = sorted.filter((id) => above.has(id) && !fixed.has(id) && wasBelow.has(id));
  const held = sorted.filter((id) => above.has(id) && !fixed.has(id) && !wasBelow.has(id));
  return { ids: [...kept, ...moved, ...below], heldBack: held.length };
}

export interface Counts {
  /** Conversations nobody has taken yet. */
  readonly waiting: number;
  /** Conversations of mine in which the visitor wrote something unread. */
  readonly mineUnread: number;
}

export function countFor(rows: Rows, me: string): Counts {
  let waiting = 0;
  let mineUnread = 0;
  for (const row of rows.values()) {
    if (row.status === "unassigned") waiting += 1;
    else if (row.status === "open" && row.assignee?.id === me && row.unread > 0) mineUnread += 1;
  }
  return { waiting, mineUnread };
}
