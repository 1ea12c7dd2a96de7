//! For load balancers.

use crate::ai::embedding::ModelStatus;
use crate::bus::Health;
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::state::AppState;
use actix_web::web::{Data, Json};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// A database that takes longer is as good as down.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Liveness {
    /// Always `ok`; trouble has another status code.
    status: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Readiness {
    /// Always `ok`; trouble has another status code.
    status: &'static str,
    bus: BusState,
    knowledge_search: KnowledgeSearch,
}

/// How knowledge is searched. `words`: by words alone, as configured. `words_without_model`: by words alone, because the search model is
/// not there; the log and the console say why. It finds less.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum KnowledgeSearch {
    WordsAndMeaning,
    Words,
    WordsWithoutModel,
}

/// The way to other nodes. `local`: there are none. `degraded`: what they do shows up a second or two later.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum BusState {
    Local,
    Up,
    Degraded,
}

/// Whether this process should get new clients. 404 while it drains: a load balancer then leaves the open sockets alone, so that
/// the server itself can send them away with a code that says "come back".
#[utoipa::path(get, path = "/healthz", tag = "operation", security(()),
    responses((status = 200, body = Liveness), (status = 404, body = ErrorBody, description = "Draining")))]
pub(in crate::http) async fn healthz(state: Data<AppState>) -> Result<Json<Liveness>, ApiError> {
    if state.is_draining() { Err(ApiError::NotFound) } else { Ok(Json(Liveness { status: "ok" })) }
}

/// Whether messages can be stored now. Without its way to other nodes a server is slower to hear of them, and ready all the same.
#[utoipa::path(get, path = "/readyz", tag = "operation", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = ErrorBody)))]
pub(in crate::http) async fn readyz(state: Data<AppState>) -> Result<Json<Readiness>, ApiError> {
    tokio::time::timeout(PATIENCE, state.store.ping()).await.map_err(|_| ApiError::Busy)??;
    let bus = match state.hub.bus_health() {
        Health::Local => BusState::Local,
        Health::Up => BusState::Up,
        Health::Degraded => BusState::Degraded,
    };
    let knowledge_search = match state.chatbots.model_status() {
        ModelStatus::Ready => KnowledgeSearch::WordsAndMeaning,
        ModelStatus::Off => KnowledgeSearch::Words,
        ModelStatus::Unavailable(_) => KnowledgeSearch::WordsWithoutModel,
    };
    Ok(Json(Readiness { status: "ok", bus, knowledge_search }))
}
