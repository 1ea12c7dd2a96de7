//! Did my message arrive? Once, in its place, for everybody (RELIABILITY.md I3, I4, I5, I6, I8).

use crate::harness::agent::Agent;
use crate::harness::inside::assert_gapless;
use crate::harness::visitor::Visitor;
use crate::harness::{CHATBOT, TestHub};
use baton::protocol::agent::AgentFrame;
use baton::protocol::codes::RefusalCode;
use baton::protocol::convert::Viewer;
use baton::protocol::shared::*;
use baton::protocol::visitor::{ToVisitor, VisitorFrame};
use futures_util::future::join_all;
use uuid::Uuid;

/// The key of a message, whoever wrote it.
fn key_of(event: &LogEvent) -> Option<Uuid> {
    match event {
        LogEvent::VisitorMessage { key, .. } | LogEvent::AgentMessage { key, .. } | LogEvent::Note { key, .. } => {
            Some(*key)
        }
        _ => None,
    }
}

fn places_of(log: &[LogEntry], key: Uuid) -> Vec<u64> {
    log.iter().filter(|entry| key_of(&entry.event) == Some(key)).map(|entry| entry.seq).collect()
}

/// A conversation in an agent's hands, so that nobody but people writes.
async fn with_agent(hub: &TestHub) -> (Visitor, Agent) {
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    visitor.request_human().await;
    agent.open(visitor.conversation).await;
    agent.accept(visitor.conversation).await;
    (visitor, agent)
}

/// I3. The race: the message is durable, the socket dies before its ack is read, the client can't know and sends again. In the
/// odd rounds the cut comes at once, so that the server may not even have read the message.
#[tokio::test]
async fn a_message_whose_ack_was_lost_is_sent_again_and_stays_one() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let mut sender = hub.visitor().await;
    let mut onlooker = sender.tab().await;
    for round in 0..20 {
        let key = Uuid::new_v4();
        sender.post_as(key, "Is the red one in stock?").await;
        if round % 2 == 0 {
            onlooker.expect_entry("the message", |event| (key_of(event) == Some(key)).then_some(())).await;
        }
        sender = sender.resume().await;
        sender.post_as(key, "Is the red one in stock?").await;
        let seq = sender.acked(key).await;
        sender.post_as(key, "Is the red one in stock?").await;
        assert_eq!(sender.acked(key).await, seq, "the third time too");
        let log = hub.log(sender.conversation, Viewer::Visitor).await;
        assert_eq!(places_of(&log, key), [seq], "round {round}");
    }
}

#[tokio::test]
async fn an_agents_message_whose_ack_was_lost_stays_one_too() {
    let hub = TestHub::start().await;
    let (mut visitor, mut agent) = with_agent(&hub).await;
    let cookie = hub.owner().await.cookie().to_owned();
    let key = Uuid::new_v4();
    let frame = AgentFrame::Send { conversation: visitor.conversation, key, text: "Good morning".into() };
    agent.send(frame.clone()).await;
    visitor.expect_entry("the message", |event| (key_of(event) == Some(key)).then_some(())).await;
    agent.socket.cut();

    // Not opened here: the answer must come all the same.
    let mut again = Agent::connect(hub.address, &cookie).await;
    again.send(frame).await;
    let seq = again.acked(key).await;
    let log = hub.log(visitor.conversation, Viewer::Agent).await;
    assert_eq!(places_of(&log, key), [seq]);
}

