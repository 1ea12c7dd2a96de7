//! The handle to all actors of a node, and what they share.

use super::board::Board;
use super::cluster::Cluster;
use super::conversation::ConversationActor;
use super::housekeeper::Housekeeper;
use super::inbox::Inbox;
use super::job_worker::JobWorker;
use super::neighbours::Neighbours;
use super::queue::Queue;
use super::responder::Responder;
use super::supervisor::{Everywhere, Locate, Supervisor};
use super::visitor_token::VisitorTokens;
use crate::ai::providers::Providers;
use crate::bus::Bus;
use crate::directory::Directory;
use crate::domain::ids::{ConversationId, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::store::Store;
use crate::transport::SocketTickets;
use actix::{Actor as _, Addr, MailboxError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// Jobs under way at once: a mail server that is slow or a morning after a crash must not open a thousand connections.
pub const JOB_PLACES: usize = 32;

/// Times and bounds of the actors; from the configuration.
#[derive(Debug, Clone)]
pub struct HubSettings {
    /// A conversation without participants leaves memory after this long.
    pub passivate_after: Duration,
    /// A visitor's or agent's socket may be gone for this long before the dot turns red: a page reload is no absence.
    pub presence_grace: Duration,
    /// A hello is due within this time (S2).
    pub hello_deadline: Duration,
    /// A side that heard nothing for twice as long gives the connection up.
    pub heartbeat: Duration,
    /// Most bytes a reader may be owed before it is closed as slow.
    pub outbox_bytes: usize,
    /// Frames a socket may send per second on average, and at once.
    pub frames_per_second: u32,
    pub frame_burst: u32,
    /// Sockets that may be open at once: in all, and from one address.
    pub sockets: usize,
    pub sockets_per_address: usize,
}

/// Questions searched at once. The model has two threads for them: more would only take turns, each with memory of its own.
const SEARCH_PLACES: usize = 4;

/// What the actors of a node share.
pub struct Shared {
    pub store: Arc<dyn Store>,
    pub directory: Arc<Directory>,
    pub board: Board,
    /// The way to other nodes.
    pub bus: Arc<dyn Bus>,
    /// Where what other nodes say goes.
    pub neighbours: Neighbours,
    pub tokens: VisitorTokens,
    pub providers: Arc<Providers>,
    pub settings: HubSettings,
    /// The sockets that are open on this node.
    pub sockets: SocketTickets,
    /// Rung when a job became due.
    pub job_bell: Notify,
    /// Places of jobs under way. Whoever takes all of them has waited for the last one, and none begins any more.
    pub job_places: Arc<Semaphore>,
    /// Places of searches in the knowledge base.
    pub search_places: Semaphore,
    shards: Vec<OnceLock<Addr<Supervisor>>>,
    shards_ready: Notify,
    queue: OnceLock<Addr<Queue>>,
    inbox: OnceLock<Addr<Inbox>>,
    responder: OnceLock<Addr<Responder>>,
    cluster: OnceLock<Addr<Cluster>>,
}

/// Cheap to clone.
pub type Hub = Arc<Shared>;

/// The conversation can't be reached: it failed to load, or the node is stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the conversation can't be reached")]
pub struct Unreachable;

impl From<MailboxError> for Unreachable {
    fn from(_: MailboxError) -> Self {
        Self
    }
}

impl Shared {
    /// The shared part, before any actor runs. `shards` is the number of worker threads.
    pub fn new(
        store: Arc<dyn Store>,
        directory: Arc<Directory>,
        bus: Arc<dyn Bus>,
        tokens: VisitorTokens,
        providers: Arc<Providers>,
        settings: HubSettings,
        shards: usize,
    ) -> Hub {
        Arc::new(Self {
            store,
            directory,
            board: Board::default(),
            bus,
            neighbours: Neighbours::default(),
            tokens,
            providers,
            sockets: SocketTickets::new(settings.sockets_per_address, settings.sockets),
            settings,
            job_bell: Notify::new(),
            job_places: Arc::new(Semaphore::new(JOB_PLACES)),
            search_places: Semaphore::new(SEARCH_PLACES),
            shards: (0..shards.max(1)).map(|_| OnceLock::new()).collect(),
            shards_ready: Notify::new(),
            queue: OnceLock::new(),
            inbox: OnceLock::new(),
            responder: OnceLock::new(),
            cluster: OnceLock::new(),
        })
    }

    /// Start the actors there is one of per node, on the calling thread.
    pub fn start_node_actors(self: &Hub, worker: JobWorker) {
        self.queue.get_or_init(|| Queue::start_for(Arc::clone(self)));
        self.inbox.get_or_init(|| Inbox::start_for(Arc::clone(self)));
        self.responder.get_or_init(|| Responder::new(Arc::clone(self)).start());
        worker.start();
        Housekeeper::new(Arc::clone(self)).start();
        if self.bus.is_shared() {
            self.cluster.get_or_init(|| Cluster::start_for(Arc::clone(self)));
            Neighbours::listen(self);
        }
    }

    /// Start the supervisor of the next free shard on the calling worker thread: sockets and conversations of a worker talk
    /// without a hop between threads (measured: half the throughput with all of them on the main arbiter).
    pub fn start_shard(self: &Hub) {
        for (index, slot) in self.shards.iter().enumerate() {
            let supervisor = Supervisor::start_for(Arc::clone(self), index);
            if slot.set(supervisor).is_ok() {
                break;
            }
        }
        if self.shards.iter().all(|slot| slot.get().is_some()) {
            self.shards_ready.notify_waiters();
        }
    }

    /// Wait until every worker has started its shard.
    pub async fn ready(&self) {
        loop {
            let ready = self.shards_ready.notified();
            if self.shards.iter().all(|slot| slot.get().is_some()) {
                return;
            }
            ready.await;
        }
    }

    /// The supervisor that a conversation belongs to; `None` before [`Shared::ready`].
    pub fn shard_of(&self, conversation: ConversationId) -> Option<&Addr<Supervisor>> {
        // The last bytes are random in version 7 and hashed in version 5.
        let spread = usize::from(conversation.0.as_bytes()[15]);
        self.shards[spread % self.shards.len()].get()
    }

    /// The conversation's actor on this node, started when it is not in memory.
    pub async fn locate(&self, conversation: ConversationId) -> Result<Addr<ConversationActor>, Unreachable> {
        self.shard_of(conversation).ok_or(Unreachable)?.send(Locate { conversation }).await?.ok_or(Unreachable)
    }

    /// Tell every conversation in memory.
    pub fn tell_all(&self, what: Everywhere) {
        for shard in self.shards.iter().filter_map(OnceLock::get) {
            shard.do_send(what.clone());
        }
    }

    pub fn queue(&self) -> Option<&Addr<Queue>> {
        self.queue.get()
    }

    pub fn inbox(&self) -> Option<&Addr<Inbox>> {
        self.inbox.get()
    }

    pub fn responder(&self) -> Option<&Addr<Responder>> {
        self.responder.get()
    }

    /// Only where there are other nodes.
    pub fn cluster(&self) -> Option<&Addr<Cluster>> {
        self.cluster.get()
    }

    /// The wall clock. The one place where actors read it.
    pub fn now(&self) -> UnixMillis {
        UnixMillis(jiff::Timestamp::now().as_millisecond())
    }

    /// The team of a workspace changed: its widgets show another dot.
    pub fn team_changed(&self, workspace: WorkspaceId) {
        self.tell_all(Everywhere::TeamChanged(workspace));
    }
}
