//! Joining a conversation's audience: a snapshot, or exactly what was missed.

use super::audience::outcome_frame;
use super::commit::{CommandError, Reply, Work};
use super::{ConversationActor, Execute};
use crate::actors::session::{SessionHandle, SessionId, ToSession, encode};
use crate::domain::conversation::{AgentRef, Command, Recorded, VisitorContext};
use crate::domain::ids::{ChatbotId, Seq, VisitorId};
use crate::protocol::agent::ToAgent;
use crate::protocol::convert::{self, Viewer};
use crate::protocol::visitor::ToVisitor;
use crate::store::StoreError;
use actix::{ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use bytestring::ByteString;
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Missed events up to which a client resumes; past it a snapshot is less to read.
const MAX_RESUME: u64 = 500;
/// Newest events in a snapshot.
const SNAPSHOT_EVENTS: usize = 60;

/// Where a client says it stands.
#[derive(Debug, Clone, Copy)]
pub struct Cursor {
    pub seq: Seq,
    pub epoch: Uuid,
}

/// Listen from now on. The session is sent `snapshot` or `resumed`, then every event after it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Attach {
    pub session: SessionHandle,
    pub viewer: Viewer,
    pub agent: Option<AgentRef>,
    pub cursor: Option<Cursor>,
    /// For a visitor: who it is, because a conversation that has not started does not know.
    pub visitor: Option<(ChatbotId, VisitorId, Arc<VisitorContext>)>,
    /// Answered when the conversation has the request in hand; dropped unanswered when the actor ended before.
    pub taken: oneshot::Sender<()>,
}

/// Listen no more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Detach {
    pub session: SessionId,
}

/// Older events for a listener.
#[derive(Message)]
#[rtype(result = "()")]
pub struct FetchHistory {
    pub session: SessionId,
    pub before: Seq,
    pub limit: usize,
}

impl Attach {
    pub(super) fn refuse(self) {
        let frame = match self.viewer {
            Viewer::Visitor => "hello",
            Viewer::Agent => "open",
        };
        tracing::debug!(frame, "attach refused");
        self.session.send(ToSession::Close(&crate::protocol::codes::INTERNAL));
    }
}

/// What a client that attaches is owed.
enum Opening {
    Resume(Seq),
    Snapshot,
}

impl ConversationActor {
    /// Nothing is in flight here (ACTOR-2), so the state is what is committed.
    pub(super) fn attach(&mut self, attach: Attach, ctx: &mut Context<Self>) {
        let Attach { session, viewer, agent, cursor, visitor, taken } = attach;
        // The session may have gone meanwhile; then its `Detach` follows.
        let _gone = taken.send(());
        let id = session.id;
        self.audience.add(session, viewer, agent);
        if let Some((chatbot, visitor, _)) = &visitor {
            self.announced = Some((chatbot.clone(), *visitor));
        }
        self.join_bus(ctx);
        self.presence_moved(ctx);
        self.send_opening(id, viewer, cursor, ctx);
        if viewer == Viewer::Agent {
            self.tell_viewers();
        }
        if let Some((_, _, context)) = visitor
            && self.state.exists()
        {
            self.backlog
                .push_back(Work::Command(Execute { command: Command::NoteVisitor { context }, reply: Reply::Nobody }));
        }
    }

    fn send_opening(&mut self, id: SessionId, viewer: Viewer, cursor: Option<Cursor>, ctx: &mut Context<Self>) {
        let Some(who) = self.identity().cloned() else {
            let error = Err(CommandError::Refused(crate::domain::conversation::Refusal::NotStarted));
            let frames = outcome_frame(self.id, "open", None, error).into_iter().collect();
            return self.audience.caught_up(id, frames);
        };
        let opening = self.opening_for(cursor);
        let seq = self.state.seq();
        let nothing_to_read = match opening {
            Opening::Resume(after) => after == seq,
            Opening::Snapshot => seq == Seq::ZERO,
        };
        // The state is turned into a snapshot now: once the events are read it may have moved on.
        let snapshot = matches!(opening, Opening::Snapshot)
            .then(|| convert::snapshot(&self.state, (&who.0, who.1), &[], self.hub.store.epoch(), viewer));
        let store = Arc::clone(&self.hub.store);
        let conversation = self.id;
        let read = async move {
            if nothing_to_read {
                return Ok(Vec::new());
            }
            match opening {
                Opening::Resume(after) => {
                    store.read_after(conversation, after, usize::try_from(seq.get() - after.get()).unwrap_or(0)).await
                }
                Opening::Snapshot => store.read_before(conversation, seq.next(), SNAPSHOT_EVENTS).await,
            }
        };
        let finish = move |events: Result<Vec<Recorded>, StoreError>, actor: &mut Self, _: &mut Context<Self>| {
            let events = match events {
                Ok(events) => events,
                Err(error) => {
                    tracing::error!(conversation.id = %actor.id, error = ?error, "reading for a client failed");
                    if let Some(listener) = actor.audience.remove(id) {
                        listener.session.send(ToSession::Close(&crate::protocol::codes::INTERNAL));
                    }
                    return;
                }
            };
            let epoch = actor.hub.store.epoch();
            let entries: Vec<_> = events.iter().map(|event| convert::entry(event, who.1, viewer)).collect();
            let conversation = actor.id.0;
            let first = match (snapshot, viewer) {
                (Some(mut snapshot), viewer) => {
                    snapshot.has_more = entries.first().is_some_and(|entry| entry.seq > 1);
                    snapshot.entries = entries;
                    match viewer {
                        Viewer::Visitor => encode(&ToVisitor::Snapshot { conversation, snapshot }),
                        Viewer::Agent => encode(&ToAgent::Snapshot { conversation, snapshot }),
                    }
                }
                (None, Viewer::Visitor) => encode(&ToVisitor::Resumed { conversation, epoch, entries }),
                (None, Viewer::Agent) => encode(&ToAgent::Resumed { conversation, epoch, entries }),
            };
            let mut frames = vec![first];
            frames.extend(actor.ephemeral_state(viewer));
            actor.audience.caught_up(id, frames);
        };
        if nothing_to_read {
            finish(Ok(Vec::new()), self, ctx);
        } else {
            ctx.spawn(read.into_actor(self).map(finish));
        }
    }

