//! One upgraded connection: the TCP stream that `server` took over from actix-http, shared by its two halves.
//!
//! At rest it holds no buffer. Reading goes through a buffer that the sockets of a worker thread share; writing goes straight
//! to the kernel, and what the kernel does not take waits in the outbox.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::rt::net::TcpStream;
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWrite};

/// What is read at once. A longer message comes in several chunks.
const READ_BYTES: usize = 16 * 1024;
/// The kernel's room for a peer that is told that it reads too slowly: the rest of the frame under way and the close frame have
/// to fit behind what it has not read yet.
const LAST_WORDS_BYTES: usize = 192 * 1024;

thread_local! {
    /// Empty between two reads: what was read leaves as a chunk, and its memory comes back when the chunk is used up.
    static READ_BUFFER: RefCell<BytesMut> = RefCell::default();
}

pub(super) struct Connection {
    stream: RefCell<TcpStream>,
    /// Read by actix-http behind the request, before the connection was taken over.
    early: Cell<Bytes>,
    /// Given back when the descriptor is free.
    _held: Box<dyn Any>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, early: Bytes, held: Box<dyn Any>) -> Self {
        Self { stream: RefCell::new(stream), early: Cell::new(early), _held: held }
    }

    /// The next bytes from the peer; `None` at the end of its stream, and when the connection is lost.
    pub(super) fn poll_read(&self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let early = self.early.take();
        if !early.is_empty() {
            return Poll::Ready(Some(early));
        }
        READ_BUFFER.with_borrow_mut(|buffer| {
            if buffer.capacity() < READ_BYTES {
                buffer.reserve(READ_BYTES);
            }
            let mut stream = self.stream.borrow_mut();
            let read = ready!(std::pin::pin!(stream.read_buf(buffer)).poll_unpin(context));
            Poll::Ready(read.is_ok_and(|bytes| bytes > 0).then(|| buffer.split().freeze()))
        })
    }

    /// Writes what there is room for. Pending: none; the task is woken when there is.
    pub(super) fn poll_write(&self, slices: &[IoSlice<'_>], context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.stream.borrow_mut()).poll_write_vectored(context, slices)
    }

    /// The same for a caller that is no task: nobody is woken, and no wake-up is taken from a task that waits.
    pub(super) fn try_write(&self, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match self.stream.borrow().try_write_vectored(slices) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            written => Poll::Ready(written),
        }
    }

    /// Makes room in the kernel for a close frame behind what a slow reader has not read.
    pub(super) fn make_room_for_last_words(&self) {
        // Without that room the peer sees the end of the connection instead of the reason for it.
        let _best_effort = SockRef::from(&*self.stream.borrow()).set_send_buffer_size(LAST_WORDS_BYTES);
    }

    /// Says that nothing more will be sent, then discards what the peer still sends until it ends too. A connection that is
    /// dropped with unread bytes is reset, and a reset takes away a close frame that the peer has not read yet.
    pub(super) async fn linger(&self) {
        if SockRef::from(&*self.stream.borrow()).shutdown(std::net::Shutdown::Write).is_err() {
            return;
        }
        while std::future::poll_fn(|context| self.poll_read(context)).await.is_some() {
            tokio::task::yield_now().await;
        }
    }
}

/// How long a peer may take to fetch what it is owed, and then to end.
pub(super) const LINGER: Duration = Duration::from_secs(2);
