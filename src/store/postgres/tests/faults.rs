//! The server is killed, terminated, read-only, cut off, or its last word is lost.

use super::insist::{PATIENCE, Senders, insist, until_well};
use super::proxy::{Answers, Proxy};
use super::*;
use std::time::Instant;

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
    let server = Arc::new(PostgresServer::start());
    let url = server.database();
    let nodes = [open(&url).await, open(&url).await];
    let senders = Senders::start(&nodes);
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
    senders.stop_and_check(&server, &url).await;
}

/// A server that stands still longer than anybody waits, and then does what it was asked before: the retry meets it, and the log
/// decides which of the two it is.
#[tokio::test]
async fn a_server_that_stands_still_writes_once() {
    let server = PostgresServer::start();
    let url = server.database();
    let store = open_with_one_writer(&url).await;
    let mut scripts: Vec<Script> = (0..10).map(|_| script()).collect();
    for script in &mut scripts {
        append(&*store, script.start(1, "hello")).await.unwrap();
    }
    server.freeze();
    let events: Vec<_> = (0..scripts.len()).map(|number| said(&format!("{number}"))).collect();
    let ends: Vec<_> = scripts
        .iter()
        .zip(&events)
        .map(|(script, event)| send(&store, script.clone().next(2, vec![event.clone()])))
        .collect();
    for end in ends {
        let end = tokio::time::timeout(PATIENCE, end).await.expect("an answer in bounded time").unwrap();
        assert!(matches!(end, Err(AppendError::Failed(_))), "{end:?}");
    }
    server.thaw();
    for (script, event) in scripts.iter_mut().zip(events) {
        insist(&store, script, event).await;
        assert_eq!(seqs_in(&server, &url, script.id), [1, 2, 3]);
    }
}

/// Each answer takes 30 ms. Nothing fails; what waits shares the round trips.
#[tokio::test]
async fn a_slow_server_costs_time_and_not_transactions() {
    const ROUNDS: u64 = 10;
    let server = PostgresServer::shared();
    let url = server.database();
    let proxy = Proxy::before(server.port());
    let store = open(&proxy.url(&url)).await;
    let mut scripts: Vec<Script> = (0..40).map(|_| script()).collect();
    for script in &mut scripts {
        append(&*store, script.start(1, "hello")).await.unwrap();
    }
    proxy.set(Answers::Slow);
    let before = store.commits();
    for _ in 0..ROUNDS {
        let ends: Vec<_> = scripts.iter_mut().map(|script| send(&store, script.next(2, vec![said("x")]))).collect();
        for end in ends {
            end.await.unwrap().unwrap();
        }
    }
    let (commits, appends) = (store.commits() - before, ROUNDS * scripts.len() as u64);
    assert!(commits * 5 < appends, "{commits} transactions for {appends} appends");
    for script in &scripts {
        assert_eq!(seqs_in(server, &url, script.id), (1..=2 + ROUNDS).collect::<Vec<_>>());
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
