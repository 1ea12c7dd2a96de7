//! The first start: a workspace, its owner, and a first chatbot.

use crate::domain::ids::AgentId;
use crate::http::accounts::{Faults, Me};
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::session;
use crate::http::state::AppState;
use crate::store::{AgentRecord, AvailabilityRecord, Role, SetUp};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct SetupState {
    /// No owner exists yet.
    needed: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SetupForm {
    /// Printed by the server at its start.
    token: String,
    /// Name of the workspace.
    #[schema(min_length = 1, max_length = 80)]
    workspace: String,
    /// Name of the owner, as visitors see it.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(min_length = 10, max_length = 200)]
    password: String,
}

/// Whether the installation waits for its owner.
#[utoipa::path(get, path = "/api/v1/setup", tag = "accounts", security(()),
    responses((status = 200, body = SetupState), (status = 503, body = ErrorBody)))]
pub(in crate::http) async fn needed(state: Data<AppState>) -> Result<Json<SetupState>, ApiError> {
    Ok(Json(SetupState { needed: is_needed(&state).await? }))
}

/// The owner may have been made on another node.
async fn is_needed(state: &AppState) -> Result<bool, ApiError> {
    if state.setup.is_open() && !state.store.needs_set_up().await? {
        state.setup.close();
    }
    Ok(state.setup.is_open())
}

/// Make the owner's account and sign in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "accounts", security(()), request_body = SetupForm,
    responses(
        (status = 201, body = Me, headers(("Set-Cookie" = String, description = "The session"))),
        (status = 400, body = ErrorBody), (status = 403, body = ErrorBody, description = "Wrong or used token"),
        (status = 409, body = ErrorBody, description = "There is an owner already"),
        (status = 413, body = ErrorBody), (status = 415, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 503, body = ErrorBody)))]
pub(in crate::http) async fn set_up(state: Data<AppState>, form: Json<SetupForm>) -> Result<HttpResponse, ApiError> {
    let form = form.into_inner();
    if !is_needed(&state).await? {
        return Err(ApiError::AlreadySetUp);
    }
    if !state.setup.admits(&form.token) {
        return Err(ApiError::WrongSetupToken);
    }
    let mut faults = Faults::default();
    let workspace_name = faults.line("workspace", &form.workspace, 1, 80);
    let name = faults.line("name", &form.name, 1, 80);
    let email = faults.email("email", &form.email);
    faults.password("password", &form.password);
    faults.check()?;

    let owner = AgentRecord {
        id: AgentId::generate(),
        workspace: state.store.first_workspace().await?.id,
        name,
        email,
        role: Role::Owner,
        password_hash: state.passwords.hash(form.password).await?,
        availability: AvailabilityRecord::Online,
    };
    // The store admits one owner, however many requests hold the right token at once.
    if !state.store.set_up(SetUp { workspace_name, owner: owner.clone() }).await? {
        state.setup.close();
        return Err(ApiError::AlreadySetUp);
    }
    state.setup.close();
    tracing::info!(agent.id = %owner.id, "owner made");
    let cookie = session::begin(&state, owner.id).await?;
    Ok(HttpResponse::Created().cookie(cookie).json(Me::of(&state, owner).await?))
}
