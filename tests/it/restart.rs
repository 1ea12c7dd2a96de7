//! Restarts, crashes and leaving memory: the log brings everything back (SUP-2, QUEUE-1, ACTOR-3, RESP-1).

use crate::harness::agent::Agent;
use crate::harness::inside::assert_gapless;
use crate::harness::socket::DEADLINE;
use crate::harness::visitor::{Opening, Visitor};
use crate::harness::{CHATBOT, TestHub};
use baton::protocol::codes;
use baton::protocol::convert::Viewer;
use baton::protocol::shared::*;
use baton::protocol::visitor::ToVisitor;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The conversation as a new tab sees it.
async fn look(visitor: &Visitor, hub: &TestHub) -> Snapshot {
    let tab = Visitor::connect(hub.address, CHATBOT, Some(visitor.token.clone()), None).await;
    match tab.opening {
        Opening::Snapshot(snapshot) => *snapshot,
        Opening::Resumed(entries) => panic!("resumed without a cursor: {entries:?}"),
    }
}

fn is_answer(event: &LogEvent) -> Option<u64> {
    match event {
        LogEvent::AiMessage { turn, .. } => Some(*turn),
        _ => None,
    }
}

#[tokio::test]
async fn an_orderly_restart_keeps_everything_and_says_that_it_is_one() {
    let hub = TestHub::start().await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    let conversation = visitor.conversation;
    visitor.request_human().await;
    agent.open(conversation).await;
    agent.accept(conversation).await;
    agent.note(conversation, "a regular").await;
    let key = visitor.post("Is it you again?").await;
    let seq = visitor.acked(key).await;
    let (before, log) = (look(&visitor, &hub).await, hub.log(conversation, Viewer::Agent).await);
    let for_agent = agent.open(conversation).await;
    let cookie = hub.owner().await.cookie().to_owned();
    let cursor = visitor.cursor();

    let hub = hub.restart().await;
    assert_eq!(visitor.socket.expect_close().await, codes::RESTART.code);
    assert_eq!(agent.socket.expect_close().await, codes::RESTART.code);
    assert_eq!(hub.log(conversation, Viewer::Agent).await, log);
    assert_eq!(look(&visitor, &hub).await, before, "with the same epoch");
    let mut agent = Agent::connect(hub.address, &cookie).await;
    assert_eq!(agent.open(conversation).await, for_agent);

    let mut visitor = visitor.resume_at(hub.address).await;
    assert_eq!(visitor.opening, Opening::Resumed(Vec::new()), "nothing after {cursor:?}");
    visitor.post_as(key, "Is it you again?").await;
    assert_eq!(visitor.acked(key).await, seq, "what was sent before the restart is known after it");
    assert_eq!(visitor.say("Next").await, seq + 1);
}

/// SUP-2 and I3. The race: messages are in the mailbox, in an append, and committed but not yet acknowledged when the actor panics.
#[tokio::test]
async fn a_conversation_that_panics_is_rebuilt_and_loses_nothing() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    let conversation = visitor.conversation;
    let cookie = hub.owner().await.cookie().to_owned();
    visitor.request_human().await;
    agent.open(conversation).await;
    agent.accept(conversation).await;
    for round in 0..4 {
        let messages: Vec<(Uuid, String)> =
            (0..30).map(|number| (Uuid::new_v4(), format!("{round}, {number}"))).collect();
        for (key, text) in &messages {
            visitor.post_as(*key, text).await;
        }
        if round > 0 {
            visitor.acked(messages[3 * round].0).await;
        }
        hub.crash(conversation).await;
        assert_eq!(visitor.socket.expect_close().await, codes::INTERNAL.code);
        assert_eq!(agent.socket.expect_close().await, codes::INTERNAL.code);
        visitor = visitor.resume().await;
        for (key, text) in &messages {
            visitor.post_as(*key, text).await;
        }
        for (key, _) in &messages {
            visitor.acked(*key).await;
        }
        let log = hub.log(conversation, Viewer::Visitor).await;
        assert_gapless(&log);
        let written: Vec<(Uuid, String)> = log
            .iter()
            .filter_map(|entry| match &entry.event {
                LogEvent::VisitorMessage { key, text } if text.starts_with(&format!("{round},")) => {
                    Some((*key, text.clone()))
                }
                _ => None,
            })
            .collect();
        assert_eq!(written, messages, "each once and in order");
        agent = Agent::connect(hub.address, &cookie).await;
        let snapshot = agent.open(conversation).await;
        assert_eq!((snapshot.status, snapshot.seq), (StatusName::Open, log.len() as u64));
    }
}

