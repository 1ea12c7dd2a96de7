//! A question to try what a chatbot would say and do. Nothing is kept and nobody is told.

use crate::ai::answer::answer;
use crate::ai::detect::detect;
use crate::directory::Chatbot;
use crate::domain::conversation::{HandoffReason, HandoffStep, Signals, TurnOutcome, rehearse};
use crate::http::accounts::Faults;
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::SignedIn;
use crate::http::state::AppState;
use actix_web::web::{self, Data, Json, Path};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

const MOST_QUESTION_CHARS: usize = 2_000;
const SHOWN_PASSAGES: usize = 5;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Question {
    #[schema(min_length = 1, max_length = 2000)]
    question: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AnswerPreview {
    /// What the visitor would read; null when the AI would not answer, because a human is called instead.
    answer: Option<String>,
    sources: Vec<AnswerSource>,
    /// From 0 to 1.
    confidence: f32,
    /// The confidence reaches the chatbot's threshold: the answer is from its knowledge.
    answerable: bool,
    /// Best first.
    passages: Vec<FoundPassage>,
    detected: Detected,
    /// What would follow; null when no human would be offered.
    handoff: Option<HandoffPreview>,
    /// Percent of documents read, while the AI still reads some: it would answer from what it has.
    indexing: Option<u8>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AnswerSource {
    title: String,
    url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct FoundPassage {
    title: String,
    /// Headings above the title.
    path: Vec<String>,
    text: String,
    /// The document's id.
    document: String,
    /// Compares with the other passages of this answer: the best one has 1.
    score: f32,
}

/// What the detectors read in the question.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Detected {
    wants_human: bool,
    frustrated: bool,
    keyword: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct HandoffPreview {
    step: HandoffStepName,
    reason: ReasonName,
    /// The offer, or the waiting message.
    text: String,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum HandoffStepName {
    /// The AI asks first.
    Offered,
    /// At once.
    Requested,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum ReasonName {
    Button,
    Words,
    Frustration,
    Keyword,
    CannotAnswer,
}

/// What the AI would answer, from which passages, and whether it would offer a human.
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
    let indexing = state.chatbots.indexing(&chatbot.id);
    let preview = web::block(move || preview(&chatbot, &question, indexing));
    Ok(Json(preview.await.map_err(|error| ApiError::internal("preview an answer", error))?))
}

fn preview(chatbot: &Arc<Chatbot>, question: &str, indexing: Option<u8>) -> AnswerPreview {
    let settings = &chatbot.settings;
    let found = answer(&chatbot.knowledge, question, None);
    let confidence = found.confidence;
    let outcome = found.outcome(settings.confidence_threshold);
    let answerable = matches!(outcome, TurnOutcome::Answered { .. });
    let signals = detect(question, &settings.handoff.keywords);
    let rehearsal = rehearse(&chatbot.id, question, signals, outcome, settings);
    let hits = chatbot.knowledge.search(question, SHOWN_PASSAGES);
    let best = hits.first().map_or(1.0, |hit| hit.score).max(f32::MIN_POSITIVE);
    let passages = hits.iter().map(|hit| FoundPassage {
        title: hit.passage.title.clone(),
        path: hit.passage.heading_path.clone(),
        text: hit.passage.text.clone(),
        document: hit.passage.document.clone(),
        score: hit.score / best,
    });
    let said = rehearsal.said;
    AnswerPreview {
        sources: said
            .iter()
            .flat_map(|said| &said.sources)
            .map(|source| AnswerSource { title: source.title.clone(), url: source.url.clone() })
            .collect(),
        answer: said.map(|said| said.text),
        confidence,
        answerable,
        passages: passages.collect(),
        detected: signals.into(),
        handoff: rehearsal.handoff.map(|handoff| HandoffPreview {
            step: match handoff.step {
                HandoffStep::Offered => HandoffStepName::Offered,
                HandoffStep::Requested => HandoffStepName::Requested,
            },
            reason: handoff.reason.into(),
            text: handoff.text,
        }),
        indexing,
    }
}

impl From<Signals> for Detected {
    fn from(signals: Signals) -> Self {
        Self { wants_human: signals.wants_human, frustrated: signals.frustrated, keyword: signals.keyword }
    }
}

impl From<HandoffReason> for ReasonName {
    fn from(reason: HandoffReason) -> Self {
        match reason {
            HandoffReason::Button => Self::Button,
            HandoffReason::Words => Self::Words,
            HandoffReason::Frustration => Self::Frustration,
            HandoffReason::Keyword => Self::Keyword,
            HandoffReason::CannotAnswer => Self::CannotAnswer,
        }
    }
}
