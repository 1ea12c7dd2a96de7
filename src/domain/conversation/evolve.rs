//! Folding one event into the state. Total: every event of the log can be folded, in any state, without a panic.

use super::brief::{BriefBy, Exchanges};
use super::event::{Event, Party, Recorded};
use super::state::{Conversation, Offer, Offered, Phase, Requested};
use crate::domain::ids::{ClientMessageId, Seq};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Which client message it is: the same key and text as another kind is another message (I4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum MessageKind {
    Visitor,
    Agent,
    Note,
    Hint,
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
            state.opened = recorded.seq;
        }
        Event::VisitorSeen { context } => state.context = context.clone(),
        Event::VisitorWrote { key, text } => {
            remember(state, *key, recorded.seq, MessageKind::Visitor, text);
            state.pace.visitor_wrote(text, recorded.at);
            state.exchanges.visitor_wrote(text);
            state.visitor_messages = state.visitor_messages.saturating_add(1);
            state.read_by_visitor = recorded.seq;
            // A new message supersedes the turn that was still unanswered: the AI answers once, to the latest (CONV-2).
            state.turn = match state.phase {
                Phase::Unrequested | Phase::Unassigned { .. } => Some(recorded.seq),
                Phase::Open { .. } | Phase::Ended => None,
            };
        }
        Event::AiAnswered { text, sources, confident, .. } => {
            state.turn = None;
            state.ai_answers = state.ai_answers.saturating_add(1);
            state.last_answer_confident = *confident;
            state.unsure_in_a_row = if *confident { 0 } else { state.unsure_in_a_row.saturating_add(1) };
            state.pace.ai_answered(recorded.at);
            state.exchanges.ai_answered(text, sources, *confident);
        }
        Event::HandoffOffered { reason, .. } => {
            state.turn = None;
            state.offer = Some(Offer { reason: *reason });
            state.offered.note(*reason, state.visitor_messages);
        }
        Event::HandoffDeclined { .. } => {
            state.turn = None;
            state.offer = None;
            state.refused_at = Some(state.visitor_messages);
        }
        Event::HandoffRequested { reason, brief, .. } => {
            state.turn = None;
            state.offer = None;
            state.escalated = true;
            state.requested = Some(Requested { seq: recorded.seq, reason: *reason, brief: Arc::clone(brief) });
            state.phase = Phase::Unassigned { since: recorded.at, reason: *reason };
        }
        Event::HandoffCancelled => {
            state.phase = Phase::Unrequested;
            state.refused_at = Some(state.visitor_messages);
        }
        Event::AgentJoined { agent } | Event::Transferred { to: agent, .. } => {
            state.turn = None;
            state.offer = None;
            state.last_agent = Some(agent.clone());
            // With a human in the chat the AI starts afresh: what it offered and could not answer before is over.
            state.offered = Offered::default();
            state.refused_at = None;
            state.unsure_in_a_row = 0;
            state.pace.human_joined();
            state.exchanges = Exchanges::default();
            state.phase = Phase::Open { agent: agent.clone() };
        }
        Event::AgentWrote { key, agent, text } => {
            remember(state, *key, recorded.seq, MessageKind::Agent, text);
            state.last_agent = Some(agent.clone());
            state.read_by_agent = recorded.seq;
        }
        Event::NoteWritten { key, text, .. } => remember(state, *key, recorded.seq, MessageKind::Note, text),
        Event::HintWhispered { key, text, .. } => remember(state, *key, recorded.seq, MessageKind::Hint, text),
        Event::HandoffSummarised { handoff, summary } => {
            if let Some(requested) = state.requested.as_mut().filter(|requested| requested.seq == *handoff) {
                let brief = Arc::make_mut(&mut requested.brief);
                brief.summary = summary.clone();
                brief.by = BriefBy::Model;
            }
        }
        Event::AiPaused { .. } => state.turn = None,
        Event::HandedBack { .. } => {
            state.turn = None;
            state.phase = Phase::Unrequested;
        }
        Event::Ended { .. } => {
            state.turn = None;
            state.offer = None;
            state.phase = Phase::Ended;
        }
        Event::Reopened { .. } => {
            state.opened = recorded.seq;
            state.phase = Phase::Unrequested;
        }
        Event::ReadUpTo { by, seq } => match by {
            Party::Visitor => state.read_by_visitor = state.read_by_visitor.max(*seq),
            Party::Agent => state.read_by_agent = state.read_by_agent.max(*seq),
        },
    }
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
