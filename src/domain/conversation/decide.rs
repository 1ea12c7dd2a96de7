//! The rules: which events a command makes in a given state. Pure; the clock and the settings are arguments.

use super::brief::BriefBy;
use super::command::{Assent, Command, Refusal, Signals, TurnOutcome};
use super::event::{AgentRef, Event, HandoffReason, Party, VisitorContext};
use super::evolve::{MessageKind, fingerprint};
use super::state::{Conversation, Offer, Phase};
use crate::domain::ids::{ChatbotId, ClientMessageId, Seq, VisitorId};
use crate::domain::settings::{ChatbotSettings, HandoffPolicy, Trigger};
use std::sync::Arc;

/// Longest message, in characters (Unicode scalar values).
pub(super) const MAX_MESSAGE_CHARS: usize = 8_000;

/// The events that `command` makes, in order and never empty, or why it is refused.
pub fn decide(state: &Conversation, command: Command, settings: &ChatbotSettings) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::VisitorPost { chatbot, visitor, context, key, text, signals } => {
            check_message(state, MessageKind::Visitor, key, &text)?;
            let mut events = start_if_new(state, chatbot, visitor, context);
            if matches!(state.phase, Phase::Ended) {
                events.push(Event::Reopened { by: Party::Visitor });
            }
            let written = events.len();
            react(state, &text, signals, settings, &mut events);
            events.insert(written, Event::VisitorWrote { key, text });
            Ok(events)
        }
        Command::NoteVisitor { context } => {
            require_started(state)?;
            let seen = Arc::unwrap_or_clone(context);
            if state.context == seen { Err(Refusal::NoChange) } else { Ok(vec![Event::VisitorSeen { context: seen }]) }
        }
        Command::RequestHandoff { chatbot, visitor, context } => {
            if !settings.handoff.enabled {
                return Err(Refusal::HandoffDisabled);
            }
            match state.phase {
                Phase::Unassigned { .. } => return Err(Refusal::AlreadyWaiting),
                Phase::Open { .. } => return Err(Refusal::AlreadyWithAgent),
                Phase::Unrequested | Phase::Ended => {}
            }
            let mut events = start_if_new(state, chatbot, visitor, context);
            if matches!(state.phase, Phase::Ended) {
                events.push(Event::Reopened { by: Party::Visitor });
            }
            let reason = state.offer.map_or(HandoffReason::Button, |offer| offer.reason);
            events.push(request(state, None, reason, settings));
            Ok(events)
        }
        Command::DeclineHandoff => match state.offer {
            Some(_) => Ok(vec![decline(settings)]),
            None => Err(Refusal::NothingPending),
        },
        Command::CancelHandoff => match state.phase {
            Phase::Unassigned { .. } => Ok(vec![Event::HandoffCancelled]),
            _ => Err(Refusal::NothingPending),
        },
        Command::SettleTurn { turn, outcome } => settle(state, turn, outcome, settings),
        Command::Accept { agent } => join(state, agent),
        Command::TakeOver { agent } => match &state.phase {
            Phase::Open { agent: from } if from.id != agent.id => {
                Ok(vec![Event::Transferred { from: from.clone(), to: agent }])
            }
            _ => join(state, agent),
        },
        Command::AgentPost { agent, key, text } => {
            check_message(state, MessageKind::Agent, key, &text)?;
            let mut events = match &state.phase {
                Phase::Open { agent: holder } if holder.id == agent.id => Vec::new(),
                _ => join(state, agent.clone())?,
            };
            events.push(Event::AgentWrote { key, agent, text });
            Ok(events)
        }
        Command::WriteNote { agent, key, text } => {
            require_started(state)?;
            check_message(state, MessageKind::Note, key, &text)?;
            Ok(vec![Event::NoteWritten { key, agent, text }])
        }
        Command::Interject { agent, key, text } => {
            require_started(state)?;
            check_message(state, MessageKind::Agent, key, &text)?;
            match &state.phase {
                Phase::Ended => Err(Refusal::AlreadyEnded),
                Phase::Open { agent: holder } if holder.id != agent.id => {
                    Err(Refusal::AlreadyTaken { by: holder.clone() })
                }
                _ => Ok(vec![Event::AgentWrote { key, agent, text }]),
            }
        }
        Command::Whisper { agent, key, text } => {
            require_started(state)?;
            check_message(state, MessageKind::Hint, key, &text)?;
            match &state.phase {
                Phase::Ended => Err(Refusal::AlreadyEnded),
                Phase::Open { .. } => Err(Refusal::AlreadyWithAgent),
                Phase::Unrequested | Phase::Unassigned { .. } => Ok(vec![Event::HintWhispered { key, agent, text }]),
            }
        }
        Command::Summarise { handoff, summary } => match state.requested() {
            Some(requested) if requested.seq == handoff && requested.brief.by == BriefBy::Embedded => {
                Ok(vec![Event::HandoffSummarised { handoff, summary }])
            }
            _ => Err(Refusal::NoChange),
        },
        Command::HandBack { agent } => {
            require_holder(state, &agent)?;
            Ok(vec![Event::HandedBack { agent }])
        }
        Command::Transfer { agent, to } => {
            require_holder(state, &agent)?;
            if agent.id == to.id { Err(Refusal::NoChange) } else { Ok(vec![Event::Transferred { from: agent, to }]) }
        }
        Command::EndByAgent { agent } => {
            require_started(state)?;
            match &state.phase {
                Phase::Ended => Err(Refusal::AlreadyEnded),
                Phase::Open { agent: holder } if holder.id != agent.id => Err(Refusal::NotAssignee),
                _ => Ok(vec![Event::Ended { by: Party::Agent, text: settings.texts.closing.clone() }]),
            }
        }
        Command::EndByVisitor => {
            require_started(state)?;
            match state.phase {
                Phase::Ended => Err(Refusal::AlreadyEnded),
                _ => Ok(vec![Event::Ended { by: Party::Visitor, text: settings.texts.closing.clone() }]),
            }
        }
        Command::MarkRead { by, seq } => {
            require_started(state)?;
            let seq = seq.min(state.seq);
            if seq > state.read_up_to(by) { Ok(vec![Event::ReadUpTo { by, seq }]) } else { Err(Refusal::NoChange) }
        }
    }
}

