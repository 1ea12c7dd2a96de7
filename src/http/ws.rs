//! Upgrades: who may open a socket, and the session actor that then owns it.

use super::error_response::ApiError;
use super::extractors::SignedIn;
use super::security::origin::{OriginRefused, SocketOrigins};
use super::security::{client_address, limit_key};
use super::state::AppState;
use crate::actors::agent_session::AgentSession;
use crate::actors::hub::Shared;
use crate::actors::session::Socket;
use crate::actors::visitor_session::{Admits, Peer, VisitorSession};
use crate::geo::Countries;
use crate::protocol::PROTOCOL;
use crate::transport::{self, FrameLimits, Outbox, Terms, Ticket};
use actix::{Actor, AsyncContext, Context, StreamHandler};
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use std::net::{IpAddr, Ipv4Addr};

/// Bytes kept of a `User-Agent`.
const USER_AGENT_BYTES: usize = 400;

/// `GET /ws/visitor`: widget, hosted chat page, visitor portal. Which visitor it is says the hello.
pub async fn visitor(
    request: HttpRequest,
    state: web::Data<AppState>,
    hub: web::Data<Shared>,
    countries: web::Data<Countries>,
) -> Result<HttpResponse, actix_web::Error> {
    let headers = request.headers();
    // Until the hello names a chatbot, any page may ask; it is asked about again there.
    let page = SocketOrigins::OwnOr(&[]).check(headers, &state.public_url).map_err(refused)?;
    let address = client(&request, &state);
    let peer = Peer {
        ip: address.to_string(),
        country: countries.of(address),
        user_agent: text_of(headers, header::USER_AGENT),
    };
    let admits: Admits = {
        let state = state.clone();
        Box::new(move |settings| SocketOrigins::OwnOr(&settings.allowed_origins).admits(&page, &state.public_url))
    };
    let hub = hub.into_inner();
    let ticket = hub.sockets.take(limit_key(address));
    upgrade(&request, &state, ticket, {
        move |outbox| {
            let socket = Socket::new(outbox, &hub.settings);
            VisitorSession::new(hub, socket, peer, admits)
        }
    })
}

/// `GET /ws/agent`: console by session cookie, agent portal by the token in the hello.
pub async fn agent(
    request: HttpRequest,
    state: web::Data<AppState>,
    hub: web::Data<Shared>,
) -> Result<HttpResponse, actix_web::Error> {
    SocketOrigins::Own.check(request.headers(), &state.public_url).map_err(refused)?;
    let signed_in = match SignedIn::of(&request, &state).await {
        Ok(signed_in) => Some((signed_in.agent, signed_in.session.0)),
        Err(ApiError::SignedOut) => None,
        Err(error) => return Err(error.into()),
    };
    let address = client(&request, &state);
    let hub = hub.into_inner();
    let ticket = hub.sockets.take(limit_key(address));
    upgrade(&request, &state, ticket, {
        move |outbox| {
            let socket = Socket::new(outbox, &hub.settings);
            AgentSession::new(hub, socket, signed_in)
        }
    })
}

fn upgrade<A>(
    request: &HttpRequest,
    state: &AppState,
    ticket: Option<Ticket>,
    session: impl FnOnce(Outbox) -> A + 'static,
) -> Result<HttpResponse, actix_web::Error>
where
    A: Actor<Context = Context<A>> + StreamHandler<transport::Incoming>,
{
    if state.is_closing() {
        return Err(ApiError::Busy.into());
    }
    let ticket = ticket.ok_or(ApiError::TooManyAttempts { retry_after_seconds: 10 })?;
    let frame_bytes = state.config.limits.frame_bytes as u64;
    let limits = FrameLimits { max_frame_bytes: frame_bytes, max_message_bytes: frame_bytes, ..FrameLimits::default() };
    let terms = Terms { limits, outbox_bytes: state.config.limits.outbox_bytes, protocol: Some(PROTOCOL) };
    transport::accept(request, terms, Box::new(ticket), |outbox, incoming| {
        A::create(|ctx| {
            ctx.add_stream(incoming);
            session(outbox)
        });
    })
}

fn refused(reason: OriginRefused) -> ApiError {
    tracing::debug!(%reason, "websocket refused");
    ApiError::ForeignOrigin
}

fn client(request: &HttpRequest, state: &AppState) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    client_address(peer, request.headers(), &state.config.server.trusted_proxies)
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> String {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(USER_AGENT_BYTES).collect()
}