/// QUEUE-1. Nobody but the last in line is back after the restart, and still the others are ahead.
#[tokio::test]
async fn the_queue_is_the_same_after_a_restart() {
    let hub = TestHub::start().await;
    let mut line = Vec::new();
    for _ in 0..3 {
        let mut visitor = hub.visitor().await;
        visitor.request_human().await;
        line.push(visitor);
    }
    let hub = hub.restart().await;
    let last = line.pop().expect("three waiting");
    let mut last = last.resume_at(hub.address).await;
    let ahead = |wanted: u32| {
        move |frame: &ToVisitor| matches!(frame, ToVisitor::Queue { ahead, .. } if *ahead == wanted).then_some(())
    };
    last.socket.expect("two ahead", ahead(2)).await;
    let mut agent = hub.agent().await;
    let first = &line[0];
    agent.open(first.conversation).await;
    agent.accept(first.conversation).await;
    last.socket.expect("one ahead", ahead(1)).await;
}

/// The actor dies while it owes an answer; the actor that the visitor's return brings back asks the AI again.
#[tokio::test]
async fn an_answer_owed_at_a_crash_is_given_when_the_visitor_is_back() {
    let hub = TestHub::start().await;
    let mut visitor = hub.visitor().await;
    // Three questions: the same one again would be a complaint.
    for question in ["How long does delivery take?", "Can I return a bike?", "How can I pay?"] {
        let turn = visitor.say(question).await;
        hub.crash(visitor.conversation).await;
        visitor.socket.expect_close().await;
        visitor = visitor.resume().await;
        visitor.expect_entry("the answer", |event| (is_answer(event) == Some(turn)).then_some(())).await;
    }
    let log = hub.log(visitor.conversation, Viewer::Visitor).await;
    assert_eq!(log.iter().filter(|entry| is_answer(&entry.event).is_some()).count(), 3, "each once");
}

/// Nobody locates the conversation after the restart but the job's worker.
#[tokio::test]
async fn an_answer_owed_at_a_stop_is_given_though_nobody_comes_back() {
    let hub = TestHub::start().await;
    let mut visitor = hub.visitor().await;
    let conversation = visitor.conversation;
    let turn = loop {
        let turn = visitor.say("How long does delivery take?").await;
        hub.crash(conversation).await;
        visitor.socket.expect_close().await;
        let owed = "SELECT count(*) FROM job WHERE kind = 'ai_answer' AND about = ?1";
        let owed: u32 = hub.open_database().query_row(owed, [turn as i64], |row| row.get(0)).expect("jobs");
        if owed == 1 {
            break turn;
        }
        // A slow moment: the answer was quicker than the crash.
        visitor = visitor.resume().await;
    };
    let hub = hub
        .restart_after(|database| {
            let database = rusqlite::Connection::open(database).expect("database");
            // The dead node's claim runs out, without the half minute that it takes.
            database.execute("UPDATE job SET due_at = 0 WHERE kind = 'ai_answer'", []).expect("jobs");
        })
        .await;
    let begun = Instant::now();
    loop {
        let log = hub.log(conversation, Viewer::Agent).await;
        if log.iter().any(|entry| is_answer(&entry.event) == Some(turn)) {
            break;
        }
        assert!(begun.elapsed() < DEADLINE, "no answer to {turn}: {log:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A conversation that nobody follows leaves memory, and comes back by replay as it was.
#[tokio::test]
async fn an_idle_conversation_leaves_memory_and_comes_back_the_same() {
    let hub = TestHub::builder()
        .config(|config| {
            config.conversation.passivate_after_seconds = 1;
            config.conversation.presence_grace_ms = 0;
        })
        .start()
        .await;
    let mut visitor = hub.visitor().await;
    let turn = visitor.say("How long does delivery take?").await;
    visitor.expect_entry("the answer", |event| (is_answer(event) == Some(turn)).then_some(())).await;
    visitor.request_human().await;
    let before = look(&visitor, &hub).await;
    let (conversation, token, cursor) = (visitor.conversation, visitor.token.clone(), visitor.cursor());
    assert_eq!(hub.live_beside(conversation).await, 1);
    visitor.settle().await;
    visitor.socket.cut();
    let begun = Instant::now();
    while hub.live_beside(conversation).await > 0 {
        assert!(begun.elapsed() < DEADLINE, "still in memory");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut back = Visitor::connect(hub.address, CHATBOT, Some(token), Some(cursor)).await;
    assert_eq!(back.opening, Opening::Resumed(Vec::new()));
    assert_eq!(look(&back, &hub).await, before);
    assert_eq!(hub.live_beside(conversation).await, 1);
    let place = back
        .socket
        .expect("its place in the queue", |frame| match frame {
            ToVisitor::Queue { ahead, .. } => Some(*ahead),
            _ => None,
        })
        .await;
    assert_eq!(place, 0);
    assert_eq!(back.say("I am still waiting").await, before.seq + 1);
}
