//! OUTBOX-1, the byte limit, and the end of a connection, seen from the peer's side of the response body.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use actix_codec::Decoder;
use actix_http::ws;
use actix_web::{
    FromRequest,
    body::{BoxBody, MessageBody},
    dev,
    http::header,
    test::TestRequest,
    web,
};
use actix_ws::{CloseCode, CloseReason};
use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::super::{Outbox, Refused};

#[derive(Debug, Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a client would read, as far as it reads.
struct Peer {
    body: BoxBody,
    buffer: BytesMut,
    codec: ws::Codec,
    frames: Vec<ws::Frame>,
    ended: bool,
}

impl Peer {
    fn read(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        while !self.ended {
            match Pin::new(&mut self.body).poll_next(&mut context) {
                Poll::Pending => break,
                Poll::Ready(None) => self.ended = true,
                Poll::Ready(Some(chunk)) => self.buffer.extend_from_slice(&chunk.unwrap()),
            }
        }
        while let Some(frame) = self.codec.decode(&mut self.buffer).unwrap() {
            self.frames.push(frame);
        }
    }

    /// Reads until nothing moves any more.
    fn read_to_end(&mut self, outbox: &mut Outbox) {
        for _ in 0..1000 {
            self.read();
            outbox.flush();
        }
        self.read();
    }

    fn texts(&self) -> Vec<String> {
        let text = |frame: &ws::Frame| match frame {
            ws::Frame::Text(bytes) => Some(str::from_utf8(bytes).unwrap().to_owned()),
            _ => None,
        };
        self.frames.iter().filter_map(text).collect()
    }
}

fn connect(max_bytes: usize) -> (Outbox, Peer) {
    let request = TestRequest::default()
        .insert_header((header::UPGRADE, "websocket"))
        .insert_header((header::CONNECTION, "upgrade"))
        .insert_header((header::SEC_WEBSOCKET_VERSION, "13"))
        .insert_header((header::SEC_WEBSOCKET_KEY, "x3JJHMbDL1EzLkh9GBhXDw=="))
        .to_http_request();
    let payload = web::Payload::from_request(&request, &mut dev::Payload::None).into_inner().unwrap();
    let (response, session, _) = super::super::accept(&request, payload, Default::default(), None).unwrap();
    let peer = Peer {
        body: response.into_body(),
        buffer: BytesMut::new(),
        codec: ws::Codec::new().client_mode().max_size(usize::MAX),
        frames: Vec::new(),
        ended: false,
    };
    (Outbox::new(session, max_bytes), peer)
}

