//! I16: the dots of those who were on a node that died, or stands still, turn red on the other nodes; nobody else's move (I15).

use crate::cluster::{Cluster, Shape};
use crate::harness::http::Http;
use crate::harness::socket::{Socket, request};
use baton::protocol::PROTOCOL;
use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::visitor::{Page, ToVisitor, VisitorFrame};
use rustix::process::Signal;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use uuid::Uuid;

/// A node is dead after 9 s, and who was on it is away 5 s later; the rest is for a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// Longer than the test.
const STAY: Duration = Duration::from_secs(600);

/// A socket on this very node, as the load balancer would bring it there.
fn on(cluster: &Cluster, node: usize, path: &str, cookie: Option<&str>) -> Request {
    let mut request = request(cluster.launches[node].address, path, cookie);
    let origin = format!("http://{}", cluster.address()).parse().expect("an origin");
    request.headers_mut().insert("origin", origin);
    request
}

/// Somebody who stays as long as their node does, answering its pings; and their conversation.
async fn visitor(cluster: &Cluster, node: usize) -> Uuid {
    let mut socket: Socket<ToVisitor> = Socket::connect(on(cluster, node, "/ws/visitor", None)).await;
    let page = Page { url: "http://shop.test/".into(), ..Page::default() };
    let (protocol, chatbot) = (PROTOCOL.into(), crate::histories::CHATBOT.into());
    socket.send(&VisitorFrame::Hello { protocol, chatbot, token: None, cursor: None, page }).await;
    let welcome = |frame: &ToVisitor| match frame {
        ToVisitor::Welcome { conversation, .. } => Some(*conversation),
        _ => None,
    };
    let conversation = socket.expect("welcome", welcome).await;
    socket.send(&VisitorFrame::Send { key: Uuid::new_v4(), text: "hello".into() }).await;
    socket.expect("ack", |frame| matches!(frame, ToVisitor::Ack(_)).then_some(())).await;
    socket.patience = STAY;
    tokio::spawn(async move { while socket.next_new().await.is_some() {} });
    conversation
}

async fn expect_dot(agent: &mut Socket<ToAgent>, of: Uuid, wanted: bool) {
    let dot = |frame: &ToAgent| match frame {
        ToAgent::Presence { conversation, online } => (*conversation == of && *online == wanted).then_some(()),
        _ => None,
    };
    agent.expect("a dot", dot).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dots_of_a_dead_node_turn_red_and_no_others() {
    let _alone = crate::one_at_a_time().await;
    let mut cluster = Cluster::start(Path::new(env!("CARGO_TARGET_TMPDIR")), Shape::Three).await;
    let owner = Http::owner(cluster.address(), Some(&cluster.setup_link)).await;
    let of_killed = visitor(&cluster, 0).await;
    let of_frozen = visitor(&cluster, 1).await;
    let of_here = visitor(&cluster, 2).await;
    let mut agent: Socket<ToAgent> = Socket::connect(on(&cluster, 2, "/ws/agent", Some(owner.cookie()))).await;
    agent.patience = LIMIT;
    agent.send(&AgentFrame::Hello { protocol: PROTOCOL.into(), portal_token: None }).await;
    for conversation in [of_killed, of_frozen, of_here] {
        agent.send(&AgentFrame::Open { conversation, cursor: None }).await;
        expect_dot(&mut agent, conversation, true).await;
    }
    agent.waiting.clear();
    let seen = agent.seen.len();

    cluster.nodes[0].take().expect("a node").kill();
    let begun = Instant::now();
    expect_dot(&mut agent, of_killed, false).await;
    let killed = begun.elapsed();
    cluster.node(1).signal(Signal::STOP);
    let begun = Instant::now();
    expect_dot(&mut agent, of_frozen, false).await;
    let frozen = begun.elapsed();
    crate::say(&format!(
        "dots red {:.1} s after kill -9, {:.1} s after SIGSTOP",
        killed.as_secs_f64(),
        frozen.as_secs_f64()
    ));
    assert!(killed < LIMIT && frozen < LIMIT, "{killed:?}, {frozen:?}");

    let dots: Vec<(Uuid, bool)> = agent.seen[seen..]
        .iter()
        .filter_map(|frame| match frame {
            ToAgent::Presence { conversation, online } => Some((*conversation, *online)),
            _ => None,
        })
        .collect();
    assert_eq!(dots, [(of_killed, false), (of_frozen, false)], "one change for each absence, and nobody else's");
}
