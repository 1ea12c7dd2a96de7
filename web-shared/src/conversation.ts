import type { AgentView, AiText, LogEntry, LogEvent, Snapshot } from "./protocol.ts";

/**
 * The client's copy of one conversation: the latest snapshot with all later entries folded in. Mirrors the fold of the server
 * (`src/domain/conversation/evolve.rs`), so that Snapshot + entries = later Snapshot (I11).
 */
export type Log = Snapshot;

export type Applied =
  | { result: "applied"; log: Log }
  /** Known already. */
  | { result: "ignored"; log: Log }
  /** Entries before this one are missing: get in step again. */
  | { result: "gap"; log: Log };

/** A snapshot replaces whatever was there. */
export function applySnapshot(snapshot: Snapshot): Log {
  return snapshot;
}

export function applyEntry(log: Log, entry: LogEntry): Applied {
  return applyEntries(log, [entry]);
}

/** Fold entries in, oldest first. Known ones are skipped; at a gap it stops and nothing of the batch after it is applied. */
export function applyEntries(log: Log, entries: readonly LogEntry[]): Applied {
  let next: Log | null = null;
  for (const entry of entries) {
    const seq = (next ?? log).seq;
    if (entry.seq <= seq) continue;
    if (entry.seq !== seq + 1) return { result: "gap", log: next ?? log };
    next ??= { ...log, entries: [...log.entries] };
    fold(next, entry);
  }
  return next ? { result: "applied", log: next } : { result: "ignored", log };
}

/** Put older entries, asked for with `history`, in front. What does not end just before the first known entry is of no use. */
export function prependHistory(log: Log, older: readonly LogEntry[], hasMore: boolean): Log {
  const first = log.entries[0]?.seq ?? log.seq + 1;
  const fitting = older.filter((entry) => entry.seq < first);
  if (fitting.at(-1)?.seq !== first - 1) return log;
  return { ...log, entries: [...fitting, ...log.entries], has_more: hasMore };
}

/** Changes `log`, which must be a copy of the caller's own. */
function fold(log: Log, { seq, at, event }: LogEntry): void {
  log.seq = seq;
  log.entries.push({ seq, at, event });
  if (log.entries.length === 1) log.has_more = seq > 1;
  switch (event.kind) {
    case "visitor_seen":
      log.visitor = event.visitor;
      break;
    case "visitor_message":
      log.read_by_visitor = seq;
      log.turn = log.status === "unrequested" || log.status === "unassigned" ? seq : null;
      break;
    case "ai_message":
      log.turn = null;
      log.ai_answers += 1;
      log.last_answer_confident = event.confident;
      break;
    case "handoff_offered":
      log.turn = null;
      log.offer = event.reason;
      break;
    case "handoff_declined":
      log.turn = null;
      log.offer = null;
      break;
    case "handoff_requested":
      log.turn = null;
      log.offer = null;
      log.escalated = true;
      log.brief = event.brief;
      enter(log, "unassigned", null, at);
      break;
    case "handoff_summarised":
      if (log.brief?.handoff === event.handoff) log.brief = { ...log.brief, summary: event.summary, by: "model" };
      break;
    case "ai_paused":
      log.turn = null;
      break;
    case "handoff_cancelled":
      enter(log, "unrequested");
      break;
    case "agent_joined":
      log.turn = null;
      log.offer = null;
      enter(log, "open", event.agent);
      break;
    case "transferred":
      log.turn = null;
      log.offer = null;
      enter(log, "open", event.to);
      break;
    case "agent_message":
      log.read_by_agent = seq;
      break;
    case "handed_back":
      log.turn = null;
      enter(log, "unrequested");
      break;
    case "ended":
      log.turn = null;
      log.offer = null;
      enter(log, "ended");
      break;
    case "reopened":
      enter(log, "unrequested");
      break;
    case "read":
      if (event.by === "visitor") log.read_by_visitor = Math.max(log.read_by_visitor, event.seq);
      else log.read_by_agent = Math.max(log.read_by_agent, event.seq);
      break;
    // `started`, `note`, `hint`, `hidden`, and kinds of a newer server: nothing but the cursor moves.
  }
}

/** Status, holder and start of the wait belong together: only one of the last two exists at a time. */
function enter(
  log: Log,
  status: Log["status"],
  assignee: AgentView | null = null,
  waitingSince: number | null = null,
): void {
  log.status = status;
  log.assignee = assignee;
  log.waiting_since = waitingSince;
}

/** Who a message is from. */
export type Speaker = "visitor" | "ai" | "agent";

export type Spoken = { by: Speaker; text: string; agent: AgentView | null };

/** The words of an event that stand in the thread as a message; null for events that say nothing. Notes are not messages. */
export function spokenBy(event: LogEvent): Spoken | null {
  switch (event.kind) {
    case "visitor_message":
      return { by: "visitor", text: event.text, agent: null };
    case "agent_message":
      return { by: "agent", text: event.text, agent: event.agent };
    case "ai_message":
    case "handoff_offered":
    case "handoff_declined":
    case "handoff_requested":
      return event.text === "" ? null : { by: "ai", text: event.text, agent: null };
    default:
      return null;
  }
}

/** Messages of the other side that `reader` has not seen. Counts the loaded entries only. */
export function unreadCount(log: Log, reader: "visitor" | "agent"): number {
  const readUpTo = reader === "visitor" ? log.read_by_visitor : log.read_by_agent;
  let count = 0;
  for (let index = log.entries.length - 1; index >= 0; index--) {
    const entry = log.entries[index];
    if (!entry || entry.seq <= readUpTo) break;
    const spoken = spokenBy(entry.event);
    if (spoken && (spoken.by === "visitor") === (reader === "agent")) count++;
  }
  return count;
}

/** The newest message of the other side: what `read` is to name. Zero when there is none. */
export function lastMessageFor(log: Log, reader: "visitor" | "agent"): number {
  const newest = log.entries.findLast(({ event }) => {
    const spoken = spokenBy(event);
    return spoken !== null && (spoken.by === "visitor") === (reader === "agent");
  });
  return newest?.seq ?? 0;
}

/** Streamed text of the answer to `turn`, not yet in the log. */
export type AiDraft = { turn: number; text: string };

/** Append streamed text. A piece that does not fit ends the draft: the whole message follows as an entry. */
export function applyAiText(draft: AiDraft | null, piece: Pick<AiText, "turn" | "from" | "text">): AiDraft | null {
  const known = draft?.turn === piece.turn ? draft.text : "";
  if (known.length !== piece.from) return null;
  return { turn: piece.turn, text: known + piece.text };
}

/** The draft while its turn is owed; one that was overtaken by an entry is over. */
export function liveDraft(log: Log, draft: AiDraft | null): AiDraft | null {
  return draft !== null && draft.turn === log.turn ? draft : null;
}
