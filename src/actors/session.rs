//! What sessions of visitors and agents have in common, and how other actors reach them.

use super::hub::HubSettings;
use crate::protocol::codes::{self, CloseRow};
use crate::transport::{CloseReason, FlushOutbox, HasOutbox, Incoming, Outbox, Refused};
use actix::prelude::SendError;
use actix::{ActorContext, AsyncContext, Context, Message, Recipient};
use bytes::Bytes;
use bytestring::ByteString;
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a closing peer may take to fetch what it is owed.
const CLOSE_GRACE: Duration = Duration::from_secs(2);

/// One socket on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(u64);

impl SessionId {
    pub fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// For a session.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub enum ToSession {
    /// An encoded frame. Cheap to clone: everybody gets the same bytes.
    Frame(ByteString),
    /// Look whether what let the socket in still holds.
    Recheck,
    /// Close with this code.
    Close(&'static CloseRow),
}

/// The address of a session. One long-lived clone per sender, because capacity counts per clone (STYLE.md, actix fact 4).
#[derive(Clone)]
pub struct SessionHandle {
    pub id: SessionId,
    recipient: Recipient<ToSession>,
}

impl SessionHandle {
    pub fn new(id: SessionId, recipient: Recipient<ToSession>) -> Self {
        Self { id, recipient }
    }

    /// Hand a frame over. False: the session is gone or hopelessly behind and must not be counted on any more; it is closed, and
    /// its client resumes from the cursor.
    pub fn send(&self, what: ToSession) -> bool {
        match self.recipient.try_send(what) {
            Ok(()) => true,
            Err(SendError::Full(_)) => {
                // Past the capacity on purpose: a frame is missing from here on, and a client that is not told would wait for it.
                self.recipient.do_send(ToSession::Close(&codes::SLOW));
                false
            }
            Err(SendError::Closed(_)) => false,
        }
    }
}

/// A moment for one of many: what they all do then does not come at once.
pub fn some_moment_within(within: Duration) -> Duration {
    // Without random bytes everybody comes at the end, which is allowed.
    let share = getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX));
    within.mul_f64(share)
}

/// Encode a frame once for all who get it.
pub fn encode<T: Serialize>(frame: &T) -> ByteString {
    // Frames are our own types with string keys; there is no value among them that JSON can't hold.
    serde_json::to_string(frame).expect("PROTOCOL-1: every frame of baton.v1 can be encoded").into()
}

/// The socket of a session.
pub struct Socket {
    pub id: SessionId,
    pub outbox: Outbox,
    budget: FrameBudget,
    last_heard: Instant,
    hello_deadline: Duration,
    heartbeat: Duration,
}

impl Socket {
    pub fn new(outbox: Outbox, settings: &HubSettings) -> Self {
        Self {
            id: SessionId::next(),
            outbox,
            budget: FrameBudget::new(settings.frames_per_second, settings.frame_burst),
            last_heard: Instant::now(),
            hello_deadline: settings.hello_deadline,
            heartbeat: settings.heartbeat,
        }
    }

    /// Charge one frame that was just heard.
    pub fn spend(&mut self) -> Verdict {
        self.budget.spend(self.last_heard)
    }
}

/// What every session does with its socket.
pub trait SocketSession: HasOutbox<Context = Context<Self>> {
    fn socket(&mut self) -> &mut Socket;

    /// Whether the hello was taken.
    fn has_greeted(&self) -> bool;

    fn on_text(&mut self, text: &str, ctx: &mut Context<Self>);

    fn on_binary(&mut self, ctx: &mut Context<Self>);

    /// Start the clocks: a hello in time, a sign of life per two heartbeats.
    fn begin(&mut self, ctx: &mut Context<Self>) {
        // A conversation hands over what was committed together at once.
        ctx.set_mailbox_capacity(1_024);
        ctx.run_later(self.socket().hello_deadline, |session, ctx| {
            if !session.has_greeted() {
                session.close(&codes::UNAUTHENTICATED, ctx);
            }
        });
        ctx.run_interval(self.socket().heartbeat, |session, ctx| {
            let socket = session.socket();
            let (silence, heartbeat) = (socket.last_heard.elapsed(), socket.heartbeat);
            if silence > heartbeat * 2 {
                session.close(&codes::HEARTBEAT, ctx);
            } else if silence > heartbeat / 2 {
                let pushed = socket.outbox.ping(Bytes::new());
                session.settle(pushed, ctx);
            }
        });
    }

    fn push(&mut self, frame: ByteString, ctx: &mut Context<Self>) {
        let pushed = self.socket().outbox.push(frame);
        self.settle(pushed, ctx);
    }

    fn settle(&mut self, pushed: Result<(), Refused>, ctx: &mut Context<Self>) {
        match pushed {
            Ok(()) => {
                if self.socket().outbox.claim_flusher() {
                    ctx.spawn(FlushOutbox);
                }
            }
            Err(Refused::Slow) => self.close(&codes::SLOW, ctx),
            Err(Refused::Closed) => ctx.stop(),
        }
    }

    fn close(&mut self, row: &CloseRow, ctx: &mut Context<Self>) {
        let reason = CloseReason { code: row.code.into(), description: Some(row.name.to_owned()) };
        self.finish(Some(reason), ctx);
    }

