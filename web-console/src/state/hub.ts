/**
 * The agent's line to the server, for the console and for the portal: one connection, the conversations opened over it, the team.
 * HUB-1: every opened conversation is asked for again after each reconnect, from its cursor.
 */

import { type Signal, signal } from "@preact/signals";
import { Connection, type ConnectionState } from "../../../web-shared/src/connection.ts";
import type {
  AgentFrame,
  AgentView,
  Availability,
  InboxRow,
  PortalView,
  Refused,
  TeamMember,
  ToAgent,
} from "../../../web-shared/src/protocol.ts";
import { PROTOCOL } from "../../../web-shared/src/protocol.ts";
import type { Store } from "../../../web-shared/src/storage.ts";
import { pendingMessages } from "../../../web-shared/src/thread.ts";
import { randomUuid } from "../../../web-shared/src/uuid.ts";
import { Thread } from "./thread.ts";
import { refusalText } from "./words.ts";

/** How text is sent: `interject` puts a message in while the AI goes on. */
export type Means = "send" | "interject" | "whisper" | "note";

export type Command = "accept" | "take_over" | "hand_back" | "end";

export interface HubOptions {
  readonly url: string;
  readonly portalToken: string | null;
  readonly store: Store;
  /** Follow the inbox over this connection. */
  readonly watch: boolean;
  readonly onInbox?: (rows: readonly InboxRow[]) => void;
  /** In step again: what was fetched before may be old. */
  readonly onLive?: () => void;
  readonly onRefused?: (refused: Refused) => void;
  readonly onReauthenticate?: () => void;
}

/** Logs of conversations looked at before stay this long in memory, so that going back to one is instant. */
const KEPT_THREADS = 20;
const HISTORY_PAGE = 100;
const TYPING_EVERY_MS = 3000;
/** The server was too busy to open a conversation. */
const OPEN_AGAIN_MS = 2000;

export class Hub {
  readonly state: Signal<ConnectionState> = signal<ConnectionState>({ name: "idle" });
  readonly me: Signal<AgentView | null> = signal(null);
  readonly availability: Signal<Availability> = signal<Availability>("online");
  readonly team: Signal<readonly TeamMember[]> = signal([]);
  readonly portal: Signal<PortalView | null> = signal(null);
  /** Commands whose effect has not been seen yet, by conversation. */
  readonly busy: Signal<ReadonlyMap<string, Command | "transfer">> = signal(new Map());
  readonly #options: HubOptions;
  readonly #connection: Connection<ToAgent, AgentFrame>;
  /** Oldest used first. */
  readonly #threads = new Map<string, Thread>();
  readonly #opened = new Map<string, number>();
  readonly #typedAt = new Map<string, number>();
  readonly #readUpTo = new Map<string, number>();

