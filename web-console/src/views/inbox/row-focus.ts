/** The cursor of the list is the focus itself: visible, announced, and Enter opens what it is on. */

import { hub } from "../../state/console.ts";
import { rows } from "../../state/inbox.ts";
import { setQuery } from "../../state/router.ts";
import { toast } from "../../state/toasts.ts";

export function focusedRow(): string | null {
  return document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.row ?? null;
}

export function moveFocus(list: HTMLElement | null, step: 1 | -1, opened: string | null): void {
  const items = list ? [...list.querySelectorAll<HTMLElement>("[data-row]")] : [];
  const from = focusedRow() ?? opened;
  const at = items.findIndex((item) => item.dataset.row === from);
  const next = at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + step));
  items[next]?.querySelector<HTMLElement>("a")?.focus();
}

/** Accept from the list and look at it. Only what nobody has: taking over is never one key in a list. */
export function acceptRow(id: string): void {
  const row = rows.peek().get(id);
  if (row && row.status !== "unassigned" && row.status !== "unrequested") return;
  if (!hub.peek()?.command(id, "accept")) {
    toast("Not connected: the chat was not accepted. Try again in a moment.", "error");
    return;
  }
  setQuery((query) => query.set("conversation", id), "push");
}
