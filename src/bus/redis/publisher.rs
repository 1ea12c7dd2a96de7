//! Sends what waits, many messages per round trip, in order.

use super::super::wire::{self, Heard};
use super::{Outgoing, Shared};
use deadpool_redis::Connection;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;

/// Messages per round trip.
const BATCH: usize = 256;
/// Pause after Redis refused: what comes meanwhile waits, and is dropped when there is no room.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) async fn run(shared: Arc<Shared>, mut queue: mpsc::Receiver<Outgoing>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut connection: Option<Connection> = None;
    let mut lost_told = 0;
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let sent = send(&shared, &mut connection, &batch, &mut lost_told).await;
        if let Err(error) = sent {
            shared.lost.fetch_add(batch.len() as u64, Ordering::Relaxed);
            tracing::debug!(error = %error, messages = batch.len(), "messages to other nodes are lost; they look into the store");
            // What waits was said to nobody who still listens to it; whoever missed it looks into the store.
            connection = None;
            tokio::time::sleep(PAUSE).await;
        }
        batch.clear();
    }
}

async fn send(
    shared: &Shared,
    connection: &mut Option<Connection>,
    batch: &[Outgoing],
    lost_told: &mut u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(shared.pool.get().await?),
    };
    let mut pipe = redis::pipe();
    for Outgoing { channel, text } in batch {
        pipe.publish(channel, text).ignore();
    }
    let lost = shared.lost.load(Ordering::Relaxed);
    if lost != *lost_told
        && let Some(text) = wire::encode(shared.node, &Heard::Lost)
    {
        pipe.publish(shared.nodes_channel(), text).ignore();
    }
    pipe.query_async::<()>(connection).await?;
    *lost_told = lost;
    Ok(())
}
