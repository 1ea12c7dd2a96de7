//! Mail in the data folder, where it lies when no SMTP server is configured.

use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::SignedIn;
use crate::http::state::AppState;
use crate::notify::StoredMail;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct OutboxBody {
    smtp_configured: bool,
    /// Newest first.
    mails: Vec<MailRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct MailRow {
    id: Uuid,
    to: String,
    subject: String,
    at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Mail {
    id: Uuid,
    to: String,
    subject: String,
    at: i64,
    /// The plain text part.
    text: String,
}

/// Mails of the workspace that were written to the data folder.
#[utoipa::path(get, path = "/api/v1/outbox", tag = "operation",
    responses((status = 200, body = OutboxBody), (status = 401, body = ErrorBody)))]
pub(in crate::http) async fn list(state: Data<AppState>, signed_in: SignedIn) -> Result<Json<OutboxBody>, ApiError> {
    let mails = state.outbox.list(signed_in.agent.workspace).await;
    let mails = mails.map_err(|error| ApiError::internal("list the outbox", error))?;
    let row = |StoredMail { id, to, subject, at, .. }| MailRow { id, to, subject, at: at.0 };
    Ok(Json(OutboxBody {
        smtp_configured: state.config.mail.server().is_some(),
        mails: mails.into_iter().map(row).collect(),
    }))
}

/// One of them.
#[utoipa::path(get, path = "/api/v1/outbox/{mail}", tag = "operation", params(("mail" = Uuid, Path)),
    responses((status = 200, body = Mail), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn read(
    state: Data<AppState>,
    signed_in: SignedIn,
    id: Path<String>,
) -> Result<Json<Mail>, ApiError> {
    let id: Uuid = id.parse().map_err(|_| ApiError::NotFound)?;
    let found = state.outbox.read(signed_in.agent.workspace, id).await;
    let found = found.map_err(|error| ApiError::internal("read a mail of the outbox", error))?;
    let StoredMail { id, to, subject, at, text } = found.ok_or(ApiError::NotFound)?;
    Ok(Json(Mail { id, to, subject, at: at.0, text }))
}
