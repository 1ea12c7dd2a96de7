//! Puts messages together from the frames that the guard let through.

use actix_http::ws::CloseCode;
use bytes::{Buf, Bytes, BytesMut};

use super::{
    close_payload,
    frame_guard::{FrameGuard, FrameHeader, FrameLimits, Opcode},
    incoming::Incoming,
    mask::{mask_at, unmask},
    text_buffer::{InvalidUtf8, TextBuffer},
};

/// The data message whose frames are arriving; control frames may come between them.
#[derive(Debug)]
enum Body {
    None,
    Text(TextBuffer),
    Binary(BytesMut),
}

#[derive(Debug)]
struct OpenFrame {
    header: FrameHeader,
    received: u64,
}

#[derive(Debug)]
pub(super) struct MessageReader {
    guard: FrameGuard,
    frame: Option<OpenFrame>,
    body: Body,
    control: BytesMut,
}

impl From<InvalidUtf8> for CloseCode {
    fn from(_: InvalidUtf8) -> Self {
        CloseCode::Invalid
    }
}

impl MessageReader {
    pub(super) fn new(limits: FrameLimits) -> Self {
        Self { guard: FrameGuard::new(limits), frame: None, body: Body::None, control: BytesMut::new() }
    }

    /// Takes bytes off the front of `chunk` up to the next whole message. `None`: the chunk is used up.
    ///
    /// After an error the reader must not be used again.
    pub(super) fn next_message(&mut self, chunk: &mut Bytes) -> Result<Option<Incoming>, CloseCode> {
        loop {
            if self.frame.is_none() {
                let mut input = &chunk[..];
                let header = self.guard.read_header(&mut input)?;
                let unread = input.len();
                chunk.advance(chunk.len() - unread);
                let Some(header) = header else { return Ok(None) };
                self.open(header);
            }
            if !self.take_payload(chunk)? {
                return Ok(None);
            }
            if let Some(message) = self.finish_frame()? {
                return Ok(Some(message));
            }
        }
    }

    fn open(&mut self, header: FrameHeader) {
        match header.opcode {
            Opcode::Text => self.body = Body::Text(TextBuffer::default()),
            Opcode::Binary => self.body = Body::Binary(BytesMut::new()),
            Opcode::Continuation | Opcode::Close | Opcode::Ping | Opcode::Pong => {}
        }
        self.frame = Some(OpenFrame { header, received: 0 });
    }

    /// Moves payload of the open frame out of `chunk`; true when the frame is complete.
    fn take_payload(&mut self, chunk: &mut Bytes) -> Result<bool, CloseCode> {
        let Some(frame) = &mut self.frame else { return Ok(true) };
        let missing = frame.header.payload_bytes - frame.received;
        let taken = usize::try_from(missing).map_or(chunk.len(), |missing| missing.min(chunk.len()));
        let mask = mask_at(frame.header.mask, frame.received);
        let masked = &chunk[..taken];
        if frame.header.opcode.is_control() {
            append_unmasked(&mut self.control, masked, mask);
        } else {
            match &mut self.body {
                Body::Text(text) => text.push_masked(masked, mask)?,
                Body::Binary(bytes) => append_unmasked(bytes, masked, mask),
                Body::None => return Err(CloseCode::Protocol),
            }
        }
        frame.received += taken as u64;
        chunk.advance(taken);
        Ok(frame.received == frame.header.payload_bytes)
    }

    fn finish_frame(&mut self) -> Result<Option<Incoming>, CloseCode> {
        let Some(OpenFrame { header, .. }) = self.frame.take() else { return Ok(None) };
        Ok(match header.opcode {
            Opcode::Ping => Some(Incoming::Ping(self.control.split().freeze())),
            Opcode::Pong => Some(Incoming::Pong(self.control.split().freeze())),
            Opcode::Close => Some(Incoming::Closed(close_payload::parse(&self.control.split())?)),
            Opcode::Text | Opcode::Binary | Opcode::Continuation if header.fin => {
                match std::mem::replace(&mut self.body, Body::None) {
                    Body::Text(text) => Some(Incoming::Text(text.finish()?)),
                    Body::Binary(bytes) => Some(Incoming::Binary(bytes.freeze())),
                    Body::None => return Err(CloseCode::Protocol),
                }
            }
            Opcode::Text | Opcode::Binary | Opcode::Continuation => None,
        })
    }
}

fn append_unmasked(buffer: &mut BytesMut, masked: &[u8], mask: [u8; 4]) {
    let start = buffer.len();
    buffer.extend_from_slice(masked);
    unmask(&mut buffer[start..], mask);
}
