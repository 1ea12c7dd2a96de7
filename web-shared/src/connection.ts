import { type Backoff, backoffDelay, DEFAULT_BACKOFF } from "./backoff.ts";
import { type KeyedFrame, Outbox, type OutboxItem } from "./outbox.ts";
import {
  type AgentFrame,
  CLOSE_CODES,
  type LogEntry,
  PROTOCOL,
  type ToAgent,
  type ToVisitor,
  type VisitorFrame,
} from "./protocol.ts";
import type { Store } from "./storage.ts";

/**
 * `idle`: not started. `connecting`: the socket opens. `greeting`: hello is sent. `live`: in step with the server.
 * `waiting`: broken, the next try is set. `stopped`: on purpose, or trying again can't help.
 */
export type ConnectionState =
  | { name: "idle" }
  | { name: "connecting"; attempt: number }
  | { name: "greeting"; attempt: number }
  | { name: "live" }
  | { name: "waiting"; attempt: number; retryAt: number }
  | { name: "stopped"; code: number };

/** The part of `WebSocket` that is used. */
export type Socket = {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
};

export type Clock = {
  now(): number;
  /** Calls `run` after `ms`; the result cancels it. */
  after(ms: number, run: () => void): () => void;
};

type ServerFrame = ToVisitor | ToAgent;
type ClientFrame = VisitorFrame | AgentFrame;
/** The frames of `Out` that carry a client key. */
export type Keyed<Out> = Extract<Out, KeyedFrame>;

export type ConnectionOptions<In extends ServerFrame, Out extends ClientFrame> = {
  url: string;
  /** The first frame of each connection, built when it is sent so that it holds the newest cursor and token. */
  hello(): Extract<Out, { type: "hello" }>;
  /** The frame types after which the client is in step: `snapshot` and `resumed` for visitors, `welcome` for agents. */
  syncedBy: readonly In["type"][];
  onFrame(frame: In): void;
  onState(state: ConnectionState): void;
  /** The outbox changed: own messages look different now. */
  onOutbox?(): void;
  /** The server doesn't know us. Get other credentials and answer `retry`, or give up. */
  onReauthenticate?(): "retry" | "stop";
  store: Store;
  openSocket?(url: string, protocol: string): Socket;
  clock?: Clock;
  random?(): number;
  backoff?: Backoff;
  /** Subscribes to "the network or the reader is back"; the result unsubscribes. */
  onWakeUp?(wake: () => void): () => void;
};

/** From opening the socket until `live`. */
const GREETING_DEADLINE_MS = 15_000;
/** A connection that lived this long starts the next back-off from the beginning; a shorter one counts as one more failure. */
const STABLE_MS = 10_000;
/** Another tab's message is sent from here, too, when that tab has not got it acknowledged by then. */
const ADOPT_AFTER_MS = 4_000;
/** After a wake-up an old silence is settled in this time instead of a whole heartbeat. */
const PROBE_MS = 5_000;
const DEFAULT_HEARTBEAT_MS = 25_000;
/** The close code for a silent server; see CLOSE_CODES. */
const SILENT = 4408;
/** Codes from here on are about one connection; below, the node may have gone with all that it had. */
const OWN_CODES = 4000;

/**
 * Keeps one client in touch with the server. No DOM: socket, clock, storage and randomness come from outside.
 *
 * CON-1: at most one socket is listened to; events of an abandoned one change nothing.
 * CON-2: of each lane (conversation) at most one keyed frame is on its way, so that a temporary refusal can't reorder a sender's messages.
 */
