//! The permission of a handler is in the types of its arguments: who has no `SignedIn` to give can't be called.

use super::error_response::ApiError;
use super::security::client_address;
use super::session::{self, SessionHash};
use super::state::AppState;
use crate::directory::Chatbot;
use crate::domain::ids::{ChatbotId, ConversationId};
use crate::store::{AgentRecord, ConversationRecord, Role};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

/// Anybody of the team, in the console.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub agent: AgentRecord,
    pub session: SessionHash,
}

/// An owner or admin.
#[derive(Debug, Clone)]
pub struct Admin(pub SignedIn);

impl Deref for Admin {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl SignedIn {
    /// The session that the request's cookie names. Also for WebSocket upgrades.
    ///
    /// # Errors
    /// [`ApiError::SignedOut`] without a valid session.
    pub async fn of(request: &HttpRequest, state: &AppState) -> Result<Self, ApiError> {
        let session = session::named_by(request, &state.public_url).ok_or(ApiError::SignedOut)?;
        let agent = state.store.session(session.0, state.now()).await?.ok_or(ApiError::SignedOut)?;
        Ok(Self { agent, session })
    }

    /// A chatbot of this agent's workspace. Another's does not exist (S30).
    pub(super) fn chatbot(&self, state: &AppState, id: &str) -> Result<Arc<Chatbot>, ApiError> {
        let id: ChatbotId = id.parse().map_err(|_| ApiError::NotFound)?;
        state.chatbots.get(&id).filter(|record| record.workspace == self.agent.workspace).ok_or(ApiError::NotFound)
    }

    /// A conversation of this agent's workspace.
    pub(super) async fn conversation(&self, state: &AppState, id: &str) -> Result<ConversationRecord, ApiError> {
        let id: ConversationId = id.parse().map_err(|_| ApiError::NotFound)?;
        let found = state.store.conversation(id).await?;
        found.filter(|record| record.workspace == self.agent.workspace).ok_or(ApiError::NotFound)
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = state(&request)?;
            Self::of(&request, &state).await
        })
    }
}

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload);
        Box::pin(async move {
            let signed_in = signed_in.await?;
            match signed_in.agent.role {
                Role::Owner | Role::Admin => Ok(Self(signed_in)),
                Role::Agent => Err(ApiError::Forbidden),
            }
        })
    }
}

/// Where the request comes from, past trusted proxies.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClientAddress(pub(super) IpAddr);

impl FromRequest for ClientAddress {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(state(request).map(|state| {
            // Only a request made by hand in a test has no peer; it shares one limit with all of its kind.
            let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
            Self(client_address(peer, request.headers(), &state.config.server.trusted_proxies))
        }))
    }
}

fn state(request: &HttpRequest) -> Result<web::Data<AppState>, ApiError> {
    request.app_data::<web::Data<AppState>>().cloned().ok_or_else(|| {
        ApiError::internal("find the application's state", std::io::Error::other("configure() was not called"))
    })
}
