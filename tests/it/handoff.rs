//! The main job: a visitor asks, waits, is helped by a human and goes back to the AI, in one window.

use crate::harness::TestHub;
use baton::protocol::agent::AgentFrame;
use baton::protocol::shared::*;
use baton::protocol::visitor::{ToVisitor, VisitorFrame};

#[tokio::test]
async fn a_visitor_asks_the_ai_then_a_human_and_is_handed_back() {
    let hub = TestHub::start().await;
    let mut agent = hub.agent().await;
    agent.send(AgentFrame::Watch { chatbot: None }).await;
    agent.settle().await;

    let mut visitor = hub.visitor().await;
    visitor.say("How long does delivery take?").await;
    let (text, confident) = visitor
        .expect_entry("answer", |event| match event {
            LogEvent::AiMessage { text, confident, .. } => Some((text.clone(), *confident)),
            _ => None,
        })
        .await;
    assert!(confident, "the demo knowledge covers delivery: {text}");

    visitor.say("Can I talk to a real person please?").await;
    visitor
        .expect_entry("offer", |event| {
            matches!(event, LogEvent::HandoffOffered { reason: Reason::Words, .. }).then_some(())
        })
        .await;
    visitor.say("yes please").await;
    visitor.expect_entry("request", |event| matches!(event, LogEvent::HandoffRequested { .. }).then_some(())).await;
    let ahead = visitor
        .socket
        .expect("queue position", |frame| match frame {
            ToVisitor::Queue { ahead, eta_seconds: Some(_) } => Some(*ahead),
            _ => None,
        })
        .await;
    assert_eq!(ahead, 0);

    let conversation = visitor.conversation;
    let row = agent
        .expect_row("the waiting chat", |row| {
            row.conversation == conversation && row.status == StatusName::Unassigned && row.online
        })
        .await;
    assert!(row.escalated && row.waiting_since.is_some());

    let snapshot = agent.open(conversation).await;
    assert_eq!(snapshot.status, StatusName::Unassigned);
    assert!(snapshot.visitor.is_some_and(|visitor| visitor.page_title == "Bikes"));
    agent.accept(conversation).await;
    visitor.expect_entry("agent joined", |event| matches!(event, LogEvent::AgentJoined { .. }).then_some(())).await;

    agent.say(conversation, "Hello, Kim here.").await;
    visitor
        .expect_entry("the agent's words", |event| match event {
            LogEvent::AgentMessage { text, .. } if text == "Hello, Kim here." => Some(()),
            _ => None,
        })
        .await;
    visitor.say("My parcel is late").await;
    agent
        .expect_entry("the visitor's words", |event| match event {
            LogEvent::VisitorMessage { text, .. } if text == "My parcel is late" => Some(()),
            _ => None,
        })
        .await;

    agent.send(AgentFrame::HandBack { conversation }).await;
    visitor.expect_entry("handed back", |event| matches!(event, LogEvent::HandedBack { .. }).then_some(())).await;
    visitor.say("Can I return a bike?").await;
    visitor.expect_entry("an answer again", |event| matches!(event, LogEvent::AiMessage { .. }).then_some(())).await;

    agent.send(AgentFrame::End { conversation }).await;
    visitor.expect_entry("ended", |event| matches!(event, LogEvent::Ended { .. }).then_some(())).await;
    visitor.settle().await;
    let seqs: Vec<u64> = visitor.log().iter().map(|entry| entry.seq).collect();
    let expected: Vec<u64> = (1..=seqs.len() as u64).collect();
    assert_eq!(seqs, expected, "every event once, in order");
}

#[tokio::test]
async fn the_button_requests_a_human_as_the_very_first_thing() {
    let hub = TestHub::start().await;
    let mut visitor = hub.visitor().await;
    visitor.send(VisitorFrame::RequestHandoff).await;
    visitor
        .expect_entry("request", |event| {
            matches!(event, LogEvent::HandoffRequested { reason: Reason::Button, .. }).then_some(())
        })
        .await;
    visitor.send(VisitorFrame::CancelHandoff).await;
    visitor.expect_entry("cancelled", |event| matches!(event, LogEvent::HandoffCancelled).then_some(())).await;
    visitor.send(VisitorFrame::CancelHandoff).await;
    assert_eq!(visitor.refused().await.code, baton::protocol::codes::RefusalCode::NothingPending);
}

/// A visitor who has not written yet has no log that says whose they are; once, such visitors got every chatbot's settings.
#[tokio::test]
async fn changed_settings_reach_the_widgets_of_their_chatbot_and_no_other() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    let made = owner.call("POST", "/api/v1/chatbots", Some(serde_json::json!({ "name": "Other shop" }))).await;
    assert_eq!(made.status, 201);
    let other = made.body["id"].as_str().unwrap().to_owned();
    let mut visitor = hub.visitor().await;
    for (chatbot, name) in [(other.as_str(), "Renamed other"), ("demo", "Renamed demo")] {
        let mut settings = owner.get(&format!("/api/v1/chatbots/{chatbot}")).await.body["settings"].clone();
        settings["name"] = name.into();
        let saved = owner.call("PUT", &format!("/api/v1/chatbots/{chatbot}/settings"), Some(settings)).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
    }
    let first = visitor
        .socket
        .expect("settings", |frame| match frame {
            ToVisitor::Settings { chatbot } => Some(chatbot.name.clone()),
            _ => None,
        })
        .await;
    assert_eq!(first, "Renamed demo");
}