/// I4. Silence would lose the second text, an ack would claim that it is in the log.
#[tokio::test]
async fn a_key_that_named_another_message_is_refused() {
    let hub = TestHub::start().await;
    let (mut visitor, mut agent) = with_agent(&hub).await;
    let conversation = visitor.conversation;
    let key = visitor.post("the blue one").await;
    let seq = visitor.acked(key).await;
    let mut other_tab = visitor.tab().await;
    other_tab.post_as(key, "the green one").await;
    let refused = other_tab.refused().await;
    assert_eq!((refused.code, refused.key), (RefusalCode::KeyReused, Some(key)));

    // The same words under the same key, but as another kind of message by another person, are another message.
    agent.send(AgentFrame::Note { conversation, key, text: "the blue one".into() }).await;
    assert_eq!(agent.refused().await.code, RefusalCode::KeyReused);
    agent.send(AgentFrame::Send { conversation, key, text: "the blue one".into() }).await;
    assert_eq!(agent.refused().await.code, RefusalCode::KeyReused);
    let log = hub.log(conversation, Viewer::Agent).await;
    assert_eq!(places_of(&log, key), [seq]);
    assert!(log.iter().all(|entry| !format!("{entry:?}").contains("the green one")));
}

async fn visitor_writes(mut tab: Visitor, name: usize, count: usize) -> (Visitor, Vec<(Uuid, u64)>) {
    let mut sent = Vec::new();
    for number in 0..count {
        sent.push(tab.post(&format!("tab {name} writes {number}")).await);
        // Half of the senders wait for each ack, the others never do.
        if name.is_multiple_of(2) {
            tab.acked(sent[number]).await;
        }
    }
    tab.settle().await;
    let mut acked = Vec::new();
    for key in sent {
        let seq = tab.socket.seen.iter().find_map(|frame| match frame {
            ToVisitor::Ack(ack) if ack.key == key => Some(ack.seq),
            _ => None,
        });
        acked.push((
            key,
            match seq {
                Some(seq) => seq,
                None => tab.acked(key).await,
            },
        ));
    }
    (tab, acked)
}

async fn agent_writes(mut agent: Agent, conversation: Uuid, holds: bool, count: usize) -> (Agent, Vec<(Uuid, u64)>) {
    let mut acked = Vec::new();
    for number in 0..count {
        let (key, text) = (Uuid::new_v4(), format!("agent writes {number}"));
        agent
            .send(match holds {
                true => AgentFrame::Send { conversation, key, text },
                false => AgentFrame::Note { conversation, key, text },
            })
            .await;
        acked.push((key, agent.acked(key).await));
    }
    (agent, acked)
}

/// I5 and I8. Five tabs, three consoles of the holder and two of somebody else write at the same time.
#[tokio::test]
async fn many_senders_make_one_log_without_gaps_and_all_are_shown_the_same() {
    const EACH: usize = 25;
    let hub = TestHub::builder().without_rate_limit().start().await;
    let (visitor, agent) = with_agent(&hub).await;
    let conversation = visitor.conversation;
    let owner = hub.owner().await.cookie().to_owned();
    let colleague = hub.colleague("Lena").await;
    let mut tabs = vec![visitor];
    for _ in 0..4 {
        let tab = tabs[0].tab().await;
        tabs.push(tab);
    }
    let mut agents = vec![(agent, true)];
    for (cookie, holds) in [(&owner, true), (&owner, true), (&colleague, false), (&colleague, false)] {
        let mut agent = Agent::connect(hub.address, cookie).await;
        agent.open(conversation).await;
        agents.push((agent, holds));
    }
    let writing_tabs = tabs.into_iter().enumerate().map(|(name, tab)| visitor_writes(tab, name, EACH));
    let writing_agents = agents.into_iter().map(|(agent, holds)| agent_writes(agent, conversation, holds, EACH));
    let (tabs, agents) = tokio::join!(join_all(writing_tabs), join_all(writing_agents));

    let log = hub.log(conversation, Viewer::Agent).await;
    assert_gapless(&log);
    for acked in tabs.iter().map(|(_, acked)| acked).chain(agents.iter().map(|(_, acked)| acked)) {
        assert!(acked.is_sorted_by_key(|(_, seq)| *seq), "a sender's own order");
        for (key, seq) in acked {
            assert_eq!(places_of(&log, *key), [*seq]);
        }
    }
    assert_eq!(log.iter().filter(|entry| key_of(&entry.event).is_some()).count(), 10 * EACH);

    let for_visitors = hub.log(conversation, Viewer::Visitor).await;
    let end = log.len() as u64;
    for (mut tab, _) in tabs {
        until_shown(&mut tab, end).await;
        assert_eq!(tab.log(), for_visitors, "what a tab was shown");
    }
    for (mut agent, _) in agents {
        while agent.shown(conversation).last().map(|entry| entry.seq) != Some(end) {
            assert!(agent.socket.next_new().await.is_some(), "closed before the end");
        }
        assert_eq!(agent.shown(conversation), log, "what a console was shown");
    }
}

