//! What nobody will read any more is removed.
//!
//! Owns: nothing. Receives: nothing. Sends: nothing. Ends when: the node stops, or the store is closed. Invariants: HOUSE-1 the work is
//! cut into small writes, so that no message waits behind a large one. Each node of a hub does it: twice is harmless.

use super::hub::Hub;
use crate::store::StoreError;
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
        match forget_spend(&hub).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "forgot old counts of tokens"),
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(error = ?error, "old counts of tokens can't be forgotten now"),
        }
        tokio::time::sleep(ROUND).await;
    }
}

async fn forget_spend(hub: &Hub) -> Result<usize, StoreError> {
    let before = hub.now().plus_millis(-SPEND_KEPT_MILLIS);
    let mut forgotten = 0;
    loop {
        let rows = hub.store.prune_spend(before, ROWS).await?;
        forgotten += rows;
        if rows < ROWS {
            return Ok(forgotten);
        }
    }
}
