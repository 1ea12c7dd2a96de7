import { type AiDraft, type Log, liveDraft, type Speaker, spokenBy } from "./conversation.ts";
import type { KeyedFrame, Outbox } from "./outbox.ts";
import type { AgentView, LogEntry, LogEvent, RefusalCode, SourceView } from "./protocol.ts";

/** An own message that is not in the log yet. */
export type Pending = {
  key: string;
  text: string;
  at: number;
  failed: RefusalCode | null;
  /** The server has it; only its entry is not here yet. */
  acked: boolean;
  as: WrittenAs;
};

/** To the visitor, to the team, or to the AI for its next answer. */
export type WrittenAs = "message" | "note" | "hint";

/** What the outbox still holds, in the form of the thread; `conversation` picks one of an agent's many. */
export function pendingMessages<F extends KeyedFrame & { text: string }>(
  outbox: Outbox<F>,
  conversation?: string,
): Pending[] {
  return outbox
    .pending()
    .filter(({ frame }) => frame.conversation === conversation)
    .map(({ frame, order, failed, acked }) => {
      const as = frame.type === "note" ? "note" : frame.type === "whisper" ? "hint" : "message";
      return { key: frame.key, text: frame.text, at: order, failed, acked, as };
    });
}

export type Delivery = "sending" | "sent" | "seen" | "failed";

export type MessageRow = {
  type: "message";
  /** Stable over the life of a message: pending, streamed and logged are the same row. */
  id: string;
  by: Speaker;
  agent: AgentView | null;
  text: string;
  at: number;
  /** Null while it is not in the log. */
  seq: number | null;
  sources: readonly SourceView[];
  as: WrittenAs;
  streaming: boolean;
  /** Of messages by `self`; null for the others. */
  delivery: Delivery | null;
  failed: RefusalCode | null;
  /** First and last of a run by one author within a minute. */
  first: boolean;
  last: boolean;
};

export type LineRow = { type: "line"; id: string; entry: LogEntry };
export type DayRow = { type: "day"; id: string; at: number };
export type Row = MessageRow | LineRow | DayRow;

/** The events that are told as a small line in the thread. */
export type LineKind = Extract<
  LogEvent["kind"],
  "handoff_requested" | "handoff_cancelled" | "agent_joined" | "handed_back" | "transferred" | "ended" | "reopened"
>;

export type ThreadOptions = {
  self: "visitor" | "agent";
  pending: readonly Pending[];
  draft: AiDraft | null;
  lines: readonly LineKind[];
};

/** The log as it is shown: days, messages in groups, lines; with own messages on their way and the streamed answer at the end. */
export function threadRows(log: Log, { self, pending, draft, lines }: ThreadOptions): Row[] {
  const rows: Row[] = [];
  const logged = new Set<string>();
  const told = new Set<string>(lines);
  for (const entry of log.entries) {
    const message = messageRow(log, entry, self);
    if ("key" in entry.event) logged.add(entry.event.key);
    if (told.has(entry.event.kind)) push(rows, { type: "line", id: `line:${entry.seq}`, entry }, entry.at);
    if (message) push(rows, message, entry.at);
  }
  // The answer under way belongs to a message of the log, so it stands before what was written since.
  const answer = liveDraft(log, draft);
  const lastAt = log.entries.at(-1)?.at ?? 0;
  if (answer) {
    push(rows, { ...blankMessage(`ai:${answer.turn}`, "ai", answer.text, lastAt), streaming: true }, lastAt);
  }
  for (const own of pending) {
    if (logged.has(own.key)) continue;
    const delivery = own.failed ? "failed" : own.acked ? "sent" : "sending";
    const row = { ...blankMessage(`key:${own.key}`, self, own.text, own.at), delivery, failed: own.failed } as const;
    push(rows, { ...row, as: own.as }, own.at);
  }
  markGroups(rows);
  return rows;
}

function messageRow(log: Log, { seq, at, event }: LogEntry, self: "visitor" | "agent"): MessageRow | null {
  if (event.kind === "note" || event.kind === "hint") {
    return { ...blankMessage(`key:${event.key}`, "agent", event.text, at), seq, agent: event.agent, as: event.kind };
  }
  const spoken = spokenBy(event);
  if (!spoken) return null;
  const id = "key" in event ? `key:${event.key}` : event.kind === "ai_message" ? `ai:${event.turn}` : `seq:${seq}`;
  const seenUpTo = self === "visitor" ? log.read_by_agent : log.read_by_visitor;
  return {
    ...blankMessage(id, spoken.by, spoken.text, at),
    seq,
    agent: spoken.agent,
    sources: event.kind === "ai_message" ? event.sources : [],
    delivery: spoken.by !== self ? null : seq <= seenUpTo ? "seen" : "sent",
  };
}

function blankMessage(id: string, by: Speaker, text: string, at: number): MessageRow {
  return {
    type: "message",
    id,
    by,
    agent: null,
    text,
    at,
    seq: null,
    sources: [],
    as: "message",
    streaming: false,
    delivery: null,
    failed: null,
    first: true,
    last: true,
  };
}

/** Append a row, with a day in front when it is the first of its day. */
function push(rows: Row[], row: MessageRow | LineRow, at: number): void {
  const before = rows.at(-1);
  const beforeAt = before === undefined ? null : before.type === "line" ? before.entry.at : before.at;
  if (beforeAt === null || !sameDay(beforeAt, at)) rows.push({ type: "day", id: `day:${row.id}`, at });
  rows.push(row);
}

function markGroups(rows: readonly Row[]): void {
  rows.forEach((row, index) => {
    if (row.type !== "message") return;
    const before = rows[index - 1];
    const after = rows[index + 1];
    row.first = !(before?.type === "message" && sameGroup(before, row));
    row.last = !(after?.type === "message" && sameGroup(row, after));
  });
}

function sameGroup(a: MessageRow, b: MessageRow): boolean {
  const sameAuthor =
    a.by === b.by && a.as === b.as && (a.agent?.id === b.agent?.id || a.seq === null || b.seq === null);
  return sameAuthor && Math.floor(a.at / 60_000) === Math.floor(b.at / 60_000);
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
