//! What a peer is owed, bounded in bytes. A peer that doesn't read costs its sender neither time nor memory.
//!
//! Frames wait here until the task of their actor comes to the end of its turn, so that all that one turn pushes leaves in one
//! system call, or until so much waits that it is not worth waiting. What the kernel does not take then stays here.

use std::{
    collections::VecDeque,
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix::{Actor, ActorFuture};
use actix_http::ws::CloseReason;
use bytes::Bytes;
use bytestring::ByteString;

use super::{close_payload, connection::Connection, frame_guard::Opcode, frame_header::EncodedHeader};

/// Charged per queued frame beside its payload: the queue's slot and the reference count behind a `Bytes`.
const FRAME_OVERHEAD_BYTES: usize = 96;
/// What is not worth a wait for the end of the turn.
const FLUSH_AT_BYTES: usize = 64 * 1024;
/// Frames per system call.
const FRAMES_AT_ONCE: usize = 16;

/// Why a frame was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The peer is owed more than the limit. Final: a later frame would leave a hole before it (OUTBOX-1).
    #[error("peer reads too slowly")]
    Slow,
    /// A close frame was pushed or the connection is gone.
    #[error("connection is closed")]
    Closed,
}

#[derive(Debug)]
struct Frame {
    header: EncodedHeader,
    payload: Bytes,
    opcode: Opcode,
}

impl Frame {
    fn new(opcode: Opcode, payload: Bytes) -> Self {
        Self { header: EncodedHeader::new(opcode, payload.len()), payload, opcode }
    }

    fn encoded_bytes(&self) -> usize {
        self.header.as_bytes().len() + self.payload.len()
    }

    fn charged_bytes(&self) -> usize {
        self.payload.len() + FRAME_OVERHEAD_BYTES
    }
}

/// The sending half of a WebSocket, owned by one session actor.
pub struct Outbox {
    /// `None` once the connection is gone or handed to [`Outbox::finish`].
    connection: Option<Rc<Connection>>,
    queue: VecDeque<Frame>,
    /// Of the oldest frame, header included.
    written_bytes: usize,
    queued_bytes: usize,
    max_bytes: usize,
    refusal: Option<Refused>,
    flusher_runs: bool,
}

impl Outbox {
    /// `max_bytes` limits what waits here. The kernel's send buffer comes on top (`socket_options`).
    pub(super) fn new(connection: Rc<Connection>, max_bytes: usize) -> Self {
        Self {
            connection: Some(connection),
            queue: VecDeque::new(),
            written_bytes: 0,
            queued_bytes: 0,
            max_bytes,
            refusal: None,
            flusher_runs: false,
        }
    }

    /// Queues a text frame. On `Slow` the caller closes.
    pub fn push(&mut self, text: ByteString) -> Result<(), Refused> {
        self.offer(Frame::new(Opcode::Text, text.into_bytes()))
    }

    /// Queues a binary frame.
    pub fn push_binary(&mut self, bytes: Bytes) -> Result<(), Refused> {
        self.offer(Frame::new(Opcode::Binary, bytes))
    }

    /// Queues a ping of at most 125 bytes.
    pub fn ping(&mut self, payload: Bytes) -> Result<(), Refused> {
        self.offer(Frame::new(Opcode::Ping, payload))
    }

    /// Answers a ping. An answer that still waits is replaced (RFC 6455 §5.5.3), so a flood of pings owes one pong.
    pub fn pong(&mut self, payload: Bytes) -> Result<(), Refused> {
        if let Some(refused) = self.refusal {
            return Err(refused);
        }
        // A client that reads gets an answer to each.
        self.flush();
        let under_way = usize::from(self.written_bytes > 0);
        let waiting = self.queue.iter_mut().skip(under_way).find(|frame| frame.opcode == Opcode::Pong);
        match waiting {
            Some(waiting) => {
                self.queued_bytes = self.queued_bytes - waiting.payload.len() + payload.len();
                *waiting = Frame::new(Opcode::Pong, payload);
                Ok(())
            }
            None => self.offer(Frame::new(Opcode::Pong, payload)),
        }
    }

    /// Sends the close frame after what is queued; nothing can be pushed any more. After `Slow` what is queued is dropped
    /// first: the peer resumes from its cursor, and the sooner it learns that the better.
    pub fn close(&mut self, reason: Option<CloseReason>) {
        if self.refusal == Some(Refused::Closed) {
            return;
        }
        if self.refusal == Some(Refused::Slow) {
            // A frame that is under way has to end, or the close frame would be taken for a part of it.
            self.queue.truncate(usize::from(self.written_bytes > 0));
            if let Some(connection) = &self.connection {
                connection.make_room_for_last_words();
            }
        }
        self.refusal = Some(Refused::Closed);
        self.queue.push_back(Frame::new(Opcode::Close, close_payload::encode(reason)));
        self.queued_bytes = self.queue.iter().map(Frame::charged_bytes).sum();
        self.flush();
    }

