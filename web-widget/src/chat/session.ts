import { Connection, type ConnectionOptions, type ConnectionState } from "web-shared/connection.ts";
import {
  type AiDraft,
  applyAiText,
  applyEntries,
  applySnapshot,
  type Log,
  lastMessageFor,
  prependHistory,
} from "web-shared/conversation.ts";
import {
  type AgentView,
  type LogEntry,
  type Page,
  PROTOCOL,
  type PublicChatbot,
  type TeamState,
  type ToVisitor,
  type VisitorFrame,
} from "web-shared/protocol.ts";
import type { Store } from "web-shared/storage.ts";
import { type Pending, pendingMessages } from "web-shared/thread.ts";
import { randomUuid } from "web-shared/uuid.ts";

export type RemoteTypist = { who: "ai" } | { who: "agent"; agent: AgentView };

/** What the visitor asked for and the log does not show yet. */
export type Intent = "request_handoff" | "decline_handoff" | "cancel_handoff" | "end";

export type ChatState = {
  connection: ConnectionState;
  /** Was in step with the server at least once. */
  greeted: boolean;
  chatbot: PublicChatbot | null;
  team: TeamState | null;
  assigneeOnline: boolean | null;
  log: Log | null;
  draft: AiDraft | null;
  typing: RemoteTypist | null;
  queue: { ahead: number; eta_seconds: number | null } | null;
  pending: readonly Pending[];
  intent: Intent | null;
};

export type SessionOptions = {
  url: string;
  chatbot: string;
  page: Page;
  store: Store;
  onChange(state: ChatState): void;
  /** Entries that came while the visitor was here; not those of a snapshot or of the history. */
  onEntries(entries: readonly LogEntry[]): void;
} & Pick<ConnectionOptions<ToVisitor, VisitorFrame>, "clock" | "openSocket" | "random" | "onWakeUp">;

const TOKEN = "token";
/** A typist who says nothing more is taken as gone; see the `typing` frame. */
const TYPING_LAPSE_MS = 6000;
const TYPING_REPEAT_MS = 3000;
const INTENT_RETRY_MS = 2000;
const HISTORY_PAGE = 50;

