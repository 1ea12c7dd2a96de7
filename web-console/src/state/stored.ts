/** Small values kept in this browser. Storage can be full, blocked or foreign: then the value lives as long as the page. */

import { type Signal, signal } from "@preact/signals";

export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing to do: the page goes on with the value in memory.
  }
}

/** A signal that comes back after a reload. `parse` answers null for anything it does not know. */
export function storedSignal<T extends string>(key: string, initial: T, parse: (text: string) => T | null): Signal<T> {
  const stored = readStored(key);
  const value = signal<T>((stored === null ? null : parse(stored)) ?? initial);
  value.subscribe((now) => writeStored(key, now === initial ? null : now));
  return value;
}

export const oneOf =
  <T extends string>(...known: readonly T[]) =>
  (text: string): T | null =>
    known.includes(text as T) ? (text as T) : null;
