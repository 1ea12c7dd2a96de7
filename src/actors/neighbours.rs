//! Where what other nodes say goes: to the conversation that it is about, if it is in memory here, and to the actors there is one of
//! per node. Runs on the thread of the bus, so nothing here waits.

use super::cluster::{Heard, Missed};
use super::conversation::{ConversationActor, FromBus};
use super::hub::{Hub, Shared};
use super::inbox::{DotMoved, RowsChanged};
use super::queue::{AgentElsewhere, Handled, Left, LinksRevoked, SignedOut, Source, Waiting};
use crate::bus::{Change, Fact, FactKey, Incoming, Message, Topic};
use crate::domain::ids::{ConversationId, Seq, WorkspaceId};
use actix::Addr;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// A conversation in memory, for those who look at all of them at once.
struct Living {
    address: Addr<ConversationActor>,
    at: Arc<Position>,
}

/// How far a conversation's actor has told its log. Written by the actor, read by the tail check.
#[derive(Debug, Default)]
pub struct Position(AtomicU64);

impl Position {
    pub fn set(&self, seq: Seq) {
        self.0.store(seq.get(), Ordering::Relaxed);
    }

    fn get(&self) -> Seq {
        Seq(self.0.load(Ordering::Relaxed))
    }
}

#[derive(Default)]
pub struct Neighbours {
    living: RwLock<HashMap<ConversationId, Living>>,
    /// Conversations that may have missed something.
    doubtful: Mutex<HashSet<ConversationId>>,
}

impl Neighbours {
    /// Hear other nodes from now on.
    pub fn listen(hub: &Hub) {
        let ear = Arc::downgrade(hub);
        hub.bus.listen(Box::new(move |incoming| {
            if let Some(hub) = ear.upgrade() {
                hear(&hub, incoming);
            }
        }));
    }

    /// A conversation came into memory: what is said about it goes to `address`.
    pub fn add(&self, conversation: ConversationId, address: Addr<ConversationActor>) -> Arc<Position> {
        let at = Arc::new(Position::default());
        let living = Living { address, at: Arc::clone(&at) };
        self.living.write().unwrap_or_else(PoisonError::into_inner).insert(conversation, living);
        at
    }

    /// It left memory. A successor's entry stays.
    pub fn remove(&self, conversation: ConversationId, at: &Arc<Position>) -> bool {
        let mut living = self.living.write().unwrap_or_else(PoisonError::into_inner);
        let own = living.get(&conversation).is_some_and(|entry| Arc::ptr_eq(&entry.at, at));
        if own {
            living.remove(&conversation);
        }
        own
    }

    pub fn all(&self) -> Vec<ConversationId> {
        self.living.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Those that may have missed something since the last call.
    pub fn take_doubtful(&self) -> Vec<ConversationId> {
        std::mem::take(&mut *self.doubtful.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }

    /// The log of `conversation` goes up to `tail`: tell its actor if that is news.
    pub fn compare(&self, conversation: ConversationId, tail: Seq) -> bool {
        let living = self.living.read().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = living.get(&conversation).filter(|entry| entry.at.get() < tail) else { return false };
        // Past the capacity: it is one message per look, and a conversation that is behind must hear of it.
        entry.address.do_send(FromBus::Tail(tail));
        true
    }

    fn doubt(&self, conversation: ConversationId) {
        self.doubtful.lock().unwrap_or_else(PoisonError::into_inner).insert(conversation);
    }

    fn pass_on(&self, conversation: ConversationId, what: FromBus) -> bool {
        let living = self.living.read().unwrap_or_else(PoisonError::into_inner);
        living.get(&conversation).is_none_or(|entry| entry.address.try_send(what).is_ok())
    }
}

fn hear(hub: &Hub, incoming: Incoming) {
    match incoming {
        Incoming::Message(Topic::Conversation(_, conversation), message) => {
            let Some(what) = FromBus::read(message) else { return };
            if !hub.neighbours.pass_on(conversation, what) {
                // Its mailbox is full: what it can't take now, it finds in the store.
                hub.neighbours.doubt(conversation);
                miss(hub, Missed::Some);
            }
        }
        Incoming::Message(Topic::Inbox(workspace), Message::Rows(rows)) => {
            if let Some(inbox) = hub.inbox() {
                inbox.do_send(RowsChanged { workspace, rows });
            }
        }
        Incoming::Message(Topic::Workspace(workspace), message) => about_workspace(hub, workspace, message),
        Incoming::Message(Topic::Everyone, Message::SignedOut { login }) => {
            if let Some(queue) = hub.queue() {
                queue.do_send(SignedOut { login });
            }
        }
        Incoming::Message(..) => {}
        Incoming::Subscribed(topics) => {
            for topic in topics {
                if let Topic::Conversation(_, conversation) = topic {
                    hub.neighbours.doubt(conversation);
                }
            }
            miss(hub, Missed::Some);
        }
        Incoming::Gap => miss(hub, Missed::Anything),
        Incoming::Facts(changes) => changes.into_iter().for_each(|change| take_in(hub, change)),
    }
}

fn miss(hub: &Shared, missed: Missed) {
    if let Some(cluster) = hub.cluster() {
        cluster.do_send(missed);
    }
}

fn about_workspace(hub: &Hub, workspace: WorkspaceId, message: Message) {
    let (Some(queue), Some(cluster)) = (hub.queue(), hub.cluster()) else { return };
    let source = Source::OtherNode;
    match message {
        Message::Waiting { conversation, chatbot, since, seq } => {
            queue.do_send(Waiting { conversation, workspace, chatbot, since, seq, source });
        }
        Message::Left { conversation, chatbot, seq } => {
            queue.do_send(Left { conversation, workspace, chatbot, seq, source });
        }
        Message::Handled { chatbot, seconds } => queue.do_send(Handled { workspace, chatbot, seconds, source }),
        Message::LinksRevoked { conversation } => queue.do_send(LinksRevoked { conversation }),
        Message::Chose { agent } => cluster.do_send(Heard::Chose(agent)),
        Message::SettingsChanged { chatbot } => cluster.do_send(Heard::SettingsChanged(chatbot)),
        Message::KnowledgeChanged { chatbot } => cluster.do_send(Heard::KnowledgeChanged(chatbot)),
        _ => {}
    }
}

fn take_in(hub: &Hub, change: Change) {
    hub.board.note(&change);
    let key = match &change {
        Change::Stated(_, fact) => fact.key(),
        Change::Withdrawn(_, key) => key.clone(),
    };
    match key {
        FactKey::Visitor(workspace, conversation) => {
            hub.neighbours.pass_on(conversation, FromBus::VisitorMoved);
            if let Some(inbox) = hub.inbox() {
                inbox.do_send(DotMoved { workspace, conversation });
            }
        }
        FactKey::Viewer(_, conversation, _) => {
            hub.neighbours.pass_on(conversation, FromBus::ViewersMoved);
        }
        FactKey::Agent(workspace, agent) => {
            let Some(queue) = hub.queue() else { return };
            let (node, fact) = match change {
                Change::Stated(node, Fact::Agent(_, _, fact)) => (node, Some(fact)),
                Change::Stated(node, _) | Change::Withdrawn(node, _) => (node, None),
            };
            queue.do_send(AgentElsewhere { node, workspace, agent, fact });
        }
        FactKey::Watcher(_) => {}
    }
}
