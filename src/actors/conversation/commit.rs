//! From command to commit: decide, append, and only then tell.

use super::attach::{Attach, FetchHistory};
use super::audience::outcome_frame;
use super::{ConversationActor, MAX_BACKLOG};
use crate::actors::session::{SessionHandle, SessionId, ToSession};
use crate::ai::listen::listen;
use crate::domain::conversation::{Command, Event, Recorded, Refusal, decide, evolve};
use crate::domain::ids::{ClientMessageId, Seq};
use crate::domain::settings::ChatbotSettings;
use crate::store::{Append, AppendError, Appended, Busy};
use actix::{AsyncContext, Context, Handler, Message};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Events that one append may hold: what gathered during a flush goes together, but not without end.
const MAX_EVENTS_PER_APPEND: usize = 128;
/// Pause before a full store is asked again.
const BUSY_PAUSE: Duration = Duration::from_millis(2);

/// Carry a command out. The answer goes where `reply` says, after the commit.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Execute {
    pub command: Command,
    pub reply: Reply,
}

/// Where the end of a command is told.
pub enum Reply {
    /// To a socket that listens: `ack` for a message, `refused` with the frame's type otherwise.
    Listener {
        session: SessionId,
        frame: &'static str,
        key: Option<ClientMessageId>,
    },
    /// The same to a socket that does not listen here.
    Session {
        session: SessionHandle,
        frame: &'static str,
        key: Option<ClientMessageId>,
    },
    /// To code on this node.
    Caller(oneshot::Sender<Result<Seq, CommandError>>),
    Nobody,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store can't write now, or too much waits. Nothing was written; the same command may be sent again.
    #[error("the server can't write now")]
    Unavailable,
}

/// What waits for its turn.
pub(super) enum Work {
    Command(Execute),
    Attach(Attach),
    History(FetchHistory),
    Detach(SessionId),
}

/// An append that the store has not answered yet.
pub(super) struct InFlight {
    pub(super) commands: Vec<Decided>,
}

/// A command whose events are in the append, or which was refused on the ground of such events.
pub(super) struct Decided {
    pub(super) command: Command,
    pub(super) reply: Reply,
    pub(super) outcome: Result<Seq, Refusal>,
}

/// The store's answer.
#[derive(Message)]
#[rtype(result = "()")]
struct Ended(Result<Appended, AppendError>);

impl ConversationActor {
    /// Queue work; it is done at once unless an append is in flight.
    pub(super) fn enqueue(&mut self, work: Work, ctx: &mut Context<Self>) {
        let full = self.backlog.len() >= MAX_BACKLOG && !matches!(work, Work::Detach(_));
        if full {
            match work {
                Work::Command(execute) => self.give(execute.reply, Err(CommandError::Unavailable)),
                Work::Attach(attach) => attach.refuse(),
                Work::History(fetch) => self.refuse_history(&fetch),
                Work::Detach(_) => {}
            }
            return;
        }
        self.backlog.push_back(work);
        self.pump(ctx);
    }

    /// Do what waits until something has to be committed first (ACTOR-1, ACTOR-2).
    pub(super) fn pump(&mut self, ctx: &mut Context<Self>) {
        if !self.loaded || self.in_flight.is_some() {
            return;
        }
        self.take_heard(ctx);
        if !self.loaded {
            return;
        }
        self.last_active = Instant::now();
        let mut events: Vec<Recorded> = Vec::new();
        let mut commands: Vec<Decided> = Vec::new();
        let owed_before = self.owed_turn();
        while let Some(work) = self.backlog.pop_front() {
            let Execute { command, reply } = match work {
                Work::Command(execute) => execute,
                query if !events.is_empty() => {
                    self.backlog.push_front(query);
                    break;
                }
                Work::Attach(attach) => {
                    self.attach(attach, ctx);
                    continue;
                }
                Work::History(fetch) => {
                    self.fetch_history(fetch, ctx);
                    continue;
                }
                Work::Detach(session) => {
                    self.detach(session, ctx);
                    continue;
                }
            };
            let outcome = self.decide_and_evolve(&command, &mut events);
            if events.is_empty() {
                self.give(reply, outcome.map_err(CommandError::Refused));
                continue;
            }
            commands.push(Decided { command, reply, outcome });
            if events.len() >= MAX_EVENTS_PER_APPEND {
                break;
            }
        }
        if self.backlog.is_empty() {
            // Most conversations are silent most of the time, and there are many of them.
            self.backlog = VecDeque::new();
        }
        if !events.is_empty() {
            self.in_flight = Some(InFlight { commands });
            let append = self.owe(events, owed_before);
            self.submit(append, ctx);
        }
    }

