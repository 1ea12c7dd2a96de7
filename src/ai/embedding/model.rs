//! The embedder of this process, in memory while somebody asks.

use super::{Embedder, ModelError, Vector, verify};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nobody asked for so long: the model's memory, several times that of an idle hub, is given back. Loading takes a fifth of a second.
const KEPT_IDLE: Duration = Duration::from_mins(10);

pub struct Model {
    folder: PathBuf,
    loaded: Mutex<Option<Loaded>>,
}

struct Loaded {
    embedder: Arc<Embedder>,
    used: Instant,
}

impl Model {
    /// The files are looked at, not loaded.
    ///
    /// # Errors
    /// When a file is missing or another one than the pinned.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        verify(folder)?;
        Ok(Self { folder: folder.to_owned(), loaded: Mutex::default() })
    }

    /// # Errors
    /// When the model can't be loaded or fails on the text.
    pub fn question(&self, text: &str) -> Result<Vector, ModelError> {
        self.embedder()?.question(text)
    }

    /// # Errors
    /// When the model can't be loaded or fails on the text.
    pub fn passage(&self, text: &str) -> Result<Vector, ModelError> {
        self.embedder()?.passage(text)
    }

    /// Who comes while it is loading waits for it, instead of loading a second one.
    fn embedder(&self) -> Result<Arc<Embedder>, ModelError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let embedder = match loaded.take() {
            Some(Loaded { embedder, .. }) => embedder,
            None => Arc::new(Embedder::load(&self.folder)?),
        };
        *loaded = Some(Loaded { embedder: Arc::clone(&embedder), used: Instant::now() });
        Ok(embedder)
    }

    /// Gives the memory back when nobody asked for a while.
    pub(super) fn rest(&self, now: Instant) {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.as_ref().is_some_and(|loaded| now.saturating_duration_since(loaded.used) > KEPT_IDLE) {
            *loaded = None;
        }
    }
}
