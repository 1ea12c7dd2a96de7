//! The bus over Redis: publish and subscribe for messages, one hash per node for facts.
//!
//! Everything runs on one thread of its own, so that a slow Redis is nobody's neighbour. Three tasks: `publisher` sends what waits in
//! a bounded queue, many at a time; `subscriber` keeps the one subscription connection, and hears its own ping through it, which
//! alone shows that the whole way works; `roster` keeps this node's facts in Redis and reads those of the others.
//!
//! | key or channel (after the prefix) | what |
//! | --- | --- |
//! | `c:{workspace}:{conversation}` | messages about a conversation |
//! | `i:{workspace}` | rows of an inbox that somebody watches |
//! | `w:{workspace}` | queue, settings, links of a workspace |
//! | `all`, `nodes`, `ping:{node}` | sign-outs; facts and losses; the way to oneself |
//! | `node:{node}` | hash: a node's facts, and its beat, version and losses |
//! | `nodes` | set of nodes |

mod publisher;
mod roster;
mod subscriber;

use super::wire::{self, Heard};
use super::{Bus, Ear, Fact, FactKey, Health, Incoming, Message, NodeId, Topic};
use crate::domain::ids::{ConversationId, WorkspaceId};
use deadpool_redis::{Manager, Pool};
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo as _};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// Messages that wait for Redis; past it they are dropped and counted (BUS-5).
const OUTGOING: usize = 16_384;
/// Redis answers within this time or counts as gone.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long good-byes may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// What must be known to reach the others.
#[derive(Debug, Clone)]
pub struct RedisSettings {
    pub url: String,
    /// Before every key and channel: several installations may share a Redis.
    pub prefix: String,
}

