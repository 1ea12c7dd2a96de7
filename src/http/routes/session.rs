//! Signing in and out.

use crate::http::accounts::Me;
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::{ClientAddress, SignedIn};
use crate::http::session;
use crate::http::state::AppState;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use std::time::Instant;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Credentials {
    email: String,
    password: String,
}

/// Sign in.
#[utoipa::path(post, path = "/api/v1/session", tag = "accounts", security(()), request_body = Credentials,
    responses(
        (status = 200, body = Me, headers(("Set-Cookie" = String, description = "The session"))),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 429, body = ErrorBody, headers(("Retry-After" = u64, description = "Seconds"))),
        (status = 503, body = ErrorBody)))]
pub(in crate::http) async fn sign_in(
    request: HttpRequest,
    state: Data<AppState>,
    ClientAddress(address): ClientAddress,
    credentials: Json<Credentials>,
) -> Result<HttpResponse, ApiError> {
    let Credentials { email, password } = credentials.into_inner();
    if let Err(wait) = state.logins.begin(&email, address, Instant::now()) {
        tracing::warn!("sign-in refused: too many attempts");
        return Err(ApiError::TooManyAttempts { retry_after_seconds: wait.as_secs() + 1 });
    }
    // No account has a longer one; the text is not worth hashing.
    if password.len() > 1024 || email.len() > 320 {
        return Err(ApiError::WrongPassword);
    }
    let agent = state.store.agent_by_email(email.trim().to_owned()).await?;
    let stored = agent.as_ref().map(|agent| agent.password_hash.clone());
    let matches = state.passwords.verify(password, stored).await?;
    let Some(agent) = agent.filter(|_| matches) else {
        tracing::info!("sign-in refused: wrong e-mail or password");
        return Err(ApiError::WrongPassword);
    };
    state.logins.succeeded(&email, address, Instant::now());
    if let Some(old) = session::named_by(&request, &state.public_url) {
        state.store.remove_session(old.0).await?;
        state.hub.session_ended(agent.id, old);
    }
    let cookie = session::begin(&state, agent.id).await?;
    tracing::info!(agent.id = %agent.id, "signed in");
    Ok(HttpResponse::Ok().cookie(cookie).json(Me::of(&state, agent).await?))
}

/// Sign out, here and on the sockets of this session.
#[utoipa::path(delete, path = "/api/v1/session", tag = "accounts",
    responses((status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(in crate::http) async fn sign_out(state: Data<AppState>, signed_in: SignedIn) -> Result<HttpResponse, ApiError> {
    state.store.remove_session(signed_in.session.0).await?;
    state.hub.session_ended(signed_in.agent.id, signed_in.session);
    Ok(HttpResponse::NoContent().cookie(session::expired_cookie(&state.public_url)).finish())
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/me", tag = "accounts",
    responses((status = 200, body = Me), (status = 401, body = ErrorBody)))]
pub(in crate::http) async fn me(state: Data<AppState>, signed_in: SignedIn) -> Result<Json<Me>, ApiError> {
    Ok(Json(Me::of(&state, signed_in.agent).await?))
}
