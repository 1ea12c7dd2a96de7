//! Who may open a socket, and what a stranger's frames do (S1 to S5, S9, S11).

use crate::harness::raw::{Raw, Upgrade, hello};
use crate::harness::tenant::Tenant;
use crate::harness::{CHATBOT, TestHub};
use baton::protocol::agent::AgentFrame;
use baton::protocol::shared::LogEvent;
use baton::protocol::visitor::VisitorFrame;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

#[tokio::test]
async fn s1_a_foreign_page_is_refused_before_the_upgrade() {
    let hub = TestHub::start().await;
    let owner = hub.owner().await;
    let (own, port) = (hub.url(), hub.address.port());
    let refused = |path: &'static str, origin: Option<String>| {
        let cookie = owner.cookie().to_owned();
        let address = hub.address;
        async move {
            let upgrade = Upgrade { origin: origin.as_deref(), cookie: Some(&cookie) };
            Raw::open(address, path, upgrade).await.err()
        }
    };
    for origin in [
        None,
        Some("null".to_owned()),
        Some(String::new()),
        Some(format!("{own}.evil.example")),
        Some(format!("http://evil127.0.0.1:{port}")),
        Some(format!("http://127.0.0.1.evil.example:{port}")),
        Some(format!("http://127.0.0.1:{}", port ^ 1)),
        Some(format!("https://127.0.0.1:{port}")),
        Some("https://evil.example".to_owned()),
        Some(format!("{own} {own}")),
    ] {
        assert_eq!(refused("/ws/agent", origin.clone()).await, Some(403), "/ws/agent from {origin:?}");
    }
    assert_eq!(refused("/ws/agent", Some(own.clone())).await, None);

    // A widget is at home on any site until its owner names some; a page without an origin is nobody's.
    for origin in [None, Some("null".to_owned()), Some(String::new()), Some(format!("{own} {own}"))] {
        assert_eq!(refused("/ws/visitor", origin.clone()).await, Some(403), "/ws/visitor from {origin:?}");
    }
    for origin in [own, "https://shop.example".to_owned()] {
        assert_eq!(refused("/ws/visitor", Some(origin.clone())).await, None, "/ws/visitor from {origin}");
    }
}

#[tokio::test]
async fn s1_a_page_that_the_owner_did_not_name_may_not_embed_the_widget() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    owner.change_settings(CHATBOT, |settings| settings["allowed_origins"] = json!(["https://shop.example"])).await;
    for (origin, closed_with) in [
        ("https://shop.example".to_owned(), None),
        (hub.url(), None),
        ("https://shop.example.evil.example".to_owned(), Some(4403)),
        ("https://evilshop.example".to_owned(), Some(4403)),
        ("https://shop.example:8443".to_owned(), Some(4403)),
        ("http://shop.example".to_owned(), Some(4403)),
        ("https://www.shop.example".to_owned(), Some(4403)),
    ] {
        let upgrade = Upgrade { origin: Some(&origin), cookie: None };
        let mut page = Raw::open(hub.address, "/ws/visitor", upgrade).await.expect("upgrade");
        page.send(&hello(CHATBOT)).await;
        match closed_with {
            None => drop(page.expect("welcome", |frame| frame["type"] == "welcome").await),
            Some(code) => {
                assert_eq!(page.expect_close().await, code, "{origin}");
                assert_eq!(page.seen, Vec::<Value>::new(), "{origin} is told nothing");
            }
        }
    }
}

