/** Where the visitor's details stand: beside the thread when there is room, else over it and only when asked for. */

import { computed, signal } from "@preact/signals";
import { visitorPanel } from "./preferences.ts";

const query = typeof matchMedia === "undefined" ? null : matchMedia("(min-width: 1280px)");
const roomy = signal(query?.matches ?? true);
const over = signal(false);

query?.addEventListener("change", () => {
  roomy.value = query.matches;
  over.value = false;
});

export const panelShown = computed(() => (roomy.value ? visitorPanel.value === "shown" : over.value));

export function showPanel(shown: boolean): void {
  if (roomy.peek()) visitorPanel.value = shown ? "shown" : "hidden";
  else over.value = shown;
}
