/** Times for people: relative up to a day, then dates in the reader's locale. `now` is an argument, as everywhere. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "now", "5 minutes ago", "3 hours ago", then "12 Mar 2026". */
export function relativeTime(at: number, now: number, locale: string): string {
  const ago = Math.max(0, now - at);
  if (ago >= DAY) return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(at);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (ago < MINUTE) return format.format(0, "second");
  if (ago < HOUR) return format.format(-Math.floor(ago / MINUTE), "minute");
  return format.format(-Math.floor(ago / HOUR), "hour");
}

/** "14:05" */
export function clockTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(at);
}

/** Day and time, for a tooltip. */
export function fullTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** "Today", "Yesterday", "Friday, 6 March", with the year when it is another one. */
export function dayLabel(at: number, now: number, locale: string): string {
  const days = calendarDays(at, now);
  if (days === 0 || days === 1) {
    const word = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-days, "day");
    return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
  }
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const options: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
  return new Intl.DateTimeFormat(locale, sameYear ? options : { ...options, year: "numeric" }).format(at);
}

/** How long something lasts, short: "40 s", "5 min", "2 h 10 min". For waiting times in lists. */
export function shortDuration(ms: number, locale: string): string {
  const unit = (value: number, name: "second" | "minute" | "hour") =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return unit(seconds, "second");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return unit(minutes, "minute");
  const rest = minutes % 60;
  return rest === 0
    ? unit(Math.floor(minutes / 60), "hour")
    : `${unit(Math.floor(minutes / 60), "hour")} ${unit(rest, "minute")}`;
}

/** Midnights between the two moments, in the reader's time zone; daylight saving makes days of 23 and 25 hours. */
function calendarDays(earlier: number, later: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((midnight(later) - midnight(earlier)) / DAY);
}
