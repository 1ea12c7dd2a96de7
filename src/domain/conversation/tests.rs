//! Tables and properties of the state machine. `status` holds the four statuses and who may move them, `triggers` what calls a
//! human, `messages` what enters the log once, `properties` what holds after any sequence of commands.

mod brief;
mod hybrid;
mod messages;
mod pace;
mod properties;
mod status;
mod triggers;

use super::*;
use crate::domain::ids::{AgentId, ChatbotId, ClientMessageId, Seq, VisitorId};
use crate::domain::settings::{ChatbotSettings, HandoffPolicy};
use crate::domain::time::UnixMillis;
use std::sync::Arc;
use uuid::Uuid;

/// A conversation that decides, folds and keeps its log as the actor does, with a clock that moves a second per command.
struct Chat {
    state: Conversation,
    log: Vec<Recorded>,
    settings: ChatbotSettings,
    now: UnixMillis,
    next_key: u128,
}

impl Chat {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// A chatbot whose owner has changed the handoff policy.
    fn with(change: impl FnOnce(&mut HandoffPolicy)) -> Self {
        let mut settings = ChatbotSettings::new("Acme".into());
        change(&mut settings.handoff);
        Self {
            state: Conversation::default(),
            log: Vec::new(),
            settings,
            now: UnixMillis(1_000_000),
            next_key: 1 << 64,
        }
    }

    fn run(&mut self, command: Command) -> Result<Vec<Event>, Refusal> {
        self.now = self.now.plus_millis(1_000);
        let events = decide(&self.state, command, &self.settings)?;
        for event in &events {
            let recorded = Recorded { seq: self.state.seq().next(), at: self.now, event: event.clone() };
            evolve(&mut self.state, &recorded);
            self.log.push(recorded);
        }
        // Briefs have tests of their own; here they would only hide what is compared.
        Ok(events.into_iter().map(without_brief).collect())
    }

    /// Run commands that only prepare the case.
    fn after(mut self, commands: impl IntoIterator<Item = Command>) -> Self {
        for command in commands {
            let shown = format!("{command:?}");
            self.run(command).unwrap_or_else(|refusal| panic!("{shown} refused: {refusal}"));
        }
        self
    }

    fn says(&mut self, text: &str) -> Vec<Event> {
        self.says_meaning(text, Signals::default())
    }

    /// A message in which the detectors read `signals`.
    fn says_meaning(&mut self, text: &str, signals: Signals) -> Vec<Event> {
        self.next_key += 1;
        self.run(post(self.next_key, text, signals)).unwrap()
    }

    fn turn(&self) -> Seq {
        self.state.turn().expect("the AI owes an answer")
    }

    /// The AI's result for the present turn.
    fn ai(&mut self, outcome: TurnOutcome) -> Vec<Event> {
        let turn = self.turn();
        self.run(Command::SettleTurn { turn, outcome }).unwrap()
    }

    fn waiting_text(&self, reason: HandoffReason) -> Event {
        Event::HandoffRequested { reason, text: self.settings.texts.waiting.clone(), brief: Arc::default() }
    }

    fn offer_text(&self, reason: HandoffReason) -> Event {
        Event::HandoffOffered { reason, text: self.settings.texts.offer.clone() }
    }
}

fn without_brief(mut event: Event) -> Event {
    if let Event::HandoffRequested { brief, .. } = &mut event {
        *brief = Arc::default();
    }
    event
}

/// Fold a log from nothing, as a restarted actor does.
fn replay(log: &[Recorded]) -> Conversation {
    let mut state = Conversation::default();
    for recorded in log {
        evolve(&mut state, recorded);
    }
    state
}

fn chatbot() -> ChatbotId {
    "acme".parse().unwrap()
}

fn visitor() -> VisitorId {
    VisitorId(Uuid::from_u128(7))
}

fn key(number: u128) -> ClientMessageId {
    ClientMessageId(Uuid::from_u128(number))
}

fn ada() -> AgentRef {
    AgentRef { id: AgentId(Uuid::from_u128(0xada)), name: "Ada".into() }
}

fn bo() -> AgentRef {
    AgentRef { id: AgentId(Uuid::from_u128(0xb0)), name: "Bo".into() }
}

fn on_page(url: &str) -> VisitorContext {
    VisitorContext { page_url: url.into(), ..VisitorContext::default() }
}

fn post(number: u128, text: &str, signals: Signals) -> Command {
    Command::VisitorPost {
        chatbot: chatbot(),
        visitor: visitor(),
        context: on_page("https://acme.test/").into(),
        key: key(number),
        text: text.into(),
        signals,
    }
}

fn hello() -> Command {
    post(1, "hello", Signals::default())
}

fn press_button() -> Command {
    Command::RequestHandoff { chatbot: chatbot(), visitor: visitor(), context: on_page("https://acme.test/").into() }
}

fn accept(agent: AgentRef) -> Command {
    Command::Accept { agent }
}

fn agent_says(agent: AgentRef, number: u128, text: &str) -> Command {
    Command::AgentPost { agent, key: key(number), text: text.into() }
}

fn note(agent: AgentRef, number: u128, text: &str) -> Command {
    Command::WriteNote { agent, key: key(number), text: text.into() }
}

fn answered(text: &str) -> TurnOutcome {
    TurnOutcome::Answered { text: text.into(), sources: Vec::new() }
}

fn joined(agent: AgentRef) -> Event {
    Event::AgentJoined { agent }
}
