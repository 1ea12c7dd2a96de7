//! What can have happened in a conversation. Past tense, append-only, never changed after it was written.

use super::brief::HandoffBrief;
use crate::domain::ids::{AgentId, ChatbotId, ClientMessageId, Seq, VisitorId};
use crate::domain::time::UnixMillis;
use std::sync::Arc;

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub seq: Seq,
    pub at: UnixMillis,
    pub event: Event,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Always the first event.
    Started {
        chatbot: ChatbotId,
        visitor: VisitorId,
        context: VisitorContext,
    },
    /// The visitor came back from another page, browser or address.
    VisitorSeen {
        context: VisitorContext,
    },
    VisitorWrote {
        key: ClientMessageId,
        text: String,
    },
    /// The AI's reply to the turn `turn`. `confident` is false when it says that it does not know.
    AiAnswered {
        turn: Seq,
        text: String,
        sources: Vec<Source>,
        confident: bool,
    },
    /// "Would you like me to notify a team member?" Shown as words of the AI.
    HandoffOffered {
        reason: HandoffReason,
        text: String,
    },
    /// The visitor said no to the offer; `text` is the AI's reply to that.
    HandoffDeclined {
        text: String,
    },
    /// The visitor waits for a human from here on. `text` is the waiting message the visitor reads; the brief is the team's.
    HandoffRequested {
        reason: HandoffReason,
        text: String,
        brief: Arc<HandoffBrief>,
    },
    HandoffCancelled,
    /// An agent accepted, or started directly: the AI is silent until it is handed back.
    AgentJoined {
        agent: AgentRef,
    },
    /// A human's message. Outside `open` an agent put it in while the AI goes on (hybrid).
    AgentWrote {
        key: ClientMessageId,
        agent: AgentRef,
        text: String,
    },
    /// Only the team sees it; the visitor's stream carries an empty placeholder at its seq.
    NoteWritten {
        key: ClientMessageId,
        agent: AgentRef,
        text: String,
    },
    /// What an agent told the AI for its next answer. Only the team sees it.
    HintWhispered {
        key: ClientMessageId,
        agent: AgentRef,
        text: String,
    },
    /// A model's summary of the handoff at `handoff`, in place of the one in its brief. Only the team sees it.
    HandoffSummarised {
        handoff: Seq,
        summary: String,
    },
    /// The AI does not answer the turn `turn`: messages come as from a machine, and an answer would make the next one.
    AiPaused {
        turn: Seq,
    },
    /// The conversation goes back to the AI.
    HandedBack {
        agent: AgentRef,
    },
    Transferred {
        from: AgentRef,
        to: AgentRef,
    },
    /// `text` is the closing message the visitor reads; empty for none.
    Ended {
        by: Party,
        text: String,
    },
    Reopened {
        by: Party,
    },
    /// `by` has seen everything up to `seq`.
    ReadUpTo {
        by: Party,
        seq: Seq,
    },
}

/// Who did it, where the exact agent does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    Visitor,
    Agent,
}

/// An agent as shown at the time of the event; a later change of name does not rewrite history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRef {
    pub id: AgentId,
    pub name: String,
}

/// A place in the knowledge base that an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub title: String,
    /// Where a reader can open it, when the owner gave an address.
    pub url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandoffReason {
    /// The visitor pressed "Talk to a human".
    Button,
    /// The visitor asked in words.
    Words,
    Frustration,
    Keyword,
    /// The AI was not sure, failed, or reached its turn limit.
    CannotAnswer,
}

/// What the server and the page tell about a visitor. Shown to agents, never used as a rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VisitorContext {
    pub page_url: String,
    pub page_title: String,
    pub referrer: String,
    /// BCP 47 tag of the browser.
    pub language: String,
    pub user_agent: String,
    pub ip: String,
    /// ISO 3166-1 alpha-2; empty without a country database.
    pub country: String,
}
