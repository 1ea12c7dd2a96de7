//! The suite on SQLite, and what only SQLite has.

use super::*;
use crate::domain::conversation::Event;
use crate::store::suite::{Fixture, Script, any_event, append, said, store_suite};
use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc;
use tempfile::TempDir;

async fn fixture() -> Fixture {
    let directory = TempDir::new().unwrap();
    let store = SqliteStore::open(&directory.path().join("baton.db")).unwrap();
    Fixture { store, _keep: Box::new(directory) }
}

store_suite!(fixture);

fn file() -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("data/baton.db");
    (directory, path)
}

fn script() -> Script {
    Script::new(WorkspaceId::generate(), "help")
}

/// Holds the writer's thread until the sender is dropped; returns when it is held.
fn hold_writer(store: &SqliteStore) -> mpsc::Sender<()> {
    let (held, holding) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    drop(store.write("hold", move |_| {
        held.send(()).unwrap();
        let _ = released.recv();
        Ok(())
    }));
    holding.recv().unwrap();
    release
}

/// Append without waiting; the end arrives in the receiver.
fn send(store: &SqliteStore, append: Append) -> Result<mpsc::Receiver<Result<Appended, AppendError>>, Box<Busy>> {
    let (reply, answer) = mpsc::channel();
    store.append(append, Box::new(move |end| reply.send(end).unwrap()))?;
    Ok(answer)
}

/// Appends that wait for the same flush share it, and each completion is called once.
#[tokio::test]
async fn group_commit_shares_flushes() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let release = hold_writer(&store);
    let before = store.commits();
    let answers: Vec<_> = (0..500).map(|at| send(&store, script().start(at, "hello")).unwrap()).collect();
    drop(release);
    for answer in &answers {
        answer.recv().unwrap().unwrap();
    }
    // One for the batch that was held, one for everything behind it.
    assert_eq!(store.commits() - before, 2);
    store.close().await.unwrap();
    for answer in answers {
        assert!(answer.try_recv().is_err(), "called twice");
    }
}

#[tokio::test]
async fn full_queue_is_busy() {
    let (_keep, path) = file();
    let store = SqliteStore::open_with(&path, 3).unwrap();
    let release = hold_writer(&store);
    let queued: Vec<_> = (0..3).map(|at| send(&store, script().start(at, "hello")).unwrap()).collect();
    let mut late = script();
    assert!(send(&store, late.clone().start(9, "hello")).is_err());
    drop(release);
    for answer in queued {
        answer.recv().unwrap().unwrap();
    }
    append(&*store, late.start(9, "hello")).await.unwrap();
}

/// Conflicts and malformed appends of a batch do not touch their neighbours.
#[tokio::test]
async fn refusals_in_a_batch_are_their_own() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let (mut one, mut two) = (script(), script());
    let release = hold_writer(&store);
    let first = send(&store, one.start(1, "hello")).unwrap();
    let conflict = send(&store, Script { seq: 1, ..one.clone() }.next(2, vec![said("late")])).unwrap();
    let malformed = send(&store, Append { projection: None, ..two.clone().start(3, "hello") }).unwrap();
    // A failure in the database itself, after its events were inserted: the batch is rolled back and done one by one.
    let broken = store.write("break", |tx| {
        tx.execute_batch("ROLLBACK")?;
        Err(rusqlite::Error::InvalidQuery.into()) as Result<(), Fault>
    });
    let last = send(&store, two.start(4, "hello")).unwrap();
    let second = send(&store, one.next(5, vec![said("more")])).unwrap();
    drop(release);
    first.recv().unwrap().unwrap();
    assert!(matches!(conflict.recv().unwrap(), Err(AppendError::Conflict { actual: Seq(2) })));
    assert!(matches!(malformed.recv().unwrap(), Err(AppendError::Failed(_))));
    assert!(broken.await.is_err());
    last.recv().unwrap().unwrap();
    second.recv().unwrap().unwrap();
    assert_eq!(store.read_after(one.id, Seq::ZERO, 10).await.unwrap().len(), 3);
    assert_eq!(store.read_after(two.id, Seq::ZERO, 10).await.unwrap().len(), 2);
}

