//! What the log takes, next to what the disk and SQLite by themselves take in the same run: `cargo bench --bench append`.
//!
//! The load is closed: each conversation keeps a number of appends under way, and sends the next when one is answered. One thread
//! makes the load, one is the store's writer.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its table and may panic")]

use baton::domain::conversation::{Event, Recorded, Status, VisitorContext};
use baton::domain::ids::{ChatbotId, ClientMessageId, ConversationId, Seq, VisitorId, WorkspaceId};
use baton::domain::time::UnixMillis;
use baton::store::sqlite::SqliteStore;
use baton::store::{Append, Projection, Store};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const RUN: Duration = Duration::from_secs(3);
const TEXT: &str = "Hello, I ordered two weeks ago and the parcel is still not here. Can you have a look?";

fn main() {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let at = |name: &str| directory.path().join(name);
    println!("{:<44} {:>10} {:>10} {:>9} {:>9} {:>9}", "", "events/s", "appends/s", "p50 ms", "p99 ms", "max ms");
    println!("{:<44} {:>10.0}", "disk: 4 KiB write and fdatasync", flushes(&at("raw")));
    for batch in [1, 100, 1_000] {
        let name = format!("sqlite: index-free insert, batches of {batch}");
        println!("{name:<44} {:>10.0}", inserts(&at(&format!("raw-{batch}.db")), batch));
    }
    for (conversations, in_flight, events) in
        [(1, 1, 1), (100, 1, 1), (100, 8, 1), (4_500, 1, 1), (1, 4, 100), (100, 1, 100)]
    {
        let store = SqliteStore::open(&at(&format!("store-{conversations}-{in_flight}-{events}.db"))).unwrap();
        let name = format!("store: {conversations} conversations x {in_flight}, {events} per append");
        let mut waits = load(&*store, conversations, in_flight, events);
        waits.sort_unstable();
        let appends = waits.len() as f64 / RUN.as_secs_f64();
        let wait = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
        println!(
            "{name:<44} {:>10.0} {appends:>10.0} {:>9.2} {:>9.2} {:>9.2}",
            appends * events as f64,
            wait(0.5),
            wait(0.99),
            wait(1.0)
        );
    }
}

fn flushes(path: &Path) -> f64 {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < RUN {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

fn inserts(path: &Path, batch: usize) -> f64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.pragma_update(None, "synchronous", "full").unwrap();
    connection
        .execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER, d INTEGER, body TEXT)")
        .unwrap();
    let body = format!("{{\"kind\":\"visitor_wrote\",\"key\":\"{}\",\"text\":\"{TEXT}\"}}", uuid::Uuid::nil());
    let mut insert = connection.prepare("INSERT INTO t (a, b, c, d, body) VALUES (1, 2, 3, 4, ?1)").unwrap();
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < RUN {
        connection.execute_batch("BEGIN").unwrap();
        for _ in 0..batch {
            insert.execute([&body]).unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
        count += batch;
    }
    count as f64 / start.elapsed().as_secs_f64()
}

/// How long each append took that was answered within the run. Setting up the conversations is not counted.
fn load(store: &dyn Store, conversations: usize, in_flight: usize, events: usize) -> Vec<Duration> {
    let (answered, answers) = mpsc::channel::<(usize, Instant)>();
    let chatbot: ChatbotId = "bench".parse().unwrap();
    let workspace = WorkspaceId::generate();
    let mut scripts: Vec<(ConversationId, VisitorId, u64)> = (0..conversations)
        .map(|_| VisitorId::generate())
        .map(|visitor| (ConversationId::of_visitor(&chatbot, visitor), visitor, 0))
        .collect();
    let send = |number: usize, append: Append| {
        let (answered, started) = (answered.clone(), Instant::now());
        let done = Box::new(move |end: Result<_, _>| {
            let _: baton::store::Appended = end.unwrap();
            // The load may have ended.
            let _ = answered.send((number, started));
        });
        store.append(append, done).unwrap();
    };
    for (number, (id, visitor, seq)) in scripts.iter_mut().enumerate() {
        *seq = 1;
        let event = Event::Started { chatbot: chatbot.clone(), visitor: *visitor, context: VisitorContext::default() };
        send(
            number,
            Append {
                conversation: *id,
                expected: Seq::ZERO,
                events: vec![Recorded { seq: Seq(1), at: UnixMillis(0), event }],
                projection: Some(Projection {
                    workspace,
                    chatbot: chatbot.clone(),
                    visitor: *visitor,
                    status: Status::Unrequested,
                    assignee: None,
                    waiting_since: None,
                    escalated: false,
                    started_at: UnixMillis(0),
                    country: String::new(),
                }),
                jobs: Vec::new(),
                settles: Vec::new(),
            },
        );
    }
    for _ in 0..conversations {
        answers.recv().unwrap();
    }
    let mut next = |number: usize| {
        let (id, _, seq) = &mut scripts[number];
        let expected = *seq;
        *seq += events as u64;
        let events = (expected + 1..=*seq).map(|seq| Recorded {
            seq: Seq(seq),
            at: UnixMillis(0),
            event: Event::VisitorWrote { key: ClientMessageId(uuid::Uuid::nil()), text: TEXT.into() },
        });
        send(
            number,
            Append {
                conversation: *id,
                expected: Seq(expected),
                events: events.collect(),
                projection: None,
                jobs: Vec::new(),
                settles: Vec::new(),
            },
        );
    };
    let start = Instant::now();
    for number in (0..conversations).flat_map(|number| std::iter::repeat_n(number, in_flight)) {
        next(number);
    }
    let mut waits = Vec::new();
    while start.elapsed() < RUN {
        let (number, started) = answers.recv().unwrap();
        waits.push(started.elapsed());
        next(number);
    }
    waits
}