export class Connection<In extends ServerFrame, Out extends ClientFrame> {
  readonly outbox: Outbox<Keyed<Out>>;
  readonly #options: ConnectionOptions<In, Out>;
  readonly #clock: Clock;
  readonly #random: () => number;
  #state: ConnectionState = { name: "idle" };
  #socket: Socket | null = null;
  #attempt = 0;
  #liveSince = 0;
  #heartbeatMs = DEFAULT_HEARTBEAT_MS;
  /** Over which time all clients of the node come back when they lose it. */
  #reconnectWithinMs = 0;
  #lastHeard = 0;
  #framesHeard = 0;
  #lastSent = 0;
  #pingId = 0;
  /** The oldest unanswered ping: given up at `due` when no frame was heard since. */
  #probe: { due: number; heard: number } | null = null;
  #cancelTimer = () => {};
  #cancelHeartbeat = () => {};
  #stopListening: (() => void)[] = [];
  /** Lane → key on its way. */
  readonly #inFlight = new Map<string, string>();
  /** Lane → try again not before; with the count of temporary refusals in a row. */
  readonly #heldBack = new Map<string, { until: number; refusals: number }>();
  /** Keys seen in another tab → when this tab sends them as well. */
  readonly #adoptAt = new Map<string, number>();
  /** Conversation → the seq up to which entries were received. */
  readonly #shown = new Map<string, number>();
  #cancelPump = () => {};

