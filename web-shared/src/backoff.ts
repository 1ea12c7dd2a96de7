/** Full-jitter back-off: a random share of a ceiling that doubles, so that a herd of clients spreads out instead of coming back in waves. */
export type Backoff = { baseMs: number; capMs: number };

export const DEFAULT_BACKOFF: Backoff = { baseMs: 500, capMs: 30_000 };

/**
 * Milliseconds to wait before try number `attempt` (0 for the first). `random` gives 0 up to, not including, 1. The ceiling is at
 * least `withinMs`.
 */
export function backoffDelay(
  attempt: number,
  random: () => number,
  { baseMs, capMs }: Backoff = DEFAULT_BACKOFF,
  withinMs = 0,
): number {
  const ceiling = Math.min(capMs, Math.max(withinMs, baseMs * 2 ** Math.min(attempt, 30)));
  return Math.floor(random() * ceiling);
}
