/** Shapes of the HTTP API. What also travels over the socket comes from web-shared's generated protocol. */

import type { Availability, Button, InboxRow, Position, Reason, SourceView } from "../../../web-shared/src/protocol.ts";

export type Role = "owner" | "admin" | "agent";

export interface Me {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly workspace: { readonly id: string; readonly name: string };
  readonly availability: Availability;
}

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly availability: Availability;
}

export type TriggerRule = "off" | "ask_first" | "at_once";

export interface HandoffSettings {
  readonly enabled: boolean;
  readonly button: Button;
  readonly on_words: TriggerRule;
  readonly on_frustration: TriggerRule;
  readonly on_cannot_answer: TriggerRule;
  readonly on_keywords: TriggerRule;
  readonly keywords: readonly string[];
  readonly turn_limit: number | null;
  readonly quiet_messages: number;
  readonly starter: boolean;
  readonly ai_answers_while_waiting: boolean;
}

export interface TextSettings {
  readonly offer: string;
  readonly waiting: string;
  readonly closing: string;
  readonly unsure: string;
  readonly failed: string;
  readonly declined: string;
}

export type Provider = "embedded" | "openai" | "anthropic";

export interface AiSettings {
  readonly provider: Provider;
  readonly base_url: string;
  readonly model: string;
  /** Only ever sent; null keeps the stored one. */
  readonly api_key: string | null;
  /** A key is stored. */
  readonly api_key_set: boolean;
  readonly instructions: string;
  readonly timeout_seconds: number;
  readonly max_tokens: number;
  /** Tokens; null for no limit. */
  readonly limits: {
    readonly conversation: number | null;
    readonly visitor: number | null;
    readonly chatbot: number | null;
  };
  readonly learn_from_agents: boolean;
}

export interface Settings {
  readonly name: string;
  readonly brand_color: string;
  readonly position: Position;
  readonly greeting: string;
  readonly starters: readonly string[];
  readonly handoff: HandoffSettings;
  readonly texts: TextSettings;
  readonly notify_emails: readonly string[];
  readonly allowed_origins: readonly string[];
  readonly confidence_threshold: number;
  readonly wait_warning_seconds: number;
  readonly ai: AiSettings;
}

export interface Chatbot {
  readonly id: string;
  readonly settings: Settings;
  readonly snippet: string;
  readonly chat_url: string;
}

export type DocumentKind = "markdown" | "text" | "html" | "faq_csv" | "json";

/** How a chatbot's provider fares since the server started. */
export interface ProviderHealth {
  readonly failing_since: number | null;
  readonly failures: number;
  readonly last_error: string | null;
  readonly last_success_at: number | null;
  readonly limited_at: number | null;
  readonly spent_today: number;
}

export interface ProviderTrial {
  readonly works: boolean;
  readonly error: string | null;
  readonly millis: number;
}

export interface KnowledgeDocument {
  readonly id: string;
  readonly name: string;
  readonly kind: DocumentKind;
  readonly bytes: number;
  /** Null until the AI has read it. */
  readonly passages: number | null;
  readonly updated_at: number;
}

export interface Knowledge {
  readonly documents: readonly KnowledgeDocument[];
  /** The AI is reading what was added or changed. */
  readonly indexing: { readonly percent: number } | null;
  readonly search: {
    readonly by_meaning: boolean;
    readonly read_passages: number;
    readonly all_passages: number;
    /** Why there is no search model, where one is wanted. */
    readonly missing: string | null;
  };
}

export interface AddedDocument {
  readonly id: string;
  readonly name: string;
  readonly passages: number;
  readonly change: "added" | "replaced" | "unchanged";
}

export interface Passage {
  readonly title: string;
  readonly path: readonly string[];
  readonly text: string;
  readonly document: string;
  /** The best one has 1. */
  readonly score: number;
}

export interface Preview {
  /** What the visitor would read; null when a human would be called instead. */
  readonly answer: string | null;
  readonly sources: readonly SourceView[];
  readonly confidence: number;
  readonly answerable: boolean;
  readonly passages: readonly Passage[];
  readonly detected: { readonly wants_human: boolean; readonly frustrated: boolean; readonly keyword: boolean };
  readonly handoff: {
    readonly step: "offered" | "requested";
    readonly reason: Reason;
    readonly text: string;
  } | null;
  readonly indexing: number | null;
}

/** What an agent answered, proposed as knowledge. */
export interface Proposal {
  readonly id: string;
  readonly conversation: string;
  readonly question: string;
  readonly answer: string;
  readonly agent_name: string;
  readonly made_at: number;
}

export interface ConversationPage {
  readonly rows: InboxRow[];
  readonly next: string | null;
}

export interface PortalLink {
  readonly id: string;
  readonly address: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly revoked: boolean;
}

export type JobState = "pending" | "failed" | "done";

export interface Job {
  readonly id: string;
  readonly kind: "ai_answer" | "handoff_email" | "learn";
  readonly conversation: string;
  readonly chatbot: string;
  readonly run_at: number;
  readonly attempts: number;
  readonly state: JobState;
  readonly last_error: string | null;
  /** To whom it went, or why nobody was told. */
  readonly outcome: string | null;
}

export interface MailSummary {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly at: number;
}

export interface Outbox {
  readonly smtp_configured: boolean;
  readonly mails: readonly MailSummary[];
}

export interface Mail extends MailSummary {
  readonly text: string;
}
