/** Times that stay right while the page is open. */

import { clockTime, fullTime, relativeTime, shortDuration } from "../../../web-shared/src/time.ts";
import { now } from "../state/clock.ts";

export const LOCALE = typeof navigator === "undefined" ? "en" : navigator.language;

export function Ago({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at, LOCALE)}>
      {relativeTime(at, now.value, LOCALE)}
    </time>
  );
}

export function ClockTime({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at, LOCALE)}>
      {clockTime(at, LOCALE)}
    </time>
  );
}

/** How long somebody has been waiting; over the owner's limit in amber, and with a word for those who don't see amber. */
export function Waiting({ since, limitSeconds }: { readonly since: number; readonly limitSeconds: number }) {
  const ms = Math.max(0, now.value - since);
  const late = ms > limitSeconds * 1000;
  return (
    <span class={`waiting${late ? " waiting-late" : ""}`} title={`Waiting since ${fullTime(since, LOCALE)}`}>
      {late ? <span class="sr-only">Waiting too long: </span> : <span class="sr-only">Waiting: </span>}
      {shortDuration(ms, LOCALE)}
    </span>
  );
}