    /// Closes, and gives a future for the runtime that ends when the peer has been sent everything and has ended too, or `grace`
    /// is over; then the connection is let go. For an actor that stops: the outbox it keeps is empty and closed.
    pub fn finish(&mut self, reason: Option<CloseReason>, grace: Duration) -> impl Future<Output = ()> + 'static {
        self.close(reason);
        let mut rest = Self {
            connection: self.connection.take(),
            queue: std::mem::take(&mut self.queue),
            written_bytes: std::mem::take(&mut self.written_bytes),
            queued_bytes: std::mem::take(&mut self.queued_bytes),
            max_bytes: self.max_bytes,
            refusal: self.refusal,
            flusher_runs: false,
        };
        async move {
            let sent = async {
                std::future::poll_fn(|context| rest.poll_flush(context)).await;
                if let Some(connection) = &rest.connection {
                    connection.linger().await;
                }
            };
            // Past the grace `rest` is dropped, and with it the connection.
            let _: Result<(), tokio::time::error::Elapsed> = tokio::time::timeout(grace, sent).await;
        }
    }

    /// Hands over what there is room for and says how many bytes are left. Nobody is woken for those; see [`FlushOutbox`].
    pub fn flush(&mut self) -> usize {
        let _all_or_not = self.write(|connection, slices| connection.try_write(slices));
        self.queued_bytes
    }

    /// Ready when nothing is left to hand over, be it sent or be the connection gone.
    pub fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let flushed = self.write(|connection, slices| connection.poll_write(slices, context));
        self.flusher_runs &= flushed.is_pending();
        flushed
    }

    /// True when something waits and nobody is at it: the caller then spawns [`FlushOutbox`], which is taken as running.
    #[must_use = "the flusher counts as running"]
    pub fn claim_flusher(&mut self) -> bool {
        let free = !self.queue.is_empty() && !self.flusher_runs;
        self.flusher_runs |= free;
        free
    }

    /// Bytes that wait here, each frame with a fixed surcharge.
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// True when nothing waits here.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    fn offer(&mut self, frame: Frame) -> Result<(), Refused> {
        if let Some(refused) = self.refusal {
            return Err(refused);
        }
        self.queued_bytes += frame.charged_bytes();
        self.queue.push_back(frame);
        // The limit speaks of what the kernel has no room for.
        if self.queued_bytes > FLUSH_AT_BYTES.min(self.max_bytes) {
            self.flush();
        }
        if self.connection.is_none() {
            return Err(Refused::Closed);
        }
        if self.queued_bytes > self.max_bytes {
            self.refusal = Some(Refused::Slow);
            return Err(Refused::Slow);
        }
        Ok(())
    }

    /// Until nothing waits or `write` has no room.
    fn write(&mut self, mut write: impl FnMut(&Connection, &[IoSlice<'_>]) -> Poll<io::Result<usize>>) -> Poll<()> {
        while !self.queue.is_empty() {
            let Some(connection) = &self.connection else {
                self.forget();
                break;
            };
            let mut slices = [IoSlice::new(&[]); 2 * FRAMES_AT_ONCE];
            for (pair, frame) in slices.chunks_exact_mut(2).zip(&self.queue) {
                pair.copy_from_slice(&[IoSlice::new(frame.header.as_bytes()), IoSlice::new(&frame.payload)]);
            }
            let count = 2 * self.queue.len().min(FRAMES_AT_ONCE);
            let mut slices = &mut slices[..count];
            IoSlice::advance_slices(&mut slices, self.written_bytes);
            match write(connection, slices) {
                Poll::Ready(Ok(bytes)) if bytes > 0 => self.took(bytes),
                Poll::Ready(_) => self.forget(),
                Poll::Pending => return Poll::Pending,
            }
        }
        // Its room is given back: most sockets are at rest most of the time.
        self.queue = VecDeque::new();
        Poll::Ready(())
    }

    fn took(&mut self, bytes: usize) {
        self.written_bytes += bytes;
        while let Some(frame) = self.queue.front()
            && self.written_bytes >= frame.encoded_bytes()
        {
            self.written_bytes -= frame.encoded_bytes();
            self.queued_bytes -= frame.charged_bytes();
            self.queue.pop_front();
        }
    }

    fn forget(&mut self) {
        self.connection = None;
        self.queue = VecDeque::new();
        self.written_bytes = 0;
        self.queued_bytes = 0;
        self.refusal = Some(Refused::Closed);
    }
}

/// An actor that owns an outbox.
pub trait HasOutbox: Actor {
    /// The outbox that [`FlushOutbox`] empties.
    fn outbox(&mut self) -> &mut Outbox;
}

/// Empties the actor's outbox at the end of its turn, then as the peer reads, woken by the connection and not by a timer; ends
/// when it is empty. After a push: `if self.outbox.claim_flusher() { ctx.spawn(FlushOutbox); }`.
#[derive(Debug, Clone, Copy)]
pub struct FlushOutbox;

impl<A: HasOutbox> ActorFuture<A> for FlushOutbox {
    type Output = ();

    fn poll(self: Pin<&mut Self>, actor: &mut A, _: &mut A::Context, task: &mut Context<'_>) -> Poll<()> {
        actor.outbox().poll_flush(task)
    }
}