#[tokio::test]
async fn s2_nothing_is_taken_before_a_hello() {
    let hub = TestHub::builder().config(|config| config.limits.hello_deadline_ms = 300).start().await;
    let cookie = hub.owner().await.cookie().to_owned();
    let no_hello = [
        Message::text(r#"{"type":"ping","id":1}"#),
        Message::text(r#"{"type":"end"}"#),
        Message::text("not JSON"),
        Message::text(""),
        Message::text(
            r#"{"type":"hello","protocol":"baton.v0","chatbot":"demo","page":{"url":"","title":"","referrer":"","language":""}}"#,
        ),
        Message::binary(vec![1, 2, 3]),
    ];
    for path in ["/ws/visitor", "/ws/agent"] {
        for message in &no_hello {
            let mut socket = Raw::own_page(hub.address, path, Some(&cookie)).await;
            socket.send_message(message.clone()).await;
            assert_eq!(socket.expect_close().await, 4400, "{path}: {message}");
            assert_eq!(socket.seen, Vec::<Value>::new());
        }
        let mut silent = Raw::own_page(hub.address, path, Some(&cookie)).await;
        assert_eq!(silent.expect_close().await, 4401, "{path}");
    }
    // Without a session and without a link there is nobody to greet.
    let mut nobody = Raw::own_page(hub.address, "/ws/agent", None).await;
    nobody.send(&json!({ "type": "hello", "protocol": "baton.v1", "portal_token": null })).await;
    assert_eq!(nobody.expect_close().await, 4401);
    // Who has said hello is not asked again.
    let mut greeted = Raw::visitor(hub.address, CHATBOT).await;
    let mut silent = Raw::own_page(hub.address, "/ws/visitor", None).await;
    assert_eq!(silent.expect_close().await, 4401);
    greeted.settle().await;
}

#[tokio::test]
async fn a_second_hello_an_unknown_chatbot_and_a_forged_token_are_refused() {
    let hub = TestHub::start().await;
    let cookie = hub.owner().await.cookie().to_owned();
    let mut visitor = Raw::visitor(hub.address, CHATBOT).await;
    visitor.send(&hello(CHATBOT)).await;
    assert_eq!(visitor.refusal().await, "not_allowed");
    let mut agent = Raw::agent(hub.address, Some(&cookie), None).await;
    agent.send(&json!({ "type": "hello", "protocol": "baton.v1", "portal_token": null })).await;
    assert_eq!(agent.refusal().await, "not_allowed");

    for unknown in ["nobody-s", "", "../demo", "DEMO "] {
        let mut page = Raw::own_page(hub.address, "/ws/visitor", None).await;
        page.send(&hello(unknown)).await;
        assert_eq!(page.expect_close().await, 4404, "{unknown:?}");
    }
    let token = visitor.seen[0]["token"].as_str().expect("token").to_owned();
    let flipped = if token.ends_with('A') { 'Q' } else { 'A' };
    let mut forged = token.clone();
    forged.truncate(token.len() - 2);
    forged.push(flipped);
    let stranger = Uuid::new_v4();
    for bad in [forged, String::new(), "v1..".into(), format!("v1.{stranger}.AAAA"), token.replace("v1.", "v2.")] {
        let mut page = Raw::own_page(hub.address, "/ws/visitor", None).await;
        let mut frame = hello(CHATBOT);
        frame["token"] = json!(bad);
        page.send(&frame).await;
        assert_eq!(page.expect_close().await, 4401, "{bad:?}");
    }
}

#[tokio::test]
async fn s3_signing_out_closes_the_sockets_of_that_session_and_no_others() {
    let hub = TestHub::start().await;
    let (mut here, there) = (hub.owner().await, hub.owner().await);
    let cookie = here.cookie().to_owned();
    let mut open = Raw::agent(hub.address, Some(&cookie), None).await;
    let mut elsewhere = Raw::agent(hub.address, Some(there.cookie()), None).await;
    // The race: upgraded while signed in, and says hello only after the sign-out, which could not find it yet.
    let mut late = Raw::own_page(hub.address, "/ws/agent", Some(&cookie)).await;

    assert_eq!(here.call("DELETE", "/api/v1/session", None).await.status, 204);
    let closed = tokio::time::timeout(std::time::Duration::from_secs(2), open.expect_close()).await;
    assert_eq!(closed.expect("closed within two seconds"), 4401);
    late.send(&json!({ "type": "hello", "protocol": "baton.v1", "portal_token": null })).await;
    assert_eq!(late.expect_close().await, 4401);
    assert_eq!(late.seen, Vec::<Value>::new(), "told nothing");
    elsewhere.settle().await;
}

/// A frame of every kind, each about `conversation`. A new kind must be added here, or this does not compile.
fn every_agent_frame(conversation: Uuid, colleague: Uuid) -> Vec<AgentFrame> {
    let key = Uuid::new_v4;
    let text = || "from the next tenant".to_owned();
    let frames = vec![
        AgentFrame::Open { conversation, cursor: None },
        AgentFrame::Leave { conversation },
        AgentFrame::Send { conversation, key: key(), text: text() },
        AgentFrame::Note { conversation, key: key(), text: text() },
        AgentFrame::Interject { conversation, key: key(), text: text() },
        AgentFrame::Whisper { conversation, key: key(), text: text() },
        AgentFrame::Typing { conversation, active: true },
        AgentFrame::Read { conversation, seq: 1 },
        AgentFrame::Accept { conversation },
        AgentFrame::TakeOver { conversation },
        AgentFrame::HandBack { conversation },
        AgentFrame::Transfer { conversation, agent: colleague },
        AgentFrame::End { conversation },
        AgentFrame::History { conversation, before: 100, limit: 50 },
    ];
    for frame in &frames {
        match frame {
            // About no conversation.
            AgentFrame::Hello { .. }
            | AgentFrame::Watch { .. }
            | AgentFrame::Unwatch
            | AgentFrame::SetAvailability { .. }
            | AgentFrame::Ping { .. } => {}
            // About one.
            AgentFrame::Open { .. }
            | AgentFrame::Leave { .. }
            | AgentFrame::Send { .. }
            | AgentFrame::Note { .. }
            | AgentFrame::Interject { .. }
            | AgentFrame::Whisper { .. }
            | AgentFrame::Typing { .. }
            | AgentFrame::Read { .. }
            | AgentFrame::Accept { .. }
            | AgentFrame::TakeOver { .. }
            | AgentFrame::HandBack { .. }
            | AgentFrame::Transfer { .. }
            | AgentFrame::End { .. }
            | AgentFrame::History { .. } => {}
        }
    }
    frames
}

/// How many kinds of frame name a conversation, from the published schema: the list above can't fall behind it.
fn kinds_about_a_conversation() -> usize {
    let schema = schemars::schema_for!(AgentFrame);
    let kinds = schema.as_value()["oneOf"].as_array().expect("one per kind").clone();
    kinds.iter().filter(|kind| kind["properties"].get("conversation").is_some()).count()
}

#[tokio::test]
async fn s4_another_tenants_conversation_does_not_exist_for_any_frame() {
    let hub = TestHub::start().await;
    let owner = hub.owner().await;
    let tenant = Tenant::add(&hub);
    let mut visitor = hub.visitor().await;
    visitor.say("how long does delivery take?").await;
    visitor.expect_entry("answer", |event| matches!(event, LogEvent::AiMessage { .. }).then_some(())).await;
    let before = visitor.log().len();

    let mut eve = Raw::agent(hub.address, Some(&tenant.cookie), None).await;
    eve.send(&json!({ "type": "watch", "chatbot": null })).await;
    eve.send(&json!({ "type": "watch", "chatbot": CHATBOT })).await;
    eve.settle().await;
    let frames = every_agent_frame(visitor.conversation, tenant.agent.0);
    assert_eq!(frames.len(), kinds_about_a_conversation(), "a kind of frame is missing in the list");
    for frame in frames {
        let frame = serde_json::to_value(&frame).expect("frame");
        eve.send(&frame).await;
        let got = eve.settle().await;
        if frame["type"] == "leave" {
            // To leave what was never open does nothing, wherever it is.
            assert_eq!(got, Vec::<Value>::new(), "{frame}");
            continue;
        }
        assert_eq!(got.len(), 1, "{frame}: {got:?}");
        let told = (&got[0]["type"], &got[0]["command"], &got[0]["code"], &got[0]["message"]);
        let expected = (&json!("refused"), &frame["type"], &json!("not_found"), &json!("no such conversation"));
        assert_eq!(told, expected);
        // The same words as for a conversation that nobody has.
        let mut nobodys = frame.clone();
        nobodys["conversation"] = json!(Uuid::new_v4());
        eve.send(&nobodys).await;
        assert_eq!(eve.settle().await[0]["message"], got[0]["message"]);
    }

    // Life goes on over there, and nothing of it arrives here; nor did anything of the above happen there.
    let mut kim = crate::harness::agent::Agent::connect(hub.address, owner.cookie()).await;
    kim.send(AgentFrame::Watch { chatbot: None }).await;
    kim.open(visitor.conversation).await;
    kim.say(visitor.conversation, "hello from the right tenant").await;
    visitor.say("a secret of this tenant").await;
    kim.expect_entry("the visitor's words", |event| matches!(event, LogEvent::VisitorMessage { .. }).then_some(()))
        .await;
    kim.expect_row("the row", |row| row.preview == "a secret of this tenant").await;
    visitor.settle().await;
    assert_eq!(eve.settle().await, Vec::<Value>::new());
    let all = serde_json::to_string(&eve.seen).expect("frames");
    assert!(!all.contains("delivery") && !all.contains("secret") && !all.contains("Kim"), "{all}");
    let log = serde_json::to_string(&visitor.log()).expect("log");
    assert!(!log.contains("next tenant") && !log.contains("Eve"), "{log}");
    let new = &visitor.log()[before..];
    let unexpected = new.iter().find(|entry| {
        !matches!(
            entry.event,
            LogEvent::AgentJoined { .. } | LogEvent::AgentMessage { .. } | LogEvent::VisitorMessage { .. }
        )
    });
    assert_eq!(unexpected, None, "no handing back, ending, note or read marker by a stranger");
}

/// The race: before its first message a conversation did not know its chatbot, and passed every tenant's news to its widget.
#[tokio::test]
async fn a_widget_that_has_not_written_yet_gets_no_news_of_other_tenants() {
    let hub = TestHub::start().await;
    let mut kim = hub.owner().await;
    let tenant = Tenant::add(&hub);
    let mut visitor = Raw::visitor(hub.address, CHATBOT).await;
    let mut eve = crate::harness::http::Http::with_cookie(hub.address, &tenant.cookie);
    let made = eve.call("POST", "/api/v1/chatbots", Some(json!({ "name": "Eve's shop" }))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_str().expect("id").to_owned();
    let mut her_visitor = Raw::visitor(hub.address, &id).await;

    eve.change_settings(&id, |settings| settings["greeting"] = json!("Eve's greeting")).await;
    let told = her_visitor.expect("settings", |frame| frame["type"] == "settings").await;
    assert_eq!(told["chatbot"]["greeting"], "Eve's greeting");
    let _console = Raw::agent(hub.address, Some(&tenant.cookie), None).await;
    her_visitor.expect("her team", |frame| frame["type"] == "team" && frame["team"] == "available").await;
    // News of one's own comes on the same way, so it comes last.
    kim.change_settings(CHATBOT, |settings| settings["greeting"] = json!("Kim's greeting")).await;
    let told = visitor.expect("settings", |frame| frame["type"] == "settings").await;
    assert_eq!(told["chatbot"]["greeting"], "Kim's greeting");
    let available = visitor.seen.iter().find(|frame| frame["type"] == "team" && frame["team"] != "offline");
    assert_eq!(available, None, "the team that came online is the other tenant's");
}

#[tokio::test]
async fn s5_fields_that_only_the_server_may_set_change_nothing() {
    let hub = TestHub::start().await;
    let cookie = hub.owner().await.cookie().to_owned();
    let mut visitor = Raw::visitor(hub.address, CHATBOT).await;
    let conversation = visitor.seen[0]["conversation"].clone();
    let extras = [
        ("author", json!("agent")),
        ("role", json!("owner")),
        ("seq", json!(1)),
        ("at", json!(0)),
        ("conversation", json!(Uuid::new_v4())),
        ("visitor", json!(Uuid::new_v4())),
        ("workspace", json!(Uuid::new_v4())),
        ("internal", json!(true)),
        ("signals", json!({ "keyword": true })),
    ];
    for (field, value) in &extras {
        let mut frame = json!({ "type": "send", "key": Uuid::new_v4(), "text": "I am the owner" });
        frame[*field] = value.clone();
        visitor.send(&frame).await;
        assert_eq!(visitor.refusal().await, "malformed", "{field}");
    }
    visitor.send(&json!({ "type": "send", "key": Uuid::new_v4(), "text": "an honest message" })).await;
    visitor.expect("ack", |frame| frame["type"] == "ack").await;

    let mut agent = Raw::agent(hub.address, Some(&cookie), None).await;
    for (field, value) in extras.iter().filter(|(field, _)| *field != "conversation") {
        let key = Uuid::new_v4();
        let mut frame = json!({ "type": "send", "conversation": conversation, "key": key, "text": "as the visitor" });
        frame[*field] = value.clone();
        agent.send(&frame).await;
        assert_eq!(agent.refusal().await, "malformed", "{field}");
    }
    let mut frame = json!({ "type": "open", "conversation": conversation, "cursor": null });
    agent.send(&frame).await;
    let snapshot = agent.expect("snapshot", |frame| frame["type"] == "snapshot").await;
    let text = snapshot["snapshot"]["entries"].to_string();
    assert!(text.contains("an honest message") && !text.contains("I am the owner") && !text.contains("as the visitor"));
    frame["as"] = json!("owner");
    agent.send(&frame).await;
    assert_eq!(agent.refusal().await, "malformed");
}

#[tokio::test]
async fn s9_a_captured_frame_has_no_effect_on_the_session_it_was_taken_from() {
    let hub = TestHub::start().await;
    let mut victim = hub.visitor().await;
    let key = Uuid::new_v4();
    let captured = [
        serde_json::to_value(VisitorFrame::Send { key, text: "mine alone".into() }).expect("frame"),
        serde_json::to_value(VisitorFrame::RequestHandoff).expect("frame"),
        serde_json::to_value(VisitorFrame::End).expect("frame"),
    ];
    victim.post_as(key, "mine alone").await;
    victim.acked(key).await;
    victim.expect_entry("answer", |event| matches!(event, LogEvent::AiMessage { .. }).then_some(())).await;
    victim.settle().await;
    let before = victim.log();

    let mut thief = Raw::visitor(hub.address, CHATBOT).await;
    for frame in &captured {
        thief.send(frame).await;
    }
    thief.expect("the thief's own end", |frame| frame["event"]["kind"] == "ended").await;
    victim.settle().await;
    assert_eq!(victim.log(), before);
    // And on the session itself it is the same message once more, not another one.
    victim.post_as(key, "mine alone").await;
    victim.acked(key).await;
    victim.settle().await;
    assert_eq!(victim.log(), before);
}

/// A route whose path holds a token would put it into access logs, histories and `Referer`s.
#[tokio::test]
async fn s11_no_address_takes_a_token() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    let document = owner.get("/api/v1/openapi.json").await.body;
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() > 8, "{paths:?}");
    for (path, operations) in paths {
        let text = format!("{path} {}", operations["parameters"]).to_lowercase();
        let of_operations: String =
            operations.as_object().expect("operations").values().map(|op| op["parameters"].to_string()).collect();
        for secret in ["token", "password", "secret", "cookie"] {
            assert!(
                !text.contains(secret) && !of_operations.to_lowercase().contains(secret),
                "{path} takes a {secret}"
            );
        }
    }
    // A session or a link in the address opens nothing.
    let token = owner.cookie().split_once('=').expect("cookie").1.to_owned();
    let origin = hub.url();
    for query in [format!("?token={token}"), format!("?baton_session={token}"), format!("?portal_token={token}")] {
        let upgrade = Upgrade { origin: Some(&origin), cookie: None };
        let mut socket = Raw::open(hub.address, &format!("/ws/agent{query}"), upgrade).await.expect("upgrade");
        socket.send(&json!({ "type": "hello", "protocol": "baton.v1", "portal_token": null })).await;
        assert_eq!(socket.expect_close().await, 4401);
        let mut nobody = crate::harness::http::Http::anonymous(hub.address);
        assert_eq!(nobody.get(&format!("/api/v1/me{query}")).await.status, 401);
    }
}
