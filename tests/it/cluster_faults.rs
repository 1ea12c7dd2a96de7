//! Losing anything of Redis only adds latency (RELIABILITY.md I7, I9), a node that acts on an old state is refused (I12), and one that
//! can't read what a newer version wrote lets its people go (I26).

use crate::harness::agent::Agent;
use crate::harness::chaos::Mode;
use crate::harness::cluster::{HEALING, TestCluster};
use crate::harness::http::Http;
use crate::harness::inside::assert_gapless;
use crate::harness::visitor::{Opening, Visitor};
use baton::bus::Health;
use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::codes;
use baton::protocol::convert::Viewer;
use baton::protocol::shared::*;
use baton::protocol::visitor::ToVisitor;
use std::time::Duration;

struct Talk {
    cluster: TestCluster,
    visitor: Visitor,
    agent: Agent,
}

impl Talk {
    /// A visitor on the first node and an agent on the second.
    async fn begin() -> Self {
        let cluster = TestCluster::start(2).await;
        let (mut visitor, mut agent) = (cluster.visitor(0).await, cluster.agent(1, "Kim").await);
        visitor.socket.patience = HEALING;
        agent.socket.patience = HEALING;
        visitor.request_human().await;
        agent.open(visitor.conversation).await;
        let green = |frame: &ToAgent| matches!(frame, ToAgent::Presence { online: true, .. }).then_some(());
        agent.socket.expect("green", green).await;
        agent.accept(visitor.conversation).await;
        Self { cluster, visitor, agent }
    }

    /// Both say something; each hears the other.
    async fn exchange(&mut self, what: &str) {
        let conversation = self.visitor.conversation;
        let (question, answer) = (format!("question, {what}"), format!("answer, {what}"));
        self.visitor.say(&question).await;
        self.agent.say(conversation, &answer).await;
        self.agent
            .expect_entry(&question, |event| {
                matches!(event, LogEvent::VisitorMessage { text, .. } if *text == question).then_some(())
            })
            .await;
        self.visitor
            .expect_entry(&answer, |event| {
                matches!(event, LogEvent::AgentMessage { text, .. } if *text == answer).then_some(())
            })
            .await;
    }

    async fn readiness(&self, node: usize) -> String {
        let answer = Http::anonymous(self.cluster.nodes[node].address).get("/readyz").await;
        assert_eq!(answer.status, 200, "a node without Redis is ready");
        answer.body["bus"].as_str().expect("bus").to_owned()
    }

