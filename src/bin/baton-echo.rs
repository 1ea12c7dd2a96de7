//! The framing layer without the hub, for the conformance run and the transport tests.
//!
//! `/` echoes messages. `/flood` sends and never waits for the peer. `/floods` tells how the floods ended, a line each:
//! `pushed refused longest_push_micros`.

use std::{
    io::{self, Write},
    net::TcpListener,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix::{Actor, ActorContext, AsyncContext, Context, StreamHandler};
use actix_web::{App, HttpRequest, HttpResponse, web};
use baton::transport::{
    self, CloseCode, CloseReason, FlushOutbox, FrameLimits, HasOutbox, Incoming, Outbox, Refused, ServerSettings, Terms,
};
use bytestring::ByteString;
use clap::Parser;

/// After an actor's end, how long its peer may take to fetch what it is owed and the close frame.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Parser)]
struct Arguments {
    /// 0: a free one. The address is the first line on standard output.
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[arg(long, default_value_t = FrameLimits::default().max_frame_bytes)]
    max_frame_bytes: u64,
    #[arg(long, default_value_t = FrameLimits::default().max_message_bytes)]
    max_message_bytes: u64,
    #[arg(long, default_value_t = FrameLimits::default().max_fragments)]
    max_fragments: u32,
    #[arg(long, default_value_t = 1024 * 1024)]
    max_outbox_bytes: usize,
    /// What `/flood` sends.
    #[arg(long, default_value_t = 200 * 1024 * 1024)]
    flood_bytes: usize,
}

impl Arguments {
    fn terms(&self, protocol: Option<&'static str>) -> Terms {
        let limits = FrameLimits {
            max_frame_bytes: self.max_frame_bytes,
            max_message_bytes: self.max_message_bytes,
            max_fragments: self.max_fragments,
        };
        Terms { limits, outbox_bytes: self.max_outbox_bytes, protocol }
    }
}

/// How one flood ended.
#[derive(Debug, Clone, Default)]
struct FloodReport {
    pushed_bytes: usize,
    refused_pushes: usize,
    longest_push: Duration,
}

#[derive(Debug, Default)]
struct Reports {
    floods: Mutex<Vec<FloodReport>>,
    open_sessions: AtomicUsize,
}

/// One connection: answers everything with itself.
struct EchoSession {
    outbox: Outbox,
    close_reason: Option<CloseReason>,
    reports: Arc<Reports>,
}

impl EchoSession {
    fn settle(&mut self, pushed: Result<(), Refused>, ctx: &mut Context<Self>) {
        if let Err(refused) = pushed {
            let description = Some(refused.to_string());
            self.stop(Some(CloseReason { code: CloseCode::Again, description }), ctx);
        } else if self.outbox.claim_flusher() {
            ctx.spawn(FlushOutbox);
        }
    }

    fn stop(&mut self, reason: Option<CloseReason>, ctx: &mut Context<Self>) {
        self.close_reason = reason;
        ctx.stop();
    }
}

impl HasOutbox for EchoSession {
    fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

impl Actor for EchoSession {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        self.reports.open_sessions.fetch_add(1, Ordering::Relaxed);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.reports.open_sessions.fetch_sub(1, Ordering::Relaxed);
        actix_web::rt::spawn(self.outbox.finish(self.close_reason.take(), GRACE));
    }
}

impl StreamHandler<Incoming> for EchoSession {
    fn handle(&mut self, incoming: Incoming, ctx: &mut Self::Context) {
        match incoming {
            Incoming::Text(text) => {
                let pushed = self.outbox.push(text);
                self.settle(pushed, ctx);
            }
            Incoming::Binary(bytes) => {
                let pushed = self.outbox.push_binary(bytes);
                self.settle(pushed, ctx);
            }
            Incoming::Ping(payload) => {
                let pushed = self.outbox.pong(payload);
                self.settle(pushed, ctx);
            }
            Incoming::Pong(_) => {}
            Incoming::Closed(reason) => self.stop(reason, ctx),
            Incoming::Violation(code) => self.stop(Some(code.into()), ctx),
        }
    }
}

/// One connection that is sent more than it reads.
struct FloodSession {
    outbox: Outbox,
    left_bytes: usize,
    report: FloodReport,
    reports: Arc<Reports>,
}

impl FloodSession {
    const FRAME_BYTES: usize = 16 * 1024;
    const FRAMES_PER_TICK: usize = 64;

    /// Goes on after the first refusal, as a careless sender would: the limit has to hold all the same.
    fn push_some(&mut self, ctx: &mut Context<Self>) {
        for _ in 0..Self::FRAMES_PER_TICK {
            let frame = ByteString::from("x".repeat(Self::FRAME_BYTES));
            let start = Instant::now();
            match self.outbox.push(frame) {
                Ok(()) => self.report.pushed_bytes += Self::FRAME_BYTES,
                Err(Refused::Slow | Refused::Closed) => self.report.refused_pushes += 1,
            }
            self.report.longest_push = self.report.longest_push.max(start.elapsed());
            self.left_bytes = self.left_bytes.saturating_sub(Self::FRAME_BYTES);
        }
        if self.left_bytes == 0 {
            ctx.stop();
        } else if self.outbox.claim_flusher() {
            ctx.spawn(FlushOutbox);
        }
    }
}

impl HasOutbox for FloodSession {
    fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

impl Actor for FloodSession {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(Duration::from_millis(5), Self::push_some);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        let reason = CloseReason { code: CloseCode::Again, description: None };
        actix_web::rt::spawn(self.outbox.finish(Some(reason), GRACE));
        self.reports.floods.lock().unwrap_or_else(PoisonError::into_inner).push(self.report.clone());
    }
}

impl StreamHandler<Incoming> for FloodSession {
    fn handle(&mut self, _: Incoming, _: &mut Self::Context) {}

    // The peer may be gone before the flood is over; its end is what the report is about.
    fn finished(&mut self, _: &mut Self::Context) {}
}

async fn echo(
    req: HttpRequest,
    arguments: web::Data<Arguments>,
    reports: web::Data<Reports>,
) -> Result<HttpResponse, actix_web::Error> {
    transport::accept(&req, arguments.terms(Some("baton.v1")), Box::new(()), |outbox, incoming| {
        EchoSession::create(|ctx| {
            ctx.add_stream(incoming);
            EchoSession { outbox, close_reason: None, reports: reports.into_inner() }
        });
    })
}

async fn flood(
    req: HttpRequest,
    arguments: web::Data<Arguments>,
    reports: web::Data<Reports>,
) -> Result<HttpResponse, actix_web::Error> {
    let left_bytes = arguments.flood_bytes;
    transport::accept(&req, arguments.terms(None), Box::new(()), move |outbox, incoming| {
        FloodSession::create(|ctx| {
            ctx.add_stream(incoming);
            FloodSession { outbox, left_bytes, report: FloodReport::default(), reports: reports.into_inner() }
        });
    })
}

async fn floods(reports: web::Data<Reports>) -> String {
    let floods = reports.floods.lock().unwrap_or_else(PoisonError::into_inner);
    let line = |report: &FloodReport| {
        format!("{} {} {}\n", report.pushed_bytes, report.refused_pushes, report.longest_push.as_micros())
    };
    floods.iter().map(line).collect()
}

async fn sessions(reports: web::Data<Reports>) -> String {
    reports.open_sessions.load(Ordering::Relaxed).to_string()
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let arguments = web::Data::new(Arguments::parse());
    let reports = web::Data::new(Reports::default());
    let port = arguments.port;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    let settings = ServerSettings {
        workers: 1,
        max_connections: 1_000,
        request_timeout: Duration::from_secs(5),
        shutdown_timeout: Duration::ZERO,
    };
    transport::serve(listener, settings, move || {
        let (arguments, reports) = (arguments.clone(), reports.clone());
        move || {
            App::new()
                .app_data(arguments.clone())
                .app_data(reports.clone())
                .route("/", web::get().to(echo))
                .route("/flood", web::get().to(flood))
                .route("/floods", web::get().to(floods))
                .route("/sessions", web::get().to(sessions))
        }
    })?
    .await
}
