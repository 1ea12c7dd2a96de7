//! OUTBOX-1, the byte limit, and the end of a connection, seen from the peer's side of a real socket with small buffers.

use std::{
    io::{ErrorKind, Read},
    net::{TcpListener, TcpStream},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};

use actix_codec::Decoder;
use actix_http::ws;
use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use socket2::{Domain, SockRef, Socket, Type};

use super::super::{CloseCode, CloseReason, Outbox, Refused, connection::Connection};

/// The kernel takes a few of them, never a hundred.
const TEXT_BYTES: usize = 1_000;

#[derive(Debug, Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a client would read, as far as it reads.
struct Peer {
    socket: TcpStream,
    buffer: BytesMut,
    codec: ws::Codec,
    frames: Vec<ws::Frame>,
    ended: bool,
}

impl Peer {
    fn read(&mut self) {
        let mut bytes = [0; 4096];
        while !self.ended {
            match self.socket.read(&mut bytes) {
                Ok(count) => {
                    self.buffer.extend_from_slice(&bytes[..count]);
                    self.ended = count == 0;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        while let Some(frame) = self.codec.decode(&mut self.buffer).unwrap() {
            self.frames.push(frame);
        }
    }

    async fn read_until(&mut self, outbox: &mut Outbox, enough: impl Fn(&Self) -> bool) {
        let reading = async {
            while !enough(self) {
                self.read();
                turn().await;
                outbox.flush();
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reading).await.expect("what was taken arrives");
    }

    fn texts(&self) -> Vec<String> {
        let text = |frame: &ws::Frame| match frame {
            ws::Frame::Text(bytes) => Some(str::from_utf8(bytes).unwrap().to_owned()),
            _ => None,
        };
        self.frames.iter().filter_map(text).collect()
    }

    fn closed(&self) -> bool {
        matches!(self.frames.last(), Some(ws::Frame::Close(_)))
    }
}

/// Lets the runtime hear what the kernel has to say.
async fn turn() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

async fn connect(max_bytes: usize) -> (Outbox, Peer) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    client.set_recv_buffer_size(2 * 1024).unwrap();
    client.connect(&listener.local_addr().unwrap().into()).unwrap();
    client.set_nonblocking(true).unwrap();
    let (server, _) = listener.accept().unwrap();
    SockRef::from(&server).set_send_buffer_size(4 * 1024).unwrap();
    SockRef::from(&server).set_tcp_nodelay(true).unwrap();
    server.set_nonblocking(true).unwrap();
    let server = tokio::net::TcpStream::from_std(server).unwrap();
    server.writable().await.unwrap();
    let peer = Peer {
        socket: client.into(),
        buffer: BytesMut::new(),
        codec: ws::Codec::new().client_mode().max_size(usize::MAX),
        frames: Vec::new(),
        ended: false,
    };
    (Outbox::new(Rc::new(Connection::new(server, Bytes::new(), Box::new(()))), max_bytes), peer)
}

fn reason(code: CloseCode) -> Option<CloseReason> {
    Some(CloseReason { code, description: None })
}

fn text(number: usize) -> String {
    format!("{number:0TEXT_BYTES$}")
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(text).collect()
}

/// Until the kernel takes no more; gives the number of texts.
fn fill(outbox: &mut Outbox) -> usize {
    let pushed =
        (0..1000).take_while(|number| outbox.push(text(*number).into()).is_ok() && outbox.flush() == 0).count() + 1;
    assert!(pushed < 1000, "the kernel's buffers have an end");
    pushed
}

#[derive(Debug, Clone)]
enum Step {
    Push(usize),
    Flush,
    Read,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_is_lost_doubled_or_reordered(steps in prop::collection::vec(prop_oneof![
        (1_usize..50).prop_map(Step::Push), Just(Step::Flush), Just(Step::Read),
    ], 0..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (mut outbox, mut peer) = connect(usize::MAX).await;
            let mut pushed = 0;
            for step in steps {
                match step {
                    Step::Push(count) => for _ in 0..count {
                        prop_assert_eq!(outbox.push(text(pushed).into()), Ok(()));
                        pushed += 1;
                    },
                    Step::Flush => { turn().await; outbox.flush(); }
                    Step::Read => peer.read(),
                }
            }
            outbox.close(reason(CloseCode::Normal));
            peer.read_until(&mut outbox, Peer::closed).await;
            prop_assert_eq!(peer.texts(), numbers(pushed));
            prop_assert_eq!(peer.frames.last(), Some(&ws::Frame::Close(reason(CloseCode::Normal))));
            prop_assert_eq!(outbox.queued_bytes(), 0);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn past_the_byte_limit_the_peer_is_slow_for_good() {
    let (mut outbox, mut peer) = connect(10_000).await;
    let taken = (0..1000).take_while(|number| outbox.push(text(*number).into()).is_ok()).count();
    assert!((10..500).contains(&taken), "{taken}");
    peer.read();
    turn().await;
    assert_eq!(outbox.push("after the hole".into()), Err(Refused::Slow));
    assert_eq!(outbox.ping(Bytes::new()), Err(Refused::Slow));
    assert_eq!(outbox.pong(Bytes::new()), Err(Refused::Slow));

    outbox.close(reason(CloseCode::Again));
    assert_eq!(outbox.push("after the close".into()), Err(Refused::Closed));
    peer.read_until(&mut outbox, Peer::closed).await;
    assert_eq!(peer.texts(), numbers(peer.texts().len()), "a prefix");
    assert!(peer.texts().len() < taken, "what waited was dropped");
    assert_eq!(peer.frames.last(), Some(&ws::Frame::Close(reason(CloseCode::Again))));
}

/// The race: the peer reads again when the connection is let go of already. Its buffers were full when it was found slow, so
/// that the close frame had no room, and it saw a reset.
#[tokio::test]
async fn a_slow_peer_that_reads_again_later_learns_why_it_was_closed() {
    let (mut outbox, mut peer) = connect(10_000).await;
    let taken = (0..1000).take_while(|number| outbox.push(text(*number).into()).is_ok()).count();
    outbox.finish(reason(CloseCode::Again), Duration::from_millis(50)).await;
    let (mut gone, _) = connect(1).await;
    peer.read_until(&mut gone, |peer| peer.ended).await;
    assert!(peer.texts().len() < taken);
    assert_eq!(peer.texts(), numbers(peer.texts().len()), "a prefix");
    assert_eq!(peer.frames.last(), Some(&ws::Frame::Close(reason(CloseCode::Again))));
}

#[tokio::test]
async fn empty_frames_count() {
    let (mut outbox, _peer) = connect(10_000).await;
    fill(&mut outbox);
    let refused = (0..1000).map(|_| outbox.push("".into())).find_map(Result::err);
    assert_eq!(refused, Some(Refused::Slow));
}

/// A task that has used up its cooperative budget finds every socket "not ready", however empty.
#[tokio::test]
async fn a_spent_budget_queues_and_loses_nothing() {
    let (mut outbox, mut peer) = connect(10_000).await;
    tokio::task::yield_now().await;
    while tokio::task::coop::has_budget_remaining() {
        let mut context = Context::from_waker(Waker::noop());
        if let std::task::Poll::Ready(made) = tokio::task::coop::poll_proceed(&mut context) {
            made.made_progress();
        }
    }
    assert_eq!(outbox.push("first".into()), Ok(()));
    assert!(outbox.poll_flush(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(!outbox.is_empty(), "the budget is spent");
    tokio::task::yield_now().await;
    assert_eq!(outbox.push("second".into()), Ok(()));
    assert!(outbox.poll_flush(&mut Context::from_waker(Waker::noop())).is_ready());
    assert!(outbox.is_empty());
    peer.read_until(&mut outbox, |peer| peer.frames.len() == 2).await;
    assert_eq!(peer.texts(), ["first", "second"]);
}

#[tokio::test]
async fn a_flood_of_pings_owes_one_pong() {
    let (mut outbox, mut peer) = connect(1_000_000).await;
    fill(&mut outbox);
    let before = outbox.queued_bytes();
    for number in 0..10_000 {
        assert_eq!(outbox.pong(Bytes::from(number.to_string())), Ok(()));
    }
    assert!(outbox.queued_bytes() < before + 200);
    outbox.close(None);
    peer.read_until(&mut outbox, Peer::closed).await;
    let pongs: Vec<_> = peer.frames.iter().filter(|frame| matches!(frame, ws::Frame::Pong(_))).collect();
    assert_eq!(pongs, [&ws::Frame::Pong(Bytes::from("9999"))]);
}

#[tokio::test]
async fn a_peer_that_reads_gets_a_pong_for_each_ping() {
    let (mut outbox, mut peer) = connect(10_000).await;
    for number in 0..10 {
        assert_eq!(outbox.pong(Bytes::from(number.to_string())), Ok(()));
    }
    peer.read_until(&mut outbox, |peer| peer.frames.len() == 10).await;
}

#[tokio::test]
async fn a_gone_peer_is_closed_and_costs_nothing() {
    let (mut outbox, peer) = connect(1_000_000).await;
    fill(&mut outbox);
    drop(peer);
    while outbox.flush() > 0 {
        turn().await;
    }
    assert_eq!(outbox.push("nobody".into()), Err(Refused::Closed));
    assert_eq!(outbox.queued_bytes(), 0);
}

#[tokio::test]
async fn the_flusher_is_woken_by_the_reader_even_when_a_push_came_between() {
    let (mut outbox, mut peer) = connect(1_000_000).await;
    let mut pushed = fill(&mut outbox);
    assert!(outbox.claim_flusher());
    assert!(!outbox.claim_flusher(), "one is enough");
    let woken = Arc::new(Wakes::default());
    let waker = Waker::from(woken.clone());
    assert!(outbox.poll_flush(&mut Context::from_waker(&waker)).is_pending());
    for _ in 0..100 {
        // Enough to try the kernel again.
        assert_eq!(outbox.push(text(pushed).into()), Ok(()));
        pushed += 1;
    }
    while woken.0.load(Ordering::Relaxed) == 0 {
        peer.read();
        turn().await;
    }
    while outbox.poll_flush(&mut Context::from_waker(&waker)).is_pending() {
        peer.read();
        turn().await;
    }
    peer.read_until(&mut outbox, |peer| peer.frames.len() == pushed).await;
    assert_eq!(peer.texts(), numbers(pushed));
    assert!(!outbox.claim_flusher(), "nothing waits");
}

#[tokio::test]
async fn finish_sends_what_is_owed_to_a_reader_and_lets_go_of_another() {
    let (mut outbox, mut peer) = connect(1_000_000).await;
    for number in 0..200 {
        assert_eq!(outbox.push(text(number).into()), Ok(()));
    }
    let finish = outbox.finish(reason(CloseCode::Restart), Duration::from_secs(30));
    let reading = async {
        while !peer.ended {
            peer.read();
            turn().await;
        }
        // Only now the peer ends its side, and with it the wait for that.
        peer.socket.shutdown(std::net::Shutdown::Write).unwrap();
    };
    tokio::join!(finish, reading);
    assert_eq!(peer.texts(), numbers(200));
    assert_eq!(peer.frames.last(), Some(&ws::Frame::Close(reason(CloseCode::Restart))));

    let (mut outbox, mut deaf) = connect(1_000_000).await;
    for number in 0..200 {
        assert_eq!(outbox.push(text(number).into()), Ok(()));
    }
    outbox.finish(reason(CloseCode::Restart), Duration::from_millis(20)).await;
    let (mut gone, _) = connect(1).await;
    deaf.read_until(&mut gone, |peer| peer.ended).await;
    assert!(!deaf.closed(), "the connection ends without the close frame");
    assert_eq!(deaf.texts(), numbers(deaf.texts().len()));
    assert!(deaf.texts().len() < 200);
}
