//! Two and three nodes that are one: nobody can tell which one they are on (RELIABILITY.md I7, I13).

use crate::harness::cluster::TestCluster;
use crate::harness::http::Http;
use crate::harness::inside::assert_gapless;
use crate::harness::visitor::Visitor;
use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::convert::Viewer;
use baton::protocol::shared::*;
use baton::protocol::visitor::{ToVisitor, VisitorFrame};

/// I7: what one side says on one node the other side reads on another, in order, each once.
#[tokio::test]
async fn a_conversation_over_two_nodes_reads_the_same_on_both() {
    let cluster = TestCluster::start(2).await;
    let (mut visitor, mut agent) = (cluster.visitor(0).await, cluster.agent(1, "Kim").await);
    visitor.request_human().await;
    let conversation = visitor.conversation;
    agent.open(conversation).await;
    agent.accept(conversation).await;
    visitor.expect_entry("joined", |event| matches!(event, LogEvent::AgentJoined { .. }).then_some(())).await;
    for round in 0..20 {
        // Both at once, so that appends of the two nodes race for the same seq.
        let (question, answer) = (format!("question {round}"), format!("answer {round}"));
        tokio::join!(visitor.say(&question), agent.say(conversation, &answer));
    }
    let log = cluster.nodes[0].log(conversation, Viewer::Agent).await;
    let last = log.last().expect("events").seq;
    agent
        .socket
        .expect("the last", |frame| matches!(frame, ToAgent::Event { seq, .. } if *seq == last).then_some(()))
        .await;
    visitor
        .socket
        .expect("the last", |frame| matches!(frame, ToVisitor::Event { seq, .. } if *seq == last).then_some(()))
        .await;
    assert_gapless(&visitor.log());
    let shown = agent.shown(conversation);
    assert_gapless(&shown);
    assert_eq!(shown, log);
}

