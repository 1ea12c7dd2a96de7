/** One clock for all relative times, so that they change together and a page with a hundred rows has one timer. */

import { signal } from "@preact/signals";

/** Unix milliseconds, about a second fresh while the page is visible. */
export const now = signal(Date.now());

export function startClock(): void {
  const tick = (): void => {
    if (document.visibilityState === "visible") now.value = Date.now();
  };
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
}
