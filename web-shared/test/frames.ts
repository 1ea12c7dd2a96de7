import type {
  Ack,
  AfterClose,
  AgentFrame,
  AgentView,
  AiText,
  Author,
  Availability,
  BriefBy,
  Button,
  Cursor,
  HandoffBrief,
  InboxRow,
  LogEntry,
  LogEvent,
  Page,
  PortalView,
  Position,
  PublicChatbot,
  Reason,
  RefusalCode,
  Refused,
  Side,
  Snapshot,
  SourceView,
  StatusName,
  TeamMember,
  TeamState,
  ToAgent,
  ToVisitor,
  TriedView,
  Typist,
  VisitorFrame,
  VisitorView,
} from "../src/protocol.ts";
import { flag, list, nullable, oneOf, record, type Shape, tagged, text, type Variants, whole } from "./shapes.ts";

const side = oneOf<Side>({ visitor: true, agent: true });
const status = oneOf<StatusName>({ unrequested: true, unassigned: true, open: true, ended: true });
const reason = oneOf<Reason>({ button: true, words: true, frustration: true, keyword: true, cannot_answer: true });
const availability = oneOf<Availability>({ online: true, away: true, offline: true });
const author = oneOf<Author>({ visitor: true, ai: true, agent: true });
const position = oneOf<Position>({ bottom_right: true, bottom_left: true });
const teamState = oneOf<TeamState>({ available: true, busy: true, offline: true });
export const afterClose = oneOf<AfterClose>({
  reconnect: true,
  reconnect_soon: true,
  reauthenticate: true,
  stop: true,
});
const refusalCode = oneOf<RefusalCode>({
  malformed: true,
  not_allowed: true,
  not_found: true,
  key_reused: true,
  not_started: true,
  empty_message: true,
  too_long: true,
  handoff_disabled: true,
  already_waiting: true,
  already_with_agent: true,
  nothing_pending: true,
  already_taken: true,
  not_assignee: true,
  already_ended: true,
  no_change: true,
  too_fast: true,
  unavailable: true,
});

const agent = record<AgentView>({ id: text, name: text });
const cursor = record<Cursor>({ seq: whole, epoch: text });
const page = record<Page>({ url: text, title: text, referrer: text, language: text });
const source = record<SourceView>({ title: text, url: nullable(text) });
const tried = record<TriedView>({ question: text, answer: text, sources: list(source), confident: flag });
const brief = record<HandoffBrief>({
  handoff: whole,
  reason,
  language: text,
  asked: text,
  tried: list(tried),
  summary: text,
  by: oneOf<BriefBy>({ embedded: true, model: true }),
});
const visitor = record<VisitorView>({
  id: text,
  name: text,
  page_url: text,
  page_title: text,
  referrer: text,
  language: text,
  user_agent: text,
  ip: text,
  country: text,
});

export const eventKinds = {
  started: {},
  visitor_seen: { visitor },
  visitor_message: { key: text, text },
  ai_message: { turn: whole, text, sources: list(source), confident: flag },
  handoff_offered: { reason, text },
  handoff_declined: { text },
  handoff_requested: { reason, text, brief: nullable(brief) },
  handoff_cancelled: {},
  agent_joined: { agent },
  agent_message: { key: text, agent, text },
  note: { key: text, agent, text },
  hint: { key: text, agent, text },
  handoff_summarised: { handoff: whole, summary: text },
  ai_paused: { turn: whole },
  handed_back: { agent },
  transferred: { from: agent, to: agent },
  ended: { by: side, text },
  reopened: { by: side },
  read: { by: side, seq: whole },
  hidden: {},
} satisfies Variants<LogEvent, "kind">;

