//! What agents answered, proposed as knowledge: an owner or admin edits, approves or rejects.

use crate::ai::knowledge::{MAX_ANSWER_CHARS, MAX_DOCUMENT_BYTES, MAX_QUESTION_CHARS};
use crate::ai::learn::{LEARNED_DOCUMENT, learned_line};
use crate::http::accounts::Faults;
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::{Admin, SignedIn};
use crate::http::state::AppState;
use crate::store::{Proposal, Verdict};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const SHOWN: usize = 200;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProposalList {
    /// Oldest first, at most 200.
    proposals: Vec<ProposalBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(in crate::http) struct ProposalBody {
    id: Uuid,
    conversation: Uuid,
    question: String,
    answer: String,
    /// Who answered.
    agent_name: String,
    made_at: i64,
}

/// The words under which it becomes knowledge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Approval {
    #[schema(min_length = 1, max_length = 500)]
    question: String,
    #[schema(min_length = 1, max_length = 4000)]
    answer: String,
}

/// Answers of agents that wait for a word of the owner.
#[utoipa::path(get, path = "/api/v1/chatbots/{chatbot}/learning", tag = "knowledge",
    params(("chatbot" = String, Path, description = "Its id")),
    responses((status = 200, body = ProposalList), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn list(
    state: Data<AppState>,
    signed_in: SignedIn,
    chatbot: Path<String>,
) -> Result<Json<ProposalList>, ApiError> {
    let chatbot = signed_in.chatbot(&state, &chatbot)?;
    let proposals = state.store.proposals(chatbot.id.clone(), SHOWN).await?;
    Ok(Json(ProposalList { proposals: proposals.into_iter().map(Into::into).collect() }))
}

/// Make it knowledge, in these words. The AI reads it at once.
#[utoipa::path(post, path = "/api/v1/chatbots/{chatbot}/learning/{proposal}/approve", tag = "knowledge", request_body = Approval,
    params(("chatbot" = String, Path, description = "Its id"), ("proposal" = Uuid, Path)),
    responses(
        (status = 204), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "There is no such open proposal"), (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(in crate::http) async fn approve(
    state: Data<AppState>,
    admin: Admin,
    path: Path<(String, String)>,
    approval: Json<Approval>,
) -> Result<HttpResponse, ApiError> {
    let (chatbot, proposal) = path.into_inner();
    let chatbot = admin.chatbot(&state, &chatbot)?.id.clone();
    let proposal: Uuid = proposal.parse().map_err(|_| ApiError::NotFound)?;
    let mut faults = Faults::default();
    let question = faults.line("question", &approval.question, 1, MAX_QUESTION_CHARS);
    let answer = faults.text("answer", &approval.answer, 1, MAX_ANSWER_CHARS);
    faults.check()?;
    let line = learned_line(proposal, &question, &answer);
    let heads = state.store.document_heads(chatbot.clone()).await?;
    let present = heads.iter().find(|head| head.name == LEARNED_DOCUMENT).map_or(0, |head| head.bytes as usize);
    if present + line.len() > MAX_DOCUMENT_BYTES {
        return Err(ApiError::UnreadableDocument(format!(
            "“{LEARNED_DOCUMENT}” is full. Download it, tidy it, and add it under another name."
        )));
    }
    let verdict =
        Verdict::Approve { question, answer, document: LEARNED_DOCUMENT.to_owned(), id: Uuid::now_v7(), line };
    settle(&state, &admin, &chatbot, proposal, verdict).await?;
    state.hub.knowledge_changed(&chatbot);
    Ok(HttpResponse::NoContent().finish())
}

/// Don't make it knowledge. It is not proposed again.
#[utoipa::path(post, path = "/api/v1/chatbots/{chatbot}/learning/{proposal}/reject", tag = "knowledge",
    params(("chatbot" = String, Path, description = "Its id"), ("proposal" = Uuid, Path)),
    responses(
        (status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "There is no such open proposal"), (status = 415, body = ErrorBody)))]
pub(in crate::http) async fn reject(
    state: Data<AppState>,
    admin: Admin,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (chatbot, proposal) = path.into_inner();
    let chatbot = admin.chatbot(&state, &chatbot)?.id.clone();
    let proposal: Uuid = proposal.parse().map_err(|_| ApiError::NotFound)?;
    settle(&state, &admin, &chatbot, proposal, Verdict::Reject).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn settle(
    state: &AppState,
    admin: &Admin,
    chatbot: &crate::domain::ids::ChatbotId,
    proposal: Uuid,
    verdict: Verdict,
) -> Result<(), ApiError> {
    let approved = matches!(verdict, Verdict::Approve { .. });
    if !state.store.decide_proposal(chatbot.clone(), proposal, verdict, state.now()).await? {
        return Err(ApiError::NotFound);
    }
    tracing::info!(chatbot.id = %chatbot, proposal.id = %proposal, agent.id = %admin.agent.id, approved, "proposal settled");
    Ok(())
}

impl From<Proposal> for ProposalBody {
    fn from(proposal: Proposal) -> Self {
        Self {
            id: proposal.id,
            conversation: proposal.conversation.0,
            question: proposal.question,
            answer: proposal.answer,
            agent_name: proposal.agent_name,
            made_at: proposal.made_at.0,
        }
    }
}
