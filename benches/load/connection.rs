//! One WebSocket of the generator: a reading half that hands out frames in place, and a writing half that never waits.

use crate::frame::{self, Frame, FrameError};
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};

/// The nonce of RFC 6455 and the answer it must get. A constant is enough: no cache stands between the two sides.
const NONCE: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const UPGRADE_DEADLINE: Duration = Duration::from_secs(30);

#[derive(Debug, Error)]
pub(crate) enum ConnectionError {
    #[error("read or write")]
    Io(#[from] io::Error),
    #[error("the server ended the connection without a close frame")]
    Ended,
    #[error("the server closed with {code} {reason:?}")]
    Closed { code: u16, reason: String },
    #[error("a frame against the protocol")]
    Frame(#[from] FrameError),
    #[error("no upgrade: {answer:?}")]
    Upgrade { answer: String },
    #[error("nothing came for {} s while waiting for {what}", .waited.as_secs())]
    Silent { what: &'static str, waited: Duration },
}

/// Where and how to open a socket.
pub(crate) struct Endpoint {
    pub server: SocketAddr,
    /// Path and query.
    pub path: String,
    /// Header lines, each with its line end.
    pub headers: String,
    /// `SO_RCVBUF`, for a reader that is meant to be slow.
    pub receive_buffer: Option<u32>,
}

pub(crate) struct Connection {
    pub reader: Reader,
    pub writer: Rc<Writer>,
}

impl Connection {
    /// Opens socket number `index`. The number chooses the source address, so that 28,000 ephemeral ports are no limit
    /// and no limit per visitor address is what gets measured.
    pub(crate) async fn open(endpoint: &Endpoint, index: usize) -> Result<Self, ConnectionError> {
        let waited = UPGRADE_DEADLINE;
        tokio::time::timeout(waited, Self::upgrade(endpoint, index))
            .await
            .map_err(|_| ConnectionError::Silent { what: "the upgrade", waited })?
    }

    async fn upgrade(endpoint: &Endpoint, index: usize) -> Result<Self, ConnectionError> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = endpoint.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        socket.bind(SocketAddr::V4(SocketAddrV4::new(source_address(index), 0)))?;
        let mut stream = socket.connect(endpoint.server).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {NONCE}\r\n{}\r\n",
            endpoint.path, endpoint.server, endpoint.headers
        );
        stream.write_all(request.as_bytes()).await?;
        let pending = read_answer(&mut stream).await?;
        let (read, write) = stream.into_split();
        let writer = Rc::new(Writer { half: write, unsent: RefCell::default() });
        Ok(Self { reader: Reader { half: read, pending, writer: Rc::clone(&writer) }, writer })
    }
}

fn source_address(index: usize) -> Ipv4Addr {
    let host = index % 16_000;
    Ipv4Addr::new(127, 1, (host / 250) as u8, (host % 250 + 1) as u8)
}

/// Reads up to the end of the upgrade answer and gives back what came after it.
async fn read_answer(stream: &mut TcpStream) -> Result<Vec<u8>, ConnectionError> {
    let mut answer = Vec::new();
    let end = loop {
        if let Some(at) = memchr::memmem::find(&answer, b"\r\n\r\n") {
            break at + 4;
        }
        if answer.len() > 16_384 || stream.read_buf(&mut answer).await? == 0 {
            return Err(ConnectionError::Upgrade { answer: String::from_utf8_lossy(&answer).into_owned() });
        }
    };
    let pending = answer.split_off(end);
    let head = String::from_utf8_lossy(&answer).into_owned();
    if !head.starts_with("HTTP/1.1 101") || !head.contains(ACCEPT) {
        return Err(ConnectionError::Upgrade { answer: head });
    }
    Ok(pending)
}

thread_local! {
    /// One buffer for all sockets: what is read is parsed before the next read, and the cache stays warm.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; 64 * 1024].into_boxed_slice());
}

pub(crate) struct Reader {
    half: OwnedReadHalf,
    /// Bytes that were read and are not yet a whole frame, or not yet asked for.
    pending: Vec<u8>,
    writer: Rc<Writer>,
}

impl Reader {
    /// Waits until something can be read and gives every whole text frame to `each`.
    pub(crate) async fn read(&mut self, mut each: impl FnMut(&[u8])) -> Result<(), ConnectionError> {
        if !self.pending.is_empty() && self.drain(&mut each)? {
            return Ok(());
        }
        poll_fn(|cx| self.poll_read(cx, &mut each)).await
    }

