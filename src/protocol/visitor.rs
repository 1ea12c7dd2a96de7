//! Widget and visitor portal ⇄ server, on `/ws/visitor`.

use super::shared::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// From the visitor's browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum VisitorFrame {
    /// Must be the first frame, within 10 s.
    Hello {
        /// `baton.v1`
        protocol: String,
        chatbot: String,
        /// The token of an earlier `welcome`; absent for a new visitor.
        token: Option<String>,
        /// What the client already has; absent asks for a snapshot.
        cursor: Option<Cursor>,
        page: Page,
    },
    /// A message. Keep it, with its key, until `ack` or `refused` names the key; send it again after a reconnect.
    Send {
        key: Uuid,
        text: String,
    },
    /// Repeat `active: true` every 3 s while typing; it lapses after 6 s.
    Typing {
        active: bool,
    },
    Read {
        #[ts(type = "number")]
        seq: u64,
    },
    RequestHandoff,
    DeclineHandoff,
    CancelHandoff,
    End,
    /// The visitor went to another page of a single-page app.
    Navigate {
        page: Page,
    },
    /// Entries before `before`, newest `limit` (1 to 200) of them.
    History {
        #[ts(type = "number")]
        before: u64,
        limit: u16,
    },
    /// Answered by `pong` with the same number. Send one when nothing was heard for a heartbeat.
    Ping {
        id: u32,
    },
}

/// The page the widget is on. Each text is cut at 2,000 characters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, TS)]
pub struct Page {
    pub url: String,
    pub title: String,
    pub referrer: String,
    /// BCP 47 tag of the browser.
    pub language: String,
}

/// To the visitor's browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToVisitor {
    /// Answers `hello`. `snapshot` or `resumed` follows.
    Welcome {
        protocol: String,
        /// Keep it: it is the visitor.
        token: String,
        conversation: Uuid,
        chatbot: PublicChatbot,
        /// Seconds. After so long a silence send `ping`, and give the connection up when nothing comes within half that time;
        /// the server gives a client up after twice that time.
        heartbeat_seconds: u16,
        /// Milliseconds. When the connection breaks, wait a random time up to this before the first try: as many visitors as
        /// this node has need so long to come back without crowding those of other nodes. A later `pong` replaces it.
        reconnect_within_ms: u32,
        team: TeamState,
    },
    /// The conversation as it stands: throw away what you had (resume was not possible, or there was no cursor).
    Snapshot {
        conversation: Uuid,
        snapshot: Snapshot,
    },
    /// All that came after your cursor.
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
    /// The place in the queue while `unassigned`.
    Queue {
        ahead: u32,
        eta_seconds: Option<u32>,
    },
    /// The team's dot, and that of the agent who holds the conversation.
    Team {
        team: TeamState,
        assignee_online: Option<bool>,
    },
    /// The owner changed the settings.
    Settings {
        chatbot: PublicChatbot,
    },
    History {
        conversation: Uuid,
        entries: Vec<LogEntry>,
        has_more: bool,
    },
    Pong {
        id: u32,
        /// As in `welcome`, for the visitors who are here by now.
        reconnect_within_ms: u32,
    },
}
