//! Coming back: exactly what was missed, or a snapshot, never a hole (RELIABILITY.md I10, I27).

use crate::harness::agent::Agent;
use crate::harness::inside::assert_gapless;
use crate::harness::visitor::{Opening, Visitor};
use crate::harness::{CHATBOT, TestHub};
use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::convert::Viewer;
use baton::protocol::shared::*;
use baton::protocol::visitor::{ToVisitor, VisitorFrame};
use baton::store::sqlite::{SqliteStore, restore};
use std::cell::Cell;
use uuid::Uuid;

/// Missed events up to which a client resumes.
const MAX_RESUME: u64 = 500;
/// Newest events in a snapshot.
const SNAPSHOT_EVENTS: usize = 60;

/// Whether `opening` is what a client at `cursor` is owed of `log`, which holds everything.
#[track_caller]
fn assert_exact(opening: &Opening, cursor: u64, log: &[LogEntry]) {
    let head = log.len() as u64;
    match opening {
        Opening::Resumed(entries) => {
            assert!(head - cursor <= MAX_RESUME, "{} missed are too many to resume", head - cursor);
            assert_eq!(*entries, log[cursor as usize..], "all that came after {cursor}");
        }
        Opening::Snapshot(snapshot) => {
            assert!(head - cursor > MAX_RESUME, "{} missed can be resumed", head - cursor);
            assert_is_the_end(snapshot, log);
        }
    }
}

/// Whether the snapshot stands at the end of `log` and holds its newest entries.
#[track_caller]
fn assert_is_the_end(snapshot: &Snapshot, log: &[LogEntry]) {
    assert_eq!(snapshot.seq, log.len() as u64);
    assert_eq!(snapshot.entries, log[log.len().saturating_sub(SNAPSHOT_EVENTS)..]);
    assert_eq!(snapshot.has_more, log.len() > SNAPSHOT_EVENTS);
}

/// A visitor whose conversation an agent holds and has not opened on this socket.
async fn held(hub: &TestHub) -> (Visitor, Agent) {
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    visitor.request_human().await;
    agent.send(AgentFrame::Accept { conversation: visitor.conversation }).await;
    visitor.expect_entry("agent joined", |event| matches!(event, LogEvent::AgentJoined { .. }).then_some(())).await;
    (visitor, agent)
}

#[tokio::test]
async fn what_was_missed_comes_exactly_or_as_a_snapshot() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let (visitor, mut agent) = held(&hub).await;
    let (conversation, cursor) = (visitor.conversation, visitor.cursor());
    let token = visitor.token.clone();
    let cookie = hub.owner().await.cookie().to_owned();
    visitor.socket.cut();
    let mut written = 0;
    for missed in [0, 1, MAX_RESUME - 1, MAX_RESUME, MAX_RESUME + 1, 2_500] {
        agent.say_many(conversation, (missed - written) as usize).await;
        written = missed;
        let log = hub.log(conversation, Viewer::Visitor).await;
        assert_eq!(log.len() as u64, cursor.seq + missed, "nothing but the {missed} messages");
        let mut back = Visitor::connect(hub.address, CHATBOT, Some(token.clone()), Some(cursor.clone())).await;
        assert_eq!(matches!(back.opening, Opening::Resumed(_)), missed <= MAX_RESUME, "{missed} missed");
        assert_exact(&back.opening, cursor.seq, &log);

        let mut console = Agent::connect(hub.address, &cookie).await;
        let opening = console.open_at(conversation, Some(cursor.clone())).await;
        assert_exact(&opening, cursor.seq, &hub.log(conversation, Viewer::Agent).await);

        // The stream goes on where the opening ends.
        agent.say_many(conversation, 1).await;
        written += 1;
        let next = back
            .socket
            .expect("the next event", |frame| match frame {
                ToVisitor::Event { seq, .. } => Some(*seq),
                _ => None,
            })
            .await;
        assert_eq!(next, log.len() as u64 + 1);
        back.socket.cut();
    }
    assert_gapless(&hub.log(conversation, Viewer::Visitor).await);
}

