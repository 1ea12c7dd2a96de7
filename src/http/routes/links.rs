//! Portal links of a conversation. Their tokens are in the mails only.

use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::SignedIn;
use crate::http::state::AppState;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct LinkList {
    links: Vec<PortalLink>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PortalLink {
    id: Uuid,
    /// Where it was sent.
    address: String,
    created_at: i64,
    expires_at: i64,
    revoked: bool,
}

/// Links that were sent for a conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{conversation}/links", tag = "conversations",
    params(("conversation" = Uuid, Path)),
    responses((status = 200, body = LinkList), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn list(
    state: Data<AppState>,
    signed_in: SignedIn,
    id: Path<String>,
) -> Result<Json<LinkList>, ApiError> {
    let conversation = signed_in.conversation(&state, &id).await?;
    let links = state.store.links(conversation.id).await?;
    let links = links.into_iter().map(|link| PortalLink {
        id: link.id,
        address: link.address,
        created_at: link.created_at.0,
        expires_at: link.expires_at.0,
        revoked: link.revoked_at.is_some(),
    });
    Ok(Json(LinkList { links: links.collect() }))
}

/// Revoke all links of a conversation, and close the portals that they opened.
#[utoipa::path(delete, path = "/api/v1/conversations/{conversation}/links", tag = "conversations",
    params(("conversation" = Uuid, Path)),
    responses(
        (status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(in crate::http) async fn revoke(
    state: Data<AppState>,
    signed_in: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let conversation = signed_in.conversation(&state, &id).await?;
    state.store.revoke_links(conversation.id, state.now()).await?;
    tracing::info!(conversation.id = %conversation.id, agent.id = %signed_in.agent.id, "portal links revoked");
    state.hub.links_revoked(conversation.workspace, conversation.id);
    Ok(HttpResponse::NoContent().finish())
}
