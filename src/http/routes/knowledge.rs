//! What a chatbot knows: documents of the owner, and a question to try them with.

use crate::ai::answer::answer;
use crate::ai::knowledge::{KnowledgeDocument, KnowledgeError, MAX_DOCUMENT_BYTES, MediaKind, Passage, parse};
use crate::ai::retrieval::KnowledgeIndex;
use crate::http::accounts::Faults;
use crate::http::error_response::{ApiError, Chain, ErrorBody};
use crate::http::extractors::{Admin, SignedIn};
use crate::http::state::AppState;
use crate::store::DocumentRecord;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Documents of one chatbot.
const MOST_DOCUMENTS: usize = 500;
const MOST_QUESTION_CHARS: usize = 2_000;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DocumentList {
    documents: Vec<Document>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Document {
    id: Uuid,
    name: String,
    kind: DocumentKind,
    bytes: usize,
    /// Pieces that can stand as an answer.
    passages: usize,
    updated_at: i64,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum DocumentKind {
    Markdown,
    Text,
    FaqCsv,
    FaqJson,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewDocument {
    /// Its ending says how the text is read: .md, .txt, .csv, .json or .jsonl. A document of the same name is replaced.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Question {
    #[schema(min_length = 1, max_length = 2000)]
    question: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AnswerPreview {
    answer: String,
    /// From 0 to 1.
    confidence: f32,
    /// The confidence reaches the chatbot's threshold: the AI would say this.
    answerable: bool,
    sources: Vec<AnswerSource>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AnswerSource {
    title: String,
    url: Option<String>,
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
    let chatbot = signed_in.chatbot(&state, &chatbot)?;
    let documents = state.store.documents(chatbot.id.clone()).await?;
    let documents = in_background(move || documents.iter().map(Document::counted).collect()).await?;
    Ok(Json(DocumentList { documents }))
}

/// Add a document, or replace the one of the same name.
#[utoipa::path(post, path = "/api/v1/chatbots/{chatbot}/knowledge", tag = "knowledge", request_body = NewDocument,
    params(("chatbot" = String, Path, description = "Its id")),
    responses(
        (status = 201, body = Document), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "The message says which line can't be read and why")))]
pub(in crate::http) async fn add(
    state: Data<AppState>,
    admin: Admin,
    chatbot: Path<String>,
    document: Json<NewDocument>,
) -> Result<HttpResponse, ApiError> {
    let chatbot = admin.chatbot(&state, &chatbot)?;
    let NewDocument { name, text } = document.into_inner();
    let limit = state.config.limits.document_bytes.min(MAX_DOCUMENT_BYTES);
    if text.len() > limit {
        return Err(ApiError::TooLarge { limit });
    }
    let mut faults = Faults::default();
    let name = faults.line("name", &name, 1, 200);
    if MediaKind::from_file_name(&name).is_none() {
        faults.add("name", "must end in .md, .txt, .csv, .json or .jsonl");
    }
    let others = state.store.documents(chatbot.id.clone()).await?;
    if others.len() >= MOST_DOCUMENTS && others.iter().all(|other| other.name != name) {
        faults.add("name", format!("must be one of the {MOST_DOCUMENTS} documents that a chatbot can have"));
    }
    faults.check()?;

    let record =
        DocumentRecord { id: Uuid::now_v7(), chatbot: chatbot.id.clone(), name, text, updated_at: state.now() };
    let (mut record, parsed) = in_background(move || {
        let parsed = passages(&record);
        (record, parsed)
    })
    .await?;
    let passages = parsed.map_err(|error| ApiError::UnreadableDocument(Chain(&error).to_string()))?.len();
    record.id = state.store.put_document(record.clone()).await?;
    tracing::info!(chatbot.id = %chatbot.id, document.id = %record.id, passages, "document added");
    state.hub.knowledge_changed(&chatbot.id);
    Ok(HttpResponse::Created().json(Document::of(&record, passages)))
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

/// What the AI would answer. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/chatbots/{chatbot}/knowledge/ask", tag = "knowledge", request_body = Question,
    params(("chatbot" = String, Path, description = "Its id")),
    responses(
        (status = 200, body = AnswerPreview), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(in crate::http) async fn ask(
    state: Data<AppState>,
    signed_in: SignedIn,
    chatbot: Path<String>,
    question: Json<Question>,
) -> Result<Json<AnswerPreview>, ApiError> {
    let chatbot = signed_in.chatbot(&state, &chatbot)?;
    let mut faults = Faults::default();
    let question = faults.text("question", &question.question, 1, MOST_QUESTION_CHARS);
    faults.check()?;
    let documents = state.store.documents(chatbot.id.clone()).await?;
    // Read afresh, so that the preview shows what was saved a moment ago.
    let found = in_background(move || {
        let known = documents.iter().flat_map(|document| passages(document).unwrap_or_default()).collect();
        answer(&KnowledgeIndex::new(known), &question, None)
    })
    .await?;
    Ok(Json(AnswerPreview {
        answerable: !found.text.is_empty() && found.confidence >= chatbot.settings.confidence_threshold,
        answer: found.text,
        confidence: found.confidence,
        sources: found
            .sources
            .into_iter()
            .map(|source| AnswerSource { title: source.title, url: source.url })
            .collect(),
    }))
}

impl Document {
    fn of(record: &DocumentRecord, passages: usize) -> Self {
        Self {
            id: record.id,
            kind: kind(record),
            bytes: record.text.len(),
            passages,
            updated_at: record.updated_at.0,
            name: record.name.clone(),
        }
    }

    /// A stored document could be read when it was added; one that a later version can't read has no passages.
    fn counted(record: &DocumentRecord) -> Self {
        Self::of(record, passages(record).map_or(0, |passages| passages.len()))
    }
}

fn kind(record: &DocumentRecord) -> DocumentKind {
    match MediaKind::from_file_name(&record.name) {
        Some(MediaKind::Markdown) => DocumentKind::Markdown,
        Some(MediaKind::Csv) => DocumentKind::FaqCsv,
        Some(MediaKind::Json | MediaKind::JsonLines) => DocumentKind::FaqJson,
        Some(MediaKind::PlainText) | None => DocumentKind::Text,
    }
}

fn passages(record: &DocumentRecord) -> Result<Vec<Passage>, KnowledgeError> {
    parse(&KnowledgeDocument {
        id: record.id.to_string(),
        name: record.name.clone(),
        kind: MediaKind::from_file_name(&record.name).unwrap_or(MediaKind::PlainText),
        text: record.text.clone(),
        url: None,
    })
}

async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    web::block(work).await.map_err(|error| ApiError::internal("read documents in the background", error))
}
