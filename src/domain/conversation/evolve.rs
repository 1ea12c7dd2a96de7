//! Folding one event into the state. Total: every event of the log can be folded, in any state, without a panic.

use super::event::{Event, Party, Recorded};
use super::state::{Conversation, Offer, Phase};
use crate::domain::ids::{ClientMessageId, Seq};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Visitor messages after a declined offer to which nothing offers again: neither the detectors nor an AI that can't answer.
const SILENT_MESSAGES: u8 = 3;

/// One more than the silent messages, because a message counts itself down before its own answer is settled.
const OFFER_COOLDOWN: u8 = SILENT_MESSAGES + 1;

/// Which client message it is: the same key and text as another kind is another message (I4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum MessageKind {
    Visitor,
    Agent,
    Note,
}

/// Fold one event in. Events arrive in seq order (CONV-1); the caller has checked that.
pub fn evolve(state: &mut Conversation, recorded: &Recorded) {
    state.seq = recorded.seq;
    state.last_at = recorded.at;
    match &recorded.event {
        Event::Started { chatbot, visitor, context } => {
            state.identity = Some((chatbot.clone(), *visitor));
            state.context = context.clone();
            state.started_at = recorded.at;
        }
        Event::VisitorSeen { context } => state.context = context.clone(),
        Event::VisitorWrote { key, text } => {
            remember(state, *key, recorded.seq, MessageKind::Visitor, text);
            state.offer_cooldown = cooldown_after_message(state);
            state.read_by_visitor = recorded.seq;
            // A new message supersedes the turn that was still unanswered: the AI answers once, to the latest (CONV-2).
            state.turn = match state.phase {
                Phase::Unrequested | Phase::Unassigned { .. } => Some(recorded.seq),
                Phase::Open { .. } | Phase::Ended => None,
            };
        }
        Event::AiAnswered { confident, .. } => {
            state.turn = None;
            state.ai_answers = state.ai_answers.saturating_add(1);
            state.last_answer_confident = *confident;
        }
        Event::HandoffOffered { reason, .. } => {
            state.turn = None;
            state.offer = Some(Offer { reason: *reason });
        }
        Event::HandoffDeclined { .. } => {
            state.turn = None;
            state.offer = None;
            state.offer_cooldown = OFFER_COOLDOWN;
        }
        Event::HandoffRequested { reason, .. } => {
            state.turn = None;
            state.offer = None;
            state.escalated = true;
            state.phase = Phase::Unassigned { since: recorded.at, reason: *reason };
        }
        Event::HandoffCancelled => {
            state.phase = Phase::Unrequested;
            state.offer_cooldown = OFFER_COOLDOWN;
        }
        Event::AgentJoined { agent } | Event::Transferred { to: agent, .. } => {
            state.turn = None;
            state.offer = None;
            state.last_agent = Some(agent.clone());
            state.phase = Phase::Open { agent: agent.clone() };
        }
        Event::AgentWrote { key, agent, text } => {
            remember(state, *key, recorded.seq, MessageKind::Agent, text);
            state.last_agent = Some(agent.clone());
            state.read_by_agent = recorded.seq;
        }
        Event::NoteWritten { key, text, .. } => remember(state, *key, recorded.seq, MessageKind::Note, text),
        Event::HandedBack { .. } => {
            state.turn = None;
            state.phase = Phase::Unrequested;
        }
        Event::Ended { .. } => {
            state.turn = None;
            state.offer = None;
            state.phase = Phase::Ended;
        }
        Event::Reopened { .. } => state.phase = Phase::Unrequested,
        Event::ReadUpTo { by, seq } => match by {
            Party::Visitor => state.read_by_visitor = state.read_by_visitor.max(*seq),
            Party::Agent => state.read_by_agent = state.read_by_agent.max(*seq),
        },
    }
}

/// How many messages, that one included, are still without offers once the visitor has written one more.
pub(super) fn cooldown_after_message(state: &Conversation) -> u8 {
    state.offer_cooldown.saturating_sub(1)
}

fn remember(state: &mut Conversation, key: ClientMessageId, seq: Seq, kind: MessageKind, text: &str) {
    state.keys.insert(key, (seq, fingerprint(kind, text)));
}

/// Tells a repeated message from another one under the same key (I4). Compared only inside one process, so the hash need not be stable.
pub(super) fn fingerprint(kind: MessageKind, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    kind.hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}
