//! The one subscription connection of a node, made again whenever it fails.

use super::super::wire::{self, Heard};
use super::{Incoming, PATIENCE, Shared};
use crate::bus::{NodeId, Topic};
use futures_util::StreamExt as _;
use redis::aio::PubSubSink;
use redis::{ErrorKind, Msg, RedisError};
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// How often this node calls itself through Redis.
const PING: Duration = Duration::from_secs(1);
/// Without the own ping for so long messages may be missing: a connection can be open and dead, or open in one direction only.
const DEAF_AFTER: Duration = Duration::from_secs(3);
/// Then the connection is made anew, but not more often than this: the fault may lie with publishing.
const GIVE_UP_AFTER: Duration = Duration::from_secs(5);
/// Pause before the next try to connect.
const PAUSE: Duration = Duration::from_millis(300);
/// Channels per command.
const AT_ONCE: usize = 500;

/// A fact, for the roster: who said it.
pub(super) type HeardFrom = (NodeId, Heard);

pub(super) async fn run(shared: Arc<Shared>, roster: mpsc::Sender<HeardFrom>) {
    let mut told = false;
    loop {
        let ended = listen(&shared, &roster).await;
        if shared.up.swap(false, Ordering::Relaxed) || !told {
            told = true;
            tracing::warn!(error = %ended, "the bus is degraded: other nodes are asked through the store");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Until the connection fails; the error says how.
async fn listen(shared: &Shared, roster: &mpsc::Sender<HeardFrom>) -> RedisError {
    match try_listen(shared, roster).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

async fn try_listen(shared: &Shared, roster: &mpsc::Sender<HeardFrom>) -> Result<std::convert::Infallible, RedisError> {
    let pubsub = in_time(shared.client.get_async_pubsub()).await?;
    let (mut sink, mut stream) = pubsub.split();
    in_time(sink.psubscribe(shared.every_workspace())).await?;
    let own = [format!("{}all", shared.prefix), shared.nodes_channel(), shared.ping_channel()];
    in_time(sink.subscribe(&own[..])).await?;
    let wanted: Vec<Topic> = {
        let mut wanted = shared.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.changed.clear();
        wanted.topics.iter().copied().collect()
    };
    subscribe(shared, &mut sink, &wanted).await?;
    shared.tell(Incoming::Gap);

    let mut pings = interval(PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    loop {
        tokio::select! {
            biased;
            () = shared.wanted_changed.notified() => follow(shared, &mut sink).await?,
            _ = pings.tick() => {
                let silence = heard_at.elapsed();
                if silence > DEAF_AFTER && shared.up.swap(false, Ordering::Relaxed) {
                    tracing::warn!("the bus is degraded: the way through Redis and back is interrupted");
                }
                if silence > GIVE_UP_AFTER {
                    return Err(late());
                }
                shared.send(shared.ping_channel(), &Heard::Ping);
            }
            message = stream.next() => {
                let Some(message) = message else { return Err(closed()) };
                if receive(shared, roster, &message) {
                    heard_at = Instant::now();
                    if !shared.up.swap(true, Ordering::Relaxed) {
                        tracing::info!("the bus is up");
                        shared.tell(Incoming::Gap);
                    }
                }
            }
        }
    }
}

/// True for the own ping.
fn receive(shared: &Shared, roster: &mpsc::Sender<HeardFrom>, message: &Msg) -> bool {
    let Ok(text) = std::str::from_utf8(message.get_payload_bytes()) else { return false };
    let Some((node, heard)) = wire::decode(text) else { return false };
    if node == shared.node {
        return heard == Heard::Ping;
    }
    match heard {
        Heard::Message(message_of) => {
            if let Some(topic) = shared.topic(message.get_channel_name()) {
                shared.tell(Incoming::Message(topic, message_of));
            }
        }
        Heard::Lost => shared.tell(Incoming::Gap),
        // A full queue is found out by the version of the node's facts.
        facts => drop(roster.try_send((node, facts))),
    }
    false
}

/// Bring the subscriptions to what is wanted now.
async fn follow(shared: &Shared, sink: &mut PubSubSink) -> Result<(), RedisError> {
    let (mut begin, mut end) = (Vec::new(), Vec::new());
    {
        let mut wanted = shared.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in std::mem::take(&mut wanted.changed) {
            if wanted.topics.contains(&topic) { begin.push(topic) } else { end.push(topic) }
        }
    }
    let names: Vec<String> = end.into_iter().map(|topic| shared.channel(topic)).collect();
    for names in names.chunks(AT_ONCE) {
        in_time(sink.unsubscribe(names)).await?;
    }
    subscribe(shared, sink, &begin).await?;
    if !begin.is_empty() {
        shared.tell(Incoming::Subscribed(begin));
    }
    Ok(())
}

async fn subscribe(shared: &Shared, sink: &mut PubSubSink, topics: &[Topic]) -> Result<(), RedisError> {
    for topics in topics.chunks(AT_ONCE) {
        let names: Vec<String> = topics.iter().map(|topic| shared.channel(*topic)).collect();
        in_time(sink.subscribe(&names)).await?;
    }
    Ok(())
}

async fn in_time<T>(answer: impl Future<Output = Result<T, RedisError>>) -> Result<T, RedisError> {
    timeout(PATIENCE, answer).await.unwrap_or_else(|_| Err(late()))
}

fn late() -> RedisError {
    RedisError::from((ErrorKind::Io, "redis did not answer in time"))
}

fn closed() -> RedisError {
    RedisError::from((ErrorKind::Io, "redis closed the subscription"))
}
