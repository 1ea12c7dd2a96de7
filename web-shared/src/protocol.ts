// Generated from src/protocol by `cargo run --example protocol-types`. Do not edit.

export type Cursor = { seq: number, epoch: string, };

export type LogEntry = { seq: number, 
/**
 * Unix milliseconds; for display, never for order.
 */
at: number, event: LogEvent, };

export type LogEvent = { "kind": "started" } | { "kind": "visitor_seen", visitor: VisitorView, } | { "kind": "visitor_message", key: string, text: string, } | { "kind": "ai_message", turn: number, text: string, sources: Array<SourceView>, confident: boolean, } | { "kind": "handoff_offered", reason: Reason, text: string, } | { "kind": "handoff_declined", text: string, } | { "kind": "handoff_requested", reason: Reason, text: string, 
/**
 * Agents only; null for a visitor.
 */
brief: HandoffBrief | null, } | { "kind": "handoff_cancelled" } | { "kind": "agent_joined", agent: AgentView, } | { "kind": "agent_message", key: string, agent: AgentView, text: string, } | { "kind": "note", key: string, agent: AgentView, text: string, } | { "kind": "hint", key: string, agent: AgentView, text: string, } | { "kind": "handoff_summarised", handoff: number, summary: string, } | { "kind": "ai_paused", turn: number, } | { "kind": "handed_back", agent: AgentView, } | { "kind": "transferred", from: AgentView, to: AgentView, } | { "kind": "ended", by: Side, text: string, } | { "kind": "reopened", by: Side, } | { "kind": "read", by: Side, seq: number, } | { "kind": "hidden" };

export type Side = "visitor" | "agent";

export type StatusName = "unrequested" | "unassigned" | "open" | "ended";

export type Reason = "button" | "words" | "frustration" | "keyword" | "cannot_answer";

export type AgentView = { id: string, name: string, };

export type SourceView = { title: string, url: string | null, };

export type BriefBy = "embedded" | "model";

export type HandoffBrief = { 
/**
 * Seq of the `handoff_requested` that it is about.
 */
handoff: number, reason: Reason, 
/**
 * BCP 47 tag of what the visitor writes in, or of the browser; empty when neither is known.
 */
language: string, 
/**
 * What the visitor wants, in their own words.
 */
asked: string, 
/**
 * What the AI answered lately, oldest first.
 */
tried: Array<TriedView>, 
/**
 * A few sentences to read first.
 */
summary: string, by: BriefBy, };

export type TriedView = { question: string, answer: string, sources: Array<SourceView>, confident: boolean, };

export type VisitorView = { id: string, 
/**
 * "Visitor 4821": stable for a visitor, short enough to say aloud.
 */
name: string, page_url: string, page_title: string, referrer: string, language: string, 
/**
 * The raw `User-Agent`; the console shows browser and system from it.
 */
user_agent: string, ip: string, 
/**
 * ISO 3166-1 alpha-2, or empty.
 */
country: string, };

export type Snapshot = { seq: number, epoch: string, status: StatusName, assignee: AgentView | null, 
/**
 * Unix milliseconds since when the visitor waits for a human.
 */
waiting_since: number | null, 
/**
 * The reason of the latest handoff offer that waits for a yes or no.
 */
offer: Reason | null, 
/**
 * A handoff was requested at least once.
 */
escalated: boolean, ai_answers: number, last_answer_confident: boolean, 
/**
 * The AI owes an answer to the visitor message at this seq.
 */
turn: number | null, read_by_visitor: number, read_by_agent: number, 
/**
 * Newest entries, oldest first, without gaps, ending at `seq`.
 */
entries: Array<LogEntry>, 
/**
 * Older entries can be asked for with `history`.
 */
has_more: boolean, 
/**
 * Agents only.
 */
visitor: VisitorView | null, 
/**
 * Agents only: about the latest handoff.
 */
brief: HandoffBrief | null, chatbot: string, };

export type PublicChatbot = { id: string, name: string, 
/**
 * `#rrggbb`
 */
brand_color: string, position: Position, greeting: string, starters: Array<string>, handoff_enabled: boolean, handoff_button: Button, 
/**
 * "Talk to a human" is also one of the starters; a press is `request_handoff`.
 */
handoff_starter: boolean, };

