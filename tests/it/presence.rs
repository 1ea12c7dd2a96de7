//! Dots that do not flicker, and places in the queue (RELIABILITY.md I15, QUEUE-2).

use crate::harness::TestHub;
use crate::harness::agent::Agent;
use crate::harness::hub::TestHubBuilder;
use crate::harness::visitor::{Opening, Visitor};
use baton::protocol::agent::{AgentFrame, Availability, ToAgent};
use baton::protocol::shared::*;
use baton::protocol::visitor::{ToVisitor, VisitorFrame};
use uuid::Uuid;

/// Long enough that a reconnect on a busy machine is inside it, short enough to be waited for.
const GRACE_MS: u64 = 1_500;

fn builder() -> TestHubBuilder {
    TestHub::builder().without_rate_limit().config(|config| config.conversation.presence_grace_ms = GRACE_MS)
}

/// The dots of one visitor that a console was sent, in order.
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

/// I15. Another visitor's real absence, begun after the last reload, is the marker: when its grace is over, so is every grace
/// that a reload began.
#[tokio::test]
async fn a_reload_is_no_absence_and_a_real_one_is_told_once() {
    let hub = builder().start().await;
    let (mut visitor, mut marker) = (hub.visitor().await, hub.visitor().await);
    let mut agent = hub.agent().await;
    agent.send(AgentFrame::Watch { chatbot: None }).await;
    for one in [&mut visitor, &mut marker] {
        one.request_human().await;
        agent.open(one.conversation).await;
        expect_dot(&mut agent, one.conversation, true).await;
    }
    let (conversation, other) = (visitor.conversation, marker.conversation);
    let before = dots(&agent, conversation);
    for _ in 0..20 {
        visitor = visitor.resume().await;
    }
    let (address, token) = (marker.address, marker.token.clone());
    marker.socket.cut();
    expect_dot(&mut agent, other, false).await;
    agent.settle().await;
    assert_eq!(dots(&agent, conversation), before, "a reload flashed");
    let rows = agent.socket.seen.iter().filter_map(|frame| match frame {
        ToAgent::Inbox { rows } => Some(rows),
        _ => None,
    });
    let of_visitor: Vec<bool> =
        rows.flatten().filter(|row| row.conversation == conversation).map(|row| row.online).collect();
    assert!(of_visitor.iter().all(|online| *online), "the row's dot flashed: {of_visitor:?}");

    let marker = Visitor::connect(address, crate::harness::CHATBOT, Some(token), None).await;
    expect_dot(&mut agent, other, true).await;
    marker.socket.cut();
    expect_dot(&mut agent, other, false).await;
    agent.settle().await;
    let told = dots(&agent, other);
    assert_eq!(told[told.len() - 3..], [false, true, false], "each absence and return once");
}

/// A second tab keeps the visitor present, however often the first one goes.
#[tokio::test]
async fn the_dot_stays_green_while_any_tab_is_open() {
    let hub = builder().config(|config| config.conversation.presence_grace_ms = 0).start().await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    visitor.request_human().await;
    agent.open(visitor.conversation).await;
    expect_dot(&mut agent, visitor.conversation, true).await;
    let before = dots(&agent, visitor.conversation);
    for _ in 0..5 {
        visitor.tab().await.socket.cut();
    }
    // Through the conversation and after the departures: the marker.
    visitor.say("still here").await;
    visitor.send(VisitorFrame::Typing { active: true }).await;
    agent
        .socket
        .expect("typing", |frame| matches!(frame, ToAgent::Typing { by: Typist::Visitor, .. }).then_some(()))
        .await;
    assert_eq!(dots(&agent, visitor.conversation), before);
    let conversation = visitor.conversation;
    visitor.socket.cut();
    expect_dot(&mut agent, conversation, false).await;
}

/// The race: the AI's answer is handed to a session that is just ending. Such a session is out of the audience before it says
/// that it is gone, and its visitor was then never shown as gone.
#[tokio::test]
async fn a_visitor_who_leaves_while_an_answer_is_on_its_way_is_seen_leaving() {
    let hub = builder().config(|config| config.conversation.presence_grace_ms = 0).start().await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    visitor.say("Hello").await;
    let conversation = visitor.conversation;
    agent.open(conversation).await;
    for _ in 0..20 {
        expect_dot(&mut agent, conversation, true).await;
        // An answer that is not streamed: it comes about when the socket ends.
        visitor.say("What is the airspeed of a swallow?").await;
        let (address, token) = (visitor.address, visitor.token.clone());
        visitor.socket.cut();
        expect_dot(&mut agent, conversation, false).await;
        visitor = Visitor::connect(address, crate::harness::CHATBOT, Some(token), None).await;
    }
}

fn assignee_dots(visitor: &Visitor) -> Vec<bool> {
    let frames = visitor.socket.seen.iter().filter_map(|frame| match frame {
        ToVisitor::Team { assignee_online, .. } => *assignee_online,
        _ => None,
    });
    frames.collect()
}

async fn expect_team(visitor: &mut Visitor, wanted: (TeamState, Option<bool>)) {
    visitor
        .socket
        .expect("team", |frame| match frame {
            ToVisitor::Team { team, assignee_online } if (*team, *assignee_online) == wanted => Some(()),
            _ => None,
        })
        .await;
}

/// The team as each frame of it showed `agent`.
fn team_frames(onlooker: &Agent, agent: Uuid) -> Vec<bool> {
    let frames = onlooker.socket.seen.iter().filter_map(|frame| match frame {
        ToAgent::Team { agents } => Some(agents.iter().any(|member| member.agent.id == agent && member.connected)),
        _ => None,
    });
    frames.collect()
}