    async fn until(&self, health: Health) {
        let begun = tokio::time::Instant::now();
        while self.cluster.nodes.iter().any(|node| node.hub.bus.health() != health) {
            assert!(begun.elapsed() < HEALING, "not {health:?} within {HEALING:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn check(self) {
        let conversation = self.visitor.conversation;
        assert_gapless(&self.visitor.log());
        let shown = self.agent.shown(conversation);
        assert_gapless(&shown);
        let log = self.cluster.nodes[0].log(conversation, Viewer::Agent).await;
        assert_eq!(shown, log[..shown.len()]);
    }
}

#[tokio::test]
async fn redis_that_is_gone_and_comes_back_loses_nothing() {
    let mut talk = Talk::begin().await;
    talk.exchange("before").await;
    talk.cluster.redis.kill();
    talk.exchange("at once after the kill").await;
    talk.until(Health::Degraded).await;
    assert_eq!(talk.readiness(0).await, "degraded");
    talk.exchange("while it is gone").await;
    talk.cluster.redis.restart();
    talk.exchange("while it comes back").await;
    talk.until(Health::Up).await;
    assert_eq!(talk.readiness(1).await, "up");
    talk.exchange("after").await;
    talk.check().await;
}

#[tokio::test]
async fn redis_that_stands_still_loses_nothing() {
    let mut talk = Talk::begin().await;
    talk.cluster.redis.pause();
    talk.exchange("at once").await;
    talk.until(Health::Degraded).await;
    talk.exchange("while it stands").await;
    talk.cluster.redis.resume();
    talk.until(Health::Up).await;
    talk.exchange("after").await;
    talk.check().await;
}

#[tokio::test]
async fn redis_that_forgets_or_hangs_up_loses_nothing() {
    let mut talk = Talk::begin().await;
    for command in [&["FLUSHALL"][..], &["CLIENT", "KILL", "TYPE", "pubsub"], &["CLIENT", "KILL", "TYPE", "normal"]] {
        talk.cluster.redis.command(command);
        talk.exchange(command[0]).await;
    }
    talk.cluster.redis.command(&["ACL", "SETUSER", "default", "-publish"]);
    talk.exchange("without publishing").await;
    talk.until(Health::Degraded).await;
    talk.exchange("still without publishing").await;
    talk.cluster.redis.command(&["ACL", "SETUSER", "default", "+publish"]);
    talk.until(Health::Up).await;
    talk.exchange("after").await;
    talk.check().await;
}

/// One node alone has lost Redis, in four ways. The other one is well, and must find out all the same that it hears only half.
#[tokio::test]
async fn a_node_that_is_cut_off_from_redis_loses_nothing() {
    let mut talk = Talk::begin().await;
    for mode in [Mode::Cut, Mode::Stall, Mode::OneWay] {
        talk.cluster.set(0, mode);
        talk.exchange(&format!("{mode:?}, at once")).await;
        talk.exchange(&format!("{mode:?}, later")).await;
        talk.cluster.set(0, Mode::Pass);
        talk.until(Health::Up).await;
        talk.exchange(&format!("after {mode:?}")).await;
    }
    talk.check().await;
}

/// I12: the first node hears nothing of the second one's take-over and lets its own agent act on the old state. The log refuses it.
#[tokio::test]
async fn a_node_with_an_old_state_is_refused_by_the_log() {
    let mut talk = Talk::begin().await;
    let conversation = talk.visitor.conversation;
    let mut zombie = talk.cluster.agent(0, "Zoe").await;
    zombie.socket.patience = HEALING;
    zombie.open(conversation).await;
    talk.cluster.set(0, Mode::Stall);
    talk.agent.send(AgentFrame::HandBack { conversation }).await;
    talk.agent.accept(conversation).await;
    zombie.send(AgentFrame::Accept { conversation }).await;
    let refused = zombie.refused().await;
    assert_eq!(refused.by.map(|by| by.id), Some(talk.agent.me.id));
    talk.cluster.set(0, Mode::Pass);
    talk.exchange("after").await;
    talk.check().await;
}

/// S3 while Redis is away: the socket on the other node is closed all the same, a few seconds later.
#[tokio::test]
async fn a_sign_out_reaches_other_nodes_without_redis() {
    let mut cluster = TestCluster::start(2).await;
    let mut owner = cluster.nodes[0].owner().await;
    let mut console = Agent::connect(cluster.nodes[1].address, owner.cookie()).await;
    console.socket.patience = HEALING;
    cluster.redis.kill();
    assert_eq!(owner.call("DELETE", "/api/v1/session", None).await.status, 204);
    assert_eq!(console.socket.expect_close().await, codes::UNAUTHENTICATED.code);
}

/// Settings and the queue, missed on the bus, are found in the store.
#[tokio::test]
async fn settings_and_places_are_found_without_redis() {
    let mut cluster = TestCluster::start(2).await;
    let mut owner = cluster.nodes[0].owner().await;
    let (mut first, mut second) = (cluster.visitor(0).await, cluster.visitor(1).await);
    second.socket.patience = HEALING;
    cluster.redis.kill();
    first.request_human().await;
    second.request_human().await;
    let place = |ahead: u32| {
        move |frame: &ToVisitor| matches!(frame, ToVisitor::Queue { ahead: told, .. } if *told == ahead).then_some(())
    };
    second.socket.expect("one ahead", place(1)).await;
    first.send(baton::protocol::visitor::VisitorFrame::CancelHandoff).await;
    second.socket.expect("nobody ahead", place(0)).await;
    owner.change_settings(crate::harness::CHATBOT, |settings| settings["name"] = "Wheels".into()).await;
    second
        .socket
        .expect("the new name", |frame| {
            matches!(frame, ToVisitor::Settings { chatbot } if chatbot.name == "Wheels").then_some(())
        })
        .await;
}

/// A document that is put in on one node while Redis is away is what the AI of the other one knows, too.
#[tokio::test]
async fn knowledge_is_found_without_redis() {
    let mut cluster = TestCluster::start(2).await;
    let mut owner = cluster.nodes[0].owner().await;
    let mut visitor = cluster.visitor(1).await;
    cluster.redis.kill();
    let document = serde_json::json!({ "name": "zeppelins.md", "text": "# Zeppelins\n\nA zeppelin costs 4,711 EUR." });
    let added = owner.call("POST", "/api/v1/chatbots/demo/knowledge", Some(document)).await;
    assert!((200..300).contains(&added.status), "{} {}", added.status, added.body);
    let begun = tokio::time::Instant::now();
    loop {
        assert!(begun.elapsed() < HEALING, "the other node's AI does not know");
        visitor.say("What does a zeppelin cost?").await;
        let (text, _) = visitor
            .expect_entry("an answer", |event| match event {
                LogEvent::AiMessage { text, confident, .. } => Some((text.clone(), *confident)),
                LogEvent::HandoffOffered { text, .. } => Some((text.clone(), false)),
                _ => None,
            })
            .await;
        if text.contains("4,711") {
            return;
        }
        visitor = cluster.visitor(1).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The node that owes an answer dies. Another one, on which the visitor is by then, gives it: once, and not while the first may be at
/// it. The dead node is played by a claim that nobody renews.
#[tokio::test]
async fn an_answer_owed_by_a_dead_node_is_given_by_another_once() {
    let cluster = TestCluster::start(2).await;
    let mut visitor = cluster.visitor(0).await;
    let conversation = visitor.conversation;
    visitor.say("How long does delivery take?").await;
    cluster.nodes[0].crash(conversation).await;
    visitor.socket.expect_close().await;
    let mut visitor = visitor.resume_at(cluster.nodes[1].address).await;
    visitor.socket.patience = HEALING;
    let answered = |event: &LogEvent| matches!(event, LogEvent::AiMessage { .. });
    if !visitor.log().iter().any(|entry| answered(&entry.event)) {
        visitor.expect_entry("the answer", |event| answered(event).then_some(())).await;
    }
    let starts = visitor.socket.seen.iter().filter(|frame| matches!(frame, ToVisitor::AiText(text) if text.from == 0));
    assert!(starts.count() <= 1, "no two answers are streamed");
    let log = cluster.nodes[0].log(conversation, Viewer::Agent).await;
    assert_eq!(log.iter().filter(|entry| answered(&entry.event)).count(), 1);
}

/// A rolling restart: everybody is sent elsewhere with a code that says so, and nothing is lost (I20).
#[tokio::test]
async fn who_is_sent_away_goes_on_elsewhere() {
    let mut talk = Talk::begin().await;
    talk.exchange("before").await;
    let seen = talk.agent.socket.seen.len();
    let leaving = talk.cluster.nodes.remove(0);
    let address = talk.cluster.nodes[0].address;
    let stopping = std::thread::spawn(move || drop(leaving));
    assert_eq!(talk.visitor.socket.expect_close().await, codes::RESTART.code);
    talk.visitor = talk.visitor.resume_at(address).await;
    talk.visitor.socket.patience = HEALING;
    talk.exchange("elsewhere").await;
    stopping.join().expect("stopped in order");
    let red =
        talk.agent.socket.seen[seen..].iter().any(|frame| matches!(frame, ToAgent::Presence { online: false, .. }));
    assert!(!red, "who moves within the grace period never turns red");
}

/// I26: two versions side by side. The first node meets an event of a kind that it does not know: who follows that conversation is sent
/// away and goes on where it can be read; nobody else notices.
#[tokio::test]
async fn what_a_newer_version_wrote_sends_its_readers_to_a_node_that_knows_it() {
    let mut talk = Talk::begin().await;
    let mut bystander = talk.cluster.visitor(0).await;
    // So that the first node finds the event in the log, where its kind can be changed before.
    talk.cluster.set(0, Mode::Cut);
    let rename = |from: &str, to: &str, text: &str| {
        format!("UPDATE event SET body = replace(body, '\"{from}\"', '\"{to}\"') WHERE body LIKE '%{text}%'")
    };
    let mut number = 0;
    let unread = 'unread: loop {
        number += 1;
        let text = format!("of tomorrow, number {number}");
        talk.agent.say(talk.visitor.conversation, &text).await;
        talk.cluster.nodes[1].sql(&rename("agent_wrote", "agent_wrote_tomorrow", &text));
        loop {
            let next = tokio::time::timeout(HEALING, talk.visitor.socket.next_new());
            match next.await.expect("sent away") {
                None => break 'unread text,
                // It was quicker.
                Some(ToVisitor::Event { event: LogEvent::AgentMessage { text: read, .. }, .. }) if read == text => {
                    break;
                }
                Some(_) => {}
            }
        }
    };
    assert_eq!(talk.visitor.socket.closed_with, Some(codes::INTERNAL.code));
    bystander.say("I am well").await;
    talk.cluster.nodes[1].sql(&rename("agent_wrote_tomorrow", "agent_wrote", "of tomorrow"));
    let second = talk.cluster.nodes[1].address;
    talk.visitor = talk.visitor.resume_at(second).await;
    let Opening::Resumed(entries) = &talk.visitor.opening else { panic!("{:?}", talk.visitor.opening) };
    let is_unread = |entry: &LogEntry| matches!(&entry.event, LogEvent::AgentMessage { text, .. } if *text == unread);
    assert!(entries.iter().any(is_unread), "{entries:?}");
    talk.exchange("where it can be read").await;
    assert_gapless(&talk.agent.shown(talk.visitor.conversation));
}
