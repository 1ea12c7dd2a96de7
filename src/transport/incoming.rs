//! What a peer sends, as a stream of whole messages.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::dev;
use actix_ws::{CloseCode, CloseReason};
use bytes::Bytes;
use bytestring::ByteString;
use futures_util::Stream;

use super::{frame_guard::FrameLimits, message_reader::MessageReader};

/// One event of the receiving half.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    /// A whole text message, valid UTF-8.
    Text(ByteString),
    /// A whole binary message.
    Binary(Bytes),
    /// The peer wants a pong with the same bytes: `Outbox::pong`.
    Ping(Bytes),
    /// The peer's answer to a ping, or an unasked sign of life.
    Pong(Bytes),
    /// The peer's close frame, the last item. To be answered with `Outbox::close` and the same code.
    Closed(Option<CloseReason>),
    /// The peer broke a framing rule or a limit, the last item. To be answered with `Outbox::close` and this code.
    Violation(CloseCode),
}

/// The receiving half of a WebSocket. Ends without `Closed` when the connection is lost.
///
/// Dropped or ended, it leaves the rest of the peer's bytes to actix-http, which discards them for `client_disconnect_timeout`
/// so that a close frame still reaches a peer that keeps sending. With that timeout at zero the peer may see a reset instead.
pub struct IncomingStream {
    payload: Option<dev::Payload>,
    chunk: Bytes,
    reader: MessageReader,
}

impl IncomingStream {
    pub(super) fn new(payload: dev::Payload, limits: FrameLimits) -> Self {
        Self { payload: Some(payload), chunk: Bytes::new(), reader: MessageReader::new(limits) }
    }

    fn end(&mut self) {
        self.payload = None;
        self.chunk = Bytes::new();
    }

    fn next_in_chunk(&mut self) -> Option<Incoming> {
        let item = match self.reader.next_message(&mut self.chunk) {
            Ok(item) => item?,
            Err(code) => Incoming::Violation(code),
        };
        if matches!(item, Incoming::Closed(_) | Incoming::Violation(_)) {
            self.end();
        }
        Some(item)
    }
}

impl Stream for IncomingStream {
    type Item = Incoming;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Incoming>> {
        let this = self.get_mut();
        loop {
            if !this.chunk.is_empty()
                && let Some(item) = this.next_in_chunk()
            {
                return Poll::Ready(Some(item));
            }
            let Some(payload) = &mut this.payload else { return Poll::Ready(None) };
            match ready!(Pin::new(payload).poll_next(context)) {
                Some(Ok(chunk)) => this.chunk = chunk,
                // The connection is gone or was cut in the middle of a frame: to the session that is the same.
                Some(Err(_)) | None => {
                    this.end();
                    return Poll::Ready(None);
                }
            }
        }
    }
}
