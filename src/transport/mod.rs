//! WebSocket framing without meaning: bytes become bounded messages, messages become bytes, and nobody's memory grows on the way.
//!
//! `serve` is the HTTP server. `accept` answers a request of it with a 101 and says who gets the connection, which then belongs
//! to nobody but its two halves: an [`IncomingStream`] (`frame_guard` judges frame headers before any payload is kept,
//! `message_reader` puts messages together) and an [`Outbox`] that is bounded in bytes. `socket_options` frees connections
//! whose peer has stopped reading; `socket_tickets` counts the open ones.
//!
//! permessage-deflate is never negotiated, so there is nothing to inflate. Invariants that the modules name:
//! - `FRAME-1`: at no time does a connection hold more payload than `FrameLimits::max_message_bytes` and one chunk.
//! - `OUTBOX-1`: what the peer is sent is a prefix of what was pushed, in order, each frame once.

mod close_payload;
mod connection;
mod frame_guard;
mod frame_header;
mod handshake;
mod incoming;
mod mask;
mod message_reader;
mod outbox;
mod server;
mod socket_options;
mod socket_tickets;
#[cfg(test)]
mod tests;
mod text_buffer;

pub use actix_http::ws::{CloseCode, CloseReason};

pub use frame_guard::FrameLimits;
pub use handshake::{Terms, accept};
pub use incoming::{Incoming, IncomingStream};
pub use outbox::{FlushOutbox, HasOutbox, Outbox, Refused};
pub use server::{ServerSettings, serve};
pub use socket_options::apply_socket_options;
pub use socket_tickets::{SocketTickets, Ticket};