  constructor(options: HubOptions) {
    this.#options = options;
    this.#connection = new Connection<ToAgent, AgentFrame>({
      url: options.url,
      hello: () => ({ type: "hello", protocol: PROTOCOL, portal_token: options.portalToken }),
      syncedBy: ["welcome"],
      onFrame: (frame) => this.#receive(frame),
      onState: (state) => this.#entered(state),
      onOutbox: () => this.#showOutbox(),
      onReauthenticate: () => {
        options.onReauthenticate?.();
        return "stop";
      },
      store: options.store,
    });
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
  }

  thread(id: string): Thread {
    let thread = this.#threads.get(id);
    this.#threads.delete(id);
    thread ??= new Thread(id);
    this.#threads.set(id, thread);
    for (const old of this.#threads.keys()) {
      if (this.#threads.size <= KEPT_THREADS) break;
      if (!this.#opened.has(old)) this.#threads.delete(old);
    }
    return thread;
  }

  /** Follow a conversation until the returned function is called. */
  open(id: string): () => void {
    const thread = this.thread(id);
    const watchers = this.#opened.get(id) ?? 0;
    this.#opened.set(id, watchers + 1);
    if (watchers === 0) this.#ask(thread);
    this.#showOutbox();
    return () => {
      const left = (this.#opened.get(id) ?? 1) - 1;
      if (left > 0) {
        this.#opened.set(id, left);
        return;
      }
      this.#opened.delete(id);
      this.#connection.send({ type: "leave", conversation: id });
      thread.disconnected();
    };
  }

  post(conversation: string, means: Means, text: string): void {
    this.thread(conversation).setback.value = null;
    this.#typedAt.delete(conversation);
    this.#connection.post({ type: means, conversation, key: randomUuid(), text });
  }

  retry(key: string): void {
    this.#connection.retry(key);
  }

  discard(key: string): void {
    this.#connection.discard(key);
  }

  /** False: not connected, nothing was sent. */
  command(conversation: string, command: Command): boolean {
    return this.#command(conversation, command, { type: command, conversation });
  }

  transfer(conversation: string, agent: string): boolean {
    return this.#command(conversation, "transfer", { type: "transfer", conversation, agent });
  }

  setAvailability(availability: Availability): boolean {
    const sent = this.#connection.send({ type: "set_availability", availability });
    if (sent) this.availability.value = availability;
    return sent;
  }

  typing(conversation: string, active: boolean): void {
    const last = this.#typedAt.get(conversation);
    const now = Date.now();
    if (active ? last !== undefined && now - last < TYPING_EVERY_MS : last === undefined) return;
    if (active) this.#typedAt.set(conversation, now);
    else this.#typedAt.delete(conversation);
    this.#connection.send({ type: "typing", conversation, active });
  }

  markRead(conversation: string, seq: number): void {
    if (seq <= (this.#readUpTo.get(conversation) ?? 0)) return;
    if (this.#connection.send({ type: "read", conversation, seq })) this.#readUpTo.set(conversation, seq);
  }

  loadHistory(thread: Thread): void {
    const log = thread.log.value;
    const before = log?.entries[0]?.seq;
    if (!log?.has_more || before === undefined || thread.historyLoading.value) return;
    const sent = this.#connection.send({ type: "history", conversation: thread.id, before, limit: HISTORY_PAGE });
    thread.historyLoading.value = sent;
  }

  #command(conversation: string, command: Command | "transfer", frame: AgentFrame): boolean {
    const thread = this.#threads.get(conversation);
    if (thread) thread.setback.value = null;
    if (!this.#connection.send(frame)) return false;
    this.busy.value = new Map(this.busy.value).set(conversation, command);
    return true;
  }

  #ask(thread: Thread): void {
    const log = thread.log.value;
    const cursor = log ? { seq: log.seq, epoch: log.epoch } : null;
    this.#connection.send({ type: "open", conversation: thread.id, cursor });
  }

  #entered(state: ConnectionState): void {
    this.state.value = state;
    if (state.name !== "live") {
      for (const thread of this.#threads.values()) thread.disconnected();
      if (this.busy.value.size > 0) this.busy.value = new Map();
      return;
    }
    this.#readUpTo.clear();
    this.#typedAt.clear();
    if (this.#options.watch) this.#connection.send({ type: "watch", chatbot: null });
    for (const id of this.#opened.keys()) this.#ask(this.thread(id));
    this.#options.onLive?.();
  }

  #receive(frame: ToAgent): void {
    switch (frame.type) {
      case "welcome":
        this.me.value = frame.me;
        this.availability.value = frame.availability;
        this.portal.value = frame.portal;
        return;
      case "team": {
        this.team.value = frame.agents;
        const own = frame.agents.find(({ agent }) => agent.id === this.me.value?.id);
        if (own) this.availability.value = own.availability;
        return;
      }
      case "inbox":
        this.#options.onInbox?.(frame.rows);
        for (const row of frame.rows) this.#done(row.conversation);
        return;
      case "refused":
        this.#refused(frame);
        return;
      case "ack":
      case "pong":
        return;
      default: {
        const thread = this.#threads.get(frame.conversation);
        if (!thread) return;
        if (frame.type === "event" || frame.type === "snapshot") this.#done(frame.conversation);
        if (thread.receive(frame) === "gap" && this.#opened.has(thread.id)) this.#ask(thread);
      }
    }
  }

  #refused(refused: Refused): void {
    const { conversation, command, code } = refused;
    if (conversation !== null) this.#done(conversation);
    const thread = conversation === null ? undefined : this.#threads.get(conversation);
    if (thread && command === "open" && code === "not_found") thread.missing.value = true;
    else if (thread && command === "open")
      setTimeout(() => this.#opened.has(thread.id) && this.#ask(thread), OPEN_AGAIN_MS);
    else if (thread && command === "history") thread.historyLoading.value = false;
    // A read marker or a sign of typing that came too late harms nobody.
    if (command === "read" || command === "typing" || command === "open" || code === "no_change") return;
    if (thread) thread.setback.value = { text: refusalText(refused), by: refused.by };
    this.#options.onRefused?.(refused);
  }

  #done(conversation: string): void {
    if (!this.busy.value.has(conversation)) return;
    const busy = new Map(this.busy.value);
    busy.delete(conversation);
    this.busy.value = busy;
  }

  #showOutbox(): void {
    for (const thread of this.#threads.values()) {
      const own = pendingMessages(this.#connection.outbox, thread.id);
      if (own.length > 0 || thread.pending.value.length > 0) thread.pending.value = own;
    }
  }
}

export const socketUrl = (path: string): string =>
  `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