    /// Resume only where it is exact: same database, not from the future, not too far behind (I10).
    fn opening_for(&self, cursor: Option<Cursor>) -> Opening {
        match cursor {
            Some(Cursor { seq, epoch })
                if epoch == self.hub.store.epoch()
                    && seq <= self.state.seq()
                    && self.state.seq().get() - seq.get() <= MAX_RESUME =>
            {
                Opening::Resume(seq)
            }
            _ => Opening::Snapshot,
        }
    }

    /// What is not in the log but true now.
    fn ephemeral_state(&self, viewer: Viewer) -> Vec<ByteString> {
        match viewer {
            Viewer::Visitor => {
                let mut frames = Vec::new();
                if let Some(position) = self.position {
                    let (ahead, eta_seconds) = (position.ahead, position.eta_seconds);
                    frames.push(encode(&ToVisitor::Queue { ahead, eta_seconds }));
                }
                if let Some(chatbot) = self.chatbot() {
                    let team = self.hub.board.team(chatbot.workspace);
                    let assignee_online = self.state.assignee().map(|agent| self.hub.board.agent_online(agent.id));
                    frames.push(encode(&ToVisitor::Team { team, assignee_online }));
                }
                frames
            }
            Viewer::Agent => {
                let online = self.visitor_online();
                vec![encode(&ToAgent::Presence { conversation: self.id.0, online })]
            }
        }
    }

    pub(super) fn fetch_history(&mut self, fetch: FetchHistory, ctx: &mut Context<Self>) {
        let (Some(viewer), Some((_, visitor))) =
            (self.audience.get(fetch.session).map(|listener| listener.viewer), self.state.identity().cloned())
        else {
            return;
        };
        let store = Arc::clone(&self.hub.store);
        let id = self.id;
        let read = async move { store.read_before(id, fetch.before, fetch.limit).await };
        ctx.spawn(read.into_actor(self).map(move |events, actor, _| {
            let Some(listener) = actor.audience.get(fetch.session) else { return };
            let frame = match events {
                Ok(events) => {
                    let has_more = events.first().is_some_and(|event| event.seq.get() > 1);
                    let entries = events.iter().map(|event| convert::entry(event, visitor, viewer)).collect();
                    let conversation = id.0;
                    match viewer {
                        Viewer::Visitor => encode(&ToVisitor::History { conversation, entries, has_more }),
                        Viewer::Agent => encode(&ToAgent::History { conversation, entries, has_more }),
                    }
                }
                Err(error) => {
                    tracing::error!(conversation.id = %id, error = ?error, "reading history failed");
                    match outcome_frame(id, "history", None, Err(CommandError::Unavailable)) {
                        Some(frame) => frame,
                        None => return,
                    }
                }
            };
            listener.session.send(ToSession::Frame(frame));
        }));
    }
}

impl Handler<Attach> for ConversationActor {
    type Result = ();

    fn handle(&mut self, attach: Attach, ctx: &mut Context<Self>) {
        self.enqueue(Work::Attach(attach), ctx);
    }
}

impl Handler<FetchHistory> for ConversationActor {
    type Result = ();

    fn handle(&mut self, fetch: FetchHistory, ctx: &mut Context<Self>) {
        self.enqueue(Work::History(fetch), ctx);
    }
}

impl ConversationActor {
    pub(super) fn detach(&mut self, session: SessionId, ctx: &mut Context<Self>) {
        let gone = self.audience.remove(session);
        // A session that could not take a frame any more is out of the audience before its `Detach` comes; that it is gone is
        // noticed here all the same, or the dot of a visitor who left during a delivery would stay green.
        self.presence_moved(ctx);
        if gone.is_none_or(|gone| gone.viewer == Viewer::Agent) {
            self.tell_viewers();
        }
    }
}

impl Handler<Detach> for ConversationActor {
    type Result = ();

    fn handle(&mut self, Detach { session }: Detach, ctx: &mut Context<Self>) {
        // Through the backlog, so that it can't overtake an `Attach` that still waits there.
        self.enqueue(Work::Detach(session), ctx);
    }
}
