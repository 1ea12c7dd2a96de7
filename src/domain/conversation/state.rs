//! The fold of a conversation's log.

use super::event::{AgentRef, HandoffReason, Party, VisitorContext};
use crate::domain::ids::{ChatbotId, ClientMessageId, Seq, VisitorId};
use crate::domain::time::UnixMillis;
use std::collections::HashMap;

/// The four status names that the product shows (PRODUCT.md section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Unrequested,
    Unassigned,
    Open,
    Ended,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Unrequested, Self::Unassigned, Self::Open, Self::Ended];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unrequested => "unrequested",
            Self::Unassigned => "unassigned",
            Self::Open => "open",
            Self::Ended => "ended",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Where a conversation stands. Each variant holds just what exists in it, so an open conversation without an agent, or a
/// waiting one without a start of the wait, can't be written down.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    Unrequested,
    Unassigned { since: UnixMillis, reason: HandoffReason },
    Open { agent: AgentRef },
    Ended,
}

/// The AI asked whether to call a human and waits for a yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    pub reason: HandoffReason,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    pub(super) seq: Seq,
    pub(super) identity: Option<(ChatbotId, VisitorId)>,
    pub(super) context: VisitorContext,
    pub(super) phase: Phase,
    /// The visitor message that the AI owes an answer to; `None` when nothing is owed. Always `None` while `Open` or `Ended`.
    pub(super) turn: Option<Seq>,
    pub(super) offer: Option<Offer>,
    /// Above zero: the present visitor message and the ones to come in which nothing is offered, after a "no".
    pub(super) offer_cooldown: u8,
    pub(super) ai_answers: u32,
    pub(super) last_answer_confident: bool,
    /// A handoff was requested at least once.
    pub(super) escalated: bool,
    pub(super) last_agent: Option<AgentRef>,
    pub(super) read_by_visitor: Seq,
    pub(super) read_by_agent: Seq,
    pub(super) started_at: UnixMillis,
    pub(super) last_at: UnixMillis,
    pub(super) keys: HashMap<ClientMessageId, (Seq, u64)>,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            seq: Seq::ZERO,
            identity: None,
            context: VisitorContext::default(),
            phase: Phase::Unrequested,
            turn: None,
            offer: None,
            offer_cooldown: 0,
            ai_answers: 0,
            last_answer_confident: true,
            escalated: false,
            last_agent: None,
            read_by_visitor: Seq::ZERO,
            read_by_agent: Seq::ZERO,
            started_at: UnixMillis::default(),
            last_at: UnixMillis::default(),
            keys: HashMap::new(),
        }
    }
}

impl Conversation {
    /// Position of the last event folded in; zero before the first message.
    pub fn seq(&self) -> Seq {
        self.seq
    }

    pub fn exists(&self) -> bool {
        self.identity.is_some()
    }

    pub fn identity(&self) -> Option<&(ChatbotId, VisitorId)> {
        self.identity.as_ref()
    }

    pub fn context(&self) -> &VisitorContext {
        &self.context
    }

    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    pub fn status(&self) -> Status {
        match self.phase {
            Phase::Unrequested => Status::Unrequested,
            Phase::Unassigned { .. } => Status::Unassigned,
            Phase::Open { .. } => Status::Open,
            Phase::Ended => Status::Ended,
        }
    }

    /// Start of the present wait for a human.
    pub fn waiting_since(&self) -> Option<UnixMillis> {
        match self.phase {
            Phase::Unassigned { since, .. } => Some(since),
            _ => None,
        }
    }

    /// The agent who holds the conversation.
    pub fn assignee(&self) -> Option<&AgentRef> {
        match &self.phase {
            Phase::Open { agent } => Some(agent),
            _ => None,
        }
    }

    /// The turn that the AI owes an answer to.
    pub fn turn(&self) -> Option<Seq> {
        self.turn
    }

    pub fn offer(&self) -> Option<Offer> {
        self.offer
    }

    pub fn ai_answers(&self) -> u32 {
        self.ai_answers
    }

    pub fn last_answer_confident(&self) -> bool {
        self.last_answer_confident
    }

    pub fn escalated(&self) -> bool {
        self.escalated
    }

    pub fn started_at(&self) -> UnixMillis {
        self.started_at
    }

    pub fn last_at(&self) -> UnixMillis {
        self.last_at
    }

    /// How far `party` has read.
    pub fn read_up_to(&self, party: Party) -> Seq {
        match party {
            Party::Visitor => self.read_by_visitor,
            Party::Agent => self.read_by_agent,
        }
    }
}