async fn until_shown(tab: &mut Visitor, end: u64) {
    while tab.log().last().map(|entry| entry.seq) != Some(end) {
        assert!(tab.socket.next_new().await.is_some(), "closed before {end}");
    }
}

/// I6. The race: the old socket's last frames may still be on their way through the server when the new socket repeats them.
#[tokio::test]
async fn pipelined_messages_keep_their_order_over_a_reconnect() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    for round in 0..10 {
        let mut visitor = hub.visitor().await;
        let messages: Vec<(Uuid, String)> = (0..60).map(|number| (Uuid::new_v4(), format!("line {number}"))).collect();
        for (key, text) in &messages[..40] {
            visitor.post_as(*key, text).await;
        }
        let known = 4 * round;
        if known > 0 {
            visitor.acked(messages[known - 1].0).await;
        }
        visitor = visitor.resume().await;
        for (key, text) in &messages[known..] {
            visitor.post_as(*key, text).await;
        }
        for (key, _) in &messages[known..] {
            visitor.acked(*key).await;
        }
        let log = hub.log(visitor.conversation, Viewer::Visitor).await;
        assert_gapless(&log);
        let written: Vec<(Uuid, String)> = log
            .iter()
            .filter_map(|entry| match &entry.event {
                LogEvent::VisitorMessage { key, text } => Some((*key, text.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(written, messages, "round {round}");
    }
}

/// I8. While another connection holds the database's write lock nothing can be committed; so nothing may be told. What the agent
/// types is told without a commit and after the visitor's message was taken: it is the marker.
#[tokio::test]
async fn nothing_is_shown_before_it_is_durable() {
    let hub = TestHub::start().await;
    let (mut visitor, mut agent) = with_agent(&hub).await;
    let conversation = visitor.conversation;
    let mut other_tab = visitor.tab().await;
    let database = hub.open_database();
    database.execute_batch("BEGIN IMMEDIATE").expect("write lock");
    let key = visitor.post("Anybody there?").await;
    visitor.settle().await;
    agent.send(AgentFrame::Typing { conversation, active: true }).await;
    let typing = |frame: &ToVisitor| matches!(frame, ToVisitor::Typing { by: Typist::Agent { .. }, .. }).then_some(());
    other_tab.socket.expect("typing", typing).await;
    visitor.socket.expect("typing", typing).await;
    for tab in [&visitor, &other_tab] {
        assert!(tab.log().iter().all(|entry| key_of(&entry.event) != Some(key)), "shown before its commit");
        assert!(!tab.socket.seen.iter().any(|frame| matches!(frame, ToVisitor::Ack(ack) if ack.key == key)));
    }
    database.execute_batch("ROLLBACK").expect("give the lock back");
    let seq = visitor.acked(key).await;
    other_tab.expect_entry("the message", |event| (key_of(event) == Some(key)).then_some(())).await;
    assert_eq!(places_of(&hub.log(conversation, Viewer::Visitor).await, key), [seq]);
}

/// I8 and I25. The lock is held until the server gives up: the sender is told so, nobody is shown anything, and the same key is
/// taken when the database can be written again.
#[tokio::test]
async fn a_message_that_could_not_be_written_is_refused_and_never_shown() {
    let hub = TestHub::start().await;
    let (mut visitor, mut agent) = with_agent(&hub).await;
    let database = hub.open_database();
    database.execute_batch("BEGIN IMMEDIATE").expect("write lock");
    let key = visitor.post("Anybody there?").await;
    let refused = visitor.refused().await;
    assert_eq!((refused.code, refused.key), (RefusalCode::Unavailable, Some(key)));
    agent.settle().await;
    assert!(agent.shown(visitor.conversation).iter().all(|entry| key_of(&entry.event) != Some(key)));
    database.execute_batch("ROLLBACK").expect("give the lock back");
    assert!(places_of(&hub.log(visitor.conversation, Viewer::Visitor).await, key).is_empty());

    visitor.post_as(key, "Anybody there?").await;
    let seq = visitor.acked(key).await;
    agent.expect_entry("the message", |event| (key_of(event) == Some(key)).then_some(())).await;
    assert_eq!(places_of(&hub.log(visitor.conversation, Viewer::Visitor).await, key), [seq]);
}

/// I29. Both tabs write and read while the other is away, and come back in either order.
#[tokio::test]
async fn two_tabs_converge_whatever_the_order_of_their_return() {
    let hub = TestHub::start().await;
    let (mut one, mut agent) = with_agent(&hub).await;
    let conversation = one.conversation;
    let mut two = one.tab().await;
    for first_back in [1, 2] {
        let seq = agent.say(conversation, "Have a look at this").await;
        // One is away while two reads and writes, then the other way round.
        let cursor_of_one = one.cursor();
        let (address, token) = (one.address, one.token.clone());
        one.socket.cut();
        two.send(VisitorFrame::Read { seq }).await;
        two.say("from two").await;
        let cursor_of_two = two.cursor();
        two.socket.cut();
        agent.say(conversation, "said to nobody").await;
        let back = |cursor| Visitor::connect(address, CHATBOT, Some(token.clone()), Some(cursor));
        (one, two) = if first_back == 1 {
            let one = back(cursor_of_one).await;
            (one, back(cursor_of_two).await)
        } else {
            let two = back(cursor_of_two).await;
            (back(cursor_of_one).await, two)
        };
        one.say("from one").await;
        let newest = two.say("from two again").await;
        let log = hub.log(conversation, Viewer::Visitor).await;
        for tab in [&mut one, &mut two] {
            until_shown(tab, newest).await;
            let shown = tab.log();
            assert_eq!(shown, log[log.len() - shown.len()..], "first back: {first_back}");
        }
        let (left, right) = (one.tab().await.opening, two.tab().await.opening);
        assert_eq!(left, right, "the same markers and messages for a new tab");
    }
}

/// The race: a new visitor's first message, sent again over a second socket while the first one is still at it, would open two
/// conversations if the conversation's id were drawn instead of derived.
#[tokio::test]
async fn a_first_message_sent_twice_at_once_opens_one_conversation() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    for same_key in [true, false].repeat(10) {
        let mut one = hub.visitor().await;
        let mut two = one.tab().await;
        let key = Uuid::new_v4();
        let other = if same_key { key } else { Uuid::new_v4() };
        tokio::join!(one.post_as(key, "Hello"), two.post_as(other, "Hello"));
        let (first, second) = tokio::join!(one.acked(key), two.acked(other));
        assert_eq!(first == second, same_key);
        assert_eq!(one.conversation, two.conversation);
        let log = hub.log(one.conversation, Viewer::Visitor).await;
        assert_gapless(&log);
        assert_eq!(log.iter().filter(|entry| entry.event == LogEvent::Started).count(), 1);
        assert_eq!(log.iter().filter(|entry| key_of(&entry.event).is_some()).count(), if same_key { 1 } else { 2 });
    }
    let page = hub.owner().await.get("/api/v1/conversations?limit=100").await.body;
    assert_eq!(page["rows"].as_array().map(Vec::len), Some(20), "one row per visitor");
}
