//! Domain ⇄ wire, by hand: the wire changes when we say so, not when a domain type does.

use super::agent::Availability;
use super::codes::RefusalCode;
use super::shared::*;
use crate::domain::conversation::{
    self as domain, AgentRef, Conversation, Event, HandoffReason, Party, Recorded, Refusal, Status,
};
use crate::domain::ids::{ChatbotId, Seq, VisitorId};
use crate::domain::settings::{ButtonRule, ChatbotSettings, LauncherPosition};
use crate::domain::time::UnixMillis;
use crate::store::AvailabilityRecord;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Whose eyes an entry is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    Visitor,
    Agent,
}

/// Whether both roles get the same bytes, so that a frame is encoded once for all.
pub fn same_for_everyone(event: &Event) -> bool {
    !for_the_team(event) && !matches!(event, Event::HandoffRequested { .. })
}

/// What no visitor may see: a note, what is known of them, what is said about them.
fn for_the_team(event: &Event) -> bool {
    matches!(
        event,
        Event::VisitorSeen { .. }
            | Event::NoteWritten { .. }
            | Event::HintWhispered { .. }
            | Event::HandoffSummarised { .. }
    )
}

/// The entry as `viewer` may see it. `visitor` is who the conversation is with.
pub fn entry(recorded: &Recorded, visitor: VisitorId, viewer: Viewer) -> LogEntry {
    LogEntry { seq: recorded.seq.get(), at: recorded.at.0, event: log_event(recorded, visitor, viewer) }
}

fn log_event(recorded: &Recorded, visitor: VisitorId, viewer: Viewer) -> LogEvent {
    match &recorded.event {
        hidden if viewer == Viewer::Visitor && for_the_team(hidden) => LogEvent::Hidden,
        Event::Started { .. } => LogEvent::Started,
        Event::VisitorSeen { context } => LogEvent::VisitorSeen { visitor: visitor_view(visitor, context) },
        Event::VisitorWrote { key, text } => LogEvent::VisitorMessage { key: key.0, text: text.clone() },
        Event::AiAnswered { turn, text, sources, confident } => LogEvent::AiMessage {
            turn: turn.get(),
            text: text.clone(),
            sources: source_views(sources),
            confident: *confident,
        },
        Event::HandoffOffered { reason: why, text } => {
            LogEvent::HandoffOffered { reason: reason(*why), text: text.clone() }
        }
        Event::HandoffDeclined { text } => LogEvent::HandoffDeclined { text: text.clone() },
        Event::HandoffRequested { reason: why, text, brief } => LogEvent::HandoffRequested {
            reason: reason(*why),
            text: text.clone(),
            brief: (viewer == Viewer::Agent).then(|| Box::new(brief_view(recorded.seq, *why, brief))),
        },
        Event::HandoffCancelled => LogEvent::HandoffCancelled,
        Event::AgentJoined { agent } => LogEvent::AgentJoined { agent: agent_view(agent) },
        Event::AgentWrote { key, agent, text } => {
            LogEvent::AgentMessage { key: key.0, agent: agent_view(agent), text: text.clone() }
        }
        Event::NoteWritten { key, agent, text } => {
            LogEvent::Note { key: key.0, agent: agent_view(agent), text: text.clone() }
        }
        Event::HintWhispered { key, agent, text } => {
            LogEvent::Hint { key: key.0, agent: agent_view(agent), text: text.clone() }
        }
        Event::HandoffSummarised { handoff, summary } => {
            LogEvent::HandoffSummarised { handoff: handoff.get(), summary: summary.clone() }
        }
        Event::AiPaused { turn } => LogEvent::AiPaused { turn: turn.get() },
        Event::HandedBack { agent } => LogEvent::HandedBack { agent: agent_view(agent) },
        Event::Transferred { from, to } => LogEvent::Transferred { from: agent_view(from), to: agent_view(to) },
        Event::Ended { by, text } => LogEvent::Ended { by: side(*by), text: text.clone() },
        Event::Reopened { by } => LogEvent::Reopened { by: side(*by) },
        Event::ReadUpTo { by, seq } => LogEvent::Read { by: side(*by), seq: seq.get() },
    }
}

/// The state as `viewer` may see it, with `events` as its newest entries. `chatbot` and `visitor` are named apart because a
/// conversation that has not started has none.
pub fn snapshot(
    state: &Conversation,
    (chatbot, visitor): (&ChatbotId, VisitorId),
    events: &[Recorded],
    epoch: Uuid,
    viewer: Viewer,
) -> Snapshot {
    Snapshot {
        seq: state.seq().get(),
        epoch,
        status: status(state.status()),
        assignee: state.assignee().map(agent_view),
        waiting_since: state.waiting_since().map(|UnixMillis(at)| at),
        offer: state.offer().map(|offer| reason(offer.reason)),
        escalated: state.escalated(),
        ai_answers: state.ai_answers(),
        last_answer_confident: state.last_answer_confident(),
        turn: state.turn().map(|seq| seq.get()),
        read_by_visitor: state.read_up_to(Party::Visitor).get(),
        read_by_agent: state.read_up_to(Party::Agent).get(),
        entries: events.iter().map(|recorded| entry(recorded, visitor, viewer)).collect(),
        has_more: events.first().is_some_and(|first| first.seq.get() > 1),
        visitor: (viewer == Viewer::Agent).then(|| visitor_view(visitor, state.context())),
        brief: state.requested().filter(|_| viewer == Viewer::Agent).map(|requested| {
            let domain::Requested { seq, reason, brief } = requested;
            Box::new(brief_view(*seq, *reason, brief))
        }),
        chatbot: chatbot.to_string(),
    }
}

