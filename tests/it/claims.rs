//! Who has the conversation: one agent at a time, and everybody knows who (RELIABILITY.md I13; CONV-2 and CONV-4).

use crate::harness::TestHub;
use crate::harness::agent::Agent;
use crate::harness::visitor::Visitor;
use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::codes::RefusalCode;
use baton::protocol::convert::Viewer;
use baton::protocol::shared::*;
use baton::protocol::visitor::{ToVisitor, VisitorFrame};
use futures_util::future::join_all;
use std::collections::HashSet;
use uuid::Uuid;

/// What came of a claim, as the claiming socket was told.
#[derive(Debug, Clone, PartialEq)]
enum Claim {
    Won,
    /// Another socket of the same person won.
    Own,
    LostTo(Uuid),
}

/// Accept all of `wanted` without waiting in between, beginning with the one at `start`; then hear how each ended.
async fn claim(mut agent: Agent, wanted: &[Uuid], start: usize) -> (Agent, Vec<(Uuid, Claim)>) {
    let order: Vec<Uuid> = wanted.iter().cycle().skip(start % wanted.len()).take(wanted.len()).copied().collect();
    for conversation in &order {
        agent.send(AgentFrame::Accept { conversation: *conversation }).await;
        // The others come in between.
        tokio::task::yield_now().await;
    }
    let me = agent.me.id;
    let mut ends = Vec::new();
    for conversation in order {
        let winner = agent
            .socket
            .expect("agent_joined", |frame| match frame {
                ToAgent::Event { conversation: of, event: LogEvent::AgentJoined { agent }, .. }
                    if *of == conversation =>
                {
                    Some(agent.id)
                }
                _ => None,
            })
            .await;
        // A note without words is refused by the conversation itself, after it has answered the claim: the marker.
        let key = Uuid::new_v4();
        agent.send(AgentFrame::Note { conversation, key, text: String::new() }).await;
        agent
            .socket
            .expect("the marker", |frame| match frame {
                ToAgent::Refused(refused) if refused.key == Some(key) => Some(()),
                _ => None,
            })
            .await;
        let refused = agent.socket.seen.iter().find_map(|frame| match frame {
            ToAgent::Refused(refused) if refused.conversation == Some(conversation) && refused.command == "accept" => {
                Some(refused.clone())
            }
            _ => None,
        });
        let end = match refused {
            None => Claim::Won,
            Some(Refused { code: RefusalCode::NoChange, .. }) => Claim::Own,
            Some(Refused { code: RefusalCode::AlreadyTaken, by: Some(by), .. }) => Claim::LostTo(by.id),
            Some(other) => panic!("{other:?}"),
        };
        match end {
            Claim::Won | Claim::Own => assert_eq!(winner, me),
            Claim::LostTo(by) => assert!(by == winner && by != me, "told {by}, shown {winner}"),
        }
        ends.push((conversation, end));
    }
    (agent, ends)
}