export type Position = "bottom_right" | "bottom_left";

export type Button = { "rule": "always" } | { "rule": "after_answers", count: number, } | { "rule": "when_unsure" } | { "rule": "never" };

export type TeamState = "available" | "busy" | "offline";

export type Typist = { "who": "visitor" } | { "who": "ai" } | { "who": "agent", agent: AgentView, };

export type AiText = { conversation: string, turn: number, from: number, text: string, };

export type Ack = { key: string, conversation: string, seq: number, };

export type Refused = { 
/**
 * The client message id, where the command had one.
 */
key: string | null, 
/**
 * The `type` of the refused frame; empty when it could not be read.
 */
command: string, conversation: string | null, code: RefusalCode, 
/**
 * For people; the code is for programs.
 */
message: string, 
/**
 * For `already_taken`: who has it.
 */
by: AgentView | null, };

export type Page = { url: string, title: string, referrer: string, 
/**
 * BCP 47 tag of the browser.
 */
language: string, };

export type VisitorFrame = { "type": "hello", 
/**
 * `baton.v1`
 */
protocol: string, chatbot: string, 
/**
 * The token of an earlier `welcome`; absent for a new visitor.
 */
token: string | null, 
/**
 * What the client already has; absent asks for a snapshot.
 */
cursor: Cursor | null, page: Page, } | { "type": "send", key: string, text: string, } | { "type": "typing", active: boolean, } | { "type": "read", seq: number, } | { "type": "request_handoff" } | { "type": "decline_handoff" } | { "type": "cancel_handoff" } | { "type": "end" } | { "type": "navigate", page: Page, } | { "type": "history", before: number, limit: number, } | { "type": "ping", id: number, };

export type ToVisitor = { "type": "welcome", protocol: string, 
/**
 * Keep it: it is the visitor.
 */
token: string, conversation: string, chatbot: PublicChatbot, 
/**
 * Seconds. After so long a silence send `ping`, and give the connection up when nothing comes within half that time;
 * the server gives a client up after twice that time.
 */
heartbeat_seconds: number, 
/**
 * Milliseconds. When the connection breaks, wait a random time up to this before the first try: as many visitors as
 * this node has need so long to come back without crowding those of other nodes. A later `pong` replaces it.
 */
reconnect_within_ms: number, team: TeamState, } | { "type": "snapshot", conversation: string, snapshot: Snapshot, } | { "type": "resumed", conversation: string, epoch: string, entries: Array<LogEntry>, } | { "type": "event", conversation: string, seq: number, at: number, event: LogEvent, } | { "type": "ack" } & Ack | { "type": "refused" } & Refused | { "type": "typing", conversation: string, by: Typist, active: boolean, } | { "type": "ai_text" } & AiText | { "type": "queue", ahead: number, eta_seconds: number | null, } | { "type": "team", team: TeamState, assignee_online: boolean | null, } | { "type": "settings", chatbot: PublicChatbot, } | { "type": "history", conversation: string, entries: Array<LogEntry>, has_more: boolean, } | { "type": "pong", id: number, 
/**
 * As in `welcome`, for the visitors who are here by now.
 */
reconnect_within_ms: number, };

export type Availability = "online" | "away" | "offline";

export type InboxRow = { conversation: string, chatbot: string, 
/**
 * "Visitor 4821"
 */
visitor_name: string, 
/**
 * ISO 3166-1 alpha-2, or empty.
 */
country: string, status: StatusName, assignee: AgentView | null, waiting_since: number | null, escalated: boolean, started_at: number, last_at: number, seq: number, 
/**
 * Start of the newest message, empty when there is none.
 */
preview: string, 
/**
 * Who wrote the newest message.
 */
preview_by: Author | null, 
/**
 * Visitor messages that no agent has read.
 */
unread: number, 
/**
 * The visitor is here now: the green or red dot.
 */
online: boolean, };

export type Author = "visitor" | "ai" | "agent";

export type PortalView = { conversation: string, chatbot: PublicChatbot, 
/**
 * Unix milliseconds at which the link stops working.
 */
expires_at: number, };

export type TeamMember = { agent: AgentView, availability: Availability, 
/**
 * A socket of theirs is connected.
 */
connected: boolean, };