    /// Decide one command on the state as the forming append leaves it. The seq is that of the message, or of the last event.
    fn decide_and_evolve(&mut self, command: &Command, events: &mut Vec<Recorded>) -> Result<Seq, Refusal> {
        let Some(chatbot) = self.chatbot_for(command) else { return Err(Refusal::NotStarted) };
        let command = self.with_signals(command, &chatbot.settings);
        let at = self.hub.now();
        let mut answer = Seq::ZERO;
        let mut message = None;
        for event in decide(&self.state, command, &chatbot.settings)? {
            let recorded = Recorded { seq: self.state.seq().next(), at, event };
            evolve(&mut self.state, &recorded);
            self.glance.observe(&recorded);
            answer = recorded.seq;
            if matches!(
                recorded.event,
                Event::VisitorWrote { .. }
                    | Event::AgentWrote { .. }
                    | Event::NoteWritten { .. }
                    | Event::HintWhispered { .. }
            ) {
                message = Some(recorded.seq);
            }
            events.push(recorded);
        }
        Ok(message.unwrap_or(answer))
    }

    fn with_signals(&self, command: &Command, settings: &ChatbotSettings) -> Command {
        let mut command = command.clone();
        if let Command::VisitorPost { text, signals, .. } = &mut command {
            *signals = listen(&self.state, text, settings);
        }
        command
    }

    fn submit(&mut self, append: Append, ctx: &mut Context<Self>) {
        let address = ctx.address();
        // At most one append is in flight, so this message never fills the mailbox (ACTOR-1).
        let done = Box::new(move |end| address.do_send(Ended(end)));
        self.offer(append, done, ctx);
    }

    fn offer(&mut self, append: Append, done: crate::store::Completion, ctx: &mut Context<Self>) {
        if let Err(busy) = self.hub.store.append(append, done) {
            let Busy { append, done } = *busy;
            // Back-pressure: commands gather in the backlog until that is full too, and then participants are told.
            ctx.run_later(BUSY_PAUSE, move |actor, ctx| actor.offer(append, done, ctx));
        }
    }

    /// Start again from the log (ACTOR-3), with `commands` decided anew in their old order.
    fn replay(&mut self, commands: Vec<Decided>, ctx: &mut Context<Self>) {
        for decided in commands.into_iter().rev() {
            self.backlog.push_front(Work::Command(Execute { command: decided.command, reply: decided.reply }));
        }
        self.state = crate::domain::conversation::Conversation::default();
        self.glance = super::Glance::default();
        self.load(ctx);
    }

    /// Tell the end of a command.
    fn give(&mut self, reply: Reply, outcome: Result<Seq, CommandError>) {
        match reply {
            Reply::Nobody => {}
            // A caller that went away no longer wants the answer.
            Reply::Caller(sender) => drop(sender.send(outcome)),
            Reply::Listener { session, frame, key } => {
                if let Some(text) = outcome_frame(self.id, frame, key, outcome) {
                    self.audience.send_to(session, text);
                }
            }
            Reply::Session { session, frame, key } => {
                if let Some(text) = outcome_frame(self.id, frame, key, outcome) {
                    session.send(ToSession::Frame(text));
                }
            }
        }
    }

    fn refuse_history(&mut self, fetch: &FetchHistory) {
        if let Some(frame) = outcome_frame(self.id, "history", None, Err(CommandError::Unavailable)) {
            self.audience.send_to(fetch.session, frame);
        }
    }

    pub(super) fn refuse_backlog(&mut self, error: CommandError) {
        for work in std::mem::take(&mut self.backlog) {
            match work {
                Work::Command(execute) => self.give(execute.reply, Err(error.clone())),
                Work::Attach(attach) => attach.refuse(),
                Work::History(fetch) => self.refuse_history(&fetch),
                Work::Detach(session) => drop(self.audience.remove(session)),
            }
        }
    }
}

impl Handler<Execute> for ConversationActor {
    type Result = ();

    fn handle(&mut self, execute: Execute, ctx: &mut Context<Self>) {
        self.enqueue(Work::Command(execute), ctx);
    }
}

impl Handler<Ended> for ConversationActor {
    type Result = ();

    fn handle(&mut self, Ended(end): Ended, ctx: &mut Context<Self>) {
        let Some(InFlight { commands }) = self.in_flight.take() else { return };
        match end {
            Ok(Appended { events }) => {
                self.tell(&events);
                self.set_told(self.state.seq());
                self.join_bus(ctx);
                self.publish(|| crate::bus::Message::Events(events.clone()));
                for decided in commands {
                    self.give(decided.reply, decided.outcome.map_err(CommandError::Refused));
                }
                self.after_commit(&events, ctx);
                self.pump(ctx);
            }
            Err(AppendError::Conflict { actual }) => {
                tracing::info!(conversation.id = %self.id, actual = actual.get(), "lost a race for the log; replaying");
                self.replay(commands, ctx);
            }
            Err(AppendError::Failed(error)) => {
                // Whether it was written is unknown: whoever sends again with the same key finds out.
                tracing::error!(conversation.id = %self.id, error = ?error, "append failed; replaying");
                for decided in commands {
                    self.give(decided.reply, Err(CommandError::Unavailable));
                }
                self.remote.untold = true;
                self.replay(Vec::new(), ctx);
            }
        }
    }
}

/// A chatbot as it stands at a command.
pub(super) type ChatbotNow = Arc<crate::directory::Chatbot>;
