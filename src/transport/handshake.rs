//! The opening handshake (RFC 6455 §4.2), and what becomes of the connection.

use std::{any::Any, rc::Rc};

use actix_http::ws::{self, HandshakeError};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, http::header};

use super::{
    connection::Connection,
    frame_guard::FrameLimits,
    incoming::IncomingStream,
    outbox::Outbox,
    server::{CanTakeOver, Takeover},
};

/// What one socket may do.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub limits: FrameLimits,
    /// Most bytes that may wait in its outbox.
    pub outbox_bytes: usize,
    /// Answered in `Sec-WebSocket-Protocol` when the client offered it. Whether a client that did not is served is the caller's
    /// decision.
    pub protocol: Option<&'static str>,
}

/// Upgrades `request` to a WebSocket: once the answer is sent, `start` gets both halves of the connection, on the same thread.
/// `held` lives as long as the connection's descriptor; it is dropped, too, when the client left before it had its answer.
///
/// # Errors
/// With the right HTTP status when the request is no WebSocket handshake.
pub fn accept(
    request: &HttpRequest,
    terms: Terms,
    held: Box<dyn Any>,
    start: impl FnOnce(Outbox, IncomingStream) + 'static,
) -> Result<HttpResponse, actix_web::Error> {
    let mut response = ws::handshake(request.head())?;
    if !request.extensions().contains::<CanTakeOver>() {
        // A handshake to the eye, but actix-http reads a body behind it (`Transfer-Encoding`, or more than one upgrade).
        return Err(HandshakeError::NoWebsocketUpgrade.into());
    }
    if let Some(protocol) = terms.protocol.filter(|protocol| offers(request, protocol)) {
        response.insert_header((header::SEC_WEBSOCKET_PROTOCOL, protocol));
    }
    let mut response = HttpResponse::from(response.finish().map_into_boxed_body());
    response.extensions_mut().insert(Takeover(Box::new(move |stream, early| {
        let connection = Rc::new(Connection::new(stream, early, held));
        let incoming = IncomingStream::new(Rc::clone(&connection), terms.limits);
        start(Outbox::new(connection, terms.outbox_bytes), incoming);
    })));
    Ok(response)
}

fn offers(request: &HttpRequest, protocol: &str) -> bool {
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL);
    offered.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).any(|one| one.trim() == protocol)
}