/// A completion that panics is reported and the writer goes on.
#[tokio::test]
async fn panic_in_a_completion_does_not_end_the_writer() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let mut script = script();
    store.append(script.start(1, "hello"), Box::new(|_| panic!("on purpose"))).unwrap();
    append(&*store, script.next(2, vec![said("more")])).await.unwrap();
}

/// I25: no acknowledgement for what did not fit; everything acknowledged is there; writing goes on when there is room again.
#[tokio::test]
async fn full_disk_is_refused_and_recovers() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    let limit = |pages: u32| store.write("limit", move |tx| Ok(tx.pragma_update(None, "max_page_count", pages)?));
    // The smallest limit that SQLite admits is the present size.
    limit(1).await.unwrap();
    let text = "x".repeat(1_000);
    let mut acknowledged = 2;
    let refused = loop {
        let seq = script.seq;
        match append(&*store, script.next(2, vec![said(&text)])).await {
            Ok(_) => acknowledged += 1,
            Err(error) => {
                script.seq = seq;
                break error;
            }
        }
    };
    let AppendError::Failed(StoreError::Database { source, .. }) = &refused else { panic!("{refused:?}") };
    assert!(source.to_string().contains("full"), "{source}");
    for _ in 0..3 {
        assert!(append(&*store, script.clone().next(2, vec![said(&text)])).await.is_err(), "still full");
    }
    assert_eq!(store.read_after(script.id, Seq::ZERO, 10_000).await.unwrap().len(), acknowledged);
    limit(1_000_000).await.unwrap();
    append(&*store, script.next(3, vec![said(&text)])).await.unwrap();
    assert_eq!(store.read_after(script.id, Seq::ZERO, 10_000).await.unwrap().len(), acknowledged + 1);
}

/// STORE-1: when the commit itself fails, everybody in it hears so, and nothing of it is there.
#[tokio::test]
async fn failed_commit_acknowledges_nobody() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    let release = hold_writer(&store);
    let lost = send(&store, script.clone().next(2, vec![said("lost")])).unwrap();
    let conflict = send(&store, Script { seq: 2, ..script.clone() }.next(2, vec![said("late")])).unwrap();
    // A reference that is checked at the commit, and fails there.
    let broken = store.write("break", |tx| {
        tx.execute_batch(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED)",
        )?;
        Ok(tx.execute_batch("INSERT INTO a VALUES (1, 2)")?)
    });
    drop(release);
    assert!(matches!(lost.recv().unwrap(), Err(AppendError::Failed(_))));
    assert!(matches!(conflict.recv().unwrap(), Err(AppendError::Failed(_))), "with whom it conflicted is gone");
    assert!(broken.await.is_err());
    assert_eq!(store.read_after(script.id, Seq::ZERO, 10).await.unwrap().len(), 2);
    append(&*store, script.next(3, vec![said("more")])).await.unwrap();
    assert_eq!(store.read_after(script.id, Seq::ZERO, 10).await.unwrap().len(), 3);
}

/// The check in the database, not the remembered head, decides: two processes on one file never write the same seq.
#[tokio::test]
async fn another_writer_on_the_same_file_is_a_conflict() {
    let (_keep, path) = file();
    let (one, two) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let mut script = script();
    append(&*one, script.start(1, "hello")).await.unwrap();
    let mut other = script.clone();
    append(&*two, other.next(2, vec![said("from two")])).await.unwrap();
    let end = append(&*one, script.clone().next(3, vec![said("from one")])).await;
    assert!(matches!(end, Err(AppendError::Conflict { actual: Seq(3) })), "{end:?}");
    append(&*one, other.next(3, vec![said("from one")])).await.unwrap();
    append(&*two, other.next(3, vec![said("from two")])).await.unwrap();
    assert_eq!(two.read_after(script.id, Seq::ZERO, 10).await.unwrap().len(), 5);
}

