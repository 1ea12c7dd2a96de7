//! For load balancers.

use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::state::AppState;
use actix_web::web::{Data, Json};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// A database that takes longer is as good as down.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Health {
    /// Always `ok`; trouble has another status code.
    status: &'static str,
}

/// Whether this process should get new clients. 404 while it drains: a load balancer then leaves the open sockets alone, so that
/// the server itself can send them away with a code that says "come back".
#[utoipa::path(get, path = "/healthz", tag = "operation", security(()),
    responses((status = 200, body = Health), (status = 404, body = ErrorBody, description = "Draining")))]
pub(in crate::http) async fn healthz(state: Data<AppState>) -> Result<Json<Health>, ApiError> {
    if state.is_draining() { Err(ApiError::NotFound) } else { Ok(Json(Health { status: "ok" })) }
}

/// Whether messages can be stored now.
#[utoipa::path(get, path = "/readyz", tag = "operation", security(()),
    responses((status = 200, body = Health), (status = 503, body = ErrorBody)))]
pub(in crate::http) async fn readyz(state: Data<AppState>) -> Result<Json<Health>, ApiError> {
    tokio::time::timeout(PATIENCE, state.store.ping()).await.map_err(|_| ApiError::Busy)??;
    Ok(Json(Health { status: "ok" }))
}