/// The race: events are committed while the missed ones are being read from the store for a socket that is coming back. Each
/// socket is followed until an event came after its opening, because only that shows a hole between the two.
#[tokio::test]
async fn resuming_in_the_middle_of_a_stream_misses_nothing_and_shows_nothing_twice() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let (mut visitor, mut agent) = held(&hub).await;
    let conversation = visitor.conversation;
    // Far enough behind that reading what was missed takes as long as a commit.
    let cursor = visitor.cursor();
    agent.say_many(conversation, 300).await;
    let enough = Cell::new(false);
    let streaming = async {
        while !enough.get() {
            agent.say(conversation, "one of many").await;
        }
    };
    let coming_back = async {
        for round in 0..40 {
            let (token, cursor) = (visitor.token.clone(), cursor.clone());
            visitor.socket.cut();
            visitor = Visitor::connect(hub.address, CHATBOT, Some(token), Some(cursor.clone())).await;
            let head = visitor.cursor().seq;
            while visitor.cursor().seq == head {
                assert!(visitor.socket.next_new().await.is_some(), "closed");
            }
            let shown = visitor.log();
            let first = match &visitor.opening {
                Opening::Snapshot(_) => shown.first().map_or(0, |entry| entry.seq),
                Opening::Resumed(_) => cursor.seq + 1,
            };
            let seqs: Vec<u64> = shown.iter().map(|entry| entry.seq).collect();
            assert_eq!(seqs, (first..first + seqs.len() as u64).collect::<Vec<_>>(), "round {round}");
            let log = hub.log(conversation, Viewer::Visitor).await;
            assert_eq!(shown, log[first as usize - 1..][..shown.len()], "round {round}");
        }
        enough.set(true);
    };
    tokio::join!(streaming, coming_back);
}

#[tokio::test]
async fn a_cursor_of_another_database_or_of_the_future_gets_a_snapshot() {
    let hub = TestHub::start().await;
    let (visitor, mut agent) = held(&hub).await;
    let conversation = visitor.conversation;
    let log = hub.log(conversation, Viewer::Visitor).await;
    let Cursor { seq, epoch } = visitor.cursor();
    let wrong = [
        Cursor { seq, epoch: Uuid::new_v4() },
        Cursor { seq: 0, epoch: Uuid::nil() },
        Cursor { seq: seq + 1, epoch },
        Cursor { seq: u64::MAX, epoch },
    ];
    for cursor in wrong {
        let back = Visitor::connect(hub.address, CHATBOT, Some(visitor.token.clone()), Some(cursor.clone())).await;
        let Opening::Snapshot(snapshot) = &back.opening else { panic!("resumed from {cursor:?}: {:?}", back.opening) };
        assert_is_the_end(snapshot, &log);
        let Opening::Snapshot(snapshot) = agent.open_at(conversation, Some(cursor.clone())).await else {
            panic!("an agent resumed from {cursor:?}")
        };
        assert_is_the_end(&snapshot, &hub.log(conversation, Viewer::Agent).await);
    }
    // Seq zero of this database is a cursor like any other: everything was missed.
    let back =
        Visitor::connect(hub.address, CHATBOT, Some(visitor.token.clone()), Some(Cursor { seq: 0, epoch })).await;
    assert_eq!(back.opening, Opening::Resumed(log));
}

