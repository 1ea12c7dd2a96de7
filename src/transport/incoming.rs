//! What a peer sends, as a stream of whole messages.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_http::ws::{CloseCode, CloseReason};
use bytes::Bytes;
use bytestring::ByteString;
use futures_util::Stream;

use super::{connection::Connection, frame_guard::FrameLimits, message_reader::MessageReader};

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
/// Ended, it leaves the rest of the peer's bytes to [`super::Outbox::finish`], which discards them for a while so that a close
/// frame still reaches a peer that keeps sending.
pub struct IncomingStream {
    connection: Option<Rc<Connection>>,
    messages: Messages,
}

impl IncomingStream {
    pub(super) fn new(connection: Rc<Connection>, limits: FrameLimits) -> Self {
        Self { connection: Some(connection), messages: Messages::new(limits) }
    }
}

impl Stream for IncomingStream {
    type Item = Incoming;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Incoming>> {
        let this = self.get_mut();
        loop {
            if let Some(message) = this.messages.next() {
                return Poll::Ready(Some(message));
            }
            let Some(connection) = this.connection.as_ref().filter(|_| !this.messages.have_ended()) else {
                this.connection = None;
                return Poll::Ready(None);
            };
            match ready!(connection.poll_read(context)) {
                Some(chunk) => this.messages.feed(chunk),
                // The connection is gone or was cut in the middle of a frame: to the session that is the same.
                None => this.connection = None,
            }
        }
    }
}

/// What the bytes of a peer come to.
pub(super) struct Messages {
    chunk: Bytes,
    /// `None` after a close frame or a violation: what follows is not looked at.
    reader: Option<MessageReader>,
}

impl Messages {
    pub(super) fn new(limits: FrameLimits) -> Self {
        Self { chunk: Bytes::new(), reader: Some(MessageReader::new(limits)) }
    }

    /// Takes the next bytes, once those before are used up.
    pub(super) fn feed(&mut self, chunk: Bytes) {
        self.chunk = chunk;
    }

    pub(super) fn have_ended(&self) -> bool {
        self.reader.is_none()
    }

    /// The next whole message in what was fed.
    pub(super) fn next(&mut self) -> Option<Incoming> {
        let reader = self.reader.as_mut().filter(|_| !self.chunk.is_empty())?;
        let message = match reader.next_message(&mut self.chunk) {
            Ok(message) => message,
            Err(code) => Some(Incoming::Violation(code)),
        };
        if matches!(message, Some(Incoming::Closed(_) | Incoming::Violation(_))) {
            self.reader = None;
        }
        if message.is_none() || self.reader.is_none() || self.chunk.is_empty() {
            // Empty it would still keep the thread's read buffer from being used again.
            self.chunk = Bytes::new();
        }
        message
    }
}
