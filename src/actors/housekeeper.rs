//! What nobody will read any more is removed.
//!
//! Owns: nothing. Receives: nothing. Sends: nothing. Ends when: the node stops, or the store is closed. Invariants: HOUSE-1 the work is
//! cut into small writes, so that no message waits behind a large one. Each node of a hub does it: twice is harmless.

use super::hub::Hub;
use crate::store::{Answer, StoreError};
use actix::{Actor, AsyncContext, Context, WrapFuture};
use std::sync::Arc;
use std::time::Duration;

const ROUND: Duration = Duration::from_secs(3_600);
/// Rows of one write.
const ROWS: usize = 500;
/// A count of tokens that nothing was added to for so long is forgotten. Those of days are dead after one; a conversation that is
/// quiet for longer, and neither ended nor begun anew, gets its limit anew.
const SPEND_KEPT_MILLIS: i64 = 30 * 86_400_000;

pub struct Housekeeper {
    hub: Hub,
}

impl Housekeeper {
    pub fn new(hub: Hub) -> Self {
        Self { hub }
    }
}

impl Actor for Housekeeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.spawn(keep(Arc::clone(&self.hub)).into_actor(self));
    }
}

async fn keep(hub: Hub) {
    hub.ready().await;
    loop {
        for forgotten in [forget_spend(&hub).await, forget_sessions(&hub).await] {
            match forgotten {
                Ok(Forgotten { rows: 0, .. }) => {}
                Ok(Forgotten { rows, of }) => tracing::info!(rows, "forgot old {of}"),
                Err(StoreError::Closed) => return,
                Err(error) => tracing::warn!(error = ?error, "what is old can't be removed now"),
            }
        }
        tokio::time::sleep(ROUND).await;
    }
}

struct Forgotten {
    rows: usize,
    of: &'static str,
}

async fn forget_spend(hub: &Hub) -> Result<Forgotten, StoreError> {
    let before = hub.now().plus_millis(-SPEND_KEPT_MILLIS);
    let rows = in_small_writes(|| hub.store.prune_spend(before, ROWS)).await?;
    Ok(Forgotten { rows, of: "counts of tokens" })
}

async fn forget_sessions(hub: &Hub) -> Result<Forgotten, StoreError> {
    let now = hub.now();
    let rows = in_small_writes(|| hub.store.prune_sessions(now, ROWS)).await?;
    Ok(Forgotten { rows, of: "sessions" })
}

/// Until one removes less than it may.
async fn in_small_writes<'a>(mut prune: impl FnMut() -> Answer<'a, usize>) -> Result<usize, StoreError> {
    let mut removed = 0;
    loop {
        let rows = prune().await?;
        removed += rows;
        if rows < ROWS {
            return Ok(removed);
        }
    }
}
