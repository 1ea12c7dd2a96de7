//! A writer: takes batches from the queue, writes each in one transaction over a connection of its own, answers everybody after the
//! commit. Several run at once, so that flushes overlap.
//!
//! STORE-1: a completion with `Ok` follows a commit that returned. Whatever else happened, nothing is acknowledged: a known
//! conflict is answered with the true end of the log, everything else as failed, because its outcome may be unknown (I3). The connection
//! is opened anew for the next batch, so a server that was restarted, full or read-only is used again as soon as it is well (I25).

use super::batch::{Batch, Outcome};
use super::connection::{self, ANSWER, IDLE};
use super::fault::{Cause, Fault, cause, database};
use super::gather::Queue;
use crate::store::{Append, AppendError, Appended, Completion, StoreError};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;
use tokio::sync::watch;

/// Times a transaction is begun anew that others have stopped.
const AGAIN: usize = 3;

/// What the writers have done and how many are left, for all of them together.
#[derive(Debug)]
pub(super) struct Crew {
    pub(super) commits: AtomicU64,
    running: AtomicUsize,
    left: watch::Sender<usize>,
}

impl Crew {
    pub(super) fn new(writers: usize) -> (Self, watch::Receiver<usize>) {
        let (left, watched) = watch::channel(writers);
        (Self { commits: AtomicU64::new(0), running: AtomicUsize::new(writers), left }, watched)
    }
}

pub(super) struct Writer {
    options: PgConnectOptions,
    queue: Arc<Queue>,
    crew: Arc<Crew>,
    connection: Option<PgConnection>,
    used: Instant,
}

impl Writer {
    pub(super) fn new(options: PgConnectOptions, queue: Arc<Queue>, crew: Arc<Crew>) -> Self {
        Self { options, queue, crew, connection: None, used: Instant::now() }
    }

    /// Until the queue is closed and empty.
    pub(super) async fn run(mut self) {
        let _leaving = Leaving { queue: Arc::clone(&self.queue), crew: Arc::clone(&self.crew) };
        while let Some(batch) = self.queue.take().await {
            let (appends, completions): (Vec<Append>, Vec<Completion>) = batch.into_iter().unzip();
            let outcomes = self.write(&appends).await;
            // Before the completions, in which the next appends are made.
            self.queue.release(appends.iter().map(|append| append.conversation));
            for ((append, done), outcome) in appends.into_iter().zip(completions).zip(outcomes) {
                finish(append, done, outcome);
            }
        }
        if let Some(connection) = self.connection {
            // The server notices in any case.
            let _closed = connection.close().await;
        }
    }

    async fn write(&mut self, batch: &[Append]) -> Vec<Outcome> {
        match self.transact(batch).await {
            Ok(outcomes) => outcomes,
            // One bad append must not fail its neighbours.
            Err(Fault::Sql(error)) if batch.len() > 1 && cause(&error) == Cause::Own => {
                let mut outcomes = Vec::with_capacity(batch.len());
                for append in batch {
                    outcomes.push(match self.transact(std::slice::from_ref(append)).await {
                        Ok(mut one) => one.pop().unwrap_or_else(|| Outcome::Refused(StoreError::Closed)),
                        Err(fault) => failed(&Arc::new(fault.during("append"))),
                    });
                }
                outcomes
            }
            Err(fault) => {
                let error = Arc::new(fault.during("append"));
                tracing::error!(error = ?error, appends = batch.len(), "write failed");
                batch.iter().map(|_| failed(&error)).collect()
            }
        }
    }

    /// One transaction; begun anew when others have stopped it.
    async fn transact(&mut self, appends: &[Append]) -> Result<Vec<Outcome>, Fault> {
        let mut batch = Batch::default();
        let refused: Vec<Option<StoreError>> = appends.iter().map(|append| batch.push(append).err()).collect();
        let mut written = Vec::new();
        if !batch.is_empty() {
            let mut tries = 0;
            written = loop {
                tries += 1;
                match self.commit(&batch).await {
                    Err(Fault::Sql(error)) if tries < AGAIN && cause(&error) == Cause::Again => {
                        tracing::warn!(error = %error, "transaction begun anew");
                    }
                    end => break end?,
                }
            };
        }
        let mut written = written.into_iter();
        let outcome = |refused: Option<StoreError>| match refused {
            Some(error) => Outcome::Refused(error),
            None => written.next().unwrap_or_else(|| Outcome::Refused(StoreError::Closed)),
        };
        Ok(refused.into_iter().map(outcome).collect())
    }

    async fn commit(&mut self, batch: &Batch) -> Result<Vec<Outcome>, Fault> {
        let mut connection = self.connect().await?;
        let end = tokio::time::timeout(ANSWER, batch.commit(&mut connection)).await;
        self.used = Instant::now();
        match end {
            Err(_) => Err(connection::late("append")),
            Ok(Ok(outcomes)) => {
                self.crew.commits.fetch_add(1, Ordering::Relaxed);
                self.connection = Some(connection);
                Ok(outcomes)
            }
            Ok(Err(error)) => {
                // After anything that is not about these appends, a new connection tells whether the server is well.
                if matches!(cause(&error), Cause::Own | Cause::Again) {
                    self.connection = Some(connection);
                }
                Err(error.into())
            }
        }
    }

    async fn connect(&mut self) -> Result<PgConnection, Fault> {
        if let Some(mut connection) = self.connection.take() {
            if self.used.elapsed() < IDLE {
                return Ok(connection);
            }
            if let Ok(Ok(())) = tokio::time::timeout(IDLE, connection.ping()).await {
                return Ok(connection);
            }
        }
        connection::open(&self.options).await
    }
}

fn failed(error: &Arc<StoreError>) -> Outcome {
    Outcome::Refused(database("append", Arc::clone(error)))
}

/// Completions are other people's code: a panic in one must not end the writer.
fn finish(append: Append, done: Completion, outcome: Outcome) {
    let end = match outcome {
        Outcome::Written => Ok(Appended { events: append.events }),
        Outcome::Conflict { actual } => Err(AppendError::Conflict { actual }),
        Outcome::Refused(error) => Err(AppendError::Failed(error)),
    };
    call(done, end);
}

fn call(done: Completion, end: Result<Appended, AppendError>) {
    if catch_unwind(AssertUnwindSafe(move || done(end))).is_err() {
        tracing::error!("a completion panicked");
    }
}

/// However the writers end, nobody waits for them for ever: what is queued is refused, and later appends are busy.
struct Leaving {
    queue: Arc<Queue>,
    crew: Arc<Crew>,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.queue.close();
        if self.crew.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            for (_, done) in self.queue.abandon() {
                call(done, Err(AppendError::Failed(StoreError::Closed)));
            }
        }
        // After those completions: who waits for this may believe that everybody has been answered.
        self.crew.left.send_modify(|left| *left -= 1);
    }
}
