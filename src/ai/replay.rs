//! A stored conversation under the settings of now: where a human would be offered, and where one was.
//!
//! What people did stays as it was: the visitor's messages and presses and an agent's part come from the log, in its order and at its
//! times. What the chatbot makes of them is decided anew by the rules of live (`listen`, `answer`, `decide`), on a state of its own, so
//! that an offer that would have been made quiets those after it.

use crate::ai::answer::outcome;
use crate::ai::listen::listen;
use crate::ai::retrieval::KnowledgeIndex;
use crate::domain::conversation::{
    Asked, Assent, Command, Conversation, Event, HandoffReason, HandoffStep, Phase, Recorded, Signals, Status,
    TurnOutcome, decide, evolve,
};
use crate::domain::ids::{ChatbotId, ClientMessageId, Seq, VisitorId};
use crate::domain::settings::ChatbotSettings;
use crate::domain::time::UnixMillis;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Whether the AI knew an answer.
#[derive(Clone, Copy)]
pub enum Answers<'a> {
    /// As the log says; a message that the AI was not asked then stays without an answer.
    AsStored,
    /// As the embedded responder would say from this knowledge.
    Again(&'a KnowledgeIndex),
}

/// A message of the visitor's, or a press of the button.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    pub seq: Seq,
    pub at: UnixMillis,
    pub act: Act,
    /// How the conversation would stand just before.
    pub status: Status,
    pub signals: Signals,
    /// Whether the AI would have answered, and knew what; `None` when it would not, or nobody knows what it would have said.
    pub answered: Option<Knew>,
    pub would: Option<Called>,
    /// What sets `would` off.
    pub why: Option<Why>,
    pub did: Option<Called>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Wrote(String),
    /// "Talk to a human", or "Yes" under an offer.
    Pressed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knew {
    Sure,
    Unsure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Pressed,
    /// A yes to an offer.
    Agreed,
    WantsHuman,
    Frustrated,
    /// The same question once more, after its answer.
    AskedAgain,
    Keyword,
    TurnLimit,
    /// The AI does not know the answer.
    Unsure,
    /// It does not know for the second time in a row.
    UnsureAgain,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pressed => "pressed",
            Self::Agreed => "agreed",
            Self::WantsHuman => "wants_human",
            Self::Frustrated => "frustrated",
            Self::AskedAgain => "asked_again",
            Self::Keyword => "keyword",
            Self::TurnLimit => "turn_limit",
            Self::Unsure => "unsure",
            Self::UnsureAgain => "unsure_again",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Pressed => "the button",
            Self::Agreed => "a yes to the offer",
            Self::WantsHuman => "asks for a human",
            Self::Frustrated => "loses patience",
            Self::AskedAgain => "asks again",
            Self::Keyword => "a keyword",
            Self::TurnLimit => "the turn limit",
            Self::Unsure => "no answer known",
            Self::UnsureAgain => "no answer known again",
        }
    }
}

/// A human was offered, or requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    pub step: HandoffStep,
    pub reason: HandoffReason,
}

/// `log` is a whole conversation, from its start.
pub fn replay(log: &[Recorded], chatbot: &ChatbotId, settings: &ChatbotSettings, answers: Answers<'_>) -> Vec<Moment> {
    let answered_turns: HashSet<Seq> = log.iter().filter_map(|recorded| settled(&recorded.event)).collect();
    let mut then = Conversation::default();
    let mut now = Now { chatbot, settings, answers, state: Conversation::default(), asked: Asked::default() };
    let mut moments: Vec<Moment> = Vec::new();
    for (position, recorded) in log.iter().enumerate() {
        evolve(&mut then, recorded);
        let (seq, at) = (recorded.seq, recorded.at);
        // The rules react in the append of what they react to, right behind it.
        let before = position.checked_sub(1).map(|before| &log[before]);
        let reaction = before.is_some_and(|before| {
            before.at == at && matches!(before.event, Event::VisitorWrote { .. } | Event::AiAnswered { .. })
        });
        match &recorded.event {
            Event::VisitorWrote { text, .. } => {
                let mut moment = now.moment(seq, at, Act::Wrote(text.clone()));
                now.wrote(text, &mut moment);
                let waits = then.turn() == Some(seq) && matches!(then.phase(), Phase::Unrequested);
                let closed = log.get(position + 1).is_some_and(|next| next.at == at && closes(&next.event));
                // One that was overtaken by the next message, or is the last, had no answer; the others had, or would have had.
                if !answered_turns.contains(&seq) && (!waits || closed) {
                    now.settle_anew(at, &mut moment);
                }
                moments.push(moment);
            }
            Event::AiAnswered { text, sources, confident, .. } => {
                let stored = if *confident {
                    TurnOutcome::Answered { text: text.clone(), sources: sources.clone() }
                } else {
                    TurnOutcome::Unsure
                };
                if let Some(moment) = moments.last_mut() {
                    now.settle(stored, at, moment);
                }
            }
            Event::AiPaused { .. } => {
                if let Some(moment) = moments.last_mut() {
                    now.settle(TurnOutcome::Paused, at, moment);
                }
            }
            Event::HandoffOffered { reason, .. } => {
                if let Some(moment) = moments.last_mut() {
                    moment.did = Some(Called { step: HandoffStep::Offered, reason: *reason });
                }
            }
            Event::HandoffRequested { reason, .. } => {
                let did = Called { step: HandoffStep::Requested, reason: *reason };
                match moments.last_mut().filter(|_| reaction && *reason != HandoffReason::Button) {
                    Some(moment) => moment.did = Some(did),
                    None => {
                        let mut moment = now.moment(seq, at, Act::Pressed);
                        moment.did = Some(did);
                        now.pressed(at, &mut moment);
                        moments.push(moment);
                    }
                }
            }
            Event::HandoffDeclined { .. } if reaction => {}
            Event::HandoffDeclined { .. } => now.does(Command::DeclineHandoff, at),
            Event::HandoffCancelled => now.does(Command::CancelHandoff, at),
            // It says nothing to the rules, and its seq is another here.
            Event::HandoffSummarised { .. } => {}
            _ => now.fold(at, recorded.event.clone()),
        }
    }
    moments
}

