//! WebSocket framing without meaning: bytes become bounded messages, messages become bytes, and nobody's memory grows on the way.
//!
//! `accept` upgrades a request. The receiving half is our own ([`IncomingStream`]: `frame_guard` judges frame headers before
//! any payload is kept, `message_reader` puts messages together), because actix-ws buffers a frame before it looks at its
//! limit. The sending half is `actix_ws::Session` behind an [`Outbox`] that is bounded in bytes. `socket_options` frees
//! connections whose peer has stopped reading.
//!
//! permessage-deflate is never negotiated, so there is nothing to inflate. Invariants that the modules name:
//! - `FRAME-1`: at no time does a connection hold more payload than `FrameLimits::max_message_bytes` and one chunk.
//! - `OUTBOX-1`: what the peer is sent is a prefix of what was pushed, in order, each frame once.

mod close_payload;
mod frame_guard;
mod incoming;
mod mask;
mod message_reader;
mod outbox;
mod socket_options;
#[cfg(test)]
mod tests;
mod text_buffer;

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
pub use actix_ws::{CloseCode, CloseReason};

pub use frame_guard::FrameLimits;
pub use incoming::{Incoming, IncomingStream};
pub use outbox::{FlushOutbox, HasOutbox, Outbox, Refused};
pub use socket_options::{apply_socket_options, on_connect};

/// Upgrades `req` to a WebSocket. `protocol` is answered in `Sec-WebSocket-Protocol` when the client offered it.
///
/// Fails with the right HTTP status when the request is no WebSocket handshake. Whether a client that did not offer the
/// protocol is served is the caller's decision.
pub fn accept(
    req: &HttpRequest,
    payload: web::Payload,
    limits: FrameLimits,
    protocol: Option<&str>,
) -> Result<(HttpResponse, actix_ws::Session, IncomingStream), actix_web::Error> {
    // actix-ws gets an empty payload: of its two halves only the sending one is used, see the module doc.
    let nothing = web::Payload::from_request(req, &mut dev::Payload::None).into_inner()?;
    let (response, session, _) = actix_ws::handle_with_protocols(req, nothing, protocol.as_slice())?;
    Ok((response, session, IncomingStream::new(payload.into_inner(), limits)))
}
