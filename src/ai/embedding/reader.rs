//! Reads what chatbots know, in a thread of its own: tens of passages a second, while the words of all of them answer already.

use super::{Model, ModelError, VectorCache};
use crate::ai::retrieval::{KnowledgeIndex, Meanings};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

/// Passages of one index before another gets its turn: a small change is not kept waiting by a long import.
const TURN: usize = 16;
/// How often the model is asked whether it may rest.
const LOOK: Duration = Duration::from_mins(1);

/// Whether questions are compared by meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelStatus {
    /// Whoever runs the server wants none.
    Off,
    Ready,
    /// And why; words alone rank.
    Unavailable(String),
}

/// The hub's way to the reading thread, which ends with it.
pub struct KnowledgeReader {
    status: Arc<RwLock<ModelStatus>>,
    /// One weak pointer a change: an index that was replaced meanwhile is freed, whatever waits here.
    queue: Option<Sender<Weak<KnowledgeIndex>>>,
}

impl KnowledgeReader {
    /// Without a model, and why.
    pub fn without(status: ModelStatus) -> Self {
        Self { status: Arc::new(RwLock::new(status)), queue: None }
    }

    /// With a model; the file keeps what was read for the next start.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(model: Model, cache: PathBuf) -> std::io::Result<Self> {
        let status = Arc::new(RwLock::new(ModelStatus::Ready));
        let (queue, indexes) = channel();
        let reading = Reading { model: Arc::new(model), cache, status: Arc::clone(&status) };
        std::thread::Builder::new().name("knowledge-reader".into()).spawn(move || reading.run(&indexes))?;
        Ok(Self { status, queue: Some(queue) })
    }

    pub fn status(&self) -> ModelStatus {
        self.status.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Have this index read, unless it is already.
    pub fn read(&self, index: &Arc<KnowledgeIndex>) {
        if let Some(queue) = self.queue.as_ref().filter(|_| !index.is_empty() && !index.understands())
            && queue.send(Arc::downgrade(index)).is_err()
        {
            tracing::error!("the thread that reads knowledge has ended; new knowledge is searched by words alone");
        }
    }
}

struct Reading {
    model: Arc<Model>,
    cache: PathBuf,
    status: Arc<RwLock<ModelStatus>>,
}

impl Reading {
    fn run(&self, indexes: &Receiver<Weak<KnowledgeIndex>>) {
        let mut cache = VectorCache::open(&self.cache).unwrap_or_else(|error| {
            tracing::warn!(error = %error, "vectors can't be kept; knowledge is read again at each start");
            VectorCache::default()
        });
        let mut works: VecDeque<Work> = VecDeque::new();
        loop {
            let next = if works.is_empty() { indexes.recv_timeout(LOOK) } else { now(indexes) };
            match next {
                Ok(index) => works.push_back(Work::begin(index, &self.model)),
                Err(RecvTimeoutError::Timeout) if works.is_empty() => self.model.rest(Instant::now()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let Some(work) = works.pop_front() else { continue };
            match work.go_on(&self.model, &mut cache) {
                Ok(left) => works.extend(left),
                Err(error) => {
                    tracing::error!(error = %error, "the model failed; this knowledge is searched by words alone");
                    *self.status.write().unwrap_or_else(PoisonError::into_inner) =
                        ModelStatus::Unavailable(error.to_string());
                }
            }
        }
    }
}

fn now<T>(queue: &Receiver<T>) -> Result<T, RecvTimeoutError> {
    queue.try_recv().map_err(|error| match error {
        TryRecvError::Empty => RecvTimeoutError::Timeout,
        TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
    })
}

/// One index on the way to being read.
struct Work {
    index: Weak<KnowledgeIndex>,
    /// The next passage.
    at: usize,
    meanings: Meanings,
    since: Instant,
}

impl Work {
    fn begin(index: Weak<KnowledgeIndex>, model: &Arc<Model>) -> Self {
        Self { index, at: 0, meanings: Meanings::new(Arc::clone(model)), since: Instant::now() }
    }

    /// What is left to do.
    fn go_on(mut self, model: &Model, cache: &mut VectorCache) -> Result<Option<Self>, ModelError> {
        // Replaced meanwhile: its successor is in the queue, and what was read is in the cache.
        let Some(index) = self.index.upgrade().filter(|index| !index.understands()) else { return Ok(None) };
        let end = index.len().min(self.at + TURN);
        for passage in self.at..end {
            for text in index.texts(passage) {
                let vector = cache.get_or(&text, |text| model.passage(text))?;
                self.meanings.push(passage, &vector);
            }
        }
        self.at = end;
        index.set_read(end);
        if end < index.len() {
            return Ok(Some(self));
        }
        let took_ms = self.since.elapsed().as_millis() as u64;
        tracing::info!(passages = end, texts = self.meanings.len(), took_ms, "knowledge read");
        index.understand(self.meanings);
        Ok(None)
    }
}
