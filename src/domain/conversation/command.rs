//! What participants may ask of a conversation, and how it says no.

use super::event::{AgentRef, HandoffReason, Party, Source, VisitorContext};
use crate::domain::ids::{ChatbotId, ClientMessageId, Seq, VisitorId};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The visitor's message. The first one starts the conversation, therefore it carries who and from where.
    VisitorPost {
        chatbot: ChatbotId,
        visitor: VisitorId,
        context: Arc<VisitorContext>,
        key: ClientMessageId,
        text: String,
        signals: Signals,
    },
    /// The visitor's page, browser or address, told at each connect; an event only when something changed.
    NoteVisitor {
        context: Arc<VisitorContext>,
    },
    /// The visitor pressed "Talk to a human", or "Yes" under an offer. It may be the very first thing a visitor does.
    RequestHandoff {
        chatbot: ChatbotId,
        visitor: VisitorId,
        context: Arc<VisitorContext>,
    },
    /// The visitor pressed "No" under an offer.
    DeclineHandoff,
    /// The visitor stops waiting.
    CancelHandoff,
    /// The AI's result for the turn it was asked.
    SettleTurn {
        turn: Seq,
        outcome: TurnOutcome,
    },
    /// An agent accepts a waiting conversation, or starts directly. Never takes it from another agent.
    Accept {
        agent: AgentRef,
    },
    /// An agent takes the conversation whoever holds it.
    TakeOver {
        agent: AgentRef,
    },
    /// An agent's message; joins first when nobody holds the conversation.
    AgentPost {
        agent: AgentRef,
        key: ClientMessageId,
        text: String,
    },
    /// An agent's message to the visitor while the AI goes on: joins nothing, changes no status.
    Interject {
        agent: AgentRef,
        key: ClientMessageId,
        text: String,
    },
    /// A hint to the AI for its next answer; the visitor never sees it.
    Whisper {
        agent: AgentRef,
        key: ClientMessageId,
        text: String,
    },
    WriteNote {
        agent: AgentRef,
        key: ClientMessageId,
        text: String,
    },
    /// A model's summary of the handoff at `handoff`.
    Summarise {
        handoff: Seq,
        summary: String,
    },
    HandBack {
        agent: AgentRef,
    },
    Transfer {
        agent: AgentRef,
        to: AgentRef,
    },
    EndByAgent {
        agent: AgentRef,
    },
    EndByVisitor,
    MarkRead {
        by: Party,
        seq: Seq,
    },
}

/// What the detectors read in a visitor's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signals {
    pub wants_human: bool,
    pub frustrated: bool,
    /// The message holds one of the owner's keywords.
    pub keyword: bool,
    /// The message is a bare yes or no; counts only under a pending offer.
    pub assent: Assent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Assent {
    Yes,
    No,
    #[default]
    Neither,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TurnOutcome {
    Answered {
        text: String,
        sources: Vec<Source>,
    },
    /// The AI looked and does not know.
    Unsure,
    /// Provider error, time-out or limit.
    Failed,
    /// Nothing is said: the conversation loops.
    Paused,
}

/// A command that the rules do not admit. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// This client message is already in the log: answer as the first time.
    #[error("already in the log at seq {seq}")]
    Duplicate { seq: Seq },
    #[error("this client message id was used for another message")]
    KeyReused,
    #[error("the conversation has not started")]
    NotStarted,
    #[error("the message is empty")]
    EmptyMessage,
    #[error("the message is longer than {limit} characters")]
    TooLong { limit: usize },
    #[error("talking to a human is switched off")]
    HandoffDisabled,
    #[error("already waiting for a human")]
    AlreadyWaiting,
    #[error("a human is already in the conversation")]
    AlreadyWithAgent,
    #[error("nothing to cancel or decline")]
    NothingPending,
    #[error("{} has already taken it", by.name)]
    AlreadyTaken { by: AgentRef },
    #[error("only the agent who holds the conversation can do this")]
    NotAssignee,
    /// The answer came too late: a newer message, a human or the end overtook it.
    #[error("the turn {turn} is over")]
    TurnOver { turn: Seq },
    #[error("the conversation has ended")]
    AlreadyEnded,
    /// Nothing would change; not an error for the sender.
    #[error("nothing changes")]
    NoChange,
}

impl HandoffReason {
    pub const ALL: [Self; 5] = [Self::Button, Self::Words, Self::Frustration, Self::Keyword, Self::CannotAnswer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Words => "words",
            Self::Frustration => "frustration",
            Self::Keyword => "keyword",
            Self::CannotAnswer => "cannot_answer",
        }
    }
}