/** The visitor's side of one conversation: connection, log and what is shown beside the log. Knows no DOM. */
export class Session {
  readonly #options: SessionOptions;
  readonly #connection: Connection<ToVisitor, VisitorFrame>;
  readonly #after: (ms: number, run: () => void) => () => void;
  readonly #now: () => number;
  #state: ChatState;
  #page: Page;
  #token: string | null;
  /** The token of the present connection's hello. */
  #helloToken: string | null = null;
  #readSent = 0;
  #typingSentAt = 0;
  #loadingOlder = false;
  #cancelTypingLapse = () => {};
  #cancelIntentRetry = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#page = options.page;
    this.#token = options.store.get(TOKEN);
    this.#after =
      options.clock?.after.bind(options.clock) ??
      ((ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      });
    this.#now = options.clock?.now.bind(options.clock) ?? Date.now;
    this.#connection = new Connection<ToVisitor, VisitorFrame>({
      ...options,
      hello: () => this.#hello(),
      syncedBy: ["snapshot", "resumed"],
      onFrame: (frame) => this.#receive(frame),
      onState: (connection) => this.#connectionChanged(connection),
      onOutbox: () => this.#change({ pending: pendingMessages(this.#connection.outbox) }),
      onReauthenticate: () => this.#forgetToken(),
    });
    options.store.onForeignChange((key, value) => {
      if (key === TOKEN && value !== null) this.#otherToken(value);
    });
    this.#state = {
      connection: this.#connection.state,
      greeted: false,
      chatbot: null,
      team: null,
      assigneeOnline: null,
      log: null,
      draft: null,
      typing: null,
      queue: null,
      pending: pendingMessages(this.#connection.outbox),
      intent: null,
    };
  }

  get state(): ChatState {
    return this.#state;
  }

  start(): void {
    this.#connection.start();
  }

  say(text: string): void {
    this.#typingSentAt = 0;
    this.#connection.post({ type: "send", key: randomUuid(), text });
  }

  retry(key: string): void {
    this.#connection.retry(key);
  }

  /** Take a refused message back, to write it anew. */
  takeBack(key: string): string {
    const text = this.#state.pending.find((message) => message.key === key)?.text ?? "";
    this.#connection.discard(key);
    return text;
  }

  ask(intent: Intent): void {
    this.#change({ intent });
    this.#connection.hurry();
    this.#sendIntent();
  }

  typed(empty: boolean): void {
    const now = this.#now();
    if (empty) {
      if (this.#typingSentAt > 0) this.#connection.send({ type: "typing", active: false });
      this.#typingSentAt = 0;
    } else if (
      now - this.#typingSentAt >= TYPING_REPEAT_MS &&
      this.#connection.send({ type: "typing", active: true })
    ) {
      this.#typingSentAt = now;
    }
  }

  /** The visitor has the newest message before their eyes. */
  markRead(): void {
    const { log } = this.#state;
    if (!log) return;
    const seq = lastMessageFor(log, "visitor");
    if (seq <= Math.max(log.read_by_visitor, this.#readSent)) return;
    if (this.#connection.send({ type: "read", seq })) this.#readSent = seq;
  }

  loadOlder(): void {
    const first = this.#state.log?.entries[0];
    if (!this.#state.log?.has_more || !first || this.#loadingOlder) return;
    this.#loadingOlder = this.#connection.send({ type: "history", before: first.seq, limit: HISTORY_PAGE });
  }

  navigate(page: Page): void {
    this.#page = page;
    this.#connection.send({ type: "navigate", page });
  }

  #hello(): Extract<VisitorFrame, { type: "hello" }> {
    const { log } = this.#state;
    this.#helloToken = this.#token;
    const cursor = log && this.#token ? { seq: log.seq, epoch: log.epoch } : null;
    return {
      type: "hello",
      protocol: PROTOCOL,
      chatbot: this.#options.chatbot,
      token: this.#token,
      cursor,
      page: this.#page,
    };
  }

  #welcomed(token: string): void {
    const stored = this.#options.store.get(TOKEN);
    this.#token = token;
    if (stored === token) return;
    // Another tab became a visitor while we did.
    if (stored !== null && this.#helloToken === null) this.#otherToken(stored);
    else this.#options.store.set(TOKEN, token);
  }

  /**
   * Two tabs that start at the same moment become two visitors, because a write to storage reaches the other tab late. While nothing
   * was said, both settle on the lesser token; a tab whose conversation has begun keeps its own.
   */
  #otherToken(other: string): void {
    if (this.#token === null || other === this.#token || (this.#state.log?.seq ?? 0) > 0) return;
    if (other > this.#token) {
      this.#options.store.set(TOKEN, this.#token);
      return;
    }
    this.#token = other;
    this.#change({ log: null, draft: null, queue: null, typing: null });
    this.#connection.resync();
  }

  /** The server refuses our token. Another tab may already have a better one; else we are a new visitor. */
  #forgetToken(): "retry" {
    const stored = this.#options.store.get(TOKEN);
    if (stored === this.#token) this.#options.store.remove(TOKEN);
    this.#token = stored === this.#token ? null : stored;
    this.#change({ log: null, draft: null, queue: null, typing: null });
    return "retry";
  }

  #connectionChanged(connection: ConnectionState): void {
    const greeted = this.#state.greeted || connection.name === "live";
    this.#readSent = 0;
    this.#loadingOlder = false;
    // What is streamed or typed is told again after the reconnect; a half answer must not stand still meanwhile.
    const lost = connection.name === "waiting" ? { draft: null, typing: null } : {};
    this.#change({ connection, greeted, ...lost });
    if (connection.name === "live") this.#sendIntent();
  }

  #receive(frame: ToVisitor): void {
    switch (frame.type) {
      case "welcome":
        this.#welcomed(frame.token);
        this.#change({ chatbot: frame.chatbot, team: frame.team });
        break;
      case "snapshot":
        this.#setLog(applySnapshot(frame.snapshot), { draft: null });
        break;
      case "resumed":
        this.#apply(frame.entries);
        break;
      case "event":
        this.#apply([{ seq: frame.seq, at: frame.at, event: frame.event }]);
        break;
      case "history":
        this.#loadingOlder = false;
        if (this.#state.log) this.#change({ log: prependHistory(this.#state.log, frame.entries, frame.has_more) });
        break;
      case "ai_text":
        this.#change({ draft: applyAiText(this.#state.draft, frame), typing: null });
        break;
      case "typing":
        if (frame.by.who !== "visitor") this.#typing(frame.active ? frame.by : null);
        break;
      case "queue":
        this.#change({ queue: { ahead: frame.ahead, eta_seconds: frame.eta_seconds } });
        break;
      case "team":
        this.#change({ team: frame.team, assigneeOnline: frame.assignee_online });
        break;
      case "settings":
        this.#change({ chatbot: frame.chatbot });
        break;
      case "refused":
        this.#refused(frame);
        break;
    }
  }

  #apply(entries: readonly LogEntry[]): void {
    const { log } = this.#state;
    // Entries without a log to put them on: our cursor and the server's view differ.
    if (!log) {
      this.#connection.resync();
      return;
    }
    const applied = applyEntries(log, entries);
    if (applied.log !== log) {
      this.#setLog(applied.log, {});
      this.#options.onEntries(entries.filter(({ seq }) => seq > log.seq && seq <= applied.log.seq));
    }
    if (applied.result === "gap") this.#connection.resync();
  }

  #setLog(log: Log, also: Partial<ChatState>): void {
    const before = this.#state.log;
    const spoke = log.entries.at(-1)?.event.kind;
    const queue = log.status === "unassigned" ? this.#state.queue : null;
    const typing = spoke === "ai_message" || spoke === "agent_message" ? null : this.#state.typing;
    const assigneeOnline = log.assignee?.id === before?.assignee?.id ? this.#state.assigneeOnline : null;
    const intent = isDone(this.#state.intent, log) ? null : this.#state.intent;
    this.#change({ log, queue, typing, assigneeOnline, intent, ...also });
  }

  #typing(typing: RemoteTypist | null): void {
    this.#cancelTypingLapse();
    this.#change({ typing });
    if (typing) this.#cancelTypingLapse = this.#after(TYPING_LAPSE_MS, () => this.#change({ typing: null }));
  }

  /** An intent lives until the log shows it or the server refuses it, over reconnects too: a pressed button is never lost. */
  #sendIntent(): void {
    this.#cancelIntentRetry();
    const { intent } = this.#state;
    if (intent) this.#connection.send({ type: intent });
  }

  #refused({ command, code }: Extract<ToVisitor, { type: "refused" }>): void {
    if (command === "history") this.#loadingOlder = false;
    if (command !== this.#state.intent) return;
    if (code === "too_fast" || code === "unavailable") {
      this.#cancelIntentRetry = this.#after(INTENT_RETRY_MS, () => this.#sendIntent());
    } else {
      this.#change({ intent: null });
    }
  }

  #change(part: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...part };
    this.#options.onChange(this.#state);
  }
}

function isDone(intent: Intent | null, log: Log): boolean {
  switch (intent) {
    case "request_handoff":
      return log.status === "unassigned" || log.status === "open";
    case "decline_handoff":
      return log.offer === null;
    case "cancel_handoff":
      return log.status !== "unassigned";
    case "end":
      return log.status === "ended";
    default:
      return false;
  }
}
