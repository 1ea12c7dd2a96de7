//! Who is where: this node's facts into Redis, those of the others out of it (BUS-4).
//!
//! Each node has a hash with its facts, a beat that goes up, a version that counts changes, and how many messages it lost. A change is
//! written there and published; every node looks at the hashes of the others at each beat. So a published change shows at once, a
//! lost one two beats later, and a flushed Redis is written again at the next beat.
//!
//! Death is the absence of progress: a beat that this node has not seen to change for [`DEAD_AFTER`], on its own monotonic clock, while it
//! could look. While it can't look it decides nothing.

use super::super::wire::{self, Heard};
use super::subscriber::HeardFrom;
use super::{Incoming, NodeId, Shared};
use crate::bus::{Change, DEAD_AFTER, Fact, FactKey};
use deadpool_redis::Connection;
use redis::Pipeline;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Signs of life, and looks at those of others.
const BEAT: Duration = Duration::from_secs(2);
/// What a silent node leaves in Redis goes away after this long.
const EXPIRE_MILLIS: i64 = 10_000;
/// Changes that come together are written together.
const GATHER: Duration = Duration::from_millis(10);
/// A node that is new here may be dead already: it has this long to show progress.
const NEW_FOR: Duration = Duration::from_secs(5);
/// After a good-bye: people reconnect elsewhere before their dots turn red.
const LEAVING_FOR: Duration = Duration::from_secs(6);
/// A node that was frozen for longer than the others wait is dead to them. Its people left; those sockets that still stand after
/// this long are stated again. Without it, everybody who had left would flash green.
const QUARANTINE: Duration = Duration::from_secs(6);
/// A silent node may be cut off from Redis alone and go on writing: for so long the store is asked often.
const SUSPECT_FOR: Duration = Duration::from_secs(120);
/// A sign of life that is later than this makes one suspect.
const LATE: Duration = Duration::from_millis(4_500);
/// Fields per command.
const AT_ONCE: usize = 1_000;

const FIELD_BEAT: &str = "#beat";
const FIELD_VERSION: &str = "#version";
const FIELD_LOST: &str = "#lost";

struct Peer {
    version: u64,
    beat: u64,
    lost: u64,
    facts: HashMap<FactKey, Fact>,
    progress: Instant,
    /// The version that the look before this one saw, when it was ahead of ours.
    ahead: Option<u64>,
}

struct Roster {
    shared: Arc<Shared>,
    connection: Option<Connection>,
    failing: bool,
    beat: u64,
    version: u64,
    /// The hash in Redis may not be what this node states.
    rewrite: bool,
    peers: HashMap<NodeId, Peer>,
    /// Dead nodes with their last beat: what they left in Redis does not bring them back.
    dead: HashMap<NodeId, u64>,
    /// Silent nodes, since when.
    suspects: HashMap<NodeId, Instant>,
    lossy_until: Instant,
    looked_at: Option<Instant>,
    ticked_at: Instant,
    quarantine_until: Option<Instant>,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(super) async fn run(shared: Arc<Shared>, mut heard: mpsc::Receiver<HeardFrom>) {
    let now = Instant::now();
    let mut roster = Roster {
        shared: Arc::clone(&shared),
        connection: None,
        failing: false,
        beat: 0,
        version: 0,
        rewrite: true,
        peers: HashMap::new(),
        dead: HashMap::new(),
        suspects: HashMap::new(),
        lossy_until: now,
        looked_at: None,
        ticked_at: now,
        quarantine_until: None,
    };
    let mut next = now;
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(next) => {
                roster.tick().await;
                next = Instant::now() + BEAT;
            }
            () = shared.own_changed.notified() => {
                tokio::time::sleep(GATHER).await;
                roster.write_changes().await;
            }
            Some((node, heard)) = heard.recv() => {
                if roster.hear(node, heard) {
                    next = next.min(Instant::now() + GATHER);
                }
            }
        }
    }
}

impl Roster {
    async fn tick(&mut self) {
        let now = Instant::now();
        if now.duration_since(self.ticked_at) > DEAD_AFTER {
            tracing::warn!("this node stood still; whoever is connected is stated again in a moment");
            self.quarantine_until = Some(now + QUARANTINE);
            self.rewrite = true;
        } else if self.quarantine_until.is_some_and(|until| now >= until) {
            self.quarantine_until = None;
            self.rewrite = true;
        }
        self.ticked_at = now;
        match timeout(BEAT * 2, self.beat_and_look()).await {
            Ok(Ok(())) => self.failing = false,
            Ok(Err(error)) => self.failed(&error.to_string()),
            Err(_) => self.failed("redis did not answer in time"),
        }
        self.judge();
    }

