//! The team.

use crate::http::accounts::{AvailabilityName, RoleName};
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::SignedIn;
use crate::http::state::AppState;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AgentList {
    agents: Vec<AgentBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
pub(in crate::http) struct AgentBody {
    id: Uuid,
    name: String,
    email: String,
    role: RoleName,
    availability: AvailabilityName,
}

/// Everybody in the workspace.
#[utoipa::path(get, path = "/api/v1/agents", tag = "accounts",
    responses((status = 200, body = AgentList), (status = 401, body = ErrorBody)))]
pub(in crate::http) async fn list(state: Data<AppState>, signed_in: SignedIn) -> Result<Json<AgentList>, ApiError> {
    let agents = state.store.agents(signed_in.agent.workspace).await?;
    let agents = agents.into_iter().map(|agent| AgentBody {
        id: agent.id.0,
        name: agent.name,
        email: agent.email,
        role: agent.role.into(),
        availability: agent.availability.into(),
    });
    Ok(Json(AgentList { agents: agents.collect() }))
}
