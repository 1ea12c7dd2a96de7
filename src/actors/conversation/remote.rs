//! The same conversation on other nodes: what they committed, and what is only true now.
//!
//! Each node has an actor of its own with its own fold; the log decides between them. How events of other nodes and an append in
//! flight go together (ACTOR-1 to ACTOR-3):
//! - While an append is in flight, or the log is being read, events of others wait in `heard`. The state has run ahead of the disk then,
//!   and what others wrote is either before our append (then ours fails with a conflict, and the replay reads theirs) or after it.
//! - When nothing is in flight they are folded in before anything that waits is decided: next seq, fold and tell; lower, known
//!   already; higher, something is missing, and the log is read from where the state ends.
//! - A tail that is told without events only says that there is more to read.

use super::ConversationActor;
use crate::actors::neighbours::Position;
use crate::actors::queue::Source;
use crate::bus::{Fact, FactKey, Message as BusMessage, Topic, TypingBy};
use crate::domain::conversation::{AgentRef, Event, Recorded, evolve};
use crate::domain::ids::{AgentId, Seq};
use crate::protocol::agent::ToAgent;
use crate::protocol::shared::{AiText, Typist};
use crate::protocol::visitor::ToVisitor;
use actix::{AsyncContext, Context, Handler, Message};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Events of others that wait for an append or a read to end; past it they are read from the log.
const MAX_HEARD: usize = 256;

/// What another node says about this conversation.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub enum FromBus {
    Events(Vec<Recorded>),
    /// The log goes at least up to here.
    Tail(Seq),
    Typing {
        by: TypingBy,
        active: bool,
    },
    AiText {
        turn: Seq,
        from: u32,
        text: String,
    },
    /// The visitor came to or left another node.
    VisitorMoved,
    /// Who looks on other nodes changed.
    ViewersMoved,
}

impl FromBus {
    /// `None` for what is not about a conversation.
    pub fn read(message: BusMessage) -> Option<Self> {
        Some(match message {
            BusMessage::Events(events) => Self::Events(events),
            BusMessage::Tail(seq) => Self::Tail(seq),
            BusMessage::Typing { by, active } => Self::Typing { by, active },
            BusMessage::AiText { turn, from, text } => Self::AiText { turn, from, text },
            _ => return None,
        })
    }
}

/// This actor's place among its like on other nodes.
#[derive(Default)]
pub(super) struct Remote {
    joined: Option<(Topic, Arc<Position>)>,
    heard: VecDeque<Vec<Recorded>>,
    /// The log is known to go up to here.
    tail: Seq,
    /// What `tail` was when the read began that is under way.
    tail_at_read: Seq,
    /// What was told when the read began.
    told_at_read: Seq,
    /// The append that failed may be in the log after all, and then nobody has told the others.
    pub(super) untold: bool,
    /// Who of here is stated to look.
    viewers: HashSet<AgentId>,
}

impl Remote {
    /// Whether the read that ends at `seq` brought what another node, or an unknown outcome, put into the log.
    pub(super) fn read_news(&self, seq: Seq) -> bool {
        self.told_at_read > Seq::ZERO && seq > self.told_at_read
    }
}

impl ConversationActor {
    /// Be heard and hear, once it is known whose conversation this is.
    pub(super) fn join_bus(&mut self, ctx: &mut Context<Self>) {
        if !self.hub.bus.is_shared() || self.remote.joined.is_some() {
            return;
        }
        let Some(chatbot) = self.chatbot() else { return };
        let topic = Topic::Conversation(chatbot.workspace, self.id);
        let at = self.hub.neighbours.add(self.id, ctx.address());
        at.set(self.told);
        // What others write until the subscription holds is found by the comparison that follows it.
        self.hub.bus.subscribe(topic);
        self.remote.joined = Some((topic, at));
    }

    pub(super) fn leave_bus(&mut self) {
        let Some((topic, at)) = self.remote.joined.take() else { return };
        if !self.hub.neighbours.remove(self.id, &at) {
            return;
        }
        self.hub.bus.unsubscribe(topic);
        if let Topic::Conversation(workspace, conversation) = topic {
            self.hub.bus.withdraw(FactKey::Visitor(workspace, conversation));
            for agent in self.remote.viewers.drain() {
                self.hub.bus.withdraw(FactKey::Viewer(workspace, conversation, agent));
            }
        }
    }

    pub(super) fn publish(&self, make: impl FnOnce() -> BusMessage) {
        if let Some((topic, _)) = &self.remote.joined {
            self.hub.bus.publish(*topic, make());
        }
    }

    /// Everything up to here was told to those who listen here.
    pub(super) fn set_told(&mut self, seq: Seq) {
        self.told = seq;
        if let Some((_, at)) = &self.remote.joined {
            at.set(seq);
        }
    }

