//! What messages cost in transactions of PostgreSQL: `cargo bench --bench append_postgres`. It starts a server of its own.
//!
//! The load is open: so many messages a second, evenly, one append each, over conversations spread on one or three nodes. Transactions are
//! those that the server itself counts, of every connection. It ends with an error when a message costs 0.2 of one or more at 2,000
//! messages a second. The times stand beside those of a bare INSERT, committed one after another, in the same run.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its table and may panic")]

#[path = "../tests/support/postgres.rs"]
mod postgres;

use baton::config::Secret;
use baton::domain::conversation::{Event, Recorded, Status, VisitorContext};
use baton::domain::ids::{ChatbotId, ClientMessageId, ConversationId, Seq, VisitorId, WorkspaceId};
use baton::domain::time::UnixMillis;
use baton::store::postgres::PostgresStore;
use baton::store::{Append, Projection, Store as _};
use postgres::PostgresServer;
use sqlx::{Connection as _, Executor as _};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const RUN: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(2);
const CONVERSATIONS: usize = 1_000;
const TEXT: &str = "Hello, I ordered two weeks ago and the parcel is still not here. Can you have a look?";
/// Transactions per message at 2,000 messages a second.
const LIMIT: f64 = 0.2;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = PostgresServer::start();
    println!("{:<34} {:>9} {:>12} {:>9} {:>9} {:>9}", "", "messages", "transactions", "each", "p50 ms", "p99 ms");
    let mut bare = runtime.block_on(inserts(&server.database()));
    print("bare INSERT, one after another", bare.len(), bare.len() as u64, &mut bare);
    let mut too_dear = false;
    for (nodes, rate) in [(1, 50), (1, 500), (1, 2_000), (3, 2_000), (3, 6_000)] {
        let url = server.database();
        let stores: Vec<_> =
            (0..nodes).map(|_| runtime.block_on(PostgresStore::open(&Secret::new(&url))).unwrap()).collect();
        let (transactions, mut waits) = load(&server, &url, &stores, rate);
        print(&format!("{rate} messages/s on {nodes} nodes"), waits.len(), transactions, &mut waits);
        too_dear |= rate == 2_000 && transactions as f64 >= LIMIT * waits.len() as f64;
    }
    if too_dear {
        println!("a message costs {LIMIT} transactions or more at 2,000 a second");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn print(name: &str, messages: usize, transactions: u64, waits: &mut [Duration]) {
    waits.sort_unstable();
    let wait = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    let each = transactions as f64 / messages as f64;
    println!("{name:<34} {messages:>9} {transactions:>12} {each:>9.3} {:>9.2} {:>9.2}", wait(0.5), wait(0.99));
}

async fn inserts(url: &str) -> Vec<Duration> {
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    connection.execute("CREATE TABLE t (id bigserial PRIMARY KEY, body text)").await.unwrap();
    let (start, mut waits) = (Instant::now(), Vec::new());
    while start.elapsed() < RUN {
        let begun = Instant::now();
        sqlx::query("INSERT INTO t (body) VALUES ($1)").bind(TEXT).execute(&mut connection).await.unwrap();
        waits.push(begun.elapsed());
    }
    waits
}

struct Talk {
    id: ConversationId,
    visitor: VisitorId,
    seq: u64,
}

/// Transactions, and how long each append took. Setting up the conversations is not counted.
fn load(server: &PostgresServer, url: &str, nodes: &[Arc<PostgresStore>], rate: u32) -> (u64, Vec<Duration>) {
    let chatbot: ChatbotId = "bench".parse().unwrap();
    let workspace = WorkspaceId::generate();
    let (answered, answers) = mpsc::channel::<Duration>();
    let send = |number: usize, append: Append| {
        let (answered, started) = (answered.clone(), Instant::now());
        let done = Box::new(move |end: Result<_, _>| {
            let _: baton::store::Appended = end.unwrap();
            answered.send(started.elapsed()).unwrap();
        });
        nodes[number % nodes.len()].append(append, done).unwrap();
    };
    let mut talks: Vec<Talk> = (0..CONVERSATIONS)
        .map(|_| VisitorId::generate())
        .map(|visitor| Talk { id: ConversationId::of_visitor(&chatbot, visitor), visitor, seq: 1 })
        .collect();
    for (number, talk) in talks.iter().enumerate() {
        let event =
            Event::Started { chatbot: chatbot.clone(), visitor: talk.visitor, context: VisitorContext::default() };
        let projection = Projection {
            workspace,
            chatbot: chatbot.clone(),
            visitor: talk.visitor,
            status: Status::Unrequested,
            assignee: None,
            waiting_since: None,
            escalated: false,
            started_at: UnixMillis(0),
            country: String::new(),
        };
        send(number, one(talk.id, 0, event, Some(projection)));
    }
    for _ in 0..CONVERSATIONS {
        answers.recv().unwrap();
    }
    let before = transactions(server, url);
    let (start, mut sent) = (Instant::now(), 0_usize);
    while start.elapsed() < RUN {
        let due = (start.elapsed().as_secs_f64() * f64::from(rate)) as usize;
        while sent < due {
            let number = sent % CONVERSATIONS;
            let talk = &mut talks[number];
            let event = Event::VisitorWrote { key: ClientMessageId(uuid::Uuid::nil()), text: TEXT.into() };
            send(number, one(talk.id, talk.seq, event, None));
            talk.seq += 1;
            sent += 1;
        }
        std::thread::sleep(TICK);
    }
    let waits = (0..sent).map(|_| answers.recv().unwrap()).collect();
    (transactions(server, url) - before, waits)
}

fn one(conversation: ConversationId, seq: u64, event: Event, projection: Option<Projection>) -> Append {
    let events = vec![Recorded { seq: Seq(seq + 1), at: UnixMillis(0), event }];
    Append { conversation, expected: Seq(seq), events, projection, jobs: Vec::new(), settles: Vec::new() }
}

/// What the server has counted. A back end tells its count once a second, and when it has nothing to do.
fn transactions(server: &PostgresServer, url: &str) -> u64 {
    std::thread::sleep(Duration::from_secs(2));
    let database = url.rsplit('/').next().unwrap();
    let query = format!("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '{database}'");
    server.sql("postgres", &query).parse().unwrap()
}