/// I2 for SQLite: what the power-cut test shows at length, as a fact of the open connection.
#[tokio::test]
async fn commits_are_flushed() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let pragma = |name: &'static str| {
        store.write("read a setting", move |tx| {
            Ok(tx.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))?)
        })
    };
    assert_eq!(pragma("journal_mode").await.unwrap(), rusqlite::types::Value::Text("wal".into()));
    assert_eq!(pragma("synchronous").await.unwrap(), rusqlite::types::Value::Integer(2), "FULL");
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let (_keep, path) = file();
    let mut script = script();
    let (epoch, secret, workspace, log, record);
    {
        let store = SqliteStore::open(&path).unwrap();
        append(&*store, script.start(1, "hello")).await.unwrap();
        (epoch, secret) = (store.epoch(), store.secret("cookies").await.unwrap());
        workspace = store.first_workspace().await.unwrap();
        log = store.read_after(script.id, Seq::ZERO, 10).await.unwrap();
        record = store.conversation(script.id).await.unwrap();
    }
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.epoch(), epoch);
    assert_eq!(store.secret("cookies").await.unwrap(), secret);
    assert_eq!(store.first_workspace().await.unwrap(), workspace);
    assert_eq!(store.read_after(script.id, Seq::ZERO, 10).await.unwrap(), log);
    assert_eq!(store.conversation(script.id).await.unwrap(), record);
    append(&*store, script.next(2, vec![said("again")])).await.unwrap();
}

#[tokio::test]
async fn files_are_private() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    append(&*store, script().start(1, "hello")).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(Path::new(&format!("{}{suffix}", path.display()))), 0o600, "{suffix}");
    }
}

/// I27: a backup under load is one moment of the log; restored, it has an epoch of its own and goes on from there.
#[tokio::test]
async fn backup_and_restore() {
    let (keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    let copy = keep.path().join("backups/monday.db");
    let backup = store.backup(copy.clone());
    for _ in 0..50 {
        append(&*store, script.next(2, vec![said("meanwhile")])).await.unwrap();
    }
    backup.await.unwrap();
    assert!(store.backup(copy.clone()).await.is_err(), "never over another backup");
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    append(&*store, script.next(3, vec![said("after the backup")])).await.unwrap();

    let busy = restore(&copy, &path).unwrap_err();
    assert!(busy.to_string().contains("in use"), "{busy}");
    let (old, secret) = (store.epoch(), store.secret("cookies").await.unwrap());
    drop(store);

    let new = restore(&copy, &path).unwrap();
    assert_ne!(new, old);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.epoch(), new);
    assert_ne!(store.secret("cookies").await.unwrap(), secret, "made after the backup, so gone");
    let log = store.read_after(script.id, Seq::ZERO, 1_000).await.unwrap();
    let seqs: Vec<_> = log.iter().map(|recorded| recorded.seq.get()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "one moment: no gap");
    assert!((2..=52).contains(&seqs.len()), "{}", seqs.len());
    script.seq = seqs.len() as u64;
    append(&*store, script.next(4, vec![said("on from here")])).await.unwrap();

    let aside = format!("{}.before-restore", path.display());
    let aside = SqliteStore::open(Path::new(&aside)).unwrap();
    assert_eq!(aside.read_after(script.id, Seq::ZERO, 1_000).await.unwrap().len(), 53, "the old one is kept");
}

#[tokio::test]
async fn damaged_backups_are_refused() {
    let (keep, path) = file();
    drop(SqliteStore::open(&path).unwrap());
    let before = std::fs::read(&path).unwrap();
    let junk = keep.path().join("junk.db");
    std::fs::write(&junk, "this is no database, however you look at it".repeat(500)).unwrap();
    assert!(restore(&junk, &path).is_err());
    assert!(restore(&keep.path().join("absent.db"), &path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before, "the target is as before");
}

/// Written by a newer version, or damaged: the reader is told where, and nothing is skipped.
#[tokio::test]
async fn unreadable_events_are_named() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    let breaks = [
        r#"UPDATE event SET body = '{"kind":"teleported"}' WHERE seq = 2"#,
        "UPDATE event SET body = x'ff' WHERE seq = 2",
        "UPDATE event SET seq = 3 WHERE seq = 2",
        "DELETE FROM event WHERE seq > 1",
    ];
    for sql in breaks {
        store.write("break", move |tx| Ok(tx.execute_batch(sql)?)).await.unwrap();
        let read = store.read_after(script.id, Seq::ZERO, 10).await;
        let Err(StoreError::Unreadable { conversation, seq, .. }) = read else { panic!("{sql}: {read:?}") };
        assert_eq!((conversation, seq), (script.id, Seq(2)), "{sql}");
    }
}

