//! The rules: which events a command makes in a given state. Pure; the clock and the settings are arguments.

use super::command::{Assent, Command, Refusal, Signals, TurnOutcome};
use super::event::{AgentRef, Event, HandoffReason, Party, VisitorContext};
use super::evolve::{MessageKind, cooldown_after_message, fingerprint};
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
            events.push(Event::VisitorWrote { key, text });
            react(state, signals, settings, &mut events);
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
            events.push(request(reason, settings));
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
fn react(state: &Conversation, signals: Signals, settings: &ChatbotSettings, events: &mut Vec<Event>) {
    let policy = &settings.handoff;
    let calls_possible = policy.enabled && matches!(state.phase, Phase::Unrequested | Phase::Ended);
    if !calls_possible {
        return;
    }
    if let Some(Offer { reason }) = state.offer {
        match signals.assent {
            Assent::Yes => return events.push(request(reason, settings)),
            Assent::No => return events.push(decline(settings)),
            Assent::Neither => {}
        }
    }
    if signals.keyword {
        return events.push(request(HandoffReason::Keyword, settings));
    }
    let wishes = [
        (signals.wants_human, policy.on_words, HandoffReason::Words),
        (signals.frustrated, policy.on_frustration, HandoffReason::Frustration),
        (turn_limit_reached(state, policy), policy.on_cannot_answer, HandoffReason::CannotAnswer),
    ];
    // The first wish that calls somebody counts: one that the owner has switched off must not hide the next.
    let cooldown = cooldown_after_message(state);
    let raised = wishes
        .into_iter()
        .filter(|(present, ..)| *present)
        .find_map(|(_, trigger, reason)| raise(state, trigger, reason, cooldown, settings));
    events.extend(raised);
}

/// An offer or a request, as the trigger says. A "no" silences offers for a while, except when the visitor asks in words.
fn raise(
    state: &Conversation,
    trigger: Trigger,
    reason: HandoffReason,
    cooldown: u8,
    settings: &ChatbotSettings,
) -> Option<Event> {
    match trigger {
        Trigger::Off => None,
        Trigger::AtOnce => Some(request(reason, settings)),
        Trigger::AskFirst if state.offer.is_some() && reason == HandoffReason::Words => Some(request(reason, settings)),
        Trigger::AskFirst if cooldown > 0 && reason != HandoffReason::Words => None,
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
    let answer = |text: String, sources, confident| Event::AiAnswered { turn, text, sources, confident };
    let mut events = match outcome {
        TurnOutcome::Answered { text, sources } => return Ok(vec![answer(text, sources, true)]),
        TurnOutcome::Unsure => vec![answer(settings.texts.unsure.clone(), Vec::new(), false)],
        TurnOutcome::Failed => vec![answer(settings.texts.failed.clone(), Vec::new(), false)],
    };
    let already_asked = state.offer.is_some() && policy.on_cannot_answer == Trigger::AskFirst;
    if policy.enabled && matches!(state.phase, Phase::Unrequested) && !already_asked {
        let trigger = policy.on_cannot_answer;
        events.extend(raise(state, trigger, HandoffReason::CannotAnswer, state.offer_cooldown, settings));
    }
    Ok(events)
}

fn turn_limit_reached(state: &Conversation, policy: &HandoffPolicy) -> bool {
    policy.turn_limit.is_some_and(|limit| state.ai_answers >= limit)
}

fn request(reason: HandoffReason, settings: &ChatbotSettings) -> Event {
    Event::HandoffRequested { reason, text: settings.texts.waiting.clone() }
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
