//! The server is killed, terminated, read-only, cut off, or its last word is lost.

use super::proxy::{Answers, Proxy};
use super::*;
use crate::domain::conversation::Event;
use std::collections::{HashMap, HashSet};
use std::time::Instant;

const PATIENCE: Duration = Duration::from_secs(60);

/// Try until it is written; the seq it was acknowledged with.
async fn insist(store: &PostgresStore, script: &mut Script, event: Event) -> u64 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match append(store, Script { ..script.clone() }.next(2, vec![event.clone()])).await {
            Ok(appended) => {
                script.seq = appended.events[0].seq.get();
                return script.seq;
            }
            Err(AppendError::Conflict { actual }) => {
                // What the actor does: read what is new, and find the key if the lost outcome was a commit (I3).
                let log = store.read_after(script.id, Seq(script.seq), 1_000).await.unwrap();
                script.seq = actual.get();
                if let Some(found) = log.iter().find(|recorded| recorded.event == event) {
                    return found.seq.get();
                }
            }
            Err(AppendError::Failed(error)) => {
                assert!(Instant::now() < deadline, "it did not recover: {error:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn until_well(store: &PostgresStore) {
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = store.ping().await {
        assert!(Instant::now() < deadline, "it did not recover: {error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// With one writer, so that it is known whose connection the next append goes through.
async fn open_with_one_writer(url: &str) -> Arc<PostgresStore> {
    PostgresStore::open_with(&Secret::new(url), Tuning { writers: 1, ..Tuning::default() }).await.unwrap()
}

/// I3: the commit happened, its answer did not arrive. The append is answered as failed, never as written, and the retry finds it.
#[tokio::test]
async fn lost_commit_reply_is_a_failure_and_the_retry_finds_it() {
    let server = PostgresServer::shared();
    let url = server.database();
    let proxy = Proxy::before(server.port());
    let store = open_with_one_writer(&proxy.url(&url)).await;
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    for loss in [Answers::Swallow, Answers::SwallowLastMessage] {
        let event = loop {
            // A connection in use. When this takes long, it is the sign of life that is lost, and the append goes well.
            append(&*store, script.next(2, vec![said("warm")])).await.unwrap();
            proxy.set(loss);
            let event = said(&format!("{loss:?} after {}", script.seq));
            match append(&*store, script.clone().next(2, vec![event.clone()])).await {
                Ok(_) => script.seq += 1,
                Err(AppendError::Failed(_)) => break event,
                Err(error) => panic!("{loss:?}: {error:?}"),
            }
        };
        assert!(proxy.has_lost());
        let written: Vec<_> = (1..=script.seq + 1).collect();
        assert_eq!(seqs_in(server, &url, script.id), written, "{loss:?}: the commit happened");
        assert_eq!(insist(&store, &mut script, event).await, script.seq, "{loss:?}: the first seq");
        assert_eq!(seqs_in(server, &url, script.id), written, "{loss:?}: one row");
    }
}

/// A cut network: nothing answers and nothing is closed. The append fails in bounded time, and the store recovers.
#[tokio::test]
async fn cut_network_fails_in_bounded_time() {
    let server = PostgresServer::shared();
    let url = server.database();
    let proxy = Proxy::before(server.port());
    let store = open_with_one_writer(&proxy.url(&url)).await;
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    for event in [said("into the void"), said("and once more")] {
        append(&*store, script.next(2, vec![said("warm")])).await.unwrap();
        proxy.set(Answers::Stall);
        let end = tokio::time::timeout(PATIENCE, append(&*store, script.clone().next(2, vec![event.clone()]))).await;
        assert!(matches!(end, Ok(Err(AppendError::Failed(_)))), "{end:?}");
        assert!(store.ping().await.is_err());
        proxy.set(Answers::Pass);
        until_well(&store).await;
        insist(&store, &mut script, event).await;
    }
    assert_eq!(seqs_in(server, &url, script.id), (1..=script.seq).collect::<Vec<_>>());
}

/// I1, I5: kill -9 of the whole server under load, twice. Everything acknowledged is there once, under its seq, and no seq is missing.
#[tokio::test]
async fn kill_under_load_loses_nothing() {
    const SENDERS: usize = 8;
    let server = Arc::new(PostgresServer::start());
    let url = server.database();
    let nodes = [open(&url).await, open(&url).await];
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let senders: Vec<_> = (0..SENDERS)
        .map(|number| {
            let (store, stop) = (nodes[number % 2].clone(), stop.clone());
            tokio::spawn(async move {
                let mut script = script();
                let mut acknowledged = Vec::new();
                let started = script.started();
                insist_first(&store, &mut script, started).await;
                while !stop.load(Ordering::Relaxed) {
                    let event = said("x");
                    acknowledged.push((insist(&store, &mut script, event.clone()).await, event));
                }
                (script.id, acknowledged)
            })
        })
        .collect();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let server = server.clone();
        tokio::task::spawn_blocking(move || {
            server.kill();
            server.restart();
        })
        .await
        .unwrap();
        for node in &nodes {
            until_well(node).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        let (id, acknowledged) = sender.await.unwrap();
        assert!(acknowledged.len() > 10, "too little went through to show anything: {}", acknowledged.len());
        let log = nodes[0].read_after(id, Seq::ZERO, usize::MAX).await.unwrap();
        let seqs = seqs_in(&server, &url, id);
        assert_eq!(seqs, (1..=log.len() as u64).collect::<Vec<_>>());
        let by_seq: HashMap<u64, &Event> = log.iter().map(|recorded| (recorded.seq.get(), &recorded.event)).collect();
        for (seq, event) in &acknowledged {
            assert_eq!(by_seq.get(seq), Some(&event), "acknowledged as {seq}");
        }
        let distinct: HashSet<u64> = acknowledged.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(distinct.len(), acknowledged.len());
        assert_eq!(log.len(), acknowledged.len() + 1, "nothing that was not sent, nothing twice");
    }
}

/// The first append of a conversation, whose outcome may be lost as well.
async fn insist_first(store: &PostgresStore, script: &mut Script, event: Event) {
    loop {
        match append(store, script.clone().next(1, vec![event.clone()])).await {
            Ok(_) | Err(AppendError::Conflict { actual: Seq(1) }) => break script.seq = 1,
            Err(AppendError::Failed(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// All back ends are terminated, again and again under load: reconnected by itself, nothing lost or doubled.
#[tokio::test]
async fn terminated_back_ends_are_replaced() {
    let server = PostgresServer::shared();
    let url = server.database();
    let database = url.rsplit('/').next().unwrap().to_owned();
    let store = open(&url).await;
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    let mut acknowledged = 2;
    for _ in 0..10 {
        let terminate =
            format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}'");
        let terminating = tokio::task::spawn_blocking(move || PostgresServer::shared().sql("postgres", &terminate));
        for _ in 0..5 {
            let seq = insist(&store, &mut script, said("x")).await;
            acknowledged += 1;
            assert_eq!(seq, acknowledged);
        }
        assert_ne!(terminating.await.unwrap(), "0");
        // Reads go to the pool, whose connections are dead as well.
        assert_eq!(store.tails(vec![script.id]).await.unwrap(), [(script.id, Seq(acknowledged))]);
    }
    assert_eq!(seqs_in(server, &url, script.id), (1..=acknowledged).collect::<Vec<_>>());
}

/// I25: a read-only server (full disks and fail-overs look the same) is never acknowledged to, says so, and recovers by itself.
#[tokio::test]
async fn read_only_is_refused_and_recovers() {
    let server = PostgresServer::start();
    let url = server.database();
    let store = open(&url).await;
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    for _ in 0..2 {
        server.configure("default_transaction_read_only = on");
        let deadline = Instant::now() + PATIENCE;
        let refused = loop {
            match append(&*store, script.clone().next(2, vec![said("x")])).await {
                Ok(appended) => script.seq = appended.events[0].seq.get(),
                Err(error) => break error,
            }
            assert!(Instant::now() < deadline, "the setting was not read");
        };
        let AppendError::Failed(error) = &refused else { panic!("{refused:?}") };
        assert!(format!("{error:?}").contains("read-only"), "{error:?}");
        assert!(store.ping().await.is_err(), "readiness");
        assert_eq!(
            store.read_after(script.id, Seq::ZERO, 10_000).await.unwrap().len() as u64,
            script.seq,
            "reads go on"
        );
        server.configure("default_transaction_read_only = off");
        until_well(&store).await;
        insist(&store, &mut script, said("again")).await;
    }
    assert_eq!(seqs_in(&server, &url, script.id), (1..=script.seq).collect::<Vec<_>>());
}

/// I2: a server that would acknowledge before its disk is not used, at the start and later.
#[tokio::test]
async fn a_server_that_may_lose_commits_is_refused() {
    let server = PostgresServer::start();
    let url = Secret::new(server.database());
    for (setting, value) in
        [("synchronous_commit", "off"), ("synchronous_commit", "local"), ("fsync", "off"), ("full_page_writes", "off")]
    {
        server.configure(&format!("{setting} = {value}"));
        let deadline = Instant::now() + PATIENCE;
        let error = loop {
            match PostgresStore::open(&url).await {
                Ok(_) => assert!(Instant::now() < deadline, "opened with {setting} = {value}"),
                Err(error) => break error,
            }
        };
        let text = format!("{error:?}");
        assert!(text.contains(setting) && text.contains(value), "the message names it: {text}");
        server.configure(&format!("{setting} = on"));
        let deadline = Instant::now() + PATIENCE;
        while PostgresStore::open(&url).await.is_err() {
            assert!(Instant::now() < deadline, "the setting was not read");
        }
    }
}

/// STORE-1: what fails at the commit itself was announced as done by the server before; nobody hears so.
#[tokio::test]
async fn failed_commit_acknowledges_nobody() {
    let server = PostgresServer::shared();
    let url = server.database();
    let store = open(&url).await;
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    let database = url.rsplit('/').next().unwrap();
    server.sql(
        database,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'at the commit'; END $$;
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
    );
    let end = append(&*store, script.clone().next(2, vec![said("lost")])).await;
    assert!(matches!(end, Err(AppendError::Failed(_))), "{end:?}");
    server.sql(database, "DROP TRIGGER late ON event");
    assert_eq!(seqs_in(server, &url, script.id), [1, 2]);
    append(&*store, script.next(3, vec![said("more")])).await.unwrap();
}

/// I26: killed in each migration, between its tables and the note that it is done; the next start finds all or nothing of it and goes on.
#[tokio::test]
async fn killed_while_migrating() {
    let server = PostgresServer::shared();
    for number in 1..=migrate::MIGRATIONS.len() {
        let url = server.database();
        let database = url.rsplit('/').next().unwrap();
        server.sql(
            database,
            &format!(
                "CREATE TABLE migration (number integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
                 CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   IF NEW.number = {number} THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); END IF;
                   RETURN NEW; END $$;
                 CREATE TRIGGER killer BEFORE INSERT ON migration FOR EACH ROW EXECUTE FUNCTION die()"
            ),
        );
        assert!(PostgresStore::open(&Secret::new(&url)).await.is_err(), "it was not killed");
        let done = server.sql(database, "SELECT count(*) FROM migration");
        assert_eq!(done, (number - 1).to_string());
        server.sql(database, "DROP TRIGGER killer ON migration");
        let store = open(&url).await;
        append(&*store, script().start(1, "hello")).await.unwrap();
    }
}

/// Written by a newer version, or damaged: the reader is told where, and nothing is skipped.
#[tokio::test]
async fn unreadable_events_are_named() {
    let server = PostgresServer::shared();
    let url = server.database();
    let database = url.rsplit('/').next().unwrap();
    let store = open(&url).await;
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    append(&*store, script.next(1, vec![said("more")])).await.unwrap();
    for sql in [r#"UPDATE event SET body = '{"kind":"teleported"}' WHERE seq = 2"#, "DELETE FROM event WHERE seq = 2"] {
        server.sql(database, sql);
        let read = store.read_after(script.id, Seq::ZERO, 10).await;
        let Err(StoreError::Unreadable { conversation, seq, .. }) = read else { panic!("{sql}: {read:?}") };
        assert_eq!((conversation, seq), (script.id, Seq(2)), "{sql}");
    }
}

/// A database of a newer version is left alone.
#[tokio::test]
async fn a_newer_schema_is_refused() {
    let server = PostgresServer::shared();
    let url = server.database();
    drop(open(&url).await);
    server.sql(url.rsplit('/').next().unwrap(), "INSERT INTO migration (number) VALUES (9999)");
    let Err(error) = PostgresStore::open(&Secret::new(&url)).await else { panic!("opened") };
    assert!(format!("{error:?}").contains("9999"), "{error:?}");
}
