//! The writer: one thread, one connection, the only writer of the file. Group commit without a timer: it takes whatever was queued
//! while the last flush ran, writes it in one transaction, and answers everybody after one commit.
//!
//! STORE-1: a completion with `Ok` follows a commit that returned; a failed one is never acknowledged. After a failure the
//! transaction is rolled back, the connection opened anew if it may be at fault, and the next batch starts clean (I25).

use super::appender::{Appender, Memory, Outcome};
use super::connection;
use super::fault::{Fault, database, is_of_the_disk, wants_a_new_connection};
use super::queue::{Item, Queue, Taken};
use crate::store::{Append, AppendError, Appended, Completion, StoreError};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Writes of one transaction at most, so that the first of a burst does not wait for its last.
const BATCH: usize = 1024;

/// The log is copied into the database file when nothing came for so long, and this many pages wait …
const IDLE: Duration = Duration::from_millis(50);
const IDLE_PAGES: i64 = 1_000;
/// … or under load, when there are this many: 16 MB, so that the pause stays short.
const BUSY_PAGES: i64 = 4_000;
/// Under load, how many writes pass between two looks at the size.
const LOOK_EVERY: usize = 1_024;

pub(super) type QueuedAppend = (Append, Completion);
pub(super) type WriterQueue = Queue<QueuedAppend, Box<dyn Write>>;
type Work = Item<QueuedAppend, Box<dyn Write>>;

/// Any write that is not an append. May run more than once: again by itself when the batch it was in was rolled back.
pub(super) trait Write: Send {
    fn run(&mut self, tx: &Connection) -> Result<(), Fault>;
    fn action(&self) -> &'static str;
    fn finish(self: Box<Self>, end: Result<(), StoreError>);
}

/// What the writer has done, for tests and metrics.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commits: AtomicU64,
}

pub(super) struct Writer {
    path: PathBuf,
    connection: Connection,
    queue: Arc<WriterQueue>,
    counters: Arc<Counters>,
    memory: Memory,
    outcomes: Vec<Outcome>,
    /// Writes since the last look at the write-ahead log.
    unseen: usize,
}

struct Broken {
    error: rusqlite::Error,
    committing: bool,
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self { error, committing: false }
    }
}

impl Writer {
    pub(super) fn new(path: PathBuf, connection: Connection, queue: Arc<WriterQueue>, counters: Arc<Counters>) -> Self {
        Self { path, connection, queue, counters, memory: Memory::default(), outcomes: Vec::new(), unseen: 0 }
    }

    /// Until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let _closing = CloseOnDrop(Arc::clone(&self.queue));
        let mut batch = Vec::new();
        loop {
            let patience = (self.unseen > 0).then_some(IDLE);
            match self.queue.take(&mut batch, BATCH, patience) {
                Taken::Items => {
                    self.unseen += batch.len();
                    self.commit(&mut batch);
                    if self.unseen >= LOOK_EVERY {
                        self.checkpoint(BUSY_PAGES);
                    }
                }
                Taken::Idle => self.checkpoint(IDLE_PAGES),
                Taken::Closed => break,
            }
        }
    }

    /// Leaves `batch` empty, with every completion called.
    fn commit(&mut self, batch: &mut Vec<Work>) {
        self.outcomes.clear();
        match self.transact(batch) {
            Ok(()) => {
                for (work, outcome) in batch.drain(..).zip(self.outcomes.drain(..)) {
                    finish(work, outcome);
                }
            }
            Err(broken) => {
                self.recover(&broken.error);
                // One bad write must not fail its neighbours. Not after a commit: its outcome is unknown.
                if batch.len() > 1 && !broken.committing && !is_of_the_disk(&broken.error) {
                    for work in std::mem::take(batch) {
                        self.commit(&mut vec![work]);
                    }
                    return;
                }
                tracing::error!(error = %broken.error, writes = batch.len(), "write failed");
                let cause = Arc::new(broken.error);
                for work in batch.drain(..) {
                    finish(work, Outcome::Refused(database("commit", Arc::clone(&cause))));
                }
            }
        }
    }

    fn transact(&mut self, batch: &mut [Work]) -> Result<(), Broken> {
        let tx = &self.connection;
        tx.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut appender = Appender::new(tx, &mut self.memory)?;
        for work in batch {
            self.outcomes.push(match work {
                Item::Append((append, _)) => appender.append(append)?,
                Item::Write(write) => other(tx, write.as_mut())?,
            });
        }
        drop(appender);
        tx.prepare_cached("COMMIT")?.execute([]).map_err(|error| Broken { error, committing: true })?;
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn recover(&mut self, error: &rusqlite::Error) {
        self.memory.forget();
        let rolled_back = self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok();
        if !rolled_back || wants_a_new_connection(error) {
            match connection::writer(&self.path) {
                Ok(connection) => self.connection = connection,
                // The old one is kept: the next batch fails or finds the disk well again, and comes here again.
                Err(error) => tracing::error!(error = %error, "database not reopened"),
            }
        }
    }

    /// Copy the write-ahead log into the database file when it has `pages`. Passive: it never waits for readers.
    fn checkpoint(&mut self, pages: i64) {
        self.unseen = 0;
        let run = |mode: &str| self.connection.prepare_cached(mode)?.query_row([], |row| row.get::<_, i64>(1));
        let result = run("PRAGMA wal_checkpoint(NOOP)")
            .and_then(|waiting| if waiting >= pages { run("PRAGMA wal_checkpoint(PASSIVE)") } else { Ok(waiting) });
        if let Err(error) = result {
            tracing::warn!(error = %error, "checkpoint failed, tried again later");
        }
    }
}

/// A write in a savepoint of its own, so that its refusal takes nothing else along.
fn other(tx: &Connection, write: &mut dyn Write) -> rusqlite::Result<Outcome> {
    tx.prepare_cached("SAVEPOINT write")?.execute([])?;
    let fault = match write.run(tx) {
        Ok(()) => {
            tx.prepare_cached("RELEASE write")?.execute([])?;
            return Ok(Outcome::Written);
        }
        Err(Fault::Sql(error)) if tx.is_autocommit() || is_of_the_disk(&error) => return Err(error),
        Err(fault) => fault,
    };
    tx.prepare_cached("ROLLBACK TO write")?.execute([])?;
    tx.prepare_cached("RELEASE write")?.execute([])?;
    Ok(Outcome::Refused(fault.during(write.action())))
}

/// Completions are other people's code: a panic in one must not end the writer.
fn finish(work: Work, outcome: Outcome) {
    let call = move || match work {
        Item::Append((append, done)) => done(match outcome {
            Outcome::Written => Ok(Appended { events: append.events }),
            Outcome::Conflict { actual } => Err(AppendError::Conflict { actual }),
            Outcome::Refused(error) => Err(AppendError::Failed(error)),
        }),
        Item::Write(write) => write.finish(match outcome {
            Outcome::Refused(error) => Err(error),
            Outcome::Written | Outcome::Conflict { .. } => Ok(()),
        }),
    };
    if catch_unwind(AssertUnwindSafe(call)).is_err() {
        tracing::error!("a completion panicked");
    }
}

/// However the thread ends, nobody waits for it for ever: what is queued is refused, and later appends are busy.
struct CloseOnDrop(Arc<WriterQueue>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
        let mut left = Vec::new();
        while self.0.take(&mut left, BATCH, None) == Taken::Items {
            for work in left.drain(..) {
                finish(work, Outcome::Refused(StoreError::Closed));
            }
        }
    }
}