    fn finish(&mut self, reason: Option<CloseReason>, ctx: &mut Context<Self>) {
        actix_rt::spawn(self.socket().outbox.finish(reason, CLOSE_GRACE));
        ctx.stop();
    }

    fn receive(&mut self, incoming: Incoming, ctx: &mut Context<Self>) {
        self.socket().last_heard = Instant::now();
        match incoming {
            Incoming::Text(text) => self.on_text(&text, ctx),
            Incoming::Binary(_) => self.on_binary(ctx),
            Incoming::Ping(payload) => {
                let pushed = self.socket().outbox.pong(payload);
                self.settle(pushed, ctx);
            }
            Incoming::Pong(_) => {}
            Incoming::Closed(reason) => self.finish(reason, ctx),
            Incoming::Violation(code) => self.finish(Some(CloseReason { code, description: None }), ctx),
        }
    }
}

/// Frames that a socket may send: a token bucket.
#[derive(Debug)]
pub struct FrameBudget {
    per_second: f32,
    burst: f32,
    left: f32,
    refilled: Instant,
    /// Since the client last paused.
    refusals: u32,
}

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Take,
    /// Answer `too_fast`.
    Refuse,
    /// The client does not listen to refusals: close.
    Close,
}

/// Refusals without a pause after which the socket is closed.
const MAX_REFUSALS: u32 = 200;

impl FrameBudget {
    pub fn new(per_second: u32, burst: u32) -> Self {
        let burst = burst as f32;
        Self { per_second: per_second as f32, burst, left: burst, refilled: Instant::now(), refusals: 0 }
    }

    pub fn spend(&mut self, now: Instant) -> Verdict {
        let passed = now.saturating_duration_since(self.refilled).as_secs_f32();
        self.left = (self.left + passed * self.per_second).min(self.burst);
        self.refilled = now;
        // A single token that trickled in between is no pause: it comes every few milliseconds, however fast the client sends.
        if self.left >= self.burst.mul_add(0.5, 0.5).min(self.burst) {
            self.refusals = 0;
        }
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Verdict::Take;
        }
        self.refusals += 1;
        if self.refusals > MAX_REFUSALS { Verdict::Close } else { Verdict::Refuse }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix::{Actor, Handler};
    use std::time::Duration;
    use tokio::sync::mpsc;

    struct Session(mpsc::UnboundedSender<ToSession>);

    impl Actor for Session {
        type Context = Context<Self>;
    }

    impl Handler<ToSession> for Session {
        type Result = ();

        fn handle(&mut self, what: ToSession, ctx: &mut Context<Self>) {
            let closes = matches!(what, ToSession::Close(_));
            self.0.send(what).unwrap();
            if closes {
                ctx.stop();
            }
        }
    }

    /// The race: more frames are handed over in one go than the mailbox holds, before the session's turn comes. A session that
    /// was only left out of the audience would stay connected and deaf.
    #[actix::test]
    async fn a_session_that_misses_a_frame_is_closed() {
        let (sender, mut received) = mpsc::unbounded_channel();
        let handle = SessionHandle::new(SessionId::next(), Session(sender).start().recipient());
        let taken = (0..100).take_while(|_| handle.send(ToSession::Frame("{}".into()))).count();
        assert!(taken < 100, "the mailbox has an end");
        drop(handle);
        for _ in 0..taken {
            assert!(matches!(received.recv().await, Some(ToSession::Frame(_))));
        }
        assert!(matches!(received.recv().await, Some(ToSession::Close(row)) if row.code == codes::SLOW.code));
    }

    #[test]
    fn a_burst_is_taken_then_the_rate_holds_and_a_deaf_client_is_closed() {
        let mut budget = FrameBudget::new(10, 3);
        let start = Instant::now();
        let verdicts: Vec<_> = (0..4).map(|_| budget.spend(start)).collect();
        assert_eq!(verdicts, [Verdict::Take, Verdict::Take, Verdict::Take, Verdict::Refuse]);
        assert_eq!(budget.spend(start + Duration::from_millis(150)), Verdict::Take);
        let last = (0..=MAX_REFUSALS).map(|_| budget.spend(start + Duration::from_millis(150))).last();
        assert_eq!(last, Some(Verdict::Close));
    }

    /// The race: at 20 frames a second a token comes every 50 ms. When each one forgave all refusals before it, only a client
    /// that sent more than 4,000 frames a second was ever closed.
    #[test]
    fn a_token_now_and_then_forgives_nothing_but_a_pause_does() {
        let mut budget = FrameBudget::new(20, 60);
        let start = budget.refilled;
        let at = |millis: u64| start + Duration::from_millis(millis);
        let closed = (0..10_000).map(|n| (n, budget.spend(at(n * 2)))).find(|(_, verdict)| *verdict == Verdict::Close);
        let (sent, _) = closed.expect("500 frames a second are too many");
        assert!((250..400).contains(&sent), "closed after {sent} frames");

        let mut budget = FrameBudget::new(20, 60);
        let start = budget.refilled;
        for round in 0..10_u32 {
            // 160 at once, 100 of them refused, then quiet until half the burst is there again.
            let verdicts = (0..160).map(|_| budget.spend(start + Duration::from_secs(4) * round));
            assert!(!verdicts.into_iter().any(|verdict| verdict == Verdict::Close), "round {round}");
        }
    }
}
