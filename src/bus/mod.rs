//! How nodes that share one store hear of each other at once.
//!
//! The log is the truth; the bus only wakes. [`Bus`] is the whole contract, `local` (one process, nothing to install) and `redis`
//! implement it; `tests/it/bus.rs` holds it to this with a real Redis.
//!
//! What a receiver may rely on, and what not:
//! - **BUS-1** a message may be lost, repeated, or overtake one of another node. Two messages of one node on one topic keep their
//!   order unless one of them is lost.
//! - **BUS-2** whoever may have missed something hears of it: [`Incoming::Subscribed`] when a subscription begins to hold,
//!   [`Incoming::Gap`] after any interruption, [`Bus::unsure`] for as long as messages may be missing right now.
//! - **BUS-3** a node never hears its own messages.
//! - **BUS-4** facts (who is here) of a node are the same on all nodes shortly after a change. They end with the node that stated
//!   them, [`DEAD_AFTER`] after its last sign of life. A node that is itself cut off keeps the last that it knew of others.
//! - **BUS-5** nothing here blocks or waits: a message for which there is no room is dropped and counted, and peers learn the count.

pub mod facts;
pub mod local;
pub mod message;
pub mod redis;
mod wire;

pub use facts::{AgentFact, Change, Fact, FactKey};
pub use message::{Message, Row, TypingBy};

use crate::domain::ids::{ConversationId, WorkspaceId};
use std::fmt;
use std::time::Duration;
use uuid::Uuid;

/// A node that gave no sign of life for so long is dead, and what it stated with it. All measured on the watcher's own clock (I14).
pub const DEAD_AFTER: Duration = Duration::from_secs(9);

/// One start of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub Uuid);

impl NodeId {
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a message goes. Names of channels carry the tenant (S32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Nodes on which a participant of this conversation is.
    Conversation(WorkspaceId, ConversationId),
    /// Nodes on which a console watches the inbox of this workspace.
    Inbox(WorkspaceId),
    /// All nodes, about one workspace: queue, settings, links. Nobody needs to subscribe.
    Workspace(WorkspaceId),
    /// All nodes. Nobody needs to subscribe.
    Everyone,
}

/// What a node hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    Message(Topic, Message),
    /// From here on messages to these topics arrive; what was said before did not.
    Subscribed(Vec<Topic>),
    /// Anything may have been missed: compare with the store.
    Gap,
    /// What other nodes state changed.
    Facts(Vec<Change>),
}

/// Takes what comes in, on the bus's own thread: it must be quick and must not block.
pub type Ear = Box<dyn Fn(Incoming) + Send + Sync>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// One node: there is nothing to fail.
    Local,
    Up,
    /// Messages may be missing: changes of other nodes show up by looking into the store.
    Degraded,
}

/// The way to the other nodes. Cheap to call from any thread.
pub trait Bus: Send + Sync + 'static {
    /// Begin to deliver. Called once.
    fn listen(&self, ear: Ear);

    /// Whether there can be other nodes. Without any, nothing needs to be put into a message at all.
    fn is_shared(&self) -> bool;

    /// To all other nodes that subscribe to the topic. After the commit of what it tells, never before.
    fn publish(&self, topic: Topic, message: Message);

    /// Hear this topic. [`Incoming::Subscribed`] follows, again after each interruption as part of [`Incoming::Gap`].
    fn subscribe(&self, topic: Topic);

    fn unsubscribe(&self, topic: Topic);

    /// State something until it is withdrawn or this node ends. Again: replaces the value.
    fn state(&self, fact: Fact);

    fn withdraw(&self, key: FactKey);

    fn health(&self) -> Health;

    /// Whether what other nodes do may go unheard at this moment: because this node is cut off, or because another one is.
    fn unsure(&self) -> bool;

    /// Say good-bye: others forget this node's facts at once.
    fn close(&self);
}
