//! The one queue before the writers, and when a writer takes what is in it.
//!
//! A conversation's appends keep their order without being bound to a writer: what belongs to a conversation that a writer is busy
//! with stays in the queue until that writer is done. So several flushes overlap, and each batch names a conversation once.

use crate::domain::ids::ConversationId;
use crate::store::{Append, Completion};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Appends of one transaction at most, so that the first of a burst does not wait for its last.
const BATCH: usize = 256;

/// A transaction begins so long after the one before it, or as soon as this many appends wait. An append after a quiet moment goes
/// at once. Without this, several writers and a fast disk make a transaction of nearly each message: with three nodes and 2,000
/// messages a second together, the pause is what keeps them below one transaction for five messages.
const PACE: Duration = Duration::from_millis(10);
const ENOUGH: usize = 12;

pub(super) type Queued = (Append, Completion);

pub(super) struct Queue {
    state: Mutex<State>,
    changed: Notify,
    /// Held by the writer that gathers; the others are writing, or wait for this.
    turn: tokio::sync::Mutex<()>,
    capacity: usize,
}

#[derive(Default)]
struct State {
    items: VecDeque<Queued>,
    /// Conversations of batches under way.
    busy: HashSet<ConversationId>,
    began: Option<Instant>,
    closed: bool,
}

/// What a look at the queue found.
enum Look {
    Batch(Vec<Queued>),
    /// Nothing that may be taken before something changes.
    Nothing,
    /// Something, but not before this instant.
    At(Instant),
    /// Closed, and everything that was queued before has been taken.
    End,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), changed: Notify::new(), turn: tokio::sync::Mutex::default(), capacity }
    }

    /// Gives the append back when the queue is full or closed.
    pub(super) fn push(&self, append: Append, done: Completion) -> Result<(), Box<Queued>> {
        let mut state = self.lock();
        if state.closed || state.items.len() >= self.capacity {
            return Err(Box::new((append, done)));
        }
        state.items.push_back((append, done));
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// The next batch, `None` after the end. Its conversations are taken until [`Queue::release`].
    pub(super) async fn take(&self) -> Option<Vec<Queued>> {
        let _turn = self.turn.lock().await;
        loop {
            let look = self.lock().look();
            match look {
                Look::Batch(batch) => return Some(batch),
                Look::End => {
                    // For the next writer, which waits for its turn.
                    self.changed.notify_one();
                    return None;
                }
                Look::Nothing => self.changed.notified().await,
                Look::At(instant) => {
                    let _changed = tokio::time::timeout_at(instant, self.changed.notified()).await;
                }
            }
        }
    }

    /// The conversations of a batch are done with.
    pub(super) fn release(&self, conversations: impl Iterator<Item = ConversationId>) {
        let mut state = self.lock();
        for id in conversations {
            state.busy.remove(&id);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// What nobody will write any more.
    pub(super) fn abandon(&self) -> VecDeque<Queued> {
        std::mem::take(&mut self.lock().items)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn look(&mut self) -> Look {
        if self.items.is_empty() {
            return if self.closed { Look::End } else { Look::Nothing };
        }
        let now = Instant::now();
        if let Some(next) = self.began.map(|began| began + PACE)
            && now < next
            && self.items.len() < ENOUGH
            && !self.closed
        {
            return Look::At(next);
        }
        let batch = self.eligible();
        if batch.is_empty() {
            return Look::Nothing;
        }
        self.began = Some(now);
        Look::Batch(batch)
    }

    fn eligible(&mut self) -> Vec<Queued> {
        let mut batch = Vec::new();
        let mut left = VecDeque::new();
        for queued in self.items.drain(..) {
            // A conversation enters `busy` with its first append of the batch, so its others stay, in their order.
            if batch.len() < BATCH && self.busy.insert(queued.0.conversation) {
                batch.push(queued);
            } else {
                left.push_back(queued);
            }
        }
        self.items = left;
        batch
    }
}