export type AgentFrame = { "type": "hello", 
/**
 * `baton.v1`
 */
protocol: string, 
/**
 * The token of an agent portal link; absent in the console, where the session cookie of the upgrade counts.
 */
portal_token: string | null, } | { "type": "watch", chatbot: string | null, } | { "type": "unwatch" } | { "type": "open", conversation: string, cursor: Cursor | null, } | { "type": "leave", conversation: string, } | { "type": "send", conversation: string, key: string, text: string, } | { "type": "note", conversation: string, key: string, text: string, } | { "type": "interject", conversation: string, key: string, text: string, } | { "type": "whisper", conversation: string, key: string, text: string, } | { "type": "typing", conversation: string, active: boolean, } | { "type": "read", conversation: string, seq: number, } | { "type": "accept", conversation: string, } | { "type": "take_over", conversation: string, } | { "type": "hand_back", conversation: string, } | { "type": "transfer", conversation: string, agent: string, } | { "type": "end", conversation: string, } | { "type": "set_availability", availability: Availability, } | { "type": "history", conversation: string, before: number, limit: number, } | { "type": "ping", id: number, };

export type ToAgent = { "type": "welcome", protocol: string, me: AgentView, availability: Availability, heartbeat_seconds: number, epoch: string, 
/**
 * In a portal: the one conversation, and how its chatbot looks.
 */
portal: PortalView | null, } | { "type": "snapshot", conversation: string, snapshot: Snapshot, } | { "type": "resumed", conversation: string, epoch: string, entries: Array<LogEntry>, } | { "type": "event", conversation: string, seq: number, at: number, event: LogEvent, } | { "type": "ack" } & Ack | { "type": "refused" } & Refused | { "type": "typing", conversation: string, by: Typist, active: boolean, } | { "type": "ai_text" } & AiText | { "type": "presence", conversation: string, online: boolean, } | { "type": "viewers", conversation: string, agents: Array<AgentView>, } | { "type": "inbox", rows: Array<InboxRow>, } | { "type": "team", agents: Array<TeamMember>, } | { "type": "history", conversation: string, entries: Array<LogEntry>, has_more: boolean, } | { "type": "pong", id: number, };

export type RefusalCode = "malformed" | "not_allowed" | "not_found" | "key_reused" | "not_started" | "empty_message" | "too_long" | "handoff_disabled" | "already_waiting" | "already_with_agent" | "nothing_pending" | "already_taken" | "not_assignee" | "already_ended" | "no_change" | "too_fast" | "unavailable";

export type AfterClose = "reconnect" | "reconnect_soon" | "reauthenticate" | "stop";

export const PROTOCOL = "baton.v1";

export const CLOSE_CODES: Readonly<Record<number, { name: string; after: AfterClose }>> = {
  1000: { name: "normal", after: "stop" }, // Closed on purpose by the other side.
  1001: { name: "going_away", after: "reconnect" }, // The page or the server goes away.
  1002: { name: "protocol_error", after: "reconnect" }, // A WebSocket frame broke RFC 6455.
  1007: { name: "invalid_text", after: "reconnect" }, // A text message was not UTF-8.
  1008: { name: "policy", after: "stop" }, // The client broke a rule that a retry would break again.
  1009: { name: "too_big", after: "reconnect" }, // A frame, a message or its number of fragments is over the limit.
  1011: { name: "internal", after: "reconnect" }, // The server failed; nothing acknowledged is lost.
  1012: { name: "restart", after: "reconnect_soon" }, // The server restarts or hands its clients to another node.
  1013: { name: "try_later", after: "reconnect" }, // The server is at its limit of connections.
  4400: { name: "bad_hello", after: "stop" }, // The first frame was not a valid hello of a protocol this server speaks.
  4401: { name: "unauthenticated", after: "reauthenticate" }, // No hello in time, or the session or token is not valid.
  4403: { name: "forbidden", after: "stop" }, // This page may not embed this chatbot, or the agent may not see this.
  4404: { name: "not_found", after: "stop" }, // No such chatbot, or the link has expired or was revoked.
  4408: { name: "heartbeat", after: "reconnect" }, // Nothing was heard for two heartbeats.
  4413: { name: "slow", after: "reconnect" }, // The client read too slowly; it resumes from its cursor.
  4429: { name: "too_fast", after: "reconnect" }, // More frames than the limit allows, in spite of refusals.
};