pub fn public_chatbot(id: &ChatbotId, settings: &ChatbotSettings) -> PublicChatbot {
    PublicChatbot {
        id: id.to_string(),
        name: settings.name.clone(),
        brand_color: settings.appearance.brand_color.clone(),
        position: match settings.appearance.position {
            LauncherPosition::BottomRight => Position::BottomRight,
            LauncherPosition::BottomLeft => Position::BottomLeft,
        },
        greeting: settings.appearance.greeting.clone(),
        starters: settings.appearance.starters.clone(),
        handoff_enabled: settings.handoff.enabled,
        handoff_starter: settings.handoff.starter,
        handoff_button: match settings.handoff.button {
            ButtonRule::Always => Button::Always,
            ButtonRule::AfterAnswers(count) => Button::AfterAnswers { count },
            ButtonRule::WhenUnsure => Button::WhenUnsure,
            ButtonRule::Never => Button::Never,
        },
    }
}

pub fn agent_view(agent: &AgentRef) -> AgentView {
    AgentView { id: agent.id.0, name: agent.name.clone() }
}

pub fn status(status: Status) -> StatusName {
    match status {
        Status::Unrequested => StatusName::Unrequested,
        Status::Unassigned => StatusName::Unassigned,
        Status::Open => StatusName::Open,
        Status::Ended => StatusName::Ended,
    }
}

pub fn availability(chosen: AvailabilityRecord) -> Availability {
    match chosen {
        AvailabilityRecord::Online => Availability::Online,
        AvailabilityRecord::Away => Availability::Away,
        AvailabilityRecord::Offline => Availability::Offline,
    }
}

pub fn availability_record(availability: Availability) -> AvailabilityRecord {
    match availability {
        Availability::Online => AvailabilityRecord::Online,
        Availability::Away => AvailabilityRecord::Away,
        Availability::Offline => AvailabilityRecord::Offline,
    }
}

/// "Visitor 4821": stable for a visitor, short enough to say aloud.
pub fn visitor_name(visitor: VisitorId) -> String {
    let bytes = visitor.0.as_bytes();
    format!("Visitor {}", 1000 + u16::from_be_bytes([bytes[14], bytes[15]]) % 9000)
}

/// The code and, for a lost race, the winner.
pub fn refusal(refusal: &Refusal) -> (RefusalCode, Option<AgentView>) {
    let code = match refusal {
        Refusal::Duplicate { .. } | Refusal::NoChange => RefusalCode::NoChange,
        Refusal::KeyReused => RefusalCode::KeyReused,
        Refusal::NotStarted => RefusalCode::NotStarted,
        Refusal::EmptyMessage => RefusalCode::EmptyMessage,
        Refusal::TooLong { .. } => RefusalCode::TooLong,
        Refusal::HandoffDisabled => RefusalCode::HandoffDisabled,
        Refusal::AlreadyWaiting => RefusalCode::AlreadyWaiting,
        Refusal::AlreadyWithAgent => RefusalCode::AlreadyWithAgent,
        Refusal::NothingPending | Refusal::TurnOver { .. } => RefusalCode::NothingPending,
        Refusal::AlreadyTaken { by } => return (RefusalCode::AlreadyTaken, Some(agent_view(by))),
        Refusal::NotAssignee => RefusalCode::NotAssignee,
        Refusal::AlreadyEnded => RefusalCode::AlreadyEnded,
    };
    (code, None)
}

fn visitor_view(id: VisitorId, context: &domain::VisitorContext) -> VisitorView {
    VisitorView {
        id: id.0,
        name: visitor_name(id),
        page_url: context.page_url.clone(),
        page_title: context.page_title.clone(),
        referrer: context.referrer.clone(),
        language: context.language.clone(),
        user_agent: context.user_agent.clone(),
        ip: context.ip.clone(),
        country: context.country.clone(),
    }
}

fn source_views(sources: &[domain::Source]) -> Vec<SourceView> {
    sources.iter().map(|source| SourceView { title: source.title.clone(), url: source.url.clone() }).collect()
}

fn brief_view(handoff: Seq, why: HandoffReason, brief: &domain::HandoffBrief) -> HandoffBrief {
    let tried = brief.tried.iter().map(|tried| TriedView {
        question: tried.question.clone(),
        answer: tried.answer.clone(),
        sources: source_views(&tried.sources),
        confident: tried.confident,
    });
    HandoffBrief {
        handoff: handoff.get(),
        reason: reason(why),
        language: brief.language.clone(),
        asked: brief.asked.clone(),
        tried: tried.collect(),
        summary: brief.summary.clone(),
        by: match brief.by {
            domain::BriefBy::Embedded => BriefBy::Embedded,
            domain::BriefBy::Model => BriefBy::Model,
        },
    }
}

fn reason(reason: HandoffReason) -> Reason {
    match reason {
        HandoffReason::Button => Reason::Button,
        HandoffReason::Words => Reason::Words,
        HandoffReason::Frustration => Reason::Frustration,
        HandoffReason::Keyword => Reason::Keyword,
        HandoffReason::CannotAnswer => Reason::CannotAnswer,
    }
}

fn side(party: Party) -> Side {
    match party {
        Party::Visitor => Side::Visitor,
        Party::Agent => Side::Agent,
    }
}
