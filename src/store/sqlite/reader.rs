//! Readers: a few threads with read-only connections, so that no async caller ever waits for the disk on its own thread.

use super::connection;
use super::fault::Fault;
use crate::store::StoreError;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use tokio::sync::oneshot;

const THREADS: usize = 2;

type Job = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// `None` after the pool was dropped.
    jobs: Mutex<Option<VecDeque<Job>>>,
    changed: Condvar,
}

impl Readers {
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared { jobs: Mutex::new(Some(VecDeque::new())), changed: Condvar::new() });
        let readers = Self { shared: Arc::clone(&shared) };
        for number in 0..THREADS {
            let connection = connection::reader(path)?;
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name(format!("store-read-{number}"))
                .spawn(move || work(&shared, &connection))
                .map_err(|error| super::fault::database("start a reader", error))?;
        }
        Ok(readers)
    }

    /// Run `read` in a snapshot: everything whose completion was called before this call, and nothing half-written.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        action: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // The caller may have gone away while this waited.
            if !reply.is_closed() {
                let _ = reply.send(snapshot(connection, read).map_err(|fault| fault.during(action)));
            }
        });
        if let Some(jobs) = &mut *self.shared.jobs.lock().unwrap_or_else(PoisonError::into_inner) {
            jobs.push_back(job);
        }
        self.shared.changed.notify_one();
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        *self.shared.jobs.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.shared.changed.notify_all();
    }
}

fn snapshot<T>(connection: &Connection, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let result = read(connection);
    connection.prepare_cached("COMMIT")?.execute([])?;
    result
}

fn work(shared: &Shared, connection: &Connection) {
    loop {
        let mut jobs = shared.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let job = loop {
            let Some(waiting) = &mut *jobs else { return };
            match waiting.pop_front() {
                Some(job) => break job,
                None => jobs = shared.changed.wait(jobs).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(jobs);
        job(connection);
    }
}
