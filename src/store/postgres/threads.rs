//! The store's own threads. Connections live on them, not on those of whoever asks: so that no connection depends on the life of the
//! worker that first used it.

use super::fault::{Fault, database};
use crate::store::StoreError;
use std::cell::Cell;
use std::time::SystemTime;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;

/// Threads for all connections.
const THREADS: usize = 2;

thread_local! {
    static OWN: Cell<bool> = const { Cell::new(false) };
    static CLOCK: Cell<i64> = const { Cell::new(0) };
}

/// A runtime on its way into the store: it must not be dropped inside another.
pub(super) struct Threads(Option<Runtime>);

impl Threads {
    /// Their clock is so many milliseconds ahead of the system's.
    pub(super) fn start(clock: i64) -> Result<Self, StoreError> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("store-pg")
            .on_thread_start(move || {
                OWN.set(true);
                CLOCK.set(clock);
            })
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| database("start the store", error))
    }

    pub(super) fn handle(&self) -> Result<Handle, StoreError> {
        self.0.as_ref().map(|runtime| runtime.handle().clone()).ok_or(StoreError::Closed)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Whether the caller is one of them, which must not wait for the others.
pub(super) fn is_own() -> bool {
    OWN.get()
}

/// The node's clock, which `clock_skew` compares with the database's.
pub(in crate::store) fn node_now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX).saturating_add(CLOCK.get())
}

/// Run on the store's threads from now on; the future is only the answer.
pub(super) fn on<T: Send + 'static>(
    handle: &Handle,
    action: &'static str,
    work: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> impl Future<Output = Result<T, StoreError>> + Send + 'static {
    let (reply, answer) = oneshot::channel();
    handle.spawn(async move {
        // Nobody may be waiting any more.
        let _ = reply.send(work.await.map_err(|fault| fault.during(action)));
    });
    async move { answer.await.unwrap_or(Err(StoreError::Closed)) }
}