/// What is not in the log crosses nodes too: typing, the AI's text as it grows, who looks, and the visitor's dot.
#[tokio::test]
async fn what_is_only_true_now_crosses_nodes() {
    let cluster = TestCluster::start(2).await;
    let (mut visitor, mut agent) = (cluster.visitor(0).await, cluster.agent(1, "Kim").await);
    visitor.say("hello").await;
    // So that what grows below is the answer to the next message.
    visitor.expect_entry("a greeting", |event| matches!(event, LogEvent::AiMessage { .. }).then_some(())).await;
    let conversation = visitor.conversation;
    agent.open(conversation).await;
    agent.socket.expect("green", |frame| matches!(frame, ToAgent::Presence { online: true, .. }).then_some(())).await;

    visitor.send(VisitorFrame::Typing { active: true }).await;
    let typing =
        |frame: &ToAgent| matches!(frame, ToAgent::Typing { by: Typist::Visitor, active: true, .. }).then_some(());
    agent.socket.expect("typing", typing).await;

    let mut tab =
        Visitor::connect(cluster.nodes[1].address, crate::harness::CHATBOT, Some(visitor.token.clone()), None).await;
    visitor.say("How long does delivery take?").await;
    let turn = tab.socket.expect("a piece", |frame| match frame {
        ToVisitor::AiText(text) if text.from == 0 => Some(text.turn),
        _ => None,
    });
    let turn = turn.await;
    let whole = tab
        .expect_entry("the answer", |event| match event {
            LogEvent::AiMessage { text, .. } => Some(text.clone()),
            _ => None,
        })
        .await;
    let streamed: String = tab
        .socket
        .seen
        .iter()
        .filter_map(|frame| match frame {
            ToVisitor::AiText(text) if text.turn == turn => Some(text.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(streamed, whole, "the other node's listeners see the whole stream, each piece once");

    let mut colleague = cluster.agent(0, "Lena").await;
    colleague.open(conversation).await;
    let (kim, lena) = (agent.me.id, colleague.me.id);
    for (who, other) in [(&mut agent, lena), (&mut colleague, kim)] {
        who.socket
            .expect("both look", |frame| match frame {
                ToAgent::Viewers { agents, .. } => agents.iter().any(|agent| agent.id == other).then_some(()),
                _ => None,
            })
            .await;
    }
    colleague.send(AgentFrame::Leave { conversation }).await;
    agent
        .socket
        .expect("one looks", |frame| match frame {
            ToAgent::Viewers { agents, .. } => (agents.len() == 1).then_some(()),
            _ => None,
        })
        .await;
}

/// I13: three agents on three nodes reach for the same chat at the same moment, many times. One wins, and each loser is told who.
#[tokio::test]
async fn three_nodes_claim_at_once_and_one_wins() {
    let cluster = TestCluster::start(3).await;
    let mut agents = Vec::new();
    for (node, name) in ["Kim", "Lena", "Omar"].into_iter().enumerate() {
        agents.push(cluster.agent(node, name).await);
    }
    for round in 0..50 {
        let mut visitor = cluster.visitor(round % 3).await;
        visitor.request_human().await;
        let conversation = visitor.conversation;
        for agent in &mut agents {
            agent.open(conversation).await;
        }
        let [one, two, three] = agents.as_mut_slice() else { panic!("three agents") };
        tokio::join!(
            one.send(AgentFrame::Accept { conversation }),
            two.send(AgentFrame::Accept { conversation }),
            three.send(AgentFrame::Accept { conversation }),
        );
        let mut winners = Vec::new();
        for agent in &mut agents {
            let joined = agent.expect_entry("who joined", |event| match event {
                LogEvent::AgentJoined { agent } => Some(agent.id),
                _ => None,
            });
            winners.push(joined.await);
        }
        let winner = winners[0];
        assert!(winners.iter().all(|id| *id == winner), "everybody sees the same winner: {winners:?}");
        for agent in agents.iter_mut().filter(|agent| agent.me.id != winner) {
            let refused = agent.refused().await;
            assert_eq!(refused.by.map(|by| by.id), Some(winner), "the loser is told who won");
            assert_eq!(refused.conversation, Some(conversation));
        }
        let log = cluster.nodes[0].log(conversation, Viewer::Agent).await;
        let joined = log.iter().filter(|entry| matches!(entry.event, LogEvent::AgentJoined { .. }));
        assert_eq!(joined.count(), 1);
        for agent in &mut agents {
            agent.send(AgentFrame::Leave { conversation }).await;
        }
        if winner == agents[0].me.id {
            agents[0].send(AgentFrame::End { conversation }).await;
        }
    }
}

/// The lines are the same on every node, whoever stands in them and wherever an agent comes from.
#[tokio::test]
async fn places_and_estimates_are_the_same_on_every_node() {
    let cluster = TestCluster::start(2).await;
    let mut line = Vec::new();
    for place in 0..4_u32 {
        let mut visitor = cluster.visitor(place as usize % 2).await;
        visitor.request_human().await;
        until_place(&mut visitor, |ahead, eta| ahead == place && eta.is_none()).await;
        line.push(visitor);
    }
    let mut agent = cluster.agent(1, "Kim").await;
    for (place, visitor) in line.iter_mut().enumerate() {
        // One agent and the assumed two minutes each.
        let wanted = 120 * (place as u32 + 1);
        until_place(visitor, |ahead, eta| ahead == place as u32 && eta == Some(wanted)).await;
        visitor
            .socket
            .expect("busy", |frame| matches!(frame, ToVisitor::Team { team: TeamState::Busy, .. }).then_some(()))
            .await;
    }
    let first = line[0].conversation;
    agent.open(first).await;
    agent.accept(first).await;
    for (place, visitor) in line.iter_mut().skip(1).enumerate() {
        until_place(visitor, |ahead, _| ahead == place as u32).await;
    }
}

async fn until_place(visitor: &mut Visitor, is: impl Fn(u32, Option<u32>) -> bool) {
    visitor
        .socket
        .expect("the place", |frame| match frame {
            ToVisitor::Queue { ahead, eta_seconds } => is(*ahead, *eta_seconds).then_some(()),
            _ => None,
        })
        .await;
}

/// A console sees the rows of conversations that live on another node, with their dots.
#[tokio::test]
async fn the_inbox_shows_conversations_of_other_nodes() {
    let cluster = TestCluster::start(2).await;
    let mut agent = cluster.agent(1, "Kim").await;
    agent.send(AgentFrame::Watch { chatbot: None }).await;
    agent.settle().await;
    let mut visitor = cluster.visitor(0).await;
    visitor.say("Do you sell bells?").await;
    let conversation = visitor.conversation;
    agent.expect_row("green", |row| row.conversation == conversation && row.online).await;
    agent.expect_row("the words", |row| row.conversation == conversation && !row.preview.is_empty()).await;
    visitor.socket.cut();
    agent.expect_row("red", |row| row.conversation == conversation && !row.online).await;
}

/// What an owner changes on one node is so on all: settings in open widgets, what the AI knows, and who is signed in.
#[tokio::test]
async fn changes_and_sign_outs_reach_all_nodes() {
    let cluster = TestCluster::start(2).await;
    let mut visitor = cluster.visitor(1).await;
    let mut owner = cluster.nodes[0].owner().await;
    owner.change_settings(crate::harness::CHATBOT, |settings| settings["name"] = "Wheels".into()).await;
    visitor
        .socket
        .expect("the new name", |frame| match frame {
            ToVisitor::Settings { chatbot } => (chatbot.name == "Wheels").then_some(()),
            _ => None,
        })
        .await;
    let later = cluster.visitor(1).await;
    assert!(
        later
            .socket
            .seen
            .iter()
            .any(|frame| matches!(frame, ToVisitor::Welcome { chatbot, .. } if chatbot.name == "Wheels"))
    );

    // S3: the cookie was made on one node, the socket is on the other.
    let mut console = crate::harness::agent::Agent::connect(cluster.nodes[1].address, owner.cookie()).await;
    assert_eq!(owner.call("DELETE", "/api/v1/session", None).await.status, 204);
    assert_eq!(console.socket.expect_close().await, baton::protocol::codes::UNAUTHENTICATED.code);
}

/// A load balancer brings the link of one node to another; afterwards all know that there is an owner.
#[tokio::test]
async fn the_first_login_of_one_node_is_good_on_all() {
    let cluster = TestCluster::start(3).await;
    let link = cluster.nodes[0].setup_link().expect("a link").to_owned();
    let token = link.split_once('#').expect("a token").1.to_owned();
    let body = |email: &str| serde_json::json!({ "token": token, "workspace": "Shop", "name": "Kim", "email": email, "password": "a long password" });
    let mut there = Http::anonymous(cluster.nodes[1].address);
    assert_eq!(there.call("POST", "/api/v1/setup", Some(body("kim@shop.test"))).await.status, 201);
    for node in &cluster.nodes {
        let mut http = Http::anonymous(node.address);
        assert_eq!(http.get("/api/v1/setup").await.body["needed"], false);
        assert_eq!(http.call("POST", "/api/v1/setup", Some(body("other@shop.test"))).await.status, 409);
    }
}
