//! The contract of `baton::bus::Bus` over a real Redis, with faults.

use crate::harness::chaos::{ChaosProxy, Mode};
use crate::harness::redis::RedisServer;
use baton::bus::redis::{RedisBus, RedisSettings};
use baton::bus::*;
use baton::domain::ids::{AgentId, ConversationId, Seq, WorkspaceId};
use baton::store::AvailabilityRecord;
use std::time::Duration;
use tokio::sync::mpsc;

/// Death takes up to [`DEAD_AFTER`], a beat and a look; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

struct Node {
    bus: RedisBus,
    id: NodeId,
    heard: mpsc::UnboundedReceiver<Incoming>,
    seen: Vec<Incoming>,
    proxy: ChaosProxy,
}

impl Node {
    async fn start(redis: &RedisServer) -> Self {
        let proxy = ChaosProxy::start(redis.address).await;
        let id = NodeId::generate();
        let settings = RedisSettings { url: format!("redis://{}", proxy.address), prefix: "test:".into() };
        let bus = RedisBus::start(settings, id).expect("bus");
        let (sender, heard) = mpsc::unbounded_channel();
        bus.listen(Box::new(move |incoming| drop(sender.send(incoming))));
        let node = Self { bus, id, heard, seen: Vec::new(), proxy };
        node.until("up", |node| node.bus.health() == Health::Up).await;
        node
    }

