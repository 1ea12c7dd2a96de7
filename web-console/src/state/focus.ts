/** Whether somebody is looking at this page: only then is anything marked as read. */

import { signal } from "@preact/signals";

const look = (): boolean => document.visibilityState === "visible" && document.hasFocus();

export const attentive = signal(typeof document === "undefined" ? false : look());

export function followFocus(): void {
  const update = (): void => {
    attentive.value = look();
  };
  addEventListener("focus", update);
  addEventListener("blur", update);
  document.addEventListener("visibilitychange", update);
}