    fn failed(&mut self, error: &str) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(error, "presence can't be exchanged now; what is known of other nodes stays");
        }
        self.connection = None;
        self.rewrite = true;
    }

    async fn connection(&mut self) -> Result<Connection> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => Ok(self.shared.pool.get().await?),
        }
    }

    async fn beat_and_look(&mut self) -> Result<()> {
        let mut connection = self.connection().await?;
        self.beat += 1;
        let key = self.shared.node_key(self.shared.node);
        let lost = self.shared.lost.load(Ordering::Relaxed);
        let (new_fields, _, _, members): (u64, bool, u64, Vec<String>) = redis::pipe()
            .cmd("HSET")
            .arg(&key)
            .arg(&[(FIELD_BEAT, self.beat), (FIELD_LOST, lost)])
            .pexpire(&key, EXPIRE_MILLIS)
            .sadd(self.shared.nodes_key(), self.shared.node.to_string())
            .smembers(self.shared.nodes_key())
            .query_async(&mut connection)
            .await?;
        // Somebody emptied Redis, or this node's hash has expired.
        if new_fields > 0 || self.rewrite {
            self.write_all(&mut connection).await?;
        }
        self.look(&mut connection, &members).await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// What this node states, as far as it may.
    fn stated(&self) -> Vec<(String, String)> {
        if self.quarantine_until.is_some() {
            return Vec::new();
        }
        let mut own = self.shared.own();
        own.changed.clear();
        own.facts.values().map(wire::encode_fact).collect()
    }

    async fn write_all(&mut self, connection: &mut Connection) -> Result<()> {
        self.version += 1;
        let key = self.shared.node_key(self.shared.node);
        let lost = self.shared.lost.load(Ordering::Relaxed);
        let stated = self.stated();
        let mut pipe = redis::pipe();
        pipe.atomic().del(&key).ignore();
        pipe.hset_multiple(&key, &[(FIELD_BEAT, self.beat), (FIELD_VERSION, self.version), (FIELD_LOST, lost)])
            .ignore();
        for fields in stated.chunks(AT_ONCE) {
            pipe.hset_multiple(&key, fields).ignore();
        }
        pipe.pexpire(&key, EXPIRE_MILLIS).ignore();
        pipe.query_async::<()>(connection).await?;
        self.rewrite = false;
        // Nobody can apply it, so everybody looks.
        self.shared.send(self.shared.nodes_channel(), &Heard::Facts { version: self.version, changes: Vec::new() });
        Ok(())
    }

    async fn write_changes(&mut self) {
        if self.rewrite || self.quarantine_until.is_some() {
            return;
        }
        let changes: Vec<(String, Option<String>)> = {
            let mut own = self.shared.own();
            let changed = std::mem::take(&mut own.changed);
            changed
                .iter()
                .map(|key| match own.facts.get(key).map(wire::encode_fact) {
                    Some((field, value)) => (field, Some(value)),
                    None => (wire::encode_key(key), None),
                })
                .collect()
        };
        if changes.is_empty() {
            return;
        }
        self.version += 1;
        if let Err(error) = self.write(&changes).await {
            return self.failed(&error.to_string());
        }
        self.shared.send(self.shared.nodes_channel(), &Heard::Facts { version: self.version, changes });
    }

    async fn write(&mut self, changes: &[(String, Option<String>)]) -> Result<()> {
        let mut connection = self.connection().await?;
        let key = self.shared.node_key(self.shared.node);
        let mut pipe: Pipeline = redis::pipe();
        pipe.atomic();
        for (field, value) in changes {
            match value {
                Some(value) => pipe.hset(&key, field, value).ignore(),
                None => pipe.hdel(&key, field).ignore(),
            };
        }
        pipe.hset(&key, FIELD_VERSION, self.version).ignore();
        pipe.query_async::<()>(&mut connection).await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Look at the signs of life of all others.
    async fn look(&mut self, connection: &mut Connection, members: &[String]) -> Result<()> {
        let members = members.iter().filter_map(|id| id.parse().ok().map(NodeId));
        let mut nodes: Vec<NodeId> =
            members.chain(self.peers.keys().copied()).collect::<HashSet<_>>().into_iter().collect();
        nodes.retain(|node| *node != self.shared.node);
        if !nodes.is_empty() {
            let mut pipe = redis::pipe();
            for node in &nodes {
                pipe.cmd("HMGET").arg(self.shared.node_key(*node)).arg(&[FIELD_BEAT, FIELD_VERSION, FIELD_LOST]);
            }
            let signs: Vec<(Option<u64>, Option<u64>, Option<u64>)> = pipe.query_async(connection).await?;
            let now = Instant::now();
            // Who could not look for a while knows nothing about the silence of others.
            if self.looked_at.is_none_or(|at| now.duration_since(at) > LATE) {
                self.peers.values_mut().for_each(|peer| peer.progress = now);
            }
            for (node, sign) in nodes.into_iter().zip(signs) {
                match sign {
                    (Some(beat), version, lost) => {
                        self.see(connection, node, (beat, version.unwrap_or(0), lost.unwrap_or(0))).await?;
                    }
                    _ if !self.peers.contains_key(&node) => {
                        self.dead.remove(&node);
                        redis::cmd("SREM")
                            .arg(self.shared.nodes_key())
                            .arg(node.to_string())
                            .query_async::<()>(connection)
                            .await?;
                    }
                    _ => {}
                }
            }
        }
        self.looked_at = Some(Instant::now());
        Ok(())
    }

    async fn see(&mut self, connection: &mut Connection, node: NodeId, sign: (u64, u64, u64)) -> Result<()> {
        let (beat, version, lost) = sign;
        let now = Instant::now();
        if self.dead.get(&node) == Some(&beat) {
            return Ok(());
        }
        self.dead.remove(&node);
        let known = self.peers.contains_key(&node);
        let peer = self.peers.entry(node).or_insert_with(|| Peer {
            version: 0,
            beat,
            lost,
            facts: HashMap::new(),
            progress: now - (DEAD_AFTER - NEW_FOR),
            ahead: None,
        });
        if peer.beat != beat {
            peer.beat = beat;
            peer.progress = now;
            self.suspects.remove(&node);
        }
        if peer.lost != lost {
            peer.lost = lost;
            self.lossy_until = now + BEAT * 2;
            self.shared.tell(Incoming::Gap);
        }
        if peer.version == version {
            peer.ahead = None;
        } else if !known || peer.ahead.is_some_and(|ahead| peer.version < ahead) || version < peer.version {
            self.read_all(connection, node).await?;
        } else {
            // What was published may still be on its way; if not, the next look reads it.
            peer.ahead = Some(version);
        }
        Ok(())
    }

    async fn read_all(&mut self, connection: &mut Connection, node: NodeId) -> Result<()> {
        let fields: HashMap<String, String> =
            redis::cmd("HGETALL").arg(self.shared.node_key(node)).query_async(connection).await?;
        let Some(peer) = self.peers.get_mut(&node) else { return Ok(()) };
        let Some(version) = fields.get(FIELD_VERSION).and_then(|text| text.parse().ok()) else { return Ok(()) };
        peer.version = version;
        peer.ahead = None;
        let facts: HashMap<FactKey, Fact> = fields
            .iter()
            .filter_map(|(field, value)| wire::decode_fact(field, value).map(|fact| (fact.key(), fact)))
            .collect();
        let ended = peer.facts.keys().filter(|key| !facts.contains_key(key));
        let mut changes: Vec<Change> = ended.map(|key| Change::Withdrawn(node, key.clone())).collect();
        let begun = facts.iter().filter(|(key, fact)| peer.facts.get(key) != Some(fact));
        changes.extend(begun.map(|(_, fact)| Change::Stated(node, fact.clone())));
        peer.facts = facts;
        self.announce(changes);
        Ok(())
    }

    /// A published change. True when the hashes should be looked at soon.
    fn hear(&mut self, node: NodeId, heard: Heard) -> bool {
        let Some(peer) = self.peers.get_mut(&node) else { return !matches!(heard, Heard::Bye) };
        let Heard::Facts { version, changes } = heard else {
            peer.progress = Instant::now() - (DEAD_AFTER - LEAVING_FOR);
            return false;
        };
        if version <= peer.version {
            return false;
        }
        if version != peer.version + 1 || changes.is_empty() {
            peer.ahead = Some(version);
            return true;
        }
        peer.version = version;
        let mut told = Vec::new();
        for (field, value) in changes {
            match value {
                Some(value) => {
                    if let Some(fact) = wire::decode_fact(&field, &value) {
                        peer.facts.insert(fact.key(), fact.clone());
                        told.push(Change::Stated(node, fact));
                    }
                }
                None => {
                    if let Some(key) = wire::decode_key(&field)
                        && peer.facts.remove(&key).is_some()
                    {
                        told.push(Change::Withdrawn(node, key));
                    }
                }
            }
        }
        self.announce(told);
        false
    }

    /// Who is dead, and what may be missing.
    fn judge(&mut self) {
        let now = Instant::now();
        let can_look = self.looked_at.is_some_and(|at| now.duration_since(at) < LATE);
        if can_look {
            let silent = |peer: &Peer| now.duration_since(peer.progress);
            let dead: Vec<NodeId> =
                self.peers.iter().filter(|(_, peer)| silent(peer) > DEAD_AFTER).map(|(node, _)| *node).collect();
            for (node, _) in self.peers.iter().filter(|(_, peer)| silent(peer) > LATE) {
                self.suspects.entry(*node).or_insert(now);
            }
            for node in dead {
                let Some(peer) = self.peers.remove(&node) else { continue };
                self.dead.insert(node, peer.beat);
                tracing::warn!(node.id = %node, facts = peer.facts.len(), "a node gave no sign of life; its people are gone");
                self.announce(peer.facts.into_keys().map(|key| Change::Withdrawn(node, key)).collect());
            }
        }
        self.suspects.retain(|_, since| now.duration_since(*since) < SUSPECT_FOR);
        let unsure = !can_look || !self.suspects.is_empty() || now < self.lossy_until;
        self.shared.peers_unsure.store(unsure, Ordering::Relaxed);
    }

    fn announce(&self, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.shared.tell(Incoming::Facts(changes));
        }
    }
}