    /// Reads text frames until `wanted` recognises one; later ones stay for the next call.
    pub(crate) async fn wait_for<T>(
        &mut self,
        what: &'static str,
        mut wanted: impl FnMut(&[u8]) -> Option<T>,
    ) -> Result<T, ConnectionError> {
        let waited = UPGRADE_DEADLINE;
        let found = async {
            loop {
                while let Some((frame, used)) = frame::parse(&self.pending)? {
                    let found = if on_control(&frame, &self.writer)? { None } else { wanted(frame.payload) };
                    self.pending.drain(..used);
                    if let Some(found) = found {
                        return Ok(found);
                    }
                }
                if self.half.read_buf(&mut self.pending).await? == 0 {
                    return Err(ConnectionError::Ended);
                }
            }
        };
        tokio::time::timeout(waited, found).await.map_err(|_| ConnectionError::Silent { what, waited })?
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, each: &mut impl FnMut(&[u8])) -> Poll<Result<(), ConnectionError>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            ready!(Pin::new(&mut self.half).poll_read(cx, &mut buffer))?;
            let fresh = buffer.filled();
            if fresh.is_empty() {
                return Poll::Ready(Err(ConnectionError::Ended));
            }
            if self.pending.is_empty() {
                let used = hand_out(fresh, &self.writer, each)?;
                self.pending.extend_from_slice(&fresh[used..]);
            } else {
                self.pending.extend_from_slice(fresh);
                self.drain(each)?;
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Hands out the whole frames among the pending bytes. Whether there was one.
    fn drain(&mut self, each: &mut impl FnMut(&[u8])) -> Result<bool, ConnectionError> {
        let used = hand_out(&self.pending, &self.writer, each)?;
        self.pending.drain(..used);
        Ok(used > 0)
    }
}

/// Gives the whole frames in `bytes` to `each`; the number of bytes they took.
fn hand_out(bytes: &[u8], writer: &Rc<Writer>, each: &mut impl FnMut(&[u8])) -> Result<usize, ConnectionError> {
    let mut used = 0;
    while let Some((frame, length)) = frame::parse(&bytes[used..])? {
        if !on_control(&frame, writer)? {
            each(frame.payload);
        }
        used += length;
    }
    Ok(used)
}

/// Answers pings and turns a close into an error. Whether the frame was a control frame.
fn on_control(frame: &Frame<'_>, writer: &Rc<Writer>) -> Result<bool, ConnectionError> {
    match frame.opcode {
        frame::PING => {
            let mut pong = Vec::new();
            frame::write(&mut pong, frame::PONG, |out| out.extend_from_slice(frame.payload));
            writer.write(&pong)?;
            Ok(true)
        }
        frame::PONG => Ok(true),
        frame::CLOSE => Err(ConnectionError::Closed {
            code: frame::close_code(frame.payload),
            reason: String::from_utf8_lossy(frame.payload.get(2..).unwrap_or_default()).into_owned(),
        }),
        _ => Ok(false),
    }
}

pub(crate) struct Writer {
    half: OwnedWriteHalf,
    /// What the kernel did not take. A task of its own sends it on while there is any.
    unsent: RefCell<Vec<u8>>,
}

impl Writer {
    pub(crate) fn text(self: &Rc<Self>, payload: &str) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(payload.len() + 8);
        frame::write(&mut bytes, frame::TEXT, |out| out.extend_from_slice(payload.as_bytes()));
        self.write(&bytes)
    }

    /// Writes whole frames. Never waits: the rest goes out as the server reads.
    pub(crate) fn write(self: &Rc<Self>, bytes: &[u8]) -> io::Result<()> {
        let mut unsent = self.unsent.borrow_mut();
        if !unsent.is_empty() {
            unsent.extend_from_slice(bytes);
            return Ok(());
        }
        let taken = match self.half.try_write(bytes) {
            Ok(taken) => taken,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        if taken < bytes.len() {
            unsent.extend_from_slice(&bytes[taken..]);
            tokio::task::spawn_local(Rc::clone(self).flush());
        }
        Ok(())
    }

    async fn flush(self: Rc<Self>) {
        // An error ends the connection; its reader sees the same and reports it.
        while self.half.writable().await.is_ok() {
            let mut unsent = self.unsent.borrow_mut();
            match self.half.try_write(&unsent) {
                Ok(taken) => drop(unsent.drain(..taken)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
            if unsent.is_empty() {
                return;
            }
        }
    }
}
