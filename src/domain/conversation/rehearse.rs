//! What one message would set off in a fresh conversation: the same rules as live, on a state that nobody keeps.

use super::{Command, Conversation, Event, HandoffReason, Recorded, Signals, Source, TurnOutcome, decide, evolve};
use crate::domain::ids::{ChatbotId, ClientMessageId, VisitorId};
use crate::domain::settings::ChatbotSettings;
use crate::domain::time::UnixMillis;
use std::sync::Arc;
use uuid::Uuid;

/// What the visitor would see.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rehearsal {
    /// What the AI would say; `None` when it would not be asked.
    pub said: Option<Said>,
    pub handoff: Option<WouldHandOff>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub text: String,
    pub sources: Vec<Source>,
    pub confident: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WouldHandOff {
    pub step: HandoffStep,
    pub reason: HandoffReason,
    /// The offer, or the waiting message.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoffStep {
    Offered,
    Requested,
}

/// `answer` is what the responder has for the message, whether or not it would be asked.
pub fn rehearse(
    chatbot: &ChatbotId,
    text: &str,
    signals: Signals,
    answer: TurnOutcome,
    settings: &ChatbotSettings,
) -> Rehearsal {
    let mut state = Conversation::default();
    let mut rehearsal = Rehearsal::default();
    let post = Command::VisitorPost {
        chatbot: chatbot.clone(),
        visitor: VisitorId(Uuid::nil()),
        context: Arc::default(),
        key: ClientMessageId(Uuid::nil()),
        text: text.to_owned(),
        signals,
    };
    play(&mut state, post, settings, &mut rehearsal);
    if let Some(turn) = state.turn() {
        play(&mut state, Command::SettleTurn { turn, outcome: answer }, settings, &mut rehearsal);
    }
    rehearsal
}

/// A refusal (a message of blanks) leaves the rehearsal as it is: nothing would happen.
fn play(state: &mut Conversation, command: Command, settings: &ChatbotSettings, rehearsal: &mut Rehearsal) {
    for event in decide(state, command, settings).unwrap_or_default() {
        let recorded = Recorded { seq: state.seq().next(), at: UnixMillis::default(), event };
        evolve(state, &recorded);
        match recorded.event {
            Event::AiAnswered { text, sources, confident, .. } => {
                rehearsal.said = Some(Said { text, sources, confident });
            }
            Event::HandoffOffered { reason, text } => {
                rehearsal.handoff = Some(WouldHandOff { step: HandoffStep::Offered, reason, text });
            }
            Event::HandoffRequested { reason, text, .. } => {
                rehearsal.handoff = Some(WouldHandOff { step: HandoffStep::Requested, reason, text });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Trigger;

    fn tried(signals: Signals, answer: TurnOutcome, change: impl FnOnce(&mut ChatbotSettings)) -> Rehearsal {
        let mut settings = ChatbotSettings::new("Shop".into());
        change(&mut settings);
        rehearse(&"shop".parse().unwrap(), "Hello?", signals, answer, &settings)
    }

    /// The rehearsal follows the settings, because it is `decide` that plays.
    #[test]
    fn a_rehearsal_is_what_would_happen() {
        let wish = Signals { wants_human: true, ..Signals::default() };
        let step = |rehearsal: &Rehearsal| rehearsal.handoff.as_ref().map(|handoff| (handoff.step, handoff.reason));
        let known = || TurnOutcome::Answered { text: "Yes.".into(), sources: Vec::new() };

        let answered = tried(Signals::default(), known(), |_| {});
        assert_eq!(
            (answered.said.map(|said| (said.text, said.confident)), answered.handoff),
            (Some(("Yes.".into(), true)), None)
        );
        let unsure = tried(Signals::default(), TurnOutcome::Unsure, |_| {});
        assert_eq!(step(&unsure), Some((HandoffStep::Offered, HandoffReason::CannotAnswer)));
        assert!(unsure.said.is_some_and(|said| !said.confident));
        assert_eq!(step(&tried(wish, known(), |_| {})), Some((HandoffStep::Offered, HandoffReason::Words)));
        let at_once = tried(wish, known(), |settings| settings.handoff.on_words = Trigger::AtOnce);
        assert_eq!(step(&at_once), Some((HandoffStep::Requested, HandoffReason::Words)));
        let disabled = tried(wish, TurnOutcome::Unsure, |settings| settings.handoff.enabled = false);
        assert!(disabled.handoff.is_none() && disabled.said.is_some());
    }
}
