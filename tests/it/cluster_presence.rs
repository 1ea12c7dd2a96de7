//! Dots over several nodes: calm when people move, red when a node dies (RELIABILITY.md I15, I16).

use crate::harness::agent::Agent;
use crate::harness::chaos::Mode;
use crate::harness::cluster::{HEALING, TestCluster};
use crate::harness::http::Http;
use baton::protocol::agent::{AgentFrame, Availability, ToAgent};
use baton::protocol::shared::*;
use baton::protocol::visitor::ToVisitor;
use uuid::Uuid;

const GRACE_MS: u64 = 1_500;

async fn cluster(count: usize) -> TestCluster {
    TestCluster::start_with(count, |config| config.conversation.presence_grace_ms = GRACE_MS).await
}

fn dots(agent: &Agent, of: Uuid) -> Vec<bool> {
    let frames = agent.socket.seen.iter().filter_map(|frame| match frame {
        ToAgent::Presence { conversation, online } if *conversation == of => Some(*online),
        _ => None,
    });
    frames.collect()
}

async fn expect_dot(agent: &mut Agent, of: Uuid, wanted: bool) {
    agent
        .socket
        .expect("presence", |frame| match frame {
            ToAgent::Presence { conversation, online } if *conversation == of && *online == wanted => Some(()),
            _ => None,
        })
        .await;
}

async fn expect_team(visitor: &mut crate::harness::visitor::Visitor, wanted: TeamState) {
    visitor
        .socket
        .expect("team", |frame| matches!(frame, ToVisitor::Team { team, .. } if *team == wanted).then_some(()))
        .await;
}

/// I15: each reload lands on the other node. The marker is another visitor's real absence, begun after the last reload.
#[tokio::test]
async fn a_reload_that_lands_on_another_node_does_not_flash() {
    let cluster = cluster(2).await;
    let (mut visitor, mut marker) = (cluster.visitor(0).await, cluster.visitor(0).await);
    let mut agent = cluster.agent(1, "Kim").await;
    for one in [&mut visitor, &mut marker] {
        one.request_human().await;
        agent.open(one.conversation).await;
        expect_dot(&mut agent, one.conversation, true).await;
    }
    let (conversation, other) = (visitor.conversation, marker.conversation);
    let before = dots(&agent, conversation).len();
    // An opening says red until the other node's word is here.
    agent.socket.waiting.clear();
    for round in 0..10 {
        visitor = visitor.resume_at(cluster.nodes[(round + 1) % 2].address).await;
    }
    marker.socket.cut();
    expect_dot(&mut agent, other, false).await;
    agent.settle().await;
    let seen = dots(&agent, conversation);
    assert!(seen[before..].iter().all(|online| *online), "a reload flashed: {seen:?}, {before} of them before");
    let answer = Http::with_cookie(cluster.nodes[1].address, &cluster.nodes[1].colleague("Lena").await)
        .get("/api/v1/conversations")
        .await;
    let rows = answer.body["rows"].as_array().expect("rows").clone();
    let online =
        |of: Uuid| rows.iter().find(|row| row["conversation"] == of.to_string()).expect("row")["online"].clone();
    assert_eq!((online(conversation), online(other)), (true.into(), false.into()), "the list knows all nodes");
}

/// I16: a node falls silent with a visitor and an agent on it; the others see both turn red, once, and never the node's own people the
/// others. When it is back, so are they.
#[tokio::test]
async fn the_people_of_a_silent_node_turn_red_and_come_back() {
    let cluster = cluster(2).await;
    let (mut lost, mut onlooker) = (cluster.visitor(0).await, cluster.visitor(1).await);
    let gone = cluster.agent(0, "Gone").await;
    let mut agent = cluster.agent(1, "Kim").await;
    for one in [&mut lost, &mut onlooker] {
        one.request_human().await;
        agent.open(one.conversation).await;
        expect_dot(&mut agent, one.conversation, true).await;
    }
    let mut colleague = cluster.agent(0, "Lena").await;
    colleague.open(onlooker.conversation).await;
    expect_dot(&mut colleague, onlooker.conversation, true).await;
    let before_of_kept = dots(&colleague, onlooker.conversation).len();
    let (lost_id, kept) = (lost.conversation, onlooker.conversation);
    agent.socket.patience = HEALING;
    colleague.socket.patience = HEALING;
    agent.socket.waiting.clear();
    let before = dots(&agent, lost_id).len();
    cluster.set(0, Mode::Stall);
    expect_dot(&mut agent, lost_id, false).await;
    let without_gone = |frame: &ToAgent| match frame {
        ToAgent::Team { agents } => agents.iter().all(|member| member.agent.id != gone.me.id).then_some(()),
        _ => None,
    };
    agent.socket.expect("a team without Gone", without_gone).await;
    colleague.settle().await;
    assert_eq!(dots(&colleague, kept).len(), before_of_kept, "who is cut off keeps what it knew of others");
    cluster.set(0, Mode::Pass);
    expect_dot(&mut agent, lost_id, true).await;
    assert_eq!(dots(&agent, lost_id)[before..], [false, true], "one pair for one absence");
}

/// What an agent chose holds wherever they are connected, and is the same for every visitor.
#[tokio::test]
async fn a_choice_on_one_node_shows_on_all() {
    let cluster = cluster(2).await;
    let cookie = cluster.nodes[0].colleague("Kim").await;
    let mut one = Agent::connect(cluster.nodes[0].address, &cookie).await;
    let mut other = Agent::connect(cluster.nodes[1].address, &cookie).await;
    let (mut here, mut there) = (cluster.visitor(0).await, cluster.visitor(1).await);
    for visitor in [&mut here, &mut there] {
        visitor.say("hello").await;
        visitor.socket.waiting.clear();
    }
    for (agent, availability, team) in
        [(&mut one, Availability::Away, TeamState::Offline), (&mut other, Availability::Online, TeamState::Available)]
    {
        agent.send(AgentFrame::SetAvailability { availability }).await;
        expect_team(&mut here, team).await;
        expect_team(&mut there, team).await;
    }
    // The dot is that of the person, not of a socket: one of two closes.
    one.socket.cut();
    let mut marker = cluster.agent(0, "Lena").await;
    marker.settle().await;
    for visitor in [&mut here, &mut there] {
        visitor.settle().await;
        let last = visitor.socket.seen.iter().rev().find_map(|frame| match frame {
            ToVisitor::Team { team, .. } => Some(*team),
            _ => None,
        });
        assert_eq!(last, Some(TeamState::Available));
    }
}
