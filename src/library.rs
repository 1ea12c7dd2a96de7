//! The documents of a chatbot: what may be added, and how, whoever asks (console, command line, an approved answer).
//!
//! A document is a row; what the AI answers from is derived from rows (`directory`). LIBRARY-1: what can't be read, or is past a
//! limit, is refused with the place and the reason before anything is written.

use crate::ai::knowledge::{
    FILE_ENDINGS, KnowledgeDocument, KnowledgeError, MAX_DOCUMENT_BYTES, MediaKind, Passage, parse,
};
use crate::domain::ids::ChatbotId;
use crate::domain::time::UnixMillis;
use crate::store::{DocumentHead, DocumentRecord, Store, StoreError};
use uuid::Uuid;

pub const MAX_DOCUMENTS: usize = 2_000;
/// Text of all documents of a chatbot: an index takes several times as much memory.
pub const MAX_TEXT_BYTES: u64 = 64 << 20;

/// A file for a chatbot.
#[derive(Debug)]
pub struct NewDocument {
    pub chatbot: ChatbotId,
    /// File name; its ending says how the text is read. A document of the same name is replaced.
    pub name: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Added,
    Replaced,
    /// The same text was there already; nothing was written.
    Unchanged,
}

/// A document that is in the library now.
#[derive(Debug)]
pub struct Shelved {
    pub head: DocumentHead,
    pub passages: usize,
    pub change: Change,
}

#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    #[error("the name must end in {FILE_ENDINGS}")]
    UnknownKind,
    #[error("a chatbot can have {MAX_DOCUMENTS} documents, and this one has them")]
    TooManyDocuments,
    #[error("all documents of a chatbot together can have {} MB of text; with this one it would be more", MAX_TEXT_BYTES >> 20)]
    TooMuchText,
    /// The place and the reason are in the source.
    #[error("the document can't be read")]
    Unreadable(#[source] KnowledgeError),
    #[error("the document can't be kept")]
    Store(#[from] StoreError),
}

/// Read it, and keep it when it can be read.
///
/// # Errors
/// [`LibraryError`]; nothing was changed then.
pub async fn put(store: &dyn Store, document: NewDocument, now: UnixMillis) -> Result<Shelved, LibraryError> {
    let NewDocument { chatbot, name, text } = document;
    let kind = MediaKind::from_file_name(&name).ok_or(LibraryError::UnknownKind)?;
    let heads = store.document_heads(chatbot.clone()).await?;
    let old = heads.iter().find(|head| head.name == name);
    if old.is_none() && heads.len() >= MAX_DOCUMENTS {
        return Err(LibraryError::TooManyDocuments);
    }
    let others: u64 = heads.iter().filter(|head| head.name != name).map(|head| u64::from(head.bytes)).sum();
    if others + text.len() as u64 > MAX_TEXT_BYTES {
        return Err(LibraryError::TooMuchText);
    }
    let same_size = old.is_some_and(|old| old.bytes as usize == text.len());
    let unchanged = match old.filter(|_| same_size) {
        Some(old) => store.document(chatbot.clone(), old.id).await?.is_some_and(|document| document.text == text),
        None => false,
    };
    let id = old.map_or_else(Uuid::now_v7, |old| old.id);
    let (passages, text) =
        count(KnowledgeDocument { id: id.to_string(), name: name.clone(), kind, text, url: None }).await;
    let passages = passages.map_err(LibraryError::Unreadable)?;
    let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let change = match old {
        Some(_) if unchanged => Change::Unchanged,
        Some(_) => Change::Replaced,
        None => Change::Added,
    };
    let updated_at = old.filter(|_| unchanged).map_or(now, |old| old.updated_at);
    let mut head = DocumentHead { id, name: name.clone(), bytes, updated_at };
    if !unchanged {
        head.id = store.put_document(DocumentRecord { id, chatbot, name, text, updated_at }).await?;
    }
    Ok(Shelved { head, passages, change })
}

/// Passages of a document, off the caller's thread; gives the text back.
async fn count(document: KnowledgeDocument) -> (Result<usize, KnowledgeError>, String) {
    let read = move || (parse(&document).map(|passages: Vec<Passage>| passages.len()), document.text);
    match actix_rt::task::spawn_blocking(read).await {
        Ok(read) => read,
        Err(panicked) => {
            tracing::error!(error = %panicked, "reading a document failed");
            (Err(KnowledgeError::Empty), String::new())
        }
    }
}

/// The largest document under a configured limit.
pub fn document_limit(configured: usize) -> usize {
    configured.min(MAX_DOCUMENT_BYTES)
}
