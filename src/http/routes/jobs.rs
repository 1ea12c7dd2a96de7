//! What Baton owes: answers and mails, done, waiting and failed.

use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::SignedIn;
use crate::http::state::AppState;
use crate::store::{JobKind, JobRecord, JobState};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct JobQuery {
    state: Option<JobStateName>,
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u16>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum JobStateName {
    Pending,
    Failed,
    Done,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum JobKindName {
    AiAnswer,
    HandoffEmail,
    Learn,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct JobList {
    jobs: Vec<Job>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Job {
    id: Uuid,
    kind: JobKindName,
    conversation: Uuid,
    chatbot: String,
    /// When it runs next, or ran last.
    run_at: i64,
    attempts: u32,
    state: JobStateName,
    last_error: Option<String>,
    /// To whom it went, or why nobody was told.
    outcome: Option<String>,
}

/// Jobs of the workspace, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "operation", params(JobQuery),
    responses((status = 200, body = JobList), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(in crate::http) async fn list(
    state: Data<AppState>,
    signed_in: SignedIn,
    query: Query<JobQuery>,
) -> Result<Json<JobList>, ApiError> {
    let limit = usize::from(query.limit.unwrap_or(100));
    if !(1..=500).contains(&limit) {
        return Err(ApiError::BadRequest("limit must be from 1 to 500".into()));
    }
    let jobs = state.store.jobs(signed_in.agent.workspace, query.state.map(Into::into), limit).await?;
    Ok(Json(JobList { jobs: jobs.into_iter().map(Into::into).collect() }))
}

/// Try a failed job again, now.
#[utoipa::path(post, path = "/api/v1/jobs/{job}/retry", tag = "operation", params(("job" = Uuid, Path)),
    responses(
        (status = 202), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "There is no such failed job"), (status = 415, body = ErrorBody)))]
pub(in crate::http) async fn retry(
    state: Data<AppState>,
    signed_in: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id: Uuid = id.parse().map_err(|_| ApiError::NotFound)?;
    if !state.store.retry_job(signed_in.agent.workspace, id, state.now()).await? {
        return Err(ApiError::NotFound);
    }
    tracing::info!(job.id = %id, agent.id = %signed_in.agent.id, "job retried");
    state.hub.job_due();
    Ok(HttpResponse::Accepted().finish())
}

impl From<JobRecord> for Job {
    fn from(job: JobRecord) -> Self {
        Self {
            id: job.id,
            kind: match job.kind {
                JobKind::AiAnswer => JobKindName::AiAnswer,
                JobKind::HandoffEmail => JobKindName::HandoffEmail,
                JobKind::Learn => JobKindName::Learn,
            },
            conversation: job.conversation.0,
            chatbot: job.chatbot.to_string(),
            run_at: job.run_at.0,
            attempts: job.attempts,
            state: match job.state {
                JobState::Pending => JobStateName::Pending,
                JobState::Failed => JobStateName::Failed,
                JobState::Done => JobStateName::Done,
            },
            last_error: job.last_error,
            outcome: job.outcome,
        }
    }
}

impl From<JobStateName> for JobState {
    fn from(name: JobStateName) -> Self {
        match name {
            JobStateName::Pending => Self::Pending,
            JobStateName::Failed => Self::Failed,
            JobStateName::Done => Self::Done,
        }
    }
}