/// I15 for agents: the holder's console reloads twenty times while a visitor and a colleague look on. The colleague's own
/// leaving, begun later, is the marker.
#[tokio::test]
async fn a_console_that_reloads_is_not_shown_as_gone() {
    let hub = builder().start().await;
    let mut onlooker = hub.another_agent("Lena").await;
    let leaving = hub.another_agent("Omar").await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    visitor.request_human().await;
    agent.open(visitor.conversation).await;
    agent.accept(visitor.conversation).await;
    expect_team(&mut visitor, (TeamState::Available, Some(true))).await;
    let cookie = hub.owner().await.cookie().to_owned();
    let (me, omar) = (agent.me.id, leaving.me.id);
    let shows = |agents: &[baton::protocol::agent::TeamMember], id| agents.iter().any(|member| member.agent.id == id);
    onlooker
        .socket
        .expect("everybody", |frame| match frame {
            ToAgent::Team { agents } => (shows(agents, me) && shows(agents, omar)).then_some(()),
            _ => None,
        })
        .await;
    onlooker.settle().await;
    let (before, frames_before) = (assignee_dots(&visitor), team_frames(&onlooker, me).len());
    for _ in 0..20 {
        agent.socket.cut();
        agent = Agent::connect(hub.address, &cookie).await;
    }
    leaving.socket.cut();
    let without = |gone: Uuid, kept: Option<Uuid>| {
        move |frame: &ToAgent| match frame {
            ToAgent::Team { agents } => {
                (!shows(agents, gone) && kept.is_none_or(|kept| shows(agents, kept))).then_some(())
            }
            _ => None,
        }
    };
    onlooker.socket.waiting.clear();
    onlooker.socket.expect("a team without Omar", without(omar, None)).await;
    visitor.settle().await;
    assert_eq!(assignee_dots(&visitor), before, "the assignee's dot flashed");
    let shown = team_frames(&onlooker, me);
    assert!(shown[frames_before..].iter().all(|connected| *connected), "the holder's line flashed: {shown:?}");

    agent.socket.cut();
    expect_team(&mut visitor, (TeamState::Available, Some(false))).await;
    onlooker.socket.expect("a team without the holder", without(me, None)).await;
    let _agent = Agent::connect(hub.address, &cookie).await;
    expect_team(&mut visitor, (TeamState::Available, Some(true))).await;
    visitor.settle().await;
    assert_eq!(assignee_dots(&visitor)[before.len()..], [false, true], "a real absence is told once, so is its end");
}

/// What the agent chose is news to all at once: there is no grace for a choice.
#[tokio::test]
async fn going_away_by_choice_shows_at_once() {
    let hub = builder().start().await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    expect_team(&mut visitor, (TeamState::Available, None)).await;
    for (availability, team) in [
        (Availability::Away, TeamState::Offline),
        (Availability::Online, TeamState::Available),
        (Availability::Offline, TeamState::Offline),
    ] {
        agent.send(AgentFrame::SetAvailability { availability }).await;
        expect_team(&mut visitor, (team, None)).await;
    }
}

/// The next place that this visitor is told.
async fn place(visitor: &mut Visitor) -> (u32, Option<u32>) {
    visitor
        .socket
        .expect("a place in the queue", |frame| match frame {
            ToVisitor::Queue { ahead, eta_seconds } => Some((*ahead, *eta_seconds)),
            _ => None,
        })
        .await
}

/// Read places until one fits: on the way there may be others, each of which was true for a moment.
async fn until_place(visitor: &mut Visitor, wanted: (u32, bool)) {
    loop {
        let (ahead, eta) = place(visitor).await;
        if (ahead, eta.is_some()) == wanted {
            return;
        }
    }
}

#[tokio::test]
async fn the_queue_moves_up_and_is_shown_again_after_a_reload() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let mut line = Vec::new();
    let mut latest = 0;
    for ahead in 0..3 {
        let mut visitor = hub.visitor().await;
        visitor.send(VisitorFrame::RequestHandoff).await;
        let since = visitor
            .socket
            .expect("request", |frame| match frame {
                ToVisitor::Event { at, event: LogEvent::HandoffRequested { .. }, .. } => Some(*at),
                _ => None,
            })
            .await;
        assert!(since > latest, "a commit takes longer than a millisecond, so the order is that of the requests");
        latest = since;
        assert_eq!(place(&mut visitor).await, (ahead, None), "nobody is online, so nobody knows how long");
        line.push(visitor);
    }
    let mut third = line.pop().expect("three");
    let mut second = line.pop().expect("two");
    let mut first = line.pop().expect("one");

    second = second.resume().await;
    assert_eq!(second.opening, Opening::Resumed(Vec::new()));
    assert_eq!(place(&mut second).await, (1, None), "a reload shows the place again");

    let mut agent = hub.agent().await;
    for (visitor, ahead) in [(&mut first, 0), (&mut second, 1), (&mut third, 2)] {
        until_place(visitor, (ahead, true)).await;
    }
    agent.open(first.conversation).await;
    agent.accept(first.conversation).await;
    until_place(&mut second, (0, true)).await;
    until_place(&mut third, (1, true)).await;

    second.send(VisitorFrame::CancelHandoff).await;
    second.expect_entry("cancelled", |event| matches!(event, LogEvent::HandoffCancelled).then_some(())).await;
    until_place(&mut third, (0, true)).await;

    agent.socket.cut();
    until_place(&mut third, (0, false)).await;
    // Who is served or has given up is told no place any more, not even after a reload.
    for left in [first, second] {
        let mut left = left.resume().await;
        left.settle().await;
        assert!(!left.socket.seen.iter().any(|frame| matches!(frame, ToVisitor::Queue { .. })));
    }
}