/// What a visitor's message sets off beside itself. The AI's turn is opened by `evolve`; an event pushed here closes it again.
fn react(state: &Conversation, text: &str, signals: Signals, settings: &ChatbotSettings, events: &mut Vec<Event>) {
    let policy = &settings.handoff;
    let calls_possible = policy.enabled && matches!(state.phase, Phase::Unrequested | Phase::Ended);
    if !calls_possible {
        return;
    }
    if let Some(Offer { reason }) = state.offer {
        match signals.assent {
            Assent::Yes => return events.push(request(state, Some(text), reason, settings)),
            Assent::No => return events.push(decline(settings)),
            Assent::Neither => {}
        }
    }
    let impatient = signals.frustrated || state.pace.asks_again(text);
    let wishes = [
        (signals.keyword, policy.on_keywords, HandoffReason::Keyword),
        (signals.wants_human, policy.on_words, HandoffReason::Words),
        (impatient, policy.on_frustration, HandoffReason::Frustration),
        (turn_limit_reached(state, policy), policy.on_cannot_answer, HandoffReason::CannotAnswer),
    ];
    let coming = Coming { text: Some(text), number: state.visitor_messages.saturating_add(1) };
    events.extend(first_raised(state, &wishes, coming, settings));
}

/// The visitor message that wishes come with: its number, and its text while it is not folded in yet.
#[derive(Clone, Copy)]
struct Coming<'a> {
    text: Option<&'a str>,
    number: u32,
}

/// The first wish that calls somebody counts: one that the owner has switched off, or that was offered a moment ago, must not
/// hide the next.
fn first_raised(
    state: &Conversation,
    wishes: &[(bool, Trigger, HandoffReason)],
    message: Coming<'_>,
    settings: &ChatbotSettings,
) -> Option<Event> {
    let present = wishes.iter().filter(|(present, ..)| *present);
    present.copied().find_map(|(_, trigger, reason)| raise(state, trigger, reason, message, settings))
}

/// An offer or a request, as the trigger says. A "no" silences offers for a while, and an offer the same reason, so that it never
/// nags; whoever asks in words is always heard.
fn raise(
    state: &Conversation,
    trigger: Trigger,
    reason: HandoffReason,
    message: Coming<'_>,
    settings: &ChatbotSettings,
) -> Option<Event> {
    let in_words = reason == HandoffReason::Words;
    let lately =
        |at: Option<u32>| at.is_some_and(|at| message.number.saturating_sub(at) <= settings.handoff.quiet_messages);
    let quiet = !in_words && (lately(state.refused_at) || lately(state.offered.last(reason)));
    match trigger {
        Trigger::Off => None,
        Trigger::AtOnce => Some(request(state, message.text, reason, settings)),
        Trigger::AskFirst if state.offer.is_some() && in_words => Some(request(state, message.text, reason, settings)),
        Trigger::AskFirst if quiet => None,
        Trigger::AskFirst => Some(Event::HandoffOffered { reason, text: settings.texts.offer.clone() }),
    }
}

