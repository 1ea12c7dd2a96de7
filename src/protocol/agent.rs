//! Console and agent portal ⇄ server, on `/ws/agent`.

use super::shared::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// From an agent's browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AgentFrame {
    /// Must be the first frame, within 10 s.
    Hello {
        /// `baton.v1`
        protocol: String,
        /// The token of an agent portal link; absent in the console, where the session cookie of the upgrade counts.
        portal_token: Option<String>,
    },
    /// Follow the inbox of one chatbot or of all. Rows come as `inbox`. Not in a portal.
    Watch {
        chatbot: Option<String>,
    },
    Unwatch,
    /// Follow one conversation; answered by `snapshot` or `resumed`.
    Open {
        conversation: Uuid,
        cursor: Option<Cursor>,
    },
    Leave {
        conversation: Uuid,
    },
    Send {
        conversation: Uuid,
        key: Uuid,
        text: String,
    },
    Note {
        conversation: Uuid,
        key: Uuid,
        text: String,
    },
    /// A message to the visitor while the AI goes on: nobody joins, no status changes.
    Interject {
        conversation: Uuid,
        key: Uuid,
        text: String,
    },
    /// A hint to the AI for its next answer. The visitor never sees it.
    Whisper {
        conversation: Uuid,
        key: Uuid,
        text: String,
    },
    /// Repeat `active: true` every 3 s while typing; it lapses after 6 s.
    Typing {
        conversation: Uuid,
        active: bool,
    },
    Read {
        conversation: Uuid,
        #[ts(type = "number")]
        seq: u64,
    },
    /// Accept a waiting conversation or start directly.
    Accept {
        conversation: Uuid,
    },
    /// Take it even out of another agent's hands.
    TakeOver {
        conversation: Uuid,
    },
    HandBack {
        conversation: Uuid,
    },
    Transfer {
        conversation: Uuid,
        agent: Uuid,
    },
    End {
        conversation: Uuid,
    },
    /// What the agent chose. Stored.
    SetAvailability {
        availability: Availability,
    },
    History {
        conversation: Uuid,
        #[ts(type = "number")]
        before: u64,
        limit: u16,
    },
    Ping {
        id: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    Online,
    Away,
    Offline,
}

/// A line of the inbox. The same shape comes from `GET /api/v1/conversations`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS, utoipa::ToSchema)]
pub struct InboxRow {
    pub conversation: Uuid,
    pub chatbot: String,
    /// "Visitor 4821"
    pub visitor_name: String,
    /// ISO 3166-1 alpha-2, or empty.
    pub country: String,
    #[schema(value_type = String)]
    pub status: StatusName,
    #[schema(value_type = Option<Object>)]
    pub assignee: Option<AgentView>,
    #[ts(type = "number | null")]
    pub waiting_since: Option<i64>,
    pub escalated: bool,
    #[ts(type = "number")]
    pub started_at: i64,
    #[ts(type = "number")]
    pub last_at: i64,
    #[ts(type = "number")]
    pub seq: u64,
    /// Start of the newest message, empty when there is none.
    pub preview: String,
    /// Who wrote the newest message.
    #[schema(value_type = Option<String>)]
    pub preview_by: Option<Author>,
    /// Visitor messages that no agent has read.
    pub unread: u32,
    /// The visitor is here now: the green or red dot.
    pub online: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Visitor,
    Ai,
    Agent,
}

/// To an agent's browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToAgent {
    Welcome {
        protocol: String,
        me: AgentView,
        availability: Availability,
        heartbeat_seconds: u16,
        epoch: Uuid,
        /// In a portal: the one conversation, and how its chatbot looks.
        portal: Option<PortalView>,
    },
    Snapshot {
        conversation: Uuid,
        snapshot: Snapshot,
    },
    Resumed {
        conversation: Uuid,
        epoch: Uuid,
        entries: Vec<LogEntry>,
    },
    Event {
        conversation: Uuid,
        #[ts(type = "number")]
        seq: u64,
        #[ts(type = "number")]
        at: i64,
        event: LogEvent,
    },
    Ack(Ack),
    Refused(Refused),
    Typing {
        conversation: Uuid,
        by: Typist,
        active: bool,
    },
    AiText(AiText),
    /// The visitor's dot.
    Presence {
        conversation: Uuid,
        online: bool,
    },
    /// The other agents who look at this conversation.
    Viewers {
        conversation: Uuid,
        agents: Vec<AgentView>,
    },
    /// Rows that changed since the last frame; newest `seq` wins.
    Inbox {
        rows: Vec<InboxRow>,
    },
    /// Availability of the team, with one entry per agent.
    Team {
        agents: Vec<TeamMember>,
    },
    History {
        conversation: Uuid,
        entries: Vec<LogEntry>,
        has_more: bool,
    },
    Pong {
        id: u32,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PortalView {
    pub conversation: Uuid,
    pub chatbot: PublicChatbot,
    /// Unix milliseconds at which the link stops working.
    #[ts(type = "number")]
    pub expires_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TeamMember {
    pub agent: AgentView,
    pub availability: Availability,
    /// A socket of theirs is connected.
    pub connected: bool,
}
