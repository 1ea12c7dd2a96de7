//! What a chatbot knows: its documents, and how far the AI has read them.

use crate::ai::embedding::ModelStatus;
use crate::ai::knowledge::{FILE_ENDINGS, MediaKind};
use crate::directory::Chatbot;
use crate::http::accounts::Faults;
use crate::http::error_response::{ApiError, Chain, ErrorBody};
use crate::http::extractors::{Admin, SignedIn};
use crate::http::state::AppState;
use crate::library::{self, Change, LibraryError};
use crate::store::DocumentHead;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DocumentList {
    documents: Vec<Document>,
    indexing: Option<Indexing>,
    search: Search,
}

/// How questions are compared with the documents.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Search {
    /// Questions are compared by what they mean, not only by their words.
    by_meaning: bool,
    /// Passages that the search model has read so far; until it has read all, words alone rank.
    read_passages: usize,
    all_passages: usize,
    /// Why there is no search model, where one is wanted.
    missing: Option<String>,
}

impl Search {
    fn of(chatbot: &Chatbot, model: ModelStatus) -> Self {
        let knowledge = &chatbot.knowledge;
        Self {
            by_meaning: knowledge.understands(),
            read_passages: if knowledge.understands() { knowledge.len() } else { knowledge.read_passages() },
            all_passages: knowledge.len(),
            missing: match model {
                ModelStatus::Unavailable(why) => Some(why),
                ModelStatus::Off | ModelStatus::Ready => None,
            },
        }
    }
}

/// The AI reads documents that were added or changed; it answers from the earlier ones meanwhile.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Indexing {
    #[schema(minimum = 0, maximum = 99)]
    percent: u8,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Document {
    id: Uuid,
    name: String,
    kind: DocumentKind,
    bytes: u32,
    /// Pieces that can stand as an answer; null until the AI has read this version.
    passages: Option<usize>,
    updated_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AddedDocument {
    id: Uuid,
    name: String,
    kind: DocumentKind,
    bytes: u32,
    passages: usize,
    change: ChangeName,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum ChangeName {
    Added,
    Replaced,
    Unchanged,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum DocumentKind {
    Markdown,
    Text,
    Html,
    FaqCsv,
    Json,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewDocument {
    /// Its ending says how the text is read: .md, .txt, .html, .csv, .json or .jsonl. A document of the same name is replaced.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    text: String,
}

/// Documents of a chatbot, by name.
#[utoipa::path(get, path = "/api/v1/chatbots/{chatbot}/knowledge", tag = "knowledge",
    params(("chatbot" = String, Path, description = "Its id")),
    responses((status = 200, body = DocumentList), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn list(
    state: Data<AppState>,
    signed_in: SignedIn,
    chatbot: Path<String>,
) -> Result<Json<DocumentList>, ApiError> {
    let id = signed_in.chatbot(&state, &chatbot)?.id.clone();
    let heads = state.store.document_heads(id.clone()).await?;
    let indexing = state.chatbots.indexing(&id).map(|percent| Indexing { percent });
    // Looked up after the heads: what was read meanwhile counts as read.
    let chatbot = signed_in.chatbot(&state, id.as_str())?;
    let documents = heads.into_iter().map(|head| Document::of(head, &chatbot)).collect();
    let search = Search::of(&chatbot, state.chatbots.model_status());
    Ok(Json(DocumentList { documents, indexing, search }))
}

/// Add a document, or replace the one of the same name. It is checked and kept before the answer; the AI reads it right after.
#[utoipa::path(post, path = "/api/v1/chatbots/{chatbot}/knowledge", tag = "knowledge", request_body = NewDocument,
    params(("chatbot" = String, Path, description = "Its id")),
    responses(
        (status = 201, body = AddedDocument), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "The message says which line or entry can't be read and why")))]
pub(in crate::http) async fn add(
    state: Data<AppState>,
    admin: Admin,
    chatbot: Path<String>,
    document: Json<NewDocument>,
) -> Result<HttpResponse, ApiError> {
    let chatbot = admin.chatbot(&state, &chatbot)?.id.clone();
    let NewDocument { name, text } = document.into_inner();
    let limit = library::document_limit(state.config.limits.document_bytes);
    if text.len() > limit {
        return Err(ApiError::TooLarge { limit });
    }
    let mut faults = Faults::default();
    let name = faults.line("name", &name, 1, 200);
    faults.check()?;
    let document = library::NewDocument { chatbot: chatbot.clone(), name, text };
    let shelved = library::put(state.store.as_ref(), document, state.now()).await?;
    tracing::info!(chatbot.id = %chatbot, document.id = %shelved.head.id, passages = shelved.passages, change = ?shelved.change, "document put");
    if shelved.change != Change::Unchanged {
        state.hub.knowledge_changed(&chatbot);
    }
    let DocumentHead { id, name, bytes, .. } = shelved.head;
    Ok(HttpResponse::Created().json(AddedDocument {
        id,
        kind: kind(&name),
        name,
        bytes,
        passages: shelved.passages,
        change: match shelved.change {
            Change::Added => ChangeName::Added,
            Change::Replaced => ChangeName::Replaced,
            Change::Unchanged => ChangeName::Unchanged,
        },
    }))
}

/// Remove a document.
#[utoipa::path(delete, path = "/api/v1/chatbots/{chatbot}/knowledge/{document}", tag = "knowledge",
    params(("chatbot" = String, Path, description = "Its id"), ("document" = Uuid, Path)),
    responses(
        (status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn remove(
    state: Data<AppState>,
    admin: Admin,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (chatbot, document) = path.into_inner();
    let chatbot = admin.chatbot(&state, &chatbot)?;
    let document: Uuid = document.parse().map_err(|_| ApiError::NotFound)?;
    if !state.store.remove_document(chatbot.id.clone(), document).await? {
        return Err(ApiError::NotFound);
    }
    tracing::info!(chatbot.id = %chatbot.id, document.id = %document, "document removed");
    state.hub.knowledge_changed(&chatbot.id);
    Ok(HttpResponse::NoContent().finish())
}

impl Document {
    fn of(head: DocumentHead, chatbot: &Chatbot) -> Self {
        let read = chatbot.indexed.documents.get(&head.id).filter(|read| read.updated_at == head.updated_at);
        Self {
            id: head.id,
            kind: kind(&head.name),
            bytes: head.bytes,
            passages: read.map(|read| read.passages),
            updated_at: head.updated_at.0,
            name: head.name,
        }
    }
}

impl From<LibraryError> for ApiError {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::UnknownKind => Self::field("name", format!("must end in {FILE_ENDINGS}")),
            LibraryError::Unreadable(error) => Self::UnreadableDocument(Chain(&error).to_string()),
            LibraryError::Store(error) => error.into(),
            LibraryError::TooManyDocuments | LibraryError::TooMuchText => Self::UnreadableDocument(error.to_string()),
        }
    }
}

fn kind(name: &str) -> DocumentKind {
    match MediaKind::from_file_name(name) {
        Some(MediaKind::Markdown) => DocumentKind::Markdown,
        Some(MediaKind::Html) => DocumentKind::Html,
        Some(MediaKind::Csv) => DocumentKind::FaqCsv,
        Some(MediaKind::Json | MediaKind::JsonLines) => DocumentKind::Json,
        Some(MediaKind::PlainText) | None => DocumentKind::Text,
    }
}