    pub(super) fn begin_read(&mut self) {
        self.remote.tail_at_read = self.remote.tail;
        self.remote.told_at_read = self.told;
    }

    /// Fold in what others committed. Nothing is in flight and nothing is being read here; something may be read afterwards.
    pub(super) fn take_heard(&mut self, ctx: &mut Context<Self>) {
        let mut new: Vec<Recorded> = Vec::new();
        let mut gap = false;
        while let Some(events) = self.remote.heard.pop_front() {
            for recorded in events {
                let next = self.state.seq().next();
                if recorded.seq == next {
                    evolve(&mut self.state, &recorded);
                    self.glance.observe(&recorded);
                    new.push(recorded);
                } else if recorded.seq > next {
                    self.remote.tail = self.remote.tail.max(recorded.seq);
                    gap = true;
                }
            }
        }
        if !new.is_empty() {
            self.tell(&new);
            self.set_told(self.state.seq());
            self.after_others_committed(&new);
        }
        // A tail that the log did not have when it was read is no reason to read it again: it is of another database.
        let behind = self.remote.tail > self.state.seq() && self.remote.tail > self.remote.tail_at_read;
        if gap || behind {
            self.load(ctx);
        }
    }

    /// What follows here from events that another node committed. Queue, inbox and AI hear of it from that node.
    fn after_others_committed(&mut self, events: &[Recorded]) {
        let mut status_moved = false;
        for recorded in events {
            match &recorded.event {
                Event::VisitorWrote { .. } => self.audience.forget_typing_of_visitor(),
                Event::Started { .. } => self.announce_visitor(),
                Event::HandoffRequested { .. }
                | Event::HandedBack { .. }
                | Event::Ended { .. }
                | Event::AgentJoined { .. }
                | Event::HandoffCancelled
                | Event::Transferred { .. }
                | Event::Reopened { .. } => status_moved = true,
                _ => {}
            }
        }
        if status_moved {
            self.follow_status();
        }
    }

    /// The status moved elsewhere, or while nobody told us.
    pub(super) fn follow_status(&mut self) {
        self.glance.handled_millis = None;
        self.announce_waiting(Source::Seen);
        self.tell_team();
    }

    /// State who of this node looks, so that the other nodes know.
    pub(super) fn state_viewers(&mut self, here: &[AgentRef]) {
        let Some((Topic::Conversation(workspace, conversation), _)) = self.remote.joined else { return };
        let now: HashSet<AgentId> = here.iter().map(|agent| agent.id).collect();
        for gone in self.remote.viewers.difference(&now) {
            self.hub.bus.withdraw(FactKey::Viewer(workspace, conversation, *gone));
        }
        for agent in here {
            self.hub.bus.state(Fact::Viewer(workspace, conversation, agent.id, agent.name.clone()));
        }
        self.remote.viewers = now;
    }

    pub(super) fn state_visitor(&self, here: bool) {
        let Some((Topic::Conversation(workspace, conversation), _)) = self.remote.joined else { return };
        if here {
            self.hub.bus.state(Fact::Visitor(workspace, conversation));
        } else {
            self.hub.bus.withdraw(FactKey::Visitor(workspace, conversation));
        }
    }
}

impl Handler<FromBus> for ConversationActor {
    type Result = ();

    fn handle(&mut self, from: FromBus, ctx: &mut Context<Self>) {
        match from {
            FromBus::Events(events) => {
                let last = events.last().map_or(Seq::ZERO, |last| last.seq);
                if self.remote.heard.len() < MAX_HEARD {
                    self.remote.heard.push_back(events);
                } else {
                    self.remote.tail = self.remote.tail.max(last);
                }
                self.pump(ctx);
            }
            FromBus::Tail(seq) => {
                self.remote.tail = self.remote.tail.max(seq);
                self.pump(ctx);
            }
            FromBus::Typing { by: TypingBy::Visitor, active } => self.audience.tell_visitor_typing(self.id, active),
            FromBus::Typing { by: TypingBy::Agent(agent), active } => self.tell_agent_typing(&agent, active),
            FromBus::Typing { by: TypingBy::Ai, active } => self.audience.send_typing(self.id, &Typist::Ai, active),
            FromBus::AiText { turn, from, text } => {
                if self.state.turn() == Some(turn) && self.asked != Some(turn) {
                    let text = AiText { conversation: self.id.0, turn: turn.get(), from, text };
                    self.audience.tell_everyone(&ToVisitor::AiText(text.clone()), &ToAgent::AiText(text));
                }
            }
            FromBus::VisitorMoved => self.tell_dot(),
            FromBus::ViewersMoved => self.tell_viewers(),
        }
    }
}