/// I13. Thirty consoles of three people and a portal per conversation, so fifty sockets, claim twenty waiting conversations.
#[tokio::test]
async fn of_all_agents_who_claim_at_once_exactly_one_wins_and_all_know_who() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let mut cookies = vec![hub.owner().await.cookie().to_owned()];
    for name in ["Lena", "Omar"] {
        cookies.push(hub.colleague(name).await);
    }
    let mut visitors: Vec<Visitor> = join_all((0..20).map(|_| hub.visitor())).await;
    join_all(visitors.iter_mut().map(Visitor::request_human)).await;
    let waiting: Vec<Uuid> = visitors.iter().map(|visitor| visitor.conversation).collect();

    let mut claimants = Vec::new();
    for number in 0..30 {
        claimants.push((Agent::connect(hub.address, &cookies[number % 3]).await, waiting.clone(), number / 3));
    }
    for (number, conversation) in waiting.iter().enumerate() {
        claimants.push((hub.portal(*conversation, &format!("Guest {number}")).await, vec![*conversation], 0));
    }
    for (agent, wanted, _) in &mut claimants {
        for conversation in wanted {
            assert_eq!(agent.open(*conversation).await.status, StatusName::Unassigned);
        }
    }
    let claims = claimants.into_iter().map(|(agent, wanted, start)| async move { claim(agent, &wanted, start).await });
    let ended = join_all(claims).await;

    for (conversation, visitor) in waiting.iter().zip(&mut visitors) {
        let ends: Vec<(Uuid, &Claim)> = ended
            .iter()
            .flat_map(|(agent, ends)| ends.iter().map(|(of, end)| (agent.me.id, of, end)))
            .filter_map(|(agent, of, end)| (of == conversation).then_some((agent, end)))
            .collect();
        assert_eq!(ends.len(), 31);
        let winners: Vec<Uuid> = ends.iter().filter(|(_, end)| **end == Claim::Won).map(|(agent, _)| *agent).collect();
        assert_eq!(winners.len(), 1, "{ends:?}");
        for (agent, end) in &ends {
            match end {
                Claim::Won | Claim::Own => assert_eq!(*agent, winners[0]),
                Claim::LostTo(by) => assert_eq!(*by, winners[0]),
            }
        }
        let log = hub.log(*conversation, Viewer::Agent).await;
        let joined: Vec<Uuid> = log
            .iter()
            .filter_map(|entry| match &entry.event {
                LogEvent::AgentJoined { agent } => Some(agent.id),
                _ => None,
            })
            .collect();
        assert_eq!(joined, winners, "exactly one agent_joined in the log");
        let told = visitor
            .expect_entry("agent joined", |event| match event {
                LogEvent::AgentJoined { agent } => Some(agent.id),
                _ => None,
            })
            .await;
        assert_eq!(told, winners[0]);
    }
    let winning: HashSet<Uuid> = ended
        .iter()
        .filter(|(_, ends)| ends.iter().any(|(_, end)| *end == Claim::Won))
        .map(|(agent, _)| agent.me.id)
        .collect();
    assert!(winning.len() > 1, "it was no race");
}

#[tokio::test]
async fn take_over_transfer_hand_back_and_end_are_for_the_right_people() {
    let hub = TestHub::start().await;
    let (mut visitor, mut kim) = (hub.visitor().await, hub.agent().await);
    let mut lena = hub.another_agent("Lena").await;
    let conversation = visitor.conversation;
    visitor.request_human().await;
    for agent in [&mut kim, &mut lena] {
        agent.open(conversation).await;
    }
    kim.accept(conversation).await;

    let holder = kim.me.clone();
    let text = "mine now".to_owned();
    let refusals = [
        (AgentFrame::Accept { conversation }, RefusalCode::AlreadyTaken, Some(&holder)),
        (AgentFrame::Send { conversation, key: Uuid::new_v4(), text }, RefusalCode::AlreadyTaken, Some(&holder)),
        (AgentFrame::HandBack { conversation }, RefusalCode::NotAssignee, None),
        (AgentFrame::Transfer { conversation, agent: lena.me.id }, RefusalCode::NotAssignee, None),
        (AgentFrame::End { conversation }, RefusalCode::NotAssignee, None),
    ];
    for (frame, code, by) in refusals {
        lena.send(frame.clone()).await;
        let refused = lena.refused().await;
        assert_eq!((refused.code, refused.by.as_ref()), (code, by), "{frame:?}");
    }
    lena.note(conversation, "I know this customer").await;

    lena.send(AgentFrame::TakeOver { conversation }).await;
    let moved = |from: &AgentView, to: &AgentView| LogEvent::Transferred { from: from.clone(), to: to.clone() };
    let taken = moved(&kim.me, &lena.me);
    kim.expect_entry("take-over", |event| (*event == taken).then_some(())).await;
    visitor.expect_entry("take-over", |event| (*event == taken).then_some(())).await;
    kim.send(AgentFrame::End { conversation }).await;
    assert_eq!(kim.refused().await.code, RefusalCode::NotAssignee, "no longer hers");

    lena.send(AgentFrame::Transfer { conversation, agent: Uuid::new_v4() }).await;
    assert_eq!(lena.refused().await.code, RefusalCode::NotFound);
    lena.send(AgentFrame::Transfer { conversation, agent: lena.me.id }).await;
    assert_eq!(lena.refused().await.code, RefusalCode::NoChange);
    lena.send(AgentFrame::Transfer { conversation, agent: kim.me.id }).await;
    let given = moved(&lena.me, &kim.me);
    kim.expect_entry("transfer", |event| (*event == given).then_some(())).await;
    kim.say(conversation, "Back with me").await;

    kim.send(AgentFrame::HandBack { conversation }).await;
    kim.expect_entry("handed back", |event| matches!(event, LogEvent::HandedBack { .. }).then_some(())).await;
    assert_eq!(lena.open(conversation).await.status, StatusName::Unrequested);
    kim.send(AgentFrame::HandBack { conversation }).await;
    assert_eq!(kim.refused().await.code, RefusalCode::NotAssignee);
}