fn reason(code: CloseCode) -> Option<CloseReason> {
    Some(CloseReason { code, description: None })
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

#[derive(Debug, Clone)]
enum Step {
    Push(usize),
    Flush,
    Read,
}

proptest! {
    #[test]
    fn nothing_is_lost_doubled_or_reordered(steps in prop::collection::vec(prop_oneof![
        (1_usize..50).prop_map(Step::Push), Just(Step::Flush), Just(Step::Read),
    ], 0..30)) {
        let (mut outbox, mut peer) = connect(usize::MAX);
        let mut pushed = 0;
        for step in steps {
            match step {
                Step::Push(count) => for _ in 0..count {
                    prop_assert_eq!(outbox.push(pushed.to_string().into()), Ok(()));
                    pushed += 1;
                },
                Step::Flush => { outbox.flush(); }
                Step::Read => peer.read(),
            }
        }
        outbox.close(reason(CloseCode::Normal));
        peer.read_to_end(&mut outbox);
        prop_assert_eq!(peer.texts(), numbers(pushed));
        prop_assert_eq!(peer.frames.last(), Some(&ws::Frame::Close(reason(CloseCode::Normal))));
        prop_assert!(peer.ended);
        prop_assert_eq!(outbox.queued_bytes(), 0);
    }
}

#[test]
fn past_the_byte_limit_the_peer_is_slow_for_good() {
    let (mut outbox, mut peer) = connect(10_000);
    let taken = (0..1000).take_while(|number: &usize| outbox.push(number.to_string().into()).is_ok()).count();
    assert!((32..200).contains(&taken), "{taken}");
    peer.read();
    assert_eq!(outbox.push("after the hole".into()), Err(Refused::Slow));
    assert_eq!(outbox.ping(Bytes::new()), Err(Refused::Slow));
    assert_eq!(outbox.pong(Bytes::new()), Err(Refused::Slow));

    outbox.close(reason(CloseCode::Again));
    assert_eq!(outbox.push("after the close".into()), Err(Refused::Closed));
    peer.read_to_end(&mut outbox);
    assert_eq!(peer.texts(), numbers(peer.texts().len()), "a prefix");
    assert!(peer.texts().len() <= taken);
    assert_eq!(peer.frames.last(), Some(&ws::Frame::Close(reason(CloseCode::Again))));
}

#[test]
fn empty_frames_count() {
    let (mut outbox, _peer) = connect(10_000);
    let refused = (0..1000).map(|_| outbox.push("".into())).find_map(Result::err);
    assert_eq!(refused, Some(Refused::Slow));
}

/// A task that has used up its cooperative budget finds every channel "not ready", however empty.
#[tokio::test]
async fn a_spent_budget_queues_and_loses_nothing() {
    let (mut outbox, mut peer) = connect(10_000);
    tokio::task::yield_now().await;
    while tokio::task::coop::has_budget_remaining() {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(made) = tokio::task::coop::poll_proceed(&mut context) {
            made.made_progress();
        }
    }
    assert_eq!(outbox.push("first".into()), Ok(()));
    assert!(!outbox.is_empty(), "the budget is spent");
    tokio::task::yield_now().await;
    assert_eq!(outbox.push("second".into()), Ok(()));
    assert!(outbox.is_empty());
    peer.read();
    assert_eq!(peer.texts(), ["first", "second"]);
}

#[test]
fn a_flood_of_pings_owes_one_pong() {
    let (mut outbox, mut peer) = connect(10_000);
    for _ in 0..40 {
        assert_eq!(outbox.push("fills the connection".into()), Ok(()));
    }
    let before = outbox.queued_bytes();
    for number in 0..10_000 {
        assert_eq!(outbox.pong(Bytes::from(number.to_string())), Ok(()));
    }
    assert!(outbox.queued_bytes() < before + 200);
    peer.read();
    outbox.flush();
    peer.read();
    let pongs: Vec<_> = peer.frames.iter().filter(|frame| matches!(frame, ws::Frame::Pong(_))).collect();
    assert_eq!(pongs, [&ws::Frame::Pong(Bytes::from("9999"))]);
}

#[test]
fn a_gone_peer_is_closed_and_costs_nothing() {
    let (mut outbox, peer) = connect(10_000);
    for _ in 0..40 {
        assert_eq!(outbox.push("waits".into()), Ok(()));
    }
    drop(peer);
    assert_eq!(outbox.flush(), 0);
    assert!(outbox.is_done());
    assert_eq!(outbox.push("nobody".into()), Err(Refused::Closed));
}

#[tokio::test]
async fn the_flusher_is_woken_by_the_reader_even_when_a_push_came_between() {
    let (mut outbox, mut peer) = connect(1_000_000);
    let pushed = 40;
    for number in 0..pushed {
        assert_eq!(outbox.push(number.to_string().into()), Ok(()));
    }
    assert!(outbox.claim_flusher());
    assert!(!outbox.claim_flusher(), "one is enough");
    let woken = Arc::new(Wakes::default());
    let waker = Waker::from(woken.clone());
    assert!(outbox.poll_flush(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(outbox.push(pushed.to_string().into()), Ok(()));
    peer.read();
    assert!(woken.0.load(Ordering::Relaxed) > 0, "room is announced");
    assert!(outbox.poll_flush(&mut Context::from_waker(&waker)).is_ready());
    peer.read();
    assert_eq!(peer.texts(), numbers(pushed + 1));
    assert!(!outbox.claim_flusher(), "nothing waits");
}

#[tokio::test]
async fn finish_sends_what_is_owed_to_a_reader_and_lets_go_of_another() {
    let (mut outbox, mut peer) = connect(10_000);
    for number in 0..50 {
        assert_eq!(outbox.push(number.to_string().into()), Ok(()));
    }
    let finish = tokio::spawn(outbox.finish(reason(CloseCode::Restart), Duration::from_secs(5)));
    while !finish.is_finished() {
        peer.read();
        tokio::task::yield_now().await;
    }
    peer.read();
    assert_eq!(peer.texts(), numbers(50));
    assert_eq!(peer.frames.last(), Some(&ws::Frame::Close(reason(CloseCode::Restart))));

    let (mut outbox, mut deaf) = connect(10_000);
    for number in 0..50 {
        assert_eq!(outbox.push(number.to_string().into()), Ok(()));
    }
    outbox.finish(reason(CloseCode::Restart), Duration::from_millis(20)).await;
    deaf.read();
    assert!(deaf.ended, "the response body ends without the close frame");
    assert_eq!(deaf.texts(), numbers(32));
}