#[derive(Debug, thiserror::Error)]
pub enum RedisBusError {
    /// The URL is not repeated: it may hold a password.
    #[error("`cluster.redis_url` is no URL of a Redis server")]
    Url(#[source] redis::RedisError),
    #[error("the thread of the bus could not be started")]
    Thread(#[source] std::io::Error),
}

struct Outgoing {
    channel: String,
    text: String,
}

#[derive(Default)]
struct Wanted {
    topics: HashSet<Topic>,
    /// Topics whose membership changed since the subscriber looked.
    changed: HashSet<Topic>,
}

#[derive(Default)]
struct Own {
    facts: HashMap<FactKey, Fact>,
    changed: HashSet<FactKey>,
}

/// What the tasks and the handle share.
struct Shared {
    node: NodeId,
    prefix: String,
    client: Client,
    pool: Pool,
    outgoing: mpsc::Sender<Outgoing>,
    wanted: Mutex<Wanted>,
    wanted_changed: Notify,
    own: Mutex<Own>,
    own_changed: Notify,
    ear: OnceLock<Ear>,
    /// The own ping comes back.
    up: AtomicBool,
    /// Another node may be saying what nobody hears.
    peers_unsure: AtomicBool,
    lost: AtomicU64,
    closing: Notify,
}

pub struct RedisBus(Arc<Shared>);

impl RedisBus {
    /// Connect in the background: a Redis that is away only makes the bus degraded.
    ///
    /// # Errors
    /// When the URL is none, or no thread can be had.
    pub fn start(settings: RedisSettings, node: NodeId) -> Result<Self, RedisBusError> {
        let info = settings.url.as_str().into_connection_info().map_err(RedisBusError::Url)?;
        let client = Client::open(info.clone()).map_err(RedisBusError::Url)?;
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let manager = Manager::new_with_config(info, config).map_err(RedisBusError::Url)?;
        // Two of the tasks need one each.
        let pool = Pool::builder(manager)
            .max_size(4)
            .build()
            .map_err(|error| RedisBusError::Thread(std::io::Error::other(error)))?;
        let (outgoing, queue) = mpsc::channel(OUTGOING);
        let shared = Arc::new(Shared {
            node,
            prefix: settings.prefix,
            client,
            pool,
            outgoing,
            wanted: Mutex::default(),
            wanted_changed: Notify::new(),
            own: Mutex::default(),
            own_changed: Notify::new(),
            ear: OnceLock::new(),
            up: AtomicBool::new(false),
            peers_unsure: AtomicBool::new(false),
            lost: AtomicU64::new(0),
            closing: Notify::new(),
        });
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(RedisBusError::Thread)?;
        let tasks = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("bus".into())
            .spawn(move || runtime.block_on(run(tasks, queue)))
            .map_err(RedisBusError::Thread)?;
        Ok(Self(shared))
    }
}

async fn run(shared: Arc<Shared>, queue: mpsc::Receiver<Outgoing>) {
    let (heard, facts) = mpsc::channel(4_096);
    let publishing = publisher::run(Arc::clone(&shared), queue);
    let subscribing = subscriber::run(Arc::clone(&shared), heard);
    let roster = roster::run(Arc::clone(&shared), facts);
    tokio::select! {
        () = async { tokio::join!(publishing, subscribing, roster); } => {}
        () = async {
            shared.closing.notified().await;
            tokio::time::sleep(FAREWELL).await;
        } => {}
    }
}

impl Bus for RedisBus {
    fn listen(&self, ear: Ear) {
        let _first = self.0.ear.set(ear);
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn publish(&self, topic: Topic, message: Message) {
        self.0.send(self.0.channel(topic), &Heard::Message(message));
    }

    fn subscribe(&self, topic: Topic) {
        self.0.want(topic, |topics| topics.insert(topic));
    }

    fn unsubscribe(&self, topic: Topic) {
        self.0.want(topic, |topics| topics.remove(&topic));
    }

    fn state(&self, fact: Fact) {
        let key = fact.key();
        let mut own = self.0.own();
        if own.facts.insert(key.clone(), fact.clone()).as_ref() != Some(&fact) {
            own.changed.insert(key);
            self.0.own_changed.notify_one();
        }
    }

    fn withdraw(&self, key: FactKey) {
        let mut own = self.0.own();
        if own.facts.remove(&key).is_some() {
            own.changed.insert(key);
            self.0.own_changed.notify_one();
        }
    }

    fn health(&self) -> Health {
        if self.0.up.load(Ordering::Relaxed) { Health::Up } else { Health::Degraded }
    }

    fn unsure(&self) -> bool {
        !self.0.up.load(Ordering::Relaxed) || self.0.peers_unsure.load(Ordering::Relaxed)
    }

    fn close(&self) {
        self.0.send(self.0.nodes_channel(), &Heard::Bye);
        self.0.closing.notify_one();
    }
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        self.0.closing.notify_one();
    }
}

impl Shared {
    fn tell(&self, incoming: Incoming) {
        if let Some(ear) = self.ear.get() {
            ear(incoming);
        }
    }

    fn send(&self, channel: String, heard: &Heard) {
        let sent = wire::encode(self.node, heard)
            .is_some_and(|text| self.outgoing.try_send(Outgoing { channel, text }).is_ok());
        if !sent {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn want(&self, topic: Topic, change: impl FnOnce(&mut HashSet<Topic>) -> bool) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if change(&mut wanted.topics) {
            wanted.changed.insert(topic);
            self.wanted_changed.notify_one();
        }
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn channel(&self, topic: Topic) -> String {
        let prefix = &self.prefix;
        match topic {
            Topic::Conversation(workspace, conversation) => format!("{prefix}c:{workspace}:{conversation}"),
            Topic::Inbox(workspace) => format!("{prefix}i:{workspace}"),
            Topic::Workspace(workspace) => format!("{prefix}w:{workspace}"),
            Topic::Everyone => format!("{prefix}all"),
        }
    }

    fn topic(&self, channel: &str) -> Option<Topic> {
        let mut parts = channel.strip_prefix(self.prefix.as_str())?.split(':');
        let kind = parts.next()?;
        if kind == "all" {
            return Some(Topic::Everyone);
        }
        let workspace: WorkspaceId = parts.next()?.parse().ok()?;
        Some(match kind {
            "c" => Topic::Conversation(workspace, parts.next()?.parse::<ConversationId>().ok()?),
            "i" => Topic::Inbox(workspace),
            "w" => Topic::Workspace(workspace),
            _ => return None,
        })
    }

    fn every_workspace(&self) -> String {
        format!("{}w:*", self.prefix)
    }

    fn nodes_channel(&self) -> String {
        format!("{}nodes", self.prefix)
    }

    fn ping_channel(&self) -> String {
        format!("{}ping:{}", self.prefix, self.node)
    }

    fn nodes_key(&self) -> String {
        format!("{}nodes", self.prefix)
    }

    fn node_key(&self, node: NodeId) -> String {
        format!("{}node:{node}", self.prefix)
    }
}