  constructor(options: ConnectionOptions<In, Out>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.outbox = new Outbox(options.store, () => this.#clock.now());
  }

  get state(): ConnectionState {
    return this.#state;
  }

  start(): void {
    if (this.#state.name !== "idle" && this.#state.name !== "stopped") return;
    this.#attempt = 0;
    if (this.#stopListening.length === 0) {
      this.#stopListening = [
        this.#options.store.onForeignChange((name, value) => this.#foreignChange(name, value)),
        (this.#options.onWakeUp ?? browserWakeUp)(() => this.#wake()),
      ];
    }
    this.#connect();
  }

  /** Close for good. The outbox stays in storage. */
  stop(): void {
    for (const stop of this.#stopListening) stop();
    this.#stopListening = [];
    this.#abandon(1000);
    this.#enter({ name: "stopped", code: 1000 });
  }

  /** What is in hand has a hole: get in step again through a new hello. */
  resync(): void {
    if (this.#state.name !== "live" && this.#state.name !== "greeting") return;
    this.#abandon(1000);
    this.#retryAfter(Math.floor(this.#random() * 250));
  }

  /** Keep a message until the log has it, and send it as soon as possible. */
  post(frame: Keyed<Out>): void {
    this.outbox.add(frame);
    this.#options.onOutbox?.();
    this.hurry();
    this.#pump();
  }

  /** The writer wants a refused message sent again. */
  retry(key: string): void {
    this.outbox.revive(key);
    this.#options.onOutbox?.();
    this.hurry();
    this.#pump();
  }

  discard(key: string): void {
    this.#settle(key);
    this.#options.onOutbox?.();
  }

  /** Send something that may be lost (typing, read, request_handoff, …). False when not live. */
  send(frame: Out): boolean {
    if (this.#state.name !== "live") return false;
    this.#transmit(frame);
    return true;
  }

  /**
   * Somebody does something: they are not the crowd that the first wait is for. Once a try has failed, the back-off holds for them, too.
   */
  hurry(): void {
    if (this.#state.name === "waiting" && this.#attempt === 1) this.#connect();
  }

  #connect(): void {
    this.#cancelTimer();
    this.#enter({ name: "connecting", attempt: this.#attempt });
    const socket = (this.#options.openSocket ?? browserSocket)(this.#options.url, PROTOCOL);
    this.#socket = socket;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#enter({ name: "greeting", attempt: this.#attempt });
      this.#transmit(this.#options.hello());
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#closed(code);
    };
    this.#cancelTimer = this.#clock.after(GREETING_DEADLINE_MS, () => {
      this.#abandon(SILENT);
      this.#closed(SILENT);
    });
  }

  #receive(data: unknown): void {
    this.#lastHeard = this.#clock.now();
    this.#framesHeard += 1;
    const frame = parseFrame<In>(data);
    if (!frame) return;
    if (frame.type === "welcome") this.#heartbeatMs = Math.max(1, frame.heartbeat_seconds) * 1000;
    if ("reconnect_within_ms" in frame) this.#reconnectWithinMs = frame.reconnect_within_ms;
    // The receiver folds the entries before an outbox item goes, so that a message never leaves the screen in between.
    this.#options.onFrame(frame);
    if (this.#socket === null) return;
    const changed = this.#settleFrom(frame);
    if (this.#state.name === "greeting" && this.#options.syncedBy.includes(frame.type)) this.#live();
    if (changed) {
      this.#options.onOutbox?.();
      this.#pump();
    }
  }

  #live(): void {
    this.#cancelTimer();
    this.#liveSince = this.#clock.now();
    this.#inFlight.clear();
    this.#heldBack.clear();
    this.#adoptAt.clear();
    this.#enter({ name: "live" });
    this.#watchHeartbeat();
    this.#pump();
  }

  #settleFrom(frame: ServerFrame): boolean {
    switch (frame.type) {
      case "ack":
        this.#land(frame.key);
        // The entry may have come before the ack.
        return this.outbox.acknowledge(frame.key, frame.seq, (this.#shown.get(frame.conversation) ?? 0) >= frame.seq);
      case "refused":
        return frame.key !== null && this.#refused(frame.key, frame.code);
      case "event":
        return this.#settleEntries(frame.conversation, [{ seq: frame.seq, at: frame.at, event: frame.event }]);
      case "resumed":
        return this.#settleEntries(frame.conversation, frame.entries);
      case "snapshot":
        this.#shown.set(frame.conversation, frame.snapshot.seq);
        return this.#settleEntries(frame.conversation, frame.snapshot.entries);
      default:
        return false;
    }
  }

  /** What stands in the log needs no ack: the ack may have been lost, or went to another tab. */
  #settleEntries(conversation: string, entries: readonly LogEntry[]): boolean {
    let changed = false;
    for (const { event } of entries) {
      if ("key" in event && this.outbox.has(event.key)) changed = this.#settle(event.key) || changed;
    }
    const shown = Math.max(this.#shown.get(conversation) ?? 0, entries.at(-1)?.seq ?? 0);
    this.#shown.set(conversation, shown);
    return this.outbox.shownUpTo(shown, conversation) || changed;
  }

  #settle(key: string): boolean {
    this.#land(key);
    return this.outbox.settle(key);
  }

  #refused(key: string, code: Parameters<Outbox<Keyed<Out>>["fail"]>[1]): boolean {
    const lane = this.#land(key);
    if (code === "no_change") return this.outbox.settle(key);
    if (code !== "too_fast" && code !== "unavailable") {
      this.outbox.fail(key, code);
      return true;
    }
    if (lane !== null) {
      const refusals = (this.#heldBack.get(lane)?.refusals ?? 0) + 1;
      // Half the ceiling at least: an answer of "too fast" must not be followed by a repeat at once.
      const delay = backoffDelay(refusals, () => 0.5 + this.#random() / 2, this.#options.backoff ?? DEFAULT_BACKOFF);
      this.#heldBack.set(lane, { until: this.#clock.now() + delay, refusals });
    }
    return true;
  }

  /** The frame with `key` is no longer on its way; gives its lane. */
  #land(key: string): string | null {
    this.#adoptAt.delete(key);
    for (const [lane, inFlight] of this.#inFlight) {
      if (inFlight === key) {
        this.#inFlight.delete(lane);
        return lane;
      }
    }
    return null;
  }

  /** Send the oldest kept message of each lane whose way is free. */
  #pump(): void {
    this.#cancelPump();
    if (this.#state.name !== "live") return;
    const now = this.#clock.now();
    const blocked = new Set<string>();
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const item of this.outbox.unsent()) {
      const lane = laneOf(item);
      if (blocked.has(lane)) continue;
      blocked.add(lane);
      if (this.#inFlight.has(lane)) continue;
      const notBefore = Math.max(this.#heldBack.get(lane)?.until ?? 0, this.#adoptAt.get(item.frame.key) ?? 0);
      if (notBefore > now) {
        wakeAt = Math.min(wakeAt, notBefore);
        continue;
      }
      this.#inFlight.set(lane, item.frame.key);
      this.#transmit(item.frame);
    }
    if (wakeAt < Number.POSITIVE_INFINITY) this.#cancelPump = this.#clock.after(wakeAt - now, () => this.#pump());
  }

  #foreignChange(name: string, value: string | null): void {
    const known = new Set(this.outbox.items().map((item) => item.frame.key));
    if (!this.outbox.foreignChange(name, value)) return;
    const now = this.#clock.now();
    for (const { frame } of this.outbox.items()) {
      if (!known.has(frame.key)) this.#adoptAt.set(frame.key, now + ADOPT_AFTER_MS);
    }
    for (const key of known) {
      if (!this.outbox.has(key)) this.#land(key);
    }
    this.#options.onOutbox?.();
    this.#pump();
  }

  #transmit(frame: Out): void {
    this.#lastSent = this.#clock.now();
    this.#socket?.send(JSON.stringify(frame));
  }

  /** The server gives us up, too, when it hears nothing: a ping goes out when either direction was silent for a heartbeat. */
  #watchHeartbeat(): void {
    this.#lastHeard = this.#clock.now();
    const beat = () => {
      const now = this.#clock.now();
      let next = Math.min(this.#lastHeard, this.#lastSent) + this.#heartbeatMs - now;
      if (next <= 0) {
        this.#ping(this.#heartbeatMs / 2);
        next = this.#heartbeatMs;
      }
      this.#cancelHeartbeat = this.#clock.after(next, beat);
    };
    this.#cancelHeartbeat = this.#clock.after(this.#heartbeatMs, beat);
  }

  /**
   * Ask for a sign of life within `deadlineMs`. Counting from the ping, not from the last frame, keeps a tab whose timers were
   * throttled from leaving a healthy connection.
   */
  #ping(deadlineMs: number): void {
    this.#pingId = (this.#pingId + 1) >>> 0;
    this.#transmit({ type: "ping", id: this.#pingId } as Out);
    const due = this.#clock.now() + deadlineMs;
    const heard = this.#framesHeard;
    if (this.#probe?.heard === heard && this.#probe.due <= due) return;
    this.#probe = { due, heard };
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(deadlineMs, () => {
      if (this.#framesHeard > heard) return;
      this.#abandon(SILENT);
      this.#closed(SILENT);
    });
  }

  #wake(): void {
    if (this.#state.name === "waiting") this.#connect();
    else if (this.#state.name === "live" && this.#clock.now() - this.#lastHeard > PROBE_MS) this.#ping(PROBE_MS);
  }

  /** Stop listening to the present socket and close it. */
  #abandon(code: number): void {
    this.#cancelTimer();
    this.#cancelHeartbeat();
    this.#cancelPump();
    const socket = this.#socket;
    this.#socket = null;
    this.#probe = null;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code);
  }

  #closed(code: number): void {
    this.#abandon(1000);
    if (this.#state.name === "live" && this.#clock.now() - this.#liveSince >= STABLE_MS) this.#attempt = 0;
    const after = CLOSE_CODES[code]?.after ?? "reconnect";
    if (after === "stop" || (after === "reauthenticate" && (this.#options.onReauthenticate?.() ?? "stop") === "stop")) {
      this.#enter({ name: "stopped", code });
      return;
    }
    const soon = after === "reconnect_soon" && this.#attempt === 0;
    const within = code < OWN_CODES ? this.#reconnectWithinMs : 0;
    this.#retryAfter(
      soon
        ? Math.floor(this.#random() * 1000)
        : backoffDelay(this.#attempt, this.#random, this.#options.backoff ?? DEFAULT_BACKOFF, within),
    );
  }

  #retryAfter(delay: number): void {
    this.#attempt += 1;
    this.#enter({ name: "waiting", attempt: this.#attempt, retryAt: this.#clock.now() + delay });
    this.#cancelTimer = this.#clock.after(delay, () => this.#connect());
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

function laneOf<F extends KeyedFrame>(item: OutboxItem<F>): string {
  return item.frame.conversation ?? "";
}

/** A frame of the protocol, or null for what is not one. The server is trusted for the fields of the types it names. */
function parseFrame<In extends ServerFrame>(data: unknown): In | null {
  if (typeof data !== "string") return null;
  try {
    const frame: unknown = JSON.parse(data);
    const named = typeof frame === "object" && frame !== null && "type" in frame && typeof frame.type === "string";
    return named ? (frame as In) : null;
  } catch {
    return null;
  }
}

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

function browserSocket(url: string, protocol: string): Socket {
  // A WebSocket does all that Socket asks for; only its `this` types keep the compiler from seeing it.
  return new WebSocket(url, protocol) as unknown as Socket;
}

function browserWakeUp(wake: () => void): () => void {
  const visible = () => {
    if (document.visibilityState === "visible") wake();
  };
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", visible);
  return () => {
    removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", visible);
  };
}
