//! The fold of a conversation's log.

use super::brief::{Exchanges, HandoffBrief};
use super::event::{AgentRef, HandoffReason, Party, VisitorContext};
use super::pace::Pace;
use crate::domain::ids::{ChatbotId, ClientMessageId, Seq, VisitorId};
use crate::domain::time::UnixMillis;
use std::collections::HashMap;
use std::sync::Arc;

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

/// A request for a human, and what agents are told about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Requested {
    pub seq: Seq,
    pub reason: HandoffReason,
    pub brief: Arc<HandoffBrief>,
}

/// At which visitor message each reason was offered last; zero is never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Offered([u32; HandoffReason::ALL.len()]);

impl Offered {
    pub(super) fn note(&mut self, reason: HandoffReason, message: u32) {
        self.0[reason as usize] = message;
    }

    pub(super) fn last(&self, reason: HandoffReason) -> Option<u32> {
        Some(self.0[reason as usize]).filter(|message| *message > 0)
    }
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
    pub(super) offered: Offered,
    /// The visitor message at which the visitor last said no to an offer, or stopped waiting.
    pub(super) refused_at: Option<u32>,
    pub(super) visitor_messages: u32,
    /// AI answers since the last one that was sure.
    pub(super) unsure_in_a_row: u32,
    pub(super) pace: Pace,
    pub(super) exchanges: Exchanges,
    pub(super) requested: Option<Requested>,
    pub(super) ai_answers: u32,
    pub(super) last_answer_confident: bool,
    /// A handoff was requested at least once.
    pub(super) escalated: bool,
    /// Where the conversation started or was last reopened.
    pub(super) opened: Seq,
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
            offered: Offered::default(),
            refused_at: None,
            visitor_messages: 0,
            unsure_in_a_row: 0,
            pace: Pace::default(),
            exchanges: Exchanges::default(),
            requested: None,
            ai_answers: 0,
            last_answer_confident: true,
            escalated: false,
            opened: Seq::ZERO,
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

    /// The latest request for a human.
    pub fn requested(&self) -> Option<&Requested> {
        self.requested.as_ref()
    }

    /// The newest message of the visitor comes as from a machine that answers every answer.
    pub fn looping(&self) -> bool {
        self.pace.looping()
    }

    /// Where the conversation started or was last reopened.
    pub fn opened(&self) -> Seq {
        self.opened
    }

    pub fn escalated(&self) -> bool {
        self.escalated
    }

    /// A human has been in it at least once.
    pub fn had_agent(&self) -> bool {
        self.last_agent.is_some()
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
