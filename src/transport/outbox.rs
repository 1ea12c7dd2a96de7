//! What a peer is owed, bounded in bytes. A peer that doesn't read costs its sender neither time nor memory.
//!
//! Frames go straight to the connection while it has room and wait here otherwise. The room is asked for before a frame is
//! handed over (`Sink::poll_ready`, then `start_send`), never by a send future that is dropped when it is not ready: that
//! future owns the frame and takes it along. "Not ready" may also mean no more than a spent cooperative budget of the
//! task, so it queues the frame and is no verdict on the peer; the byte limit is.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use actix::{Actor, ActorFuture};
use actix_ws::{CloseReason, Message, Session};
use bytes::Bytes;
use bytestring::ByteString;
use futures_util::Sink;

/// Charged per queued frame beside its payload: the queue's slot and the reference count behind a `Bytes`.
const FRAME_OVERHEAD_BYTES: usize = 96;

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

/// The sending half of a WebSocket, owned by one session actor.
pub struct Outbox {
    /// `None` once the close frame is handed over or the connection is gone.
    session: Option<Session>,
    queue: VecDeque<Message>,
    queued_bytes: usize,
    max_bytes: usize,
    refusal: Option<Refused>,
    flusher_runs: bool,
    /// Of the last `poll_flush`, so that a `push` in between doesn't take the wake-up away from it.
    waker: Waker,
}

impl Outbox {
    /// `max_bytes` limits what waits here. Up to 32 more frames wait in the connection itself.
    pub fn new(session: Session, max_bytes: usize) -> Self {
        let waker = Waker::noop().clone();
        Self {
            session: Some(session),
            queue: VecDeque::new(),
            queued_bytes: 0,
            max_bytes,
            refusal: None,
            flusher_runs: false,
            waker,
        }
    }

    /// Sends a text frame, or queues it behind those that wait. On `Slow` the caller closes.
    pub fn push(&mut self, text: ByteString) -> Result<(), Refused> {
        self.offer(Message::Text(text))
    }

    /// Sends a binary frame, or queues it behind those that wait.
    pub fn push_binary(&mut self, bytes: Bytes) -> Result<(), Refused> {
        self.offer(Message::Binary(bytes))
    }

    /// Sends a ping of at most 125 bytes.
    pub fn ping(&mut self, payload: Bytes) -> Result<(), Refused> {
        self.offer(Message::Ping(payload))
    }

    /// Answers a ping. An answer that still waits is replaced (RFC 6455 §5.5.3), so a flood of pings owes one pong.
    pub fn pong(&mut self, payload: Bytes) -> Result<(), Refused> {
        if let Some(refused) = self.refusal {
            return Err(refused);
        }
        self.flush();
        let waiting = self.queue.iter_mut().find_map(|message| match message {
            Message::Pong(waiting) => Some(waiting),
            _ => None,
        });
        match waiting {
            Some(waiting) => {
                self.queued_bytes = self.queued_bytes - waiting.len() + payload.len();
                *waiting = payload;
                Ok(())
            }
            None => self.offer(Message::Pong(payload)),
        }
    }

    /// Sends the close frame after what is queued; nothing can be pushed any more. After `Slow` what is queued is dropped
    /// first: the peer resumes from its cursor, and the sooner it learns that the better.
    pub fn close(&mut self, reason: Option<CloseReason>) {
        if self.refusal == Some(Refused::Closed) {
            return;
        }
        if self.refusal == Some(Refused::Slow) {
            self.queue.clear();
            self.queued_bytes = 0;
        }
        self.refusal = Some(Refused::Closed);
        self.enqueue(Message::Close(reason));
        self.flush();
    }

