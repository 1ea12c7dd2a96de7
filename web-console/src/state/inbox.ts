/** The rows of the console: fetched by page, kept fresh by the socket, and what they call the agent's attention to. */

import { computed, effect, signal } from "@preact/signals";
import type { InboxRow, Refused } from "../../../web-shared/src/protocol.ts";
import { conversations } from "../api/endpoints.ts";
import { messageOf } from "../api/http.ts";
import { alertsFor } from "./alert-rules.ts";
import { announce } from "./alerts.ts";
import { filterForServer, filterFromQuery, type InboxFilter, matches } from "./inbox-filter.ts";
import { byUrgency, countFor, mergeRows, type Rows } from "./inbox-rows.ts";
import { query, route } from "./router.ts";
import { session } from "./session.ts";

export type PageState =
  | { readonly is: "loading" }
  | { readonly is: "ready"; readonly next: string | null; readonly more: boolean }
  | { readonly is: "failed"; readonly message: string };

export const rows = signal<Rows>(new Map());
export const pageState = signal<PageState>({ is: "loading" });

const PAGE = 50;
const myId = computed(() => (session.value.is === "agent" ? session.value.me.id : ""));

export const filter = computed<InboxFilter>(() => {
  const here = route.value;
  return filterFromQuery(query.value, here.view === "inbox" ? here.chatbot : null);
});

/** The conversation open beside the list. */
export const openedId = computed(() => (route.value.view === "inbox" ? query.value.get("conversation") : null));

export const sorted = computed<readonly InboxRow[]>(() => {
  const wanted = filter.value;
  return [...rows.value.values()].filter((row) => matches(row, wanted, myId.value)).sort(byUrgency);
});

export const counts = computed(() => countFor(rows.value, myId.value));

/** Live rows; alerts are worked out against what was known before. */
export function receiveRows(incoming: readonly InboxRow[], availability: "online" | "away" | "offline"): void {
  const focused = document.visibilityState === "visible" && document.hasFocus();
  const watching = focused ? openedId.value : null;
  const alerts = alertsFor(rows.value, incoming, { me: myId.value, availability, watching });
  rows.value = mergeRows(rows.value, incoming, "live");
  for (const alert of alerts) announce(alert);
}

/** Somebody else was faster: show that at once, the row itself follows. */
export function correctRow(refused: Refused): void {
  const row = refused.conversation === null ? undefined : rows.value.get(refused.conversation);
  if (!row || refused.code !== "already_taken" || !refused.by) return;
  rows.value = new Map(rows.value).set(row.conversation, {
    ...row,
    status: "open",
    assignee: refused.by,
    waiting_since: null,
  });
}

let request: AbortController | null = null;

export async function loadFirstPage(): Promise<void> {
  request?.abort();
  const mine = new AbortController();
  request = mine;
  if (pageState.value.is !== "ready") pageState.value = { is: "loading" };
  try {
    const page = await conversations(filterForServer(filter.value, null, PAGE), mine.signal);
    rows.value = mergeRows(rows.value, page.rows, "page");
    pageState.value = { is: "ready", next: page.next, more: false };
  } catch (error) {
    if (!mine.signal.aborted) pageState.value = { is: "failed", message: messageOf(error) };
  }
}

export async function loadNextPage(): Promise<void> {
  const state = pageState.value;
  if (state.is !== "ready" || state.next === null || state.more) return;
  pageState.value = { ...state, more: true };
  const asked = filter.value;
  try {
    const page = await conversations(filterForServer(asked, state.next, PAGE));
    rows.value = mergeRows(rows.value, page.rows, "page");
    if (asked === filter.value) pageState.value = { is: "ready", next: page.next, more: false };
  } catch (error) {
    if (asked === filter.value) pageState.value = { is: "failed", message: messageOf(error) };
  }
}

/** What the counts need whatever the filter shows: everything that waits, and everything of mine. */
export async function loadAttention(): Promise<void> {
  const queries = ["status=unassigned&limit=200", "status=open&assignee=me&limit=200"];
  const pages = await Promise.allSettled(queries.map((text) => conversations(new URLSearchParams(text))));
  for (const page of pages) {
    if (page.status === "fulfilled") rows.value = mergeRows(rows.value, page.value.rows, "page");
  }
}

/** Fetch whenever the filter changes while the inbox is shown. */
export function followFilter(): () => void {
  let last = "";
  return effect(() => {
    if (route.value.view !== "inbox") return;
    const key = JSON.stringify(filter.value);
    if (key === last) return;
    last = key;
    pageState.value = { is: "loading" };
    void loadFirstPage();
  });
}

export function forgetRows(): void {
  rows.value = new Map();
  pageState.value = { is: "loading" };
}