/// I27. The log is shorter after the restore and grows again past the old cursor: only the epoch tells that what stands at
/// the cursor's seq is another event now.
#[tokio::test]
async fn after_a_restore_from_a_backup_nobody_resumes_from_what_is_gone() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let (mut visitor, mut agent) = held(&hub).await;
    let conversation = visitor.conversation;
    let kept = visitor.say("in the backup").await;
    let backup = hub.data_folder().join("backup.sqlite3");
    // As the command does it: beside the running server.
    SqliteStore::open(&hub.database()).expect("open").backup(backup.clone()).await.expect("backup");
    let gone = visitor.say("gone with the disk").await;
    let (cursor, key_epoch) = (visitor.cursor(), visitor.epoch);
    assert!(gone > kept && cursor.seq == gone);

    let hub = hub
        .restart_after(|database| {
            restore(&backup, database).expect("restore");
        })
        .await;
    let cookie = hub.owner().await.cookie().to_owned();
    agent.socket.expect_close().await;
    let mut agent = Agent::connect(hub.address, &cookie).await;
    assert_ne!(agent.epoch, key_epoch, "a restored database is another one");
    agent.say_many(conversation, 5).await;

    let visitor = visitor.resume_at(hub.address).await;
    let log = hub.log(conversation, Viewer::Visitor).await;
    assert!(log.len() as u64 > cursor.seq, "the old cursor is inside the new log");
    let Opening::Snapshot(snapshot) = &visitor.opening else { panic!("resumed over a restore: {:?}", visitor.opening) };
    assert_ne!(snapshot.epoch, key_epoch);
    assert_is_the_end(snapshot, &log);
    assert!(!format!("{log:?}").contains("gone with the disk"));
    let Opening::Snapshot(snapshot) = agent.open_at(conversation, Some(cursor)).await else {
        panic!("an agent resumed over a restore")
    };
    assert_is_the_end(&snapshot, &hub.log(conversation, Viewer::Agent).await);
}

/// A page of history as one of the two sees it.
async fn page(who: &mut Reader<'_>, before: u64, limit: u16) -> (Vec<LogEntry>, bool) {
    match who {
        Reader::Visitor(visitor) => {
            visitor.send(VisitorFrame::History { before, limit }).await;
            visitor
                .socket
                .expect("history", |frame| match frame {
                    ToVisitor::History { entries, has_more, .. } => Some((entries.clone(), *has_more)),
                    _ => None,
                })
                .await
        }
        Reader::Agent(agent, conversation) => {
            agent.send(AgentFrame::History { conversation: *conversation, before, limit }).await;
            agent
                .socket
                .expect("history", |frame| match frame {
                    ToAgent::History { entries, has_more, .. } => Some((entries.clone(), *has_more)),
                    _ => None,
                })
                .await
        }
    }
}

enum Reader<'a> {
    Visitor(&'a mut Visitor),
    Agent(&'a mut Agent, Uuid),
}

#[tokio::test]
async fn history_pages_are_exactly_the_older_entries() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let (mut visitor, mut agent) = held(&hub).await;
    let conversation = visitor.conversation;
    agent.note(conversation, "for the team").await;
    agent.say_many(conversation, 230).await;
    agent.open(conversation).await;
    let logs = [hub.log(conversation, Viewer::Visitor).await, hub.log(conversation, Viewer::Agent).await];
    assert_ne!(logs[0], logs[1], "a note is hidden from the visitor");
    let readers = [Reader::Visitor(&mut visitor), Reader::Agent(&mut agent, conversation)];
    for (mut reader, log) in readers.into_iter().zip(logs) {
        let end = log.len() as u64;
        // From the end to the beginning in pages of 50.
        let (mut before, mut read) = (end + 1, Vec::new());
        loop {
            let (entries, has_more) = page(&mut reader, before, 50).await;
            assert_eq!(has_more, before > 51, "before {before}");
            before = entries.first().expect("an entry").seq;
            read.splice(0..0, entries);
            if !has_more {
                break;
            }
        }
        assert_eq!(read, log);
        // What is asked for in a strange way: nothing before the first, at least one, at most 200, and no seq beyond the end.
        for (before, limit, expected) in [
            (1, 50, 0..0),
            (0, 50, 0..0),
            (2, 50, 0..1),
            (100, 0, 98..99),
            (end + 1, 999, log.len() - 200..log.len()),
            (u64::MAX >> 2, 3, log.len() - 3..log.len()),
        ] {
            let has_more = expected.start > 0;
            assert_eq!(page(&mut reader, before, limit).await, (log[expected].to_vec(), has_more), "{before}, {limit}");
        }
    }
}
