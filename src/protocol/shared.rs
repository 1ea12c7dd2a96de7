//! What visitors and agents both see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// Where a client stands in a log: "I have everything up to `seq` of the database `epoch`".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Cursor {
    #[ts(type = "number")]
    pub seq: u64,
    pub epoch: Uuid,
}

/// One event of the log with its place. Sent once to everybody who follows the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LogEntry {
    #[ts(type = "number")]
    pub seq: u64,
    /// Unix milliseconds; for display, never for order.
    #[ts(type = "number")]
    pub at: i64,
    pub event: LogEvent,
}

/// What happened. A client ignores kinds it does not know but still moves its cursor past them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LogEvent {
    Started,
    /// Agents only; a visitor gets `hidden`.
    VisitorSeen {
        visitor: VisitorView,
    },
    VisitorMessage {
        key: Uuid,
        text: String,
    },
    AiMessage {
        #[ts(type = "number")]
        turn: u64,
        text: String,
        sources: Vec<SourceView>,
        confident: bool,
    },
    HandoffOffered {
        reason: Reason,
        text: String,
    },
    HandoffDeclined {
        text: String,
    },
    HandoffRequested {
        reason: Reason,
        text: String,
        /// Agents only; null for a visitor.
        brief: Option<Box<HandoffBrief>>,
    },
    HandoffCancelled,
    AgentJoined {
        agent: AgentView,
    },
    /// In `open` by the agent who holds the conversation; else put in by an agent while the AI goes on.
    AgentMessage {
        key: Uuid,
        agent: AgentView,
        text: String,
    },
    /// Agents only; a visitor gets `hidden`.
    Note {
        key: Uuid,
        agent: AgentView,
        text: String,
    },
    /// What an agent told the AI. Agents only; a visitor gets `hidden`.
    Hint {
        key: Uuid,
        agent: AgentView,
        text: String,
    },
    /// A model's summary of the handoff at the seq `handoff`, in place of that in its brief. Agents only; a visitor gets `hidden`.
    HandoffSummarised {
        #[ts(type = "number")]
        handoff: u64,
        summary: String,
    },
    /// The AI does not answer this turn: messages come as from a machine.
    AiPaused {
        #[ts(type = "number")]
        turn: u64,
    },
    HandedBack {
        agent: AgentView,
    },
    Transferred {
        from: AgentView,
        to: AgentView,
    },
    Ended {
        by: Side,
        text: String,
    },
    Reopened {
        by: Side,
    },
    Read {
        by: Side,
        #[ts(type = "number")]
        seq: u64,
    },
    /// Something that this client may not see stands at this seq. Keeps the cursor without gaps.
    Hidden,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Visitor,
    Agent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum StatusName {
    Unrequested,
    Unassigned,
    Open,
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Button,
    Words,
    Frustration,
    Keyword,
    CannotAnswer,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct AgentView {
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct SourceView {
    pub title: String,
    pub url: Option<String>,
}

/// What an agent should know of a handoff before reading the thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct HandoffBrief {
    /// Seq of the `handoff_requested` that it is about.
    #[ts(type = "number")]
    pub handoff: u64,
    pub reason: Reason,
    /// BCP 47 tag of what the visitor writes in, or of the browser; empty when neither is known.
    pub language: String,
    /// What the visitor wants, in their own words.
    pub asked: String,
    /// What the AI answered lately, oldest first.
    pub tried: Vec<TriedView>,
    /// A few sentences to read first.
    pub summary: String,
    pub by: BriefBy,
}

/// An answer that did not settle the matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TriedView {
    pub question: String,
    pub answer: String,
    pub sources: Vec<SourceView>,
    pub confident: bool,
}

/// Who put a summary into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum BriefBy {
    /// Taken from the thread word by word.
    Embedded,
    /// Written by the chatbot's model.
    Model,
}

/// What agents see of a visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct VisitorView {
    pub id: Uuid,
    /// "Visitor 4821": stable for a visitor, short enough to say aloud.
    pub name: String,
    pub page_url: String,
    pub page_title: String,
    pub referrer: String,
    pub language: String,
    /// The raw `User-Agent`; the console shows browser and system from it.
    pub user_agent: String,
    pub ip: String,
    /// ISO 3166-1 alpha-2, or empty.
    pub country: String,
}

/// A conversation as it stands at `seq`, with its newest events. Applying later entries to it gives the later snapshot (I11).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Snapshot {
    #[ts(type = "number")]
    pub seq: u64,
    pub epoch: Uuid,
    pub status: StatusName,
    pub assignee: Option<AgentView>,
    /// Unix milliseconds since when the visitor waits for a human.
    #[ts(type = "number | null")]
    pub waiting_since: Option<i64>,
    /// The reason of the latest handoff offer that waits for a yes or no.
    pub offer: Option<Reason>,
    /// A handoff was requested at least once.
    pub escalated: bool,
    pub ai_answers: u32,
    pub last_answer_confident: bool,
    /// The AI owes an answer to the visitor message at this seq.
    #[ts(type = "number | null")]
    pub turn: Option<u64>,
    #[ts(type = "number")]
    pub read_by_visitor: u64,
    #[ts(type = "number")]
    pub read_by_agent: u64,
    /// Newest entries, oldest first, without gaps, ending at `seq`.
    pub entries: Vec<LogEntry>,
    /// Older entries can be asked for with `history`.
    pub has_more: bool,
    /// Agents only.
    pub visitor: Option<VisitorView>,
    /// Agents only: about the latest handoff.
    pub brief: Option<Box<HandoffBrief>>,
    pub chatbot: String,
}

/// What a widget or portal needs to know of its chatbot. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PublicChatbot {
    pub id: String,
    pub name: String,
    /// `#rrggbb`
    pub brand_color: String,
    pub position: Position,
    pub greeting: String,
    pub starters: Vec<String>,
    pub handoff_enabled: bool,
    pub handoff_button: Button,
    /// "Talk to a human" is also one of the starters; a press is `request_handoff`.
    pub handoff_starter: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    BottomRight,
    BottomLeft,
}

/// When the "Talk to a human" button shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Button {
    Always,
    AfterAnswers { count: u32 },
    WhenUnsure,
    Never,
}

/// Whether a human could take a chat now: the green, amber or red dot of the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum TeamState {
    /// Somebody is online and nobody waits.
    Available,
    /// Somebody is online and people wait.
    Busy,
    Offline,
}

/// Who is writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Typist {
    Visitor,
    Ai,
    Agent { agent: AgentView },
}

/// Streamed AI text: append `text` when what you have is `from` characters (UTF-16 code units) long, else wait for the message.
/// The `ai_message` entry of the same turn replaces it; no entry comes when the turn was overtaken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct AiText {
    pub conversation: Uuid,
    #[ts(type = "number")]
    pub turn: u64,
    pub from: u32,
    pub text: String,
}

/// The message with this client id is durable at `seq`. Sent once more, with the same seq, for a repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Ack {
    pub key: Uuid,
    pub conversation: Uuid,
    #[ts(type = "number")]
    pub seq: u64,
}

/// A command that was not carried out. The connection lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Refused {
    /// The client message id, where the command had one.
    pub key: Option<Uuid>,
    /// The `type` of the refused frame; empty when it could not be read.
    pub command: String,
    pub conversation: Option<Uuid>,
    pub code: super::codes::RefusalCode,
    /// For people; the code is for programs.
    pub message: String,
    /// For `already_taken`: who has it.
    pub by: Option<AgentView>,
}
