//! One live conversation.
//!
//! Owns: the fold of the log, and who is listening here. Receives: commands and queries of its participants, the store's
//! answers, the responder's text. Sends: frames to sessions, appends to the store, changes to queue and inbox.
//! Ends when: nobody listens and nothing happens for a while, or it was told to. Invariants (domain CONV-1 to CONV-4), and:
//! ACTOR-1 at most one append is in flight; commands that arrive meanwhile wait and go together into the next one.
//! ACTOR-2 nothing is told to anybody before its commit; queries are answered only while nothing is in flight.
//! ACTOR-3 after an append that failed or lost a race the state is forgotten and replayed, and the commands decided again.

mod attach;
mod audience;
mod commit;
mod effects;
mod glance;
mod remote;

pub use attach::{Attach, Cursor, Detach, FetchHistory};
pub use audience::SetTyping;
pub use commit::{CommandError, Execute, Reply};
pub use effects::{QueuePosition, ResumeTurn, StillOwed, StreamText};
pub use remote::FromBus;

use super::hub::Hub;
use super::queue::Source;
use super::session::some_moment_within;
use super::supervisor::{Exited, Supervisor};
use crate::domain::conversation::{Conversation, evolve};
use crate::domain::ids::{ChatbotId, ConversationId, Seq, VisitorId, WorkspaceId};
use crate::domain::queue::Position;
use crate::protocol::codes::{INTERNAL, RESTART};
use crate::protocol::shared::TeamState;
use crate::store::StoreError;
use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use audience::Audience;
use commit::{InFlight, Work};
use glance::Glance;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Work that waits for the present append; past it participants are told to wait (back-pressure).
const MAX_BACKLOG: usize = 512;
/// Events read at once while replaying.
const REPLAY_PAGE: usize = 2_000;
/// Pause before the log is read again after the store failed.
const RELOAD_PAUSE: Duration = Duration::from_millis(500);

pub struct ConversationActor {
    id: ConversationId,
    generation: u64,
    hub: Hub,
    supervisor: Addr<Supervisor>,
    state: Conversation,
    glance: Glance,
    /// False while the log is being read.
    loaded: bool,
    /// Everything up to here was told to those who listen.
    told: Seq,
    in_flight: Option<InFlight>,
    backlog: VecDeque<Work>,
    audience: Audience,
    position: Option<Position>,
    last_team: Option<(TeamState, Option<bool>)>,
    /// Whose conversation this is, as the visitor's socket said; the log knows it only from the first event on.
    announced: Option<(ChatbotId, VisitorId)>,
    /// The turn that the responder was asked last.
    asked: Option<Seq>,
    /// A job worker has claimed the answer to this turn for this node, while the log was being read.
    resume: Option<Seq>,
    /// The visitor's dot as agents were told it last.
    dot: Option<bool>,
    remote: remote::Remote,
    last_active: Instant,
}

/// A chatbot's settings changed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct SettingsChanged(pub ChatbotId);

/// Presence in the team of a workspace changed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct TeamChanged(pub WorkspaceId);

/// The node stops: send the visitor's sockets elsewhere, at some moment within this time.
#[derive(Message)]
#[rtype(result = "()")]
pub struct DrainVisitors {
    pub within: Duration,
}

/// Leave memory. The log keeps everything.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Stop;

/// For tests: panic in the handler, as a bug would.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Crash;

impl ConversationActor {
    pub fn new(id: ConversationId, generation: u64, hub: Hub, supervisor: Addr<Supervisor>) -> Self {
        Self {
            id,
            generation,
            hub,
            supervisor,
            state: Conversation::default(),
            glance: Glance::default(),
            loaded: false,
            told: Seq::ZERO,
            in_flight: None,
            backlog: VecDeque::new(),
            audience: Audience::default(),
            position: None,
            last_team: None,
            announced: None,
            asked: None,
            resume: None,
            dot: None,
            remote: remote::Remote::default(),
            last_active: Instant::now(),
        }
    }

    /// Read the log from where the state ends, then go on with what waits.
    fn load(&mut self, ctx: &mut Context<Self>) {
        self.loaded = false;
        self.begin_read();
        let (store, id, after) = (std::sync::Arc::clone(&self.hub.store), self.id, self.state.seq());
        let read = async move { store.read_after(id, after, REPLAY_PAGE).await };
        ctx.spawn(read.into_actor(self).map(|page, actor, ctx| match page {
            Ok(events) => {
                let full = events.len() == REPLAY_PAGE;
                for event in &events {
                    evolve(&mut actor.state, event);
                    actor.glance.observe(event);
                }
                // What another node or an unknown outcome put into the log is news to those who listen.
                actor.tell_those_behind(&events);
                if full { actor.load(ctx) } else { actor.on_loaded(ctx) }
            }
            Err(error) => {
                tracing::error!(conversation.id = %actor.id, error = ?error, "replay failed");
                actor.refuse_backlog(CommandError::Unavailable);
                if matches!(error, StoreError::Unreadable { .. }) {
                    // Written by a newer version: a node that has it already can go on with these people.
                    actor.audience.close_all(&INTERNAL);
                }
                ctx.run_later(RELOAD_PAUSE, |actor, ctx| actor.load(ctx));
            }
        }));
    }

    fn on_loaded(&mut self, ctx: &mut Context<Self>) {
        self.loaded = true;
        self.join_bus(ctx);
        if std::mem::take(&mut self.remote.untold) {
            let seq = self.state.seq();
            self.publish(|| crate::bus::Message::Tail(seq));
        }
        if self.remote.read_news(self.state.seq()) {
            self.follow_status();
            self.tell_inbox();
        } else {
            self.announce_waiting(Source::Seen);
        }
        self.set_told(self.state.seq());
        self.take_up_turn(ctx);
        self.pump(ctx);
    }

    fn watch_idleness(&mut self, ctx: &mut Context<Self>) {
        let passivate_after = self.hub.settings.passivate_after;
        ctx.run_later(passivate_after, move |actor, ctx| {
            let idle = actor.audience.is_empty()
                && actor.in_flight.is_none()
                && actor.backlog.is_empty()
                && actor.last_active.elapsed() >= passivate_after;
            if idle { ctx.stop() } else { actor.watch_idleness(ctx) }
        });
    }
}

impl Actor for ConversationActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(1_024);
        self.load(ctx);
        self.watch_idleness(ctx);
    }

    fn stopped(&mut self, _: &mut Context<Self>) {
        // Runs on a panic too (STYLE.md, actix fact 2); then participants reconnect and resume from their cursors.
        self.audience.close_all(&INTERNAL);
        self.hub.board.set_visitor_here(self.id, false);
        self.leave_bus();
        let panicked = std::thread::panicking();
        self.supervisor.do_send(Exited { conversation: self.id, generation: self.generation, panicked });
    }
}

impl Handler<Stop> for ConversationActor {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Context<Self>) {
        self.audience.close_all(&RESTART);
        ctx.stop();
    }
}

impl Handler<DrainVisitors> for ConversationActor {
    type Result = ();

    fn handle(&mut self, DrainVisitors { within }: DrainVisitors, ctx: &mut Context<Self>) {
        // What was begun goes on here: a socket's frames that were taken are answered before it is closed.
        ctx.run_later(some_moment_within(within), |actor, _| actor.audience.close_visitors(&RESTART));
    }
}

impl Handler<Crash> for ConversationActor {
    type Result = ();

    fn handle(&mut self, _: Crash, _: &mut Context<Self>) {
        panic!("crash asked for by a test");
    }
}