const logEvent = tagged<LogEvent, "kind">("kind", eventKinds);
const entry = record<LogEntry>({ seq: whole, at: whole, event: logEvent });
const typist = tagged<Typist, "who">("who", { visitor: {}, ai: {}, agent: { agent } });
const button = tagged<Button, "rule">("rule", {
  always: {},
  after_answers: { count: whole },
  when_unsure: {},
  never: {},
});
const chatbot = record<PublicChatbot>({
  id: text,
  name: text,
  brand_color: text,
  position,
  greeting: text,
  starters: list(text),
  handoff_enabled: flag,
  handoff_button: button,
  handoff_starter: flag,
});
const snapshot = record<Snapshot>({
  seq: whole,
  epoch: text,
  status,
  assignee: nullable(agent),
  waiting_since: nullable(whole),
  offer: nullable(reason),
  escalated: flag,
  ai_answers: whole,
  last_answer_confident: flag,
  turn: nullable(whole),
  read_by_visitor: whole,
  read_by_agent: whole,
  entries: list(entry),
  has_more: flag,
  visitor: nullable(visitor),
  brief: nullable(brief),
  chatbot: text,
});
const row = record<InboxRow>({
  conversation: text,
  chatbot: text,
  visitor_name: text,
  country: text,
  status,
  assignee: nullable(agent),
  waiting_since: nullable(whole),
  escalated: flag,
  started_at: whole,
  last_at: whole,
  seq: whole,
  preview: text,
  preview_by: nullable(author),
  unread: whole,
  online: flag,
});
const member = record<TeamMember>({ agent, availability, connected: flag });
const portal = record<PortalView>({ conversation: text, chatbot, expires_at: whole });

const ack = { key: text, conversation: text, seq: whole } satisfies Shape<Ack>;
const aiText = { conversation: text, turn: whole, from: whole, text } satisfies Shape<AiText>;
const refused = {
  key: nullable(text),
  command: text,
  conversation: nullable(text),
  code: refusalCode,
  message: text,
  by: nullable(agent),
} satisfies Shape<Refused>;

/** What both roles get in the same shape. */
const toBoth = {
  snapshot: { conversation: text, snapshot },
  resumed: { conversation: text, epoch: text, entries: list(entry) },
  event: { conversation: text, seq: whole, at: whole, event: logEvent },
  ack,
  refused,
  typing: { conversation: text, by: typist, active: flag },
  ai_text: aiText,
  history: { conversation: text, entries: list(entry), has_more: flag },
};

export const visitorFrames = {
  hello: { protocol: text, chatbot: text, token: nullable(text), cursor: nullable(cursor), page },
  send: { key: text, text },
  typing: { active: flag },
  read: { seq: whole },
  request_handoff: {},
  decline_handoff: {},
  cancel_handoff: {},
  end: {},
  navigate: { page },
  history: { before: whole, limit: whole },
  ping: { id: whole },
} satisfies Variants<VisitorFrame, "type">;

export const toVisitorFrames = {
  ...toBoth,
  welcome: {
    protocol: text,
    token: text,
    conversation: text,
    chatbot,
    heartbeat_seconds: whole,
    reconnect_within_ms: whole,
    team: teamState,
  },
  queue: { ahead: whole, eta_seconds: nullable(whole) },
  pong: { id: whole, reconnect_within_ms: whole },
  team: { team: teamState, assignee_online: nullable(flag) },
  settings: { chatbot },
} satisfies Variants<ToVisitor, "type">;

export const agentFrames = {
  hello: { protocol: text, portal_token: nullable(text) },
  watch: { chatbot: nullable(text) },
  unwatch: {},
  open: { conversation: text, cursor: nullable(cursor) },
  leave: { conversation: text },
  send: { conversation: text, key: text, text },
  note: { conversation: text, key: text, text },
  interject: { conversation: text, key: text, text },
  whisper: { conversation: text, key: text, text },
  typing: { conversation: text, active: flag },
  read: { conversation: text, seq: whole },
  accept: { conversation: text },
  take_over: { conversation: text },
  hand_back: { conversation: text },
  transfer: { conversation: text, agent: text },
  end: { conversation: text },
  set_availability: { availability },
  history: { conversation: text, before: whole, limit: whole },
  ping: { id: whole },
} satisfies Variants<AgentFrame, "type">;

export const toAgentFrames = {
  ...toBoth,
  welcome: {
    protocol: text,
    me: agent,
    availability,
    heartbeat_seconds: whole,
    epoch: text,
    portal: nullable(portal),
  },
  presence: { conversation: text, online: flag },
  pong: { id: whole },
  viewers: { conversation: text, agents: list(agent) },
  inbox: { rows: list(row) },
  team: { agents: list(member) },
} satisfies Variants<ToAgent, "type">;
