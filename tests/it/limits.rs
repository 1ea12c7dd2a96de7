//! What one client may take, and that the others do not notice when it wants more (S8, slow readers) or when all come back (I17).

use crate::harness::raw::{Raw, Upgrade};
use crate::harness::{CHATBOT, TestHub};
use baton::protocol::agent::ToAgent;
use baton::protocol::shared::{LogEvent, Reason};
use baton::protocol::visitor::VisitorFrame;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

#[tokio::test]
async fn s8_a_flood_is_refused_then_closed_and_a_bystander_does_not_notice() {
    let hub = TestHub::start().await;
    let mut bystander = hub.visitor().await;
    bystander.say("hello").await;
    type Make = fn() -> Message;
    let kinds: [(&str, Make); 4] = [
        ("messages", || Message::text(json!({ "type": "send", "key": Uuid::new_v4(), "text": "flood" }).to_string())),
        ("typing", || Message::text(r#"{"type":"typing","active":true}"#)),
        ("malformed", || Message::text("{")),
        ("binary", || Message::binary(vec![0; 16])),
    ];
    for (kind, make) in kinds {
        let mut flooder = Raw::visitor(hub.address, CHATBOT).await;
        let mut sent = 0;
        while sent < 5_000 && flooder.try_send(make()).await {
            sent += 1;
            if sent == 1_000 {
                // In the middle of it.
                bystander.say("still served").await;
            }
        }
        assert_eq!(flooder.expect_close().await, 4429, "{kind}");
        let codes = |code: &str| flooder.seen.iter().filter(|frame| frame["code"] == code).count();
        match kind {
            "messages" | "typing" => assert!(codes("too_fast") >= 100, "{kind}: refused before it is closed"),
            _ => assert!(codes("malformed") >= 100, "{kind}: refused before it is closed"),
        }
        bystander.say("served").await;
    }
}

#[tokio::test]
async fn s8_one_address_opens_so_many_sockets_and_no_more() {
    let hub = TestHub::builder().config(|config| config.limits.sockets_per_address = 3).start().await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Raw::visitor(hub.address, CHATBOT).await);
    }
    let own = hub.url();
    let again = || Raw::open(hub.address, "/ws/visitor", Upgrade { origin: Some(&own), cookie: None });
    assert_eq!(again().await.err(), Some(429));
    assert_eq!(
        Raw::open(hub.address, "/ws/agent", Upgrade { origin: Some(&own), cookie: None }).await.err(),
        Some(429)
    );
    for socket in &mut open {
        socket.settle().await;
    }
    // A place that was given back is good for the next one.
    drop(open.pop());
    let begun = tokio::time::Instant::now();
    while again().await.is_err() {
        assert!(begun.elapsed() < crate::harness::socket::DEADLINE, "the place is not given back");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_slow_reader_is_closed_while_the_writer_goes_on() {
    let hub = TestHub::builder()
        .config(|config| {
            config.limits.outbox_bytes = 64 * 1024;
            config.limits.frames_per_second = 100_000;
            config.limits.frames_burst = 100_000;
        })
        .start()
        .await;
    let owner = hub.owner().await;
    let mut writer = hub.visitor().await;
    writer.send(VisitorFrame::RequestHandoff).await;
    let asked =
        |event: &LogEvent| matches!(event, LogEvent::HandoffRequested { reason: Reason::Button, .. }).then_some(());
    writer.expect_entry("request", asked).await;
    let mut quick = crate::harness::agent::Agent::connect(hub.address, owner.cookie()).await;
    quick.open(writer.conversation).await;
    quick.accept(writer.conversation).await;
    let mut slow = Raw::agent(hub.address, Some(owner.cookie()), None).await;
    slow.send(&json!({ "type": "open", "conversation": writer.conversation, "cursor": null })).await;
    slow.expect("snapshot", |frame| frame["type"] == "snapshot").await;
    quick.settle().await;
    let looks = |frames: &[ToAgent]| frames.iter().filter(|frame| matches!(frame, ToAgent::Viewers { .. })).count();
    let before = looks(&quick.socket.seen);

    // From here on `slow` does not read. Kernel and library hold some hundred kilobytes for it, then the limit.
    let text = "x".repeat(8_000);
    let mut written = 0;
    while looks(&quick.socket.seen) == before {
        assert!(written < 400, "3 MB are owed to the slow reader and it is not closed");
        writer.say(&text).await;
        quick
            .expect_entry("each message", |event| matches!(event, LogEvent::VisitorMessage { .. }).then_some(()))
            .await;
        written += 1;
        quick.settle().await;
    }
    // The onlooker left. It reads again in time to learn why.
    assert_eq!(slow.expect_close().await, 4413);
    let got = slow.seen.iter().filter(|frame| frame["event"]["kind"] == "visitor_message").count();
    assert!(got < written, "what it could not take was dropped: {got} of {written}");
    writer.say("and on").await;
    let and_on =
        |event: &LogEvent| matches!(event, LogEvent::VisitorMessage { text, .. } if text == "and on").then_some(());
    quick.expect_entry("and on", and_on).await;
}

/// I17: how far visitors are to spread when they lose this node goes with how many sockets it has, and those who came first hear of it.
#[tokio::test]
async fn i17_the_more_visitors_there_are_the_further_they_are_to_spread() {
    let hub = TestHub::builder().config(|config| config.limits.sockets_per_address = 1_000).start().await;
    let within = |frame: &Value| frame["reconnect_within_ms"].as_u64();
    let mut first = Raw::visitor(hub.address, CHATBOT).await;
    let welcome = first.seen.iter().find(|frame| frame["type"] == "welcome").expect("welcome");
    assert_eq!(within(welcome), Some(500), "never less than the first back-off");
    let mut others = Vec::new();
    for _ in 1..300 {
        others.push(Raw::visitor(hub.address, CHATBOT).await);
    }
    first.send(&json!({"type": "ping", "id": 7})).await;
    let pong = first.expect("pong", |frame| frame["type"] == "pong").await;
    assert_eq!(within(&pong), Some(600), "2 ms for each of 300");
}
