/** Shapes of the HTTP API. What also travels over the socket comes from web-shared's generated protocol. */

import type { Availability, Button, InboxRow, Position, SourceView } from "../../../web-shared/src/protocol.ts";

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
  readonly keywords: readonly string[];
  readonly turn_limit: number | null;
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
}

export interface Chatbot {
  readonly id: string;
  readonly settings: Settings;
  readonly snippet: string;
  readonly chat_url: string;
}

export type DocumentKind = "markdown" | "text" | "faq_csv" | "faq_json";

export interface KnowledgeDocument {
  readonly id: string;
  readonly name: string;
  readonly kind: DocumentKind;
  readonly bytes: number;
  readonly passages: number;
  readonly updated_at: number;
}

export interface Preview {
  readonly answer: string;
  readonly confidence: number;
  readonly answerable: boolean;
  readonly sources: readonly SourceView[];
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
  readonly kind: "ai_answer" | "handoff_email";
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
