import type { RefusalCode } from "./protocol.ts";
import type { Store } from "./storage.ts";

/** A frame that must reach the log: it has a client key by which the server knows a repeat. */
export type KeyedFrame = { type: string; key: string; conversation?: string };

export type OutboxItem<F extends KeyedFrame> = {
  frame: F;
  /** Orders the items of all tabs: the writing time in milliseconds, made unique within a tab. */
  order: number;
  /** Refused for good: kept for the writer to try again or discard, never sent by itself. */
  failed: RefusalCode | null;
};

/** An own message as its writer still has to see it; `acked` when the server has it but its entry has not come yet. */
export type PendingItem<F extends KeyedFrame> = OutboxItem<F> & { acked: boolean };

const PREFIX = "out:";

/**
 * What was written and is not yet in the log. One stored entry per message, so that two tabs never overwrite each other's list.
 *
 * OUT-1: an item leaves only by `settle` (it is in the log) or `discard` (its writer gave it up).
 */
export class Outbox<F extends KeyedFrame> {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #items = new Map<string, OutboxItem<F>>();
  /** Acknowledged at `seq`; shown until the entry arrives. Not stored: the log has them. */
  readonly #acked = new Map<string, { item: OutboxItem<F>; seq: number }>();
  #lastOrder = 0;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
    for (const name of store.keys()) {
      if (name.startsWith(PREFIX)) this.#take(name, store.get(name));
    }
  }

  /** Everything kept, oldest first. */
  items(): OutboxItem<F>[] {
    return [...this.#items.values()].sort((a, b) => a.order - b.order);
  }

  /** What is to be sent, oldest first. */
  unsent(): OutboxItem<F>[] {
    return this.items().filter((item) => item.failed === null);
  }

  has(key: string): boolean {
    return this.#items.has(key) || this.#acked.has(key);
  }

  add(frame: F): void {
    this.#lastOrder = Math.max(this.#now(), this.#lastOrder + 1);
    this.#keep({ frame, order: this.#lastOrder, failed: null });
  }

  /** All that its writer must see although no entry shows it yet, oldest first. */
  pending(): PendingItem<F>[] {
    const acked = [...this.#acked.values()].map(({ item }) => ({ ...item, acked: true }));
    const kept = [...this.#items.values()].map((item) => ({ ...item, acked: false }));
    return [...acked, ...kept].sort((a, b) => a.order - b.order);
  }

  /** The server has the message at `seq`; its entry is on the way unless it is `shown` already. */
  acknowledge(key: string, seq: number, shown: boolean): boolean {
    const item = this.#items.get(key);
    if (item && !shown) this.#acked.set(key, { item, seq });
    this.#store.remove(PREFIX + key);
    return this.#items.delete(key);
  }

  /** The log of `conversation` is shown up to `seq`. */
  shownUpTo(seq: number, conversation?: string): boolean {
    let changed = false;
    for (const [key, acked] of this.#acked) {
      const here = (acked.item.frame.conversation ?? conversation) === conversation;
      if (here && acked.seq <= seq) changed = this.#acked.delete(key) || changed;
    }
    return changed;
  }

  /** The message is in the log. Tells whether it was still kept. */
  settle(key: string): boolean {
    this.#store.remove(PREFIX + key);
    const shown = this.#acked.delete(key);
    return this.#items.delete(key) || shown;
  }

  discard(key: string): void {
    this.settle(key);
  }

  fail(key: string, code: RefusalCode): void {
    const item = this.#items.get(key);
    if (item) this.#keep({ ...item, failed: code });
  }

  /** Make a failed item sendable again. Its place in the order stays. */
  revive(key: string): void {
    const item = this.#items.get(key);
    if (item) this.#keep({ ...item, failed: null });
  }

  /** Follow a change that another tab made. Tells whether it concerned the outbox. */
  foreignChange(name: string, value: string | null): boolean {
    if (!name.startsWith(PREFIX)) return false;
    if (value === null) this.#items.delete(name.slice(PREFIX.length));
    else this.#take(name, value);
    return true;
  }

  #keep(item: OutboxItem<F>): void {
    this.#items.set(item.frame.key, item);
    this.#store.set(PREFIX + item.frame.key, JSON.stringify(item));
  }

  #take(name: string, value: string | null): void {
    const item = parseItem<F>(value);
    if (item && PREFIX + item.frame.key === name) this.#items.set(item.frame.key, item);
    else this.#store.remove(name);
  }
}

function parseItem<F extends KeyedFrame>(value: string | null): OutboxItem<F> | null {
  if (value === null) return null;
  try {
    const item: unknown = JSON.parse(value);
    if (typeof item !== "object" || item === null || !("frame" in item) || !("order" in item)) return null;
    const { frame, order } = item;
    if (typeof frame !== "object" || frame === null || typeof order !== "number") return null;
    if (!("key" in frame) || typeof frame.key !== "string" || !("type" in frame)) return null;
    const failed = "failed" in item && typeof item.failed === "string" ? (item.failed as RefusalCode) : null;
    return { frame: frame as F, order, failed };
  } catch {
    return null;
  }
}