fn settle(
    state: &Conversation,
    turn: Seq,
    outcome: TurnOutcome,
    settings: &ChatbotSettings,
) -> Result<Vec<Event>, Refusal> {
    let policy = &settings.handoff;
    let silent = matches!(state.phase, Phase::Unassigned { .. }) && !policy.ai_answers_while_waiting;
    if state.turn != Some(turn) || silent {
        return Err(Refusal::TurnOver { turn });
    }
    if state.looping() {
        return Ok(vec![Event::AiPaused { turn }]);
    }
    let answer = |text: String, sources, confident| Event::AiAnswered { turn, text, sources, confident };
    let mut events = match outcome {
        TurnOutcome::Answered { text, sources } => return Ok(vec![answer(text, sources, true)]),
        TurnOutcome::Paused => return Ok(vec![Event::AiPaused { turn }]),
        TurnOutcome::Unsure => vec![answer(settings.texts.unsure.clone(), Vec::new(), false)],
        TurnOutcome::Failed => vec![answer(settings.texts.failed.clone(), Vec::new(), false)],
    };
    if policy.enabled && matches!(state.phase, Phase::Unrequested) {
        // An offer that stands is not made again, whatever its reason; "at once" does not wait for its answer.
        let unless_asked = |trigger| state.offer.is_none() || trigger == Trigger::AtOnce;
        let wishes = [
            (unless_asked(policy.on_cannot_answer), policy.on_cannot_answer, HandoffReason::CannotAnswer),
            (
                state.unsure_in_a_row > 0 && unless_asked(policy.on_frustration),
                policy.on_frustration,
                HandoffReason::Frustration,
            ),
        ];
        let answered = Coming { text: None, number: state.visitor_messages };
        events.extend(first_raised(state, &wishes, answered, settings));
    }
    Ok(events)
}

fn turn_limit_reached(state: &Conversation, policy: &HandoffPolicy) -> bool {
    policy.turn_limit.is_some_and(|limit| state.ai_answers >= limit)
}

/// The request, with the brief as of now. `message` comes with it and is not folded in yet.
fn request(state: &Conversation, message: Option<&str>, reason: HandoffReason, settings: &ChatbotSettings) -> Event {
    let browser = state.context.language.split(['-', '_', ',', ';']).next().unwrap_or_default();
    let brief = Arc::new(state.exchanges.brief(message, browser));
    Event::HandoffRequested { reason, text: settings.texts.waiting.clone(), brief }
}

fn decline(settings: &ChatbotSettings) -> Event {
    Event::HandoffDeclined { text: settings.texts.declined.clone() }
}

fn start_if_new(
    state: &Conversation,
    chatbot: ChatbotId,
    visitor: VisitorId,
    context: Arc<VisitorContext>,
) -> Vec<Event> {
    if state.exists() {
        return Vec::new();
    }
    vec![Event::Started { chatbot, visitor, context: Arc::unwrap_or_clone(context) }]
}

/// Accept, or start directly. CONV-4: never out of another agent's hands.
fn join(state: &Conversation, agent: AgentRef) -> Result<Vec<Event>, Refusal> {
    require_started(state)?;
    match &state.phase {
        Phase::Unrequested | Phase::Unassigned { .. } => Ok(vec![Event::AgentJoined { agent }]),
        Phase::Open { agent: holder } if holder.id == agent.id => Err(Refusal::NoChange),
        Phase::Open { agent: holder } => Err(Refusal::AlreadyTaken { by: holder.clone() }),
        Phase::Ended => Ok(vec![Event::Reopened { by: Party::Agent }, Event::AgentJoined { agent }]),
    }
}

fn require_started(state: &Conversation) -> Result<(), Refusal> {
    if state.exists() { Ok(()) } else { Err(Refusal::NotStarted) }
}

fn require_holder(state: &Conversation, agent: &AgentRef) -> Result<(), Refusal> {
    require_started(state)?;
    match &state.phase {
        Phase::Open { agent: holder } if holder.id == agent.id => Ok(()),
        _ => Err(Refusal::NotAssignee),
    }
}

fn check_message(state: &Conversation, kind: MessageKind, key: ClientMessageId, text: &str) -> Result<(), Refusal> {
    if let Some((seq, earlier)) = state.keys.get(&key) {
        let same = *earlier == fingerprint(kind, text);
        return Err(if same { Refusal::Duplicate { seq: *seq } } else { Refusal::KeyReused });
    }
    if text.trim().is_empty() {
        return Err(Refusal::EmptyMessage);
    }
    // Bytes bound characters from above, so short messages are never counted.
    if text.len() > MAX_MESSAGE_CHARS && text.chars().count() > MAX_MESSAGE_CHARS {
        return Err(Refusal::TooLong { limit: MAX_MESSAGE_CHARS });
    }
    Ok(())
}