/// The turn that is over with this event of the AI's.
fn settled(event: &Event) -> Option<Seq> {
    match event {
        Event::AiAnswered { turn, .. } | Event::AiPaused { turn } => Some(*turn),
        _ => None,
    }
}

/// The AI is not asked what this follows.
fn closes(event: &Event) -> bool {
    matches!(event, Event::HandoffOffered { .. } | Event::HandoffDeclined { .. } | Event::HandoffRequested { .. })
}

/// The conversation as it would stand.
struct Now<'a> {
    chatbot: &'a ChatbotId,
    settings: &'a ChatbotSettings,
    answers: Answers<'a>,
    state: Conversation,
    asked: Asked,
}

impl Now<'_> {
    fn moment(&self, seq: Seq, at: UnixMillis, act: Act) -> Moment {
        let (status, signals) = (self.state.status(), Signals::default());
        Moment { seq, at, act, status, signals, answered: None, would: None, why: None, did: None }
    }

    fn wrote(&mut self, text: &str, moment: &mut Moment) {
        moment.signals = listen(&self.state, text, self.settings);
        let command = Command::VisitorPost {
            chatbot: self.chatbot.clone(),
            visitor: self.visitor(),
            context: Arc::new(self.state.context().clone()),
            // Each is another message, whatever keys the log holds.
            key: ClientMessageId(Uuid::from_u128(moment.seq.get().into())),
            text: text.to_owned(),
            signals: moment.signals,
        };
        let agreed = self.state.offer().is_some() && moment.signals.assent == Assent::Yes;
        let frustrated = moment.signals.frustrated;
        self.play(command, moment.at, moment, |reason| match reason {
            _ if agreed => Why::Agreed,
            HandoffReason::Button => Why::Pressed,
            HandoffReason::Words => Why::WantsHuman,
            HandoffReason::Keyword => Why::Keyword,
            HandoffReason::Frustration if frustrated => Why::Frustrated,
            HandoffReason::Frustration => Why::AskedAgain,
            HandoffReason::CannotAnswer => Why::TurnLimit,
        });
    }

    fn pressed(&mut self, at: UnixMillis, moment: &mut Moment) {
        let context = Arc::new(self.state.context().clone());
        let command = Command::RequestHandoff { chatbot: self.chatbot.clone(), visitor: self.visitor(), context };
        self.play(command, at, moment, |_| Why::Pressed);
    }

    /// Settle the open turn, if there is one, as the log or the knowledge says.
    fn settle(&mut self, stored: TurnOutcome, at: UnixMillis, moment: &mut Moment) {
        let outcome = match self.answers {
            Answers::AsStored => stored,
            Answers::Again(knowledge) => self.answer(knowledge),
        };
        self.settle_with(outcome, at, moment);
    }

    /// The same for a message that the AI was not asked then.
    fn settle_anew(&mut self, at: UnixMillis, moment: &mut Moment) {
        if let Answers::Again(knowledge) = self.answers {
            self.settle_with(self.answer(knowledge), at, moment);
        }
    }

    fn settle_with(&mut self, outcome: TurnOutcome, at: UnixMillis, moment: &mut Moment) {
        if let Some(turn) = self.state.turn() {
            self.play(Command::SettleTurn { turn, outcome }, at, moment, |reason| match reason {
                HandoffReason::Frustration => Why::UnsureAgain,
                _ => Why::Unsure,
            });
        }
    }

    fn answer(&self, knowledge: &KnowledgeIndex) -> TurnOutcome {
        outcome(
            knowledge,
            self.asked.question(),
            self.asked.previous_question(),
            self.asked.hints(),
            self.settings.confidence_threshold,
        )
    }

    /// What somebody does beside writing; refused where it makes no sense as things stand here.
    fn does(&mut self, command: Command, at: UnixMillis) {
        for event in decide(&self.state, command, self.settings).unwrap_or_default() {
            self.fold(at, event);
        }
    }

    fn play(&mut self, command: Command, at: UnixMillis, moment: &mut Moment, why: impl Fn(HandoffReason) -> Why) {
        for event in decide(&self.state, command, self.settings).unwrap_or_default() {
            let called = match &event {
                Event::AiAnswered { confident, .. } => {
                    moment.answered = Some(if *confident { Knew::Sure } else { Knew::Unsure });
                    None
                }
                Event::HandoffOffered { reason, .. } => Some((HandoffStep::Offered, *reason)),
                Event::HandoffRequested { reason, .. } => Some((HandoffStep::Requested, *reason)),
                _ => None,
            };
            if let Some((step, reason)) = called {
                moment.would = Some(Called { step, reason });
                moment.why = Some(why(reason));
            }
            self.fold(at, event);
        }
    }

    fn fold(&mut self, at: UnixMillis, event: Event) {
        let recorded = Recorded { seq: self.state.seq().next(), at, event };
        evolve(&mut self.state, &recorded);
        self.asked.observe(&recorded);
    }

    fn visitor(&self) -> VisitorId {
        self.state.identity().map_or(VisitorId(Uuid::nil()), |(_, visitor)| *visitor)
    }
}

#[cfg(test)]
mod tests;