    /// Closes, and gives a future for the runtime that ends when the peer has been sent everything or `grace` is over; then
    /// the connection is let go. For an actor that stops: the outbox it keeps is empty and closed.
    pub fn finish(&mut self, reason: Option<CloseReason>, grace: Duration) -> impl Future<Output = ()> + 'static {
        self.close(reason);
        let mut rest = Self {
            session: self.session.take(),
            queue: std::mem::take(&mut self.queue),
            queued_bytes: std::mem::take(&mut self.queued_bytes),
            max_bytes: self.max_bytes,
            refusal: self.refusal,
            flusher_runs: false,
            waker: Waker::noop().clone(),
        };
        async move {
            let sent = std::future::poll_fn(|context| rest.poll_flush(context));
            // Past the grace `rest` is dropped, which ends the response body and thereby the connection.
            let _: Result<(), tokio::time::error::Elapsed> = tokio::time::timeout(grace, sent).await;
        }
    }

    /// Hands over what there is room for and says how many bytes are left. For a caller with a retry timer; see
    /// [`FlushOutbox`] for one without.
    pub fn flush(&mut self) -> usize {
        let waker = self.waker.clone();
        let mut context = Context::from_waker(&waker);
        while !self.queue.is_empty() && self.hand_over_next(&mut context).is_ready() {}
        self.queued_bytes
    }

    /// Ready when nothing is left to hand over, be it sent or be the connection gone.
    pub fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.waker.clone_from(context.waker());
        self.flush();
        if !self.queue.is_empty() {
            return Poll::Pending;
        }
        self.flusher_runs = false;
        Poll::Ready(())
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

    /// True when the connection needs nothing more from us: the close frame is handed over or the peer is gone.
    pub fn is_done(&self) -> bool {
        self.session.is_none()
    }

    fn offer(&mut self, message: Message) -> Result<(), Refused> {
        if let Some(refused) = self.refusal {
            return Err(refused);
        }
        // Room is made first, so that the limit speaks of what really waits.
        self.flush();
        self.enqueue(message);
        self.flush();
        if self.session.is_none() {
            return Err(Refused::Closed);
        }
        if self.queued_bytes > self.max_bytes {
            self.refusal = Some(Refused::Slow);
            return Err(Refused::Slow);
        }
        Ok(())
    }

    fn enqueue(&mut self, message: Message) {
        self.queued_bytes += charged_bytes(&message);
        self.queue.push_back(message);
    }

    /// Moves the oldest frame into the connection. Pending: no room, everything is as before.
    fn hand_over_next(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(session) = &mut self.session else {
            self.forget();
            return Poll::Ready(());
        };
        let mut session = Pin::new(session);
        match session.as_mut().poll_ready(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(_)) => {
                self.forget();
                return Poll::Ready(());
            }
            Poll::Ready(Ok(())) => {}
        }
        let Some(message) = self.queue.pop_front() else { return Poll::Ready(()) };
        self.queued_bytes -= charged_bytes(&message);
        let last = matches!(message, Message::Close(_));
        if session.start_send(message).is_err() || last {
            self.forget();
        }
        Poll::Ready(())
    }

    fn forget(&mut self) {
        self.session = None;
        self.queue = VecDeque::new();
        self.queued_bytes = 0;
        self.refusal = Some(Refused::Closed);
    }
}

fn charged_bytes(message: &Message) -> usize {
    let payload = match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) | Message::Continuation(_) | Message::Nop => 0,
    };
    payload + FRAME_OVERHEAD_BYTES
}

/// An actor that owns an outbox.
pub trait HasOutbox: Actor {
    /// The outbox that [`FlushOutbox`] empties.
    fn outbox(&mut self) -> &mut Outbox;
}

/// Empties the actor's outbox as the peer reads, woken by the connection and not by a timer; ends when it is empty. After a
/// push: `if self.outbox.claim_flusher() { ctx.spawn(FlushOutbox); }`.
#[derive(Debug, Clone, Copy)]
pub struct FlushOutbox;

impl<A: HasOutbox> ActorFuture<A> for FlushOutbox {
    type Output = ();

    fn poll(self: Pin<&mut Self>, actor: &mut A, _: &mut A::Context, task: &mut Context<'_>) -> Poll<()> {
        actor.outbox().poll_flush(task)
    }
}
