/** Which conversations the inbox shows, and where that stands in the address. Pure. */

import type { InboxRow, StatusName } from "../../../web-shared/src/protocol.ts";

export type StatusFilter = "all" | "escalated" | StatusName;

export interface InboxFilter {
  readonly chatbot: string | null;
  readonly status: StatusFilter;
  readonly ongoing: boolean;
  readonly mine: boolean;
  /** `YYYY-MM-DD` in the reader's time zone, both days included. */
  readonly from: string | null;
  readonly to: string | null;
}

export const STATUS_FILTERS: readonly StatusFilter[] = [
  "all",
  "escalated",
  "unassigned",
  "open",
  "ended",
  "unrequested",
];

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function filterFromQuery(query: URLSearchParams, chatbot: string | null): InboxFilter {
  const status = query.get("status") as StatusFilter | null;
  const day = (name: string): string | null => {
    const value = query.get(name);
    return value !== null && DAY.test(value) && Number.isFinite(startOfDay(value)) ? value : null;
  };
  return {
    chatbot,
    status: status !== null && STATUS_FILTERS.includes(status) ? status : "all",
    ongoing: query.get("ongoing") === "true",
    mine: query.get("assignee") === "me",
    from: day("from"),
    to: day("to"),
  };
}

/** Writes only what differs from "show everything", so that a plain inbox has a plain address. */
export function filterIntoQuery(filter: InboxFilter, query: URLSearchParams): void {
  const put = (name: string, value: string | null): void =>
    value === null ? query.delete(name) : query.set(name, value);
  put("status", filter.status === "all" ? null : filter.status);
  put("ongoing", filter.ongoing ? "true" : null);
  put("assignee", filter.mine ? "me" : null);
  put("from", filter.from);
  put("to", filter.to);
}

/** The same filter for `GET /api/v1/conversations`. */
export function filterForServer(filter: InboxFilter, cursor: string | null, limit: number): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.chatbot !== null) query.set("chatbot", filter.chatbot);
  if (filter.status !== "all") query.set("status", filter.status);
  if (filter.ongoing) query.set("ongoing", "true");
  if (filter.mine) query.set("assignee", "me");
  if (filter.from !== null) query.set("from", String(startOfDay(filter.from)));
  if (filter.to !== null) query.set("to", String(endOfDay(filter.to)));
  if (cursor !== null) query.set("cursor", cursor);
  query.set("limit", String(limit));
  return query;
}

export const isNarrowed = (filter: InboxFilter): boolean =>
  filter.status !== "all" || filter.ongoing || filter.mine || filter.from !== null || filter.to !== null;

export function matches(row: InboxRow, filter: InboxFilter, me: string): boolean {
  if (filter.chatbot !== null && row.chatbot !== filter.chatbot) return false;
  if (filter.ongoing && row.status === "ended") return false;
  if (filter.mine && row.assignee?.id !== me) return false;
  if (filter.from !== null && row.last_at < startOfDay(filter.from)) return false;
  if (filter.to !== null && row.last_at > endOfDay(filter.to)) return false;
  switch (filter.status) {
    case "all":
      return true;
    case "escalated":
      return row.status === "unassigned" || (row.status === "open" && row.escalated);
    default:
      return row.status === filter.status;
  }
}

function startOfDay(day: string): number {
  return new Date(`${day}T00:00:00`).getTime();
}

function endOfDay(day: string): number {
  const date = new Date(`${day}T00:00:00`);
  // Not plus 24 hours: a day on which the clock changes is shorter or longer.
  date.setDate(date.getDate() + 1);
  return date.getTime() - 1;
}
