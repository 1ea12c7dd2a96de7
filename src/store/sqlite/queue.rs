//! The one queue before the writer: appends and other writes in the order they came. Bounded for appends, because those come
//! from clients; other writes are bounded by the callers that wait for them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(super) struct Queue<A, W> {
    state: Mutex<State<A, W>>,
    changed: Condvar,
    capacity: usize,
}

struct State<A, W> {
    items: VecDeque<Item<A, W>>,
    appends: usize,
    closed: bool,
    /// The writer sleeps; without this flag each push would cost a system call.
    waiting: bool,
}

pub(super) enum Item<A, W> {
    Append(A),
    Write(W),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Items,
    /// Nothing came in time.
    Idle,
    /// Closed, and everything that was queued before has been taken.
    Closed,
}

impl<A, W> Queue<A, W> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State { items: VecDeque::new(), appends: 0, closed: false, waiting: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), capacity }
    }

    /// False when the queue is full or closed; the append is dropped then.
    pub(super) fn push_append(&self, append: A) -> Result<(), A> {
        let mut state = self.lock();
        if state.closed || state.appends >= self.capacity {
            return Err(append);
        }
        state.appends += 1;
        self.push(state, Item::Append(append));
        Ok(())
    }

    /// False when the queue is closed; the write is dropped then.
    pub(super) fn push_write(&self, write: W) -> bool {
        let state = self.lock();
        if state.closed {
            return false;
        }
        self.push(state, Item::Write(write));
        true
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Move up to `limit` items to `into`. Sleeps until there is one, at most for `patience` if given.
    pub(super) fn take(&self, into: &mut Vec<Item<A, W>>, limit: usize, patience: Option<Duration>) -> Taken {
        let mut state = self.lock();
        while state.items.is_empty() {
            if state.closed {
                return Taken::Closed;
            }
            state.waiting = true;
            let timed_out;
            (state, timed_out) = match patience {
                None => (self.changed.wait(state).unwrap_or_else(PoisonError::into_inner), false),
                Some(patience) => {
                    let (state, result) =
                        self.changed.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner);
                    (state, result.timed_out())
                }
            };
            state.waiting = false;
            if timed_out && state.items.is_empty() && !state.closed {
                return Taken::Idle;
            }
        }
        let count = state.items.len().min(limit);
        into.extend(state.items.drain(..count));
        state.appends -= into.iter().filter(|item| matches!(item, Item::Append(_))).count();
        Taken::Items
    }

    fn push(&self, mut state: MutexGuard<'_, State<A, W>>, item: Item<A, W>) {
        state.items.push_back(item);
        let wake = state.waiting;
        drop(state);
        if wake {
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<A, W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