#[tokio::test]
async fn an_ended_conversation_is_reopened_by_whoever_writes_first() {
    let hub = TestHub::start().await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    let conversation = visitor.conversation;
    visitor.request_human().await;
    agent.open(conversation).await;
    agent.accept(conversation).await;
    agent.send(AgentFrame::End { conversation }).await;
    visitor.expect_entry("ended", |event| matches!(event, LogEvent::Ended { by: Side::Agent, .. }).then_some(())).await;
    agent.send(AgentFrame::End { conversation }).await;
    assert_eq!(agent.refused().await.code, RefusalCode::AlreadyEnded);
    visitor.send(VisitorFrame::End).await;
    assert_eq!(visitor.refused().await.code, RefusalCode::AlreadyEnded);

    visitor.say("One more thing").await;
    let reopened = |by| move |event: &LogEvent| (*event == LogEvent::Reopened { by }).then_some(());
    agent.expect_entry("reopened", reopened(Side::Visitor)).await;
    assert_eq!(agent.open(conversation).await.assignee, None, "the AI has it, not the agent of before");

    visitor.send(VisitorFrame::End).await;
    agent.expect_entry("ended", |event| matches!(event, LogEvent::Ended { by: Side::Visitor, .. }).then_some(())).await;
    agent.accept(conversation).await;
    visitor.expect_entry("reopened", reopened(Side::Agent)).await;
    visitor.expect_entry("joined", |event| matches!(event, LogEvent::AgentJoined { .. }).then_some(())).await;
    let snapshot = agent.open(conversation).await;
    assert_eq!((snapshot.status, snapshot.assignee), (StatusName::Open, Some(agent.me.clone())));
}

/// S58. The race: the AI is at work on an answer, or in the middle of typing it, when a human takes the chat. Its words come too
/// late and are shown to nobody, not even in pieces.
#[tokio::test]
async fn the_ai_never_speaks_once_an_agent_has_the_conversation() {
    let hub = TestHub::builder().without_rate_limit().start().await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    let conversation = visitor.conversation;
    visitor.say("Hello").await;
    agent.open(conversation).await;
    for round in 0..100 {
        match round % 4 {
            // Settled without being streamed, about when the agent comes.
            0 => drop(visitor.say("What is the airspeed of a swallow?").await),
            1 => drop(visitor.post("What is the airspeed of a swallow?").await),
            // Before the first piece is out, or after it.
            pieces => {
                let turn = visitor.say("How long does delivery take?").await;
                let of_turn =
                    |frame: &ToVisitor| matches!(frame, ToVisitor::AiText(text) if text.turn == turn).then_some(());
                if pieces == 3 {
                    visitor.socket.expect("a piece of the answer", of_turn).await;
                }
            }
        }
        agent.accept(conversation).await;
        // Answered by the conversation, so a late answer has some time to come.
        agent.say(conversation, "Hello, Kim here").await;
        agent.send(AgentFrame::HandBack { conversation }).await;
        agent.expect_entry("handed back", |event| matches!(event, LogEvent::HandedBack { .. }).then_some(())).await;
    }
    // The answer to a question that nobody takes over marks that all earlier ones had their time.
    let last = visitor.say("Can I return a bike?").await;
    visitor
        .expect_entry("the last answer", |event| {
            matches!(event, LogEvent::AiMessage { turn, .. } if *turn == last).then_some(())
        })
        .await;
    let log = hub.log(conversation, Viewer::Agent).await;
    let (mut joined_at, mut human) = (0, false);
    for entry in &log {
        match &entry.event {
            LogEvent::AgentJoined { .. } => (joined_at, human) = (entry.seq, true),
            LogEvent::HandedBack { .. } => human = false,
            LogEvent::AiMessage { turn, .. } => {
                assert!(!human && *turn > joined_at, "turn {turn} was answered at {}, after {joined_at}", entry.seq);
            }
            _ => {}
        }
    }
    let mut joined_at = 0;
    for frame in &visitor.socket.seen {
        match frame {
            ToVisitor::Event { seq, event: LogEvent::AgentJoined { .. }, .. } => joined_at = *seq,
            ToVisitor::AiText(text) => assert!(text.turn > joined_at, "words of turn {} after {joined_at}", text.turn),
            _ => {}
        }
    }
}