    async fn until(&self, what: &str, is: impl Fn(&Self) -> bool) {
        let begun = tokio::time::Instant::now();
        while !is(self) {
            assert!(begun.elapsed() < PATIENCE, "not {what} within {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Everything heard up to the first that `is` wanted.
    async fn expect(&mut self, what: &str, is: impl Fn(&Incoming) -> bool) -> Incoming {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.heard.recv()).await;
            let next = next.unwrap_or_else(|_| panic!("no {what} within {PATIENCE:?}; heard: {:#?}", self.seen));
            let next = next.expect("the bus lives");
            self.seen.push(next.clone());
            if is(&next) {
                return next;
            }
        }
    }

    async fn expect_message(&mut self, wanted: (Topic, Message)) {
        self.expect("message", |incoming| *incoming == Incoming::Message(wanted.0, wanted.1.clone())).await;
    }

    async fn expect_change(&mut self, wanted: Change) {
        self.expect("change", |incoming| matches!(incoming, Incoming::Facts(changes) if changes.contains(&wanted)))
            .await;
    }

    async fn subscribe(&mut self, topic: Topic) {
        self.bus.subscribe(topic);
        self.expect("subscribed", |incoming| {
            // A gap would do for a node that was cut off; here it would be the one of the start.
            matches!(incoming, Incoming::Subscribed(topics) if topics.contains(&topic))
        })
        .await;
    }
}

fn tail(seq: u64) -> Message {
    Message::Tail(Seq(seq))
}

/// BUS-1, BUS-3, and subscriptions.
#[tokio::test]
async fn messages_reach_those_who_subscribe_in_order_and_nobody_hears_himself() {
    let redis = RedisServer::start();
    let (mut one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    let workspace = WorkspaceId::generate();
    let topic = Topic::Conversation(workspace, ConversationId::generate());
    let unwanted = Topic::Conversation(workspace, ConversationId::generate());
    one.subscribe(topic).await;
    other.subscribe(topic).await;
    for seq in 1..=500 {
        one.bus.publish(topic, tail(seq));
        one.bus.publish(unwanted, tail(seq));
    }
    one.bus.publish(Topic::Workspace(workspace), tail(1));
    one.bus.publish(Topic::Everyone, Message::SignedOut { login: [7; 32] });
    other.expect_message((Topic::Everyone, Message::SignedOut { login: [7; 32] })).await;
    let told: Vec<_> =
        other.seen.iter().filter(|incoming| matches!(incoming, Incoming::Message(..))).cloned().collect();
    let mut wanted: Vec<_> = (1..=500).map(|seq| Incoming::Message(topic, tail(seq))).collect();
    wanted.push(Incoming::Message(Topic::Workspace(workspace), tail(1)));
    wanted.push(Incoming::Message(Topic::Everyone, Message::SignedOut { login: [7; 32] }));
    assert_eq!(told, wanted);

    other.bus.unsubscribe(topic);
    // A later subscription is answered after the end of the former.
    other.subscribe(unwanted).await;
    one.bus.publish(topic, tail(501));
    one.bus.publish(unwanted, tail(502));
    other.expect_message((unwanted, tail(502))).await;
    assert!(!other.seen.contains(&Incoming::Message(topic, tail(501))));
    other.bus.publish(topic, tail(503));
    one.expect_message((topic, tail(503))).await;
    assert!(
        !one.seen
            .iter()
            .any(|incoming| matches!(incoming, Incoming::Message(_, Message::Tail(seq)) if seq.get() <= 502))
    );
}

/// BUS-4 without faults: a newcomer learns what exists, changes show everywhere, a good-bye ends them.
#[tokio::test]
async fn facts_are_known_to_those_who_come_later_and_end_with_their_node() {
    let redis = RedisServer::start();
    let one = Node::start(&redis).await;
    let workspace = WorkspaceId::generate();
    let (conversation, agent) = (ConversationId::generate(), AgentId::generate());
    let kim =
        |availability| Fact::Agent(workspace, agent, AgentFact { name: "Kim".into(), availability, in_console: true });
    let visitor = Fact::Visitor(workspace, conversation);
    one.bus.state(visitor.clone());
    one.bus.state(kim(AvailabilityRecord::Online));

    let mut other = Node::start(&redis).await;
    other.expect_change(Change::Stated(one.id, visitor.clone())).await;
    one.bus.state(kim(AvailabilityRecord::Away));
    other.expect_change(Change::Stated(one.id, kim(AvailabilityRecord::Away))).await;
    one.bus.withdraw(visitor.key());
    other.expect_change(Change::Withdrawn(one.id, visitor.key())).await;

    redis.command(&["FLUSHALL"]);
    one.bus.state(visitor.clone());
    other.expect_change(Change::Stated(one.id, visitor.clone())).await;
    let mut third = Node::start(&redis).await;
    third.expect_change(Change::Stated(one.id, visitor.clone())).await;

    let id = one.id;
    one.bus.close();
    other.expect_change(Change::Withdrawn(id, visitor.key())).await;
    third.expect_change(Change::Withdrawn(id, visitor.key())).await;
    let flashes = third.seen.iter().filter(|incoming| {
        matches!(incoming, Incoming::Facts(changes)
        if changes.contains(&Change::Withdrawn(id, visitor.key())))
    });
    assert_eq!(flashes.count(), 1);
}

/// BUS-4: silence is death for the others; who is cut off keeps what it knew.
#[tokio::test]
async fn a_silent_node_is_dead_to_the_others_and_decides_nothing_about_them() {
    let redis = RedisServer::start();
    let (mut cut, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    let workspace = WorkspaceId::generate();
    let (here, there) =
        (Fact::Visitor(workspace, ConversationId::generate()), Fact::Visitor(workspace, ConversationId::generate()));
    cut.bus.state(here.clone());
    other.bus.state(there.clone());
    other.expect_change(Change::Stated(cut.id, here.clone())).await;
    cut.expect_change(Change::Stated(other.id, there.clone())).await;

    cut.proxy.set(Mode::Stall);
    other.expect_change(Change::Withdrawn(cut.id, here.clone().key())).await;
    assert_eq!(cut.bus.health(), Health::Degraded);
    assert!(cut.bus.unsure() && other.bus.unsure(), "either may be missing what the other does");
    cut.proxy.set(Mode::Pass);
    other.expect_change(Change::Stated(cut.id, here.clone())).await;
    cut.until("up", |node| node.bus.health() == Health::Up).await;
    let mut withdrawn = Vec::new();
    while let Ok(incoming) = cut.heard.try_recv() {
        withdrawn.push(incoming);
    }
    withdrawn.extend(cut.seen.iter().cloned());
    let lost = Change::Withdrawn(other.id, there.key());
    assert!(!withdrawn.iter().any(|incoming| matches!(incoming, Incoming::Facts(changes) if changes.contains(&lost))));
}

/// BUS-2: after any interruption everybody who may have missed something hears that, and messages come through again.
#[tokio::test]
async fn every_interruption_is_told() {
    let mut redis = RedisServer::start();
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    let topic = Topic::Conversation(WorkspaceId::generate(), ConversationId::generate());
    other.subscribe(topic).await;
    let mut seq = 0;
    for fault in ["kill", "client kill", "stall", "one way", "pause"] {
        while other.heard.try_recv().is_ok() {}
        match fault {
            "kill" => redis.restart(),
            "client kill" => drop(redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"])),
            "stall" | "one way" => {
                other.proxy.set(if fault == "stall" { Mode::Stall } else { Mode::OneWay });
                other.until("degraded", |node| node.bus.health() == Health::Degraded).await;
                other.proxy.set(Mode::Pass);
            }
            _ => {
                redis.pause();
                other.until("degraded", |node| node.bus.health() == Health::Degraded).await;
                redis.resume();
            }
        }
        other.expect("gap", |incoming| *incoming == Incoming::Gap).await;
        for node in [&one, &other] {
            node.until("up again", |node| node.bus.health() == Health::Up).await;
        }
        seq += 1;
        one.bus.publish(topic, tail(seq));
        other.expect_message((topic, tail(seq))).await;
    }
}

/// BUS-5 and I9: with publishing forbidden nobody waits, the losses are told, and facts still get through.
#[tokio::test]
async fn a_node_that_may_not_publish_is_degraded_and_its_losses_are_known() {
    let redis = RedisServer::start();
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    redis.command(&["ACL", "SETUSER", "default", "-publish"]);
    one.until("degraded", |node| node.bus.health() == Health::Degraded).await;
    while other.heard.try_recv().is_ok() {}
    let fact = Fact::Visitor(WorkspaceId::generate(), ConversationId::generate());
    one.bus.state(fact.clone());
    for seq in 0..100_000 {
        one.bus.publish(Topic::Everyone, tail(seq));
    }
    other.expect("gap", |incoming| *incoming == Incoming::Gap).await;
    other.expect_change(Change::Stated(one.id, fact)).await;
    assert!(other.bus.unsure());
    redis.command(&["ACL", "SETUSER", "default", "+publish"]);
    for node in [&one, &other] {
        node.until("sure again", |node| node.bus.health() == Health::Up && !node.bus.unsure()).await;
    }
}
