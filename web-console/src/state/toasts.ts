/** Short messages at the rim of the page. Errors stay until they are closed. */

import { signal } from "@preact/signals";

export interface Toast {
  readonly id: number;
  readonly tone: "info" | "error";
  readonly text: string;
}

export const toasts = signal<readonly Toast[]>([]);
let last = 0;
const INFO_STAYS_MS = 5000;

export function toast(text: string, tone: Toast["tone"] = "info"): void {
  last += 1;
  const id = last;
  // The same error twice is one message.
  toasts.value = [...toasts.value.filter((other) => other.text !== text), { id, tone, text }].slice(-3);
  if (tone === "info") setTimeout(() => dismissToast(id), INFO_STAYS_MS);
}

export function dismissToast(id: number): void {
  toasts.value = toasts.value.filter((other) => other.id !== id);
}
