/** Addresses of the console: parsed into a `Route`, changed by `navigate`, guarded against leaving unsaved work. */

import { computed, signal } from "@preact/signals";

export type Route =
  | { readonly view: "home" }
  | { readonly view: "setup" }
  | { readonly view: "login" }
  | { readonly view: "inbox"; readonly chatbot: string | null }
  | { readonly view: "settings"; readonly chatbot: string }
  | { readonly view: "knowledge"; readonly chatbot: string }
  | { readonly view: "notifications" }
  | { readonly view: "unknown" };

export function parseRoute(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  const [first, id, third, fourth] = parts.map(decodePart);
  if (parts.length === 0) return { view: "home" };
  if (parts.length === 1) {
    if (first === "inbox") return { view: "inbox", chatbot: null };
    if (first === "setup" || first === "login" || first === "notifications") return { view: first };
  }
  if (first === "chatbot" && id !== undefined) {
    if (parts.length === 4 && third === "dashboard" && fourth === "live-chats") return { view: "inbox", chatbot: id };
    if (parts.length === 3 && (third === "settings" || third === "knowledge")) return { view: third, chatbot: id };
  }
  return { view: "unknown" };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const inboxPath = (chatbot: string | null): string =>
  chatbot === null ? "/inbox" : `/chatbot/${encodeURIComponent(chatbot)}/dashboard/live-chats`;
export const settingsPath = (chatbot: string): string => `/chatbot/${encodeURIComponent(chatbot)}/settings`;
export const knowledgePath = (chatbot: string): string => `/chatbot/${encodeURIComponent(chatbot)}/knowledge`;

const inBrowser = typeof location !== "undefined";

const address = signal(inBrowser ? { path: location.pathname, search: location.search } : { path: "/", search: "" });

export const route = computed<Route>(() => parseRoute(address.value.path));
export const query = computed(() => new URLSearchParams(address.value.search));

/** Asks whether the page may be left; resolves to false to stay. Set by a view with unsaved work. */
export type Guard = () => Promise<boolean>;
let guard: Guard | null = null;
/** Where the page was before a "back" that the guard has to hold up. */
let settled = inBrowser ? location.href : "";

export function guardLeaving(next: Guard): () => void {
  guard = next;
  return () => {
    if (guard === next) guard = null;
  };
}

/** The session is over: nothing of this page can be saved any more, so nobody is asked. */
export function dropGuard(): void {
  guard = null;
}

export async function navigate(to: string, how: "push" | "replace" = "push"): Promise<void> {
  const target = new URL(to, location.href);
  if (guard && target.pathname !== location.pathname && !(await guard())) return;
  if (how === "push") history.pushState(null, "", target);
  else history.replaceState(null, "", target);
  read();
}

/** Change only the query; a filter is no step to go back to, an opened conversation is. */
export function setQuery(change: (query: URLSearchParams) => void, how: "push" | "replace"): void {
  const next = new URLSearchParams(query.value);
  change(next);
  const search = next.toString();
  void navigate(`${address.value.path}${search === "" ? "" : `?${search}`}`, how);
}

function read(): void {
  settled = location.href;
  address.value = { path: location.pathname, search: location.search };
}

async function onPopState(): Promise<void> {
  const wanted = location.href;
  if (guard && new URL(wanted).pathname !== new URL(settled).pathname) {
    history.pushState(null, "", settled);
    if (!(await guard())) return;
    guard = null;
    history.back();
    return;
  }
  read();
}

export function startRouter(): void {
  addEventListener("popstate", () => void onPopState());
  addEventListener("beforeunload", (event) => {
    if (guard) event.preventDefault();
  });
  // Plain links stay plain links; a click without a modifier becomes a move inside the page.
  document.addEventListener("click", (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.target !== "" || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || parseRoute(link.pathname).view === "unknown") return;
    event.preventDefault();
    void navigate(link.href);
  });
}
