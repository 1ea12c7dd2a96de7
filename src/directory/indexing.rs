//! From documents to an index, with a progress that people can watch.
//!
//! An index is derived from the rows of documents, so a kill at any point costs nothing: the next start builds it again. One build
//! at a time per chatbot; a change meanwhile makes it run once more, however many changes there were.

use crate::ai::knowledge::{self, KnowledgeDocument, MediaKind, Passage};
use crate::ai::retrieval::KnowledgeIndex;
use crate::domain::ids::ChatbotId;
use crate::domain::time::UnixMillis;
use crate::store::{DocumentRecord, KnowledgeStamp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// What an index was built from.
#[derive(Default)]
pub struct Indexed {
    pub documents: HashMap<Uuid, IndexedDocument>,
    pub(super) stamp: KnowledgeStamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedDocument {
    /// Which version of it.
    pub updated_at: UnixMillis,
    pub passages: usize,
}

pub(super) struct Built {
    pub(super) index: Arc<KnowledgeIndex>,
    pub(super) indexed: Arc<Indexed>,
}

/// A build under way.
#[derive(Default)]
pub(super) struct Progress {
    done: AtomicUsize,
    total: AtomicUsize,
    /// Documents changed since it read them.
    again: AtomicBool,
}

/// Reading a document is to indexing it about what one is to so many: the bar moves evenly.
const BYTES_PER_STEP: usize = 4_096;

impl Progress {
    /// From 0 to 99: with 100 it is over, and not here any more.
    fn percent(&self) -> u8 {
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        u8::try_from((done * 100).checked_div(total).unwrap_or(0).min(99)).unwrap_or(99)
    }

    fn expect(&self, steps: usize) {
        self.total.fetch_add(steps, Ordering::Relaxed);
    }

    fn advance(&self, steps: usize) {
        self.done.fetch_add(steps, Ordering::Relaxed);
    }
}

/// The builds under way, by chatbot.
#[derive(Default)]
pub(super) struct Builds(Mutex<HashMap<ChatbotId, Arc<Progress>>>);

impl Builds {
    /// `None` when a build is under way; it will run once more.
    pub(super) fn begin(&self, chatbot: &ChatbotId) -> Option<Arc<Progress>> {
        let mut builds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = builds.get(chatbot) {
            running.again.store(true, Ordering::Relaxed);
            return None;
        }
        let progress = Arc::new(Progress::default());
        builds.insert(chatbot.clone(), Arc::clone(&progress));
        Some(progress)
    }

    /// The next round of the same build when documents changed since `finished` read them, else the end.
    pub(super) fn go_on(&self, chatbot: &ChatbotId, finished: &Progress) -> Option<Arc<Progress>> {
        let mut builds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        builds.remove(chatbot);
        finished.again.load(Ordering::Relaxed).then(|| {
            let progress = Arc::new(Progress::default());
            builds.insert(chatbot.clone(), Arc::clone(&progress));
            progress
        })
    }

    pub(super) fn percent(&self, chatbot: &ChatbotId) -> Option<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(chatbot).map(|progress| progress.percent())
    }
}

/// The index over documents. Each was parsed when it was put in, so one that can't be read now is a bug and is said so; the
/// others still answer.
pub(super) async fn build(documents: Vec<DocumentRecord>, progress: Arc<Progress>) -> Option<Built> {
    match actix_rt::task::spawn_blocking(move || build_now(documents, &progress)).await {
        Ok(built) => Some(built),
        Err(error) => {
            tracing::error!(error = %error, "building a knowledge index failed");
            None
        }
    }
}

fn build_now(documents: Vec<DocumentRecord>, progress: &Progress) -> Built {
    let mut indexed = Indexed { stamp: KnowledgeStamp::of(&documents), ..Indexed::default() };
    progress.expect(documents.iter().map(|document| steps(&document.text)).sum());
    let mut passages: Vec<Passage> = Vec::new();
    for record in documents {
        let read = steps(&record.text);
        let found = parse(&record);
        progress.advance(read);
        let known = IndexedDocument { updated_at: record.updated_at, passages: found.len() };
        indexed.documents.insert(record.id, known);
        progress.expect(found.len());
        passages.extend(found);
    }
    let index = KnowledgeIndex::watched(passages, &mut || progress.advance(1));
    Built { index: Arc::new(index), indexed: Arc::new(indexed) }
}

fn steps(text: &str) -> usize {
    text.len() / BYTES_PER_STEP + 1
}

fn parse(record: &DocumentRecord) -> Vec<Passage> {
    let Some(kind) = MediaKind::from_file_name(&record.name) else { return Vec::new() };
    let document = KnowledgeDocument {
        id: record.id.to_string(),
        name: record.name.clone(),
        kind,
        text: record.text.clone(),
        url: None,
    };
    knowledge::parse(&document).unwrap_or_else(|error| {
        tracing::error!(document.id = %document.id, error = ?error, "document can't be read");
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, text: &str) -> DocumentRecord {
        DocumentRecord {
            id: Uuid::new_v4(),
            chatbot: "shop".parse().unwrap(),
            name: name.into(),
            text: text.into(),
            updated_at: UnixMillis(7),
        }
    }

    #[test]
    fn an_index_says_what_it_was_built_from() {
        let (good, bad) = (record("a.md", "# Bells\nWe sell bells."), record("b.json", "{"));
        let (known, progress) = ((good.id, bad.id), Progress::default());
        let built = build_now(vec![good, bad], &progress);
        let passages = |id| built.indexed.documents[&id].passages;
        assert_eq!((built.index.len(), passages(known.0), passages(known.1)), (1, 1, 0));
        assert_eq!(progress.done.load(Ordering::Relaxed), progress.total.load(Ordering::Relaxed));
        assert_eq!(progress.percent(), 99);
    }

    /// A change while a build runs must not be lost, and ten changes must not cost ten builds.
    #[test]
    fn changes_meanwhile_make_one_more_round() {
        let (builds, chatbot) = (Builds::default(), "shop".parse().unwrap());
        let first = builds.begin(&chatbot).unwrap();
        for _ in 0..10 {
            assert!(builds.begin(&chatbot).is_none());
        }
        assert_eq!(builds.percent(&chatbot), Some(0));
        let second = builds.go_on(&chatbot, &first).unwrap();
        assert!(builds.go_on(&chatbot, &second).is_none());
        assert_eq!(builds.percent(&chatbot), None);
    }
}