/// Conversations whose last event is far from the end of the log are listed all the same, once and in order.
#[tokio::test]
async fn inbox_reaches_behind_the_recent_log() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let workspace = WorkspaceId::generate();
    let mut scripts: Vec<_> = (0..5).map(|_| Script::new(workspace, "help")).collect();
    for script in &mut scripts {
        append(&*store, script.start(1, "hello")).await.unwrap();
    }
    // Leaves the first two out of the part that is searched first.
    let filler = vec![Event::HandoffCancelled; 19_994];
    append(&*store, scripts[4].next(2, filler)).await.unwrap();
    let expected: Vec<_> = scripts.iter().rev().map(|script| script.id).collect();
    for limit in 1..=6 {
        let mut listed = Vec::new();
        let mut cursor = None;
        loop {
            let page = store.inbox(workspace, InboxQuery { limit, cursor, ..InboxQuery::default() }).await.unwrap();
            listed.extend(page.rows.iter().map(|row| row.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(listed, expected, "pages of {limit}");
    }
}

/// The write-ahead log is copied back when nothing happens, so a quiet server has a small one.
#[tokio::test]
async fn idle_writer_checkpoints() {
    let (_keep, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let mut script = script();
    append(&*store, script.start(1, "hello")).await.unwrap();
    let text = "x".repeat(100_000);
    for _ in 0..60 {
        append(&*store, script.next(2, vec![said(&text)])).await.unwrap();
    }
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        let (pages, copied) = store
            .read("look", |c| {
                Ok(c.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
                    Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
                })?)
            })
            .await
            .unwrap();
        if copied >= 1_000 && pages == copied {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{copied} of {pages} pages copied");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

proptest! {
    /// Whatever is written is read, and no kind depends on its neighbours.
    #[test]
    fn stored_events_round_trip(event in any_event()) {
        let mut body = Vec::new();
        stored_event::encode(&event, &mut body).unwrap();
        let body = std::str::from_utf8(&body).unwrap();
        prop_assert_eq!(stored_event::decode(body).unwrap(), event);
        prop_assert!(body.starts_with("{\"kind\":\""), "{}", body);
    }
}

/// Rows of today, for ever readable. A changed line here means that old databases can't be read.
#[test]
fn stored_form_is_pinned() {
    let rows = [
        r#"{"kind":"visitor_wrote","key":"00000000-0000-0000-0000-000000000001","text":"hi"}"#,
        r#"{"kind":"started","chatbot":"help","visitor":"00000000-0000-0000-0000-000000000002","context":{"country":"DE"}}"#,
        r#"{"kind":"ai_answered","turn":2,"text":"yes","sources":[{"title":"Prices"}],"confident":true}"#,
        r#"{"kind":"handoff_requested","reason":"cannot_answer","text":"wait"}"#,
        r#"{"kind":"handoff_cancelled"}"#,
        r#"{"kind":"agent_joined","agent":{"id":"00000000-0000-0000-0000-000000000003","name":"Ann"}}"#,
        r#"{"kind":"ended","by":"agent","text":""}"#,
        r#"{"kind":"read_up_to","by":"visitor","seq":7}"#,
    ];
    for row in rows {
        let event: Event = stored_event::decode(row).unwrap();
        let mut again = Vec::new();
        stored_event::encode(&event, &mut again).unwrap();
        assert_eq!(std::str::from_utf8(&again).unwrap(), row);
    }
}
