//! The link in the handoff mail: what it opens, for how long, and what it does not open (S12, S13, S15, S20).

use crate::harness::agent::Agent;
use crate::harness::http::Http;
use crate::harness::outbox::files;
use crate::harness::raw::Raw;
use crate::harness::visitor::{Opening, Visitor};
use crate::harness::{CHATBOT, TestHub};
use baton::domain::conversation::AgentRef;
use baton::domain::ids::{AgentId, ConversationId};
use baton::domain::time::UnixMillis;
use baton::notify::hash_token;
use baton::protocol::agent::ToAgent;
use baton::protocol::shared::*;
use baton::protocol::visitor::{ToVisitor, VisitorFrame};
use baton::store::NewLink;
use serde_json::{Value, json};
use uuid::Uuid;

/// A visitor who waits for a human, after `said`.
async fn waiting(hub: &TestHub, said: &[&str]) -> Visitor {
    let mut visitor = hub.visitor().await;
    for text in said {
        visitor.say(text).await;
        visitor.expect_entry("answer", |event| matches!(event, LogEvent::AiMessage { .. }).then_some(())).await;
    }
    visitor.send(VisitorFrame::RequestHandoff).await;
    visitor.expect_entry("request", |event| matches!(event, LogEvent::HandoffRequested { .. }).then_some(())).await;
    visitor
}

fn token_in(mail: &str) -> String {
    let (_, rest) = mail.split_once("/portal/agent#").expect("a link");
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
}

/// A link that was never mailed, with a life of its own.
async fn link(hub: &TestHub, conversation: Uuid, expires_in_millis: i64) -> String {
    let token = Uuid::new_v4().simple().to_string();
    let now = hub.hub.now();
    let record = NewLink {
        id: Uuid::now_v7(),
        token_hash: hash_token(&token),
        conversation: ConversationId(conversation),
        agent: AgentRef { id: AgentId::generate(), name: "Ana".into() },
        address: "ana@shop.test".into(),
        created_at: UnixMillis(now.0 - 1_000),
        expires_at: now.plus_millis(expires_in_millis),
    };
    hub.hub.store.add_link(record).await.expect("link");
    token
}

async fn refused_portal(hub: &TestHub, token: &str) -> u16 {
    let mut portal = Raw::own_page(hub.address, "/ws/agent", None).await;
    portal.send(&json!({ "type": "hello", "protocol": "baton.v1", "portal_token": token })).await;
    let code = portal.expect_close().await;
    assert_eq!(portal.seen, Vec::<Value>::new(), "told nothing");
    code
}

#[tokio::test]
async fn the_mail_opens_the_conversation_and_the_two_talk() {
    let hub = TestHub::start().await;
    let mut visitor = waiting(&hub, &["How long does delivery take?", "And can I return a bike?"]).await;
    let mail = hub.mails(1).await.remove(0);
    for wanted in
        ["support@fernweh.example", "How long does delivery take?", "And can I return a bike?", "Bikes", "working days"]
    {
        assert!(mail.contains(wanted), "{wanted} is missing in {mail}");
    }
    let token = token_in(&mail);
    assert!(token.len() >= 22, "at least 128 bits: {token}");
    assert!(mail.contains(&format!("{}/portal/agent#{token}", hub.url())));

    // A mail scanner follows the link: nothing happens, and the link is as good as before.
    let mut scanner = Http::anonymous(hub.address);
    let before = visitor.log();
    for method in ["GET", "HEAD", "GET"] {
        let answer = scanner.call(method, "/portal/agent", None).await;
        assert!([200, 503].contains(&answer.status), "{method}: {}", answer.status);
    }
    visitor.settle().await;
    assert_eq!(visitor.log(), before);

    let mut portal = Agent::portal(hub.address, &token).await;
    assert_eq!(portal.me.name, "Support");
    let view = portal.socket.seen.iter().find_map(|frame| match frame {
        ToAgent::Welcome { portal, .. } => portal.clone(),
        _ => None,
    });
    assert_eq!(view.map(|view| (view.conversation, view.chatbot.id)), Some((visitor.conversation, CHATBOT.to_owned())));
    let conversation = visitor.conversation;
    let snapshot = portal.open(conversation).await;
    assert_eq!(snapshot.status, StatusName::Unassigned);
    assert_eq!(snapshot.seq, before.last().expect("log").seq, "opening changes nothing");

    portal.accept(conversation).await;
    let joined = visitor
        .expect_entry("joined", |event| match event {
            LogEvent::AgentJoined { agent } => Some(agent.clone()),
            _ => None,
        })
        .await;
    assert_eq!(joined, portal.me);
    portal.say(conversation, "Hello from my phone").await;
    visitor
        .expect_entry("words", |event| {
            matches!(event, LogEvent::AgentMessage { text, .. } if text == "Hello from my phone").then_some(())
        })
        .await;
    visitor.say("That was quick").await;
    portal
        .expect_entry("words", |event| {
            matches!(event, LogEvent::VisitorMessage { text, .. } if text == "That was quick").then_some(())
        })
        .await;
}

#[tokio::test]
async fn s15_a_portal_shows_one_conversation_and_nothing_else() {
    let hub = TestHub::start().await;
    let mine = waiting(&hub, &[]).await;
    let mut other = waiting(&hub, &["Which countries do you ship to?"]).await;
    let token = link(&hub, mine.conversation, 60_000).await;
    let mut portal = Raw::agent(hub.address, None, Some(&token)).await;
    let key = Uuid::new_v4();
    let elsewhere = other.conversation;
    for (frame, code) in [
        (json!({ "type": "watch", "chatbot": null }), "not_allowed"),
        (json!({ "type": "watch", "chatbot": CHATBOT }), "not_allowed"),
        (json!({ "type": "set_availability", "availability": "offline" }), "not_allowed"),
        (json!({ "type": "open", "conversation": elsewhere, "cursor": null }), "not_found"),
        (json!({ "type": "leave", "conversation": elsewhere }), "not_found"),
        (json!({ "type": "send", "conversation": elsewhere, "key": key, "text": "x" }), "not_found"),
        (json!({ "type": "note", "conversation": elsewhere, "key": key, "text": "x" }), "not_found"),
        (json!({ "type": "typing", "conversation": elsewhere, "active": true }), "not_found"),
        (json!({ "type": "read", "conversation": elsewhere, "seq": 1 }), "not_found"),
        (json!({ "type": "accept", "conversation": elsewhere }), "not_found"),
        (json!({ "type": "take_over", "conversation": elsewhere }), "not_found"),
        (json!({ "type": "hand_back", "conversation": elsewhere }), "not_found"),
        (json!({ "type": "transfer", "conversation": elsewhere, "agent": key }), "not_found"),
        (json!({ "type": "end", "conversation": elsewhere }), "not_found"),
        (json!({ "type": "history", "conversation": elsewhere, "before": 9, "limit": 9 }), "not_found"),
    ] {
        portal.send(&frame).await;
        let mut got = portal.settle().await;
        // Who of the team is there may be told at any time.
        got.retain(|frame| frame["type"] != "team");
        assert_eq!(got.len(), 1, "{frame}: {got:?}");
        assert_eq!((&got[0]["code"], &got[0]["command"]), (&json!(code), &frame["type"]), "{frame}");
    }
    // What goes on elsewhere is not told here; what goes on here comes after it.
    let before = other.log().len();
    other.say("a word for others").await;
    assert_eq!(other.log().len(), before + 1, "nothing of the above happened there");
    let mut mine = mine;
    portal.send(&json!({ "type": "open", "conversation": mine.conversation, "cursor": null })).await;
    portal.expect("snapshot", |frame| frame["type"] == "snapshot").await;
    mine.say("a word for the portal").await;
    portal.expect("the word", |frame| frame["event"]["text"] == "a word for the portal").await;
    let all = serde_json::to_string(&portal.seen).expect("frames");
    assert!(!all.contains("countries") && !all.contains("a word for others"), "{all}");
    assert!(portal.seen.iter().all(|frame| frame["type"] != "inbox"));

    // A link is no session: the API stays closed to it.
    let mut http = Http::with_cookie(hub.address, &format!("baton_session={token}"));
    for path in ["/api/v1/me", "/api/v1/conversations", "/api/v1/jobs", "/api/v1/outbox"] {
        assert_eq!(http.get(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_link_that_is_over_opens_nothing_and_one_that_ends_is_closed() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    let visitor = waiting(&hub, &[]).await;
    let conversation = visitor.conversation;
    let expired = link(&hub, conversation, -1).await;
    let good = link(&hub, conversation, 60_000).await;
    for token in
        [expired.as_str(), "", "garbage", &good.to_uppercase(), &good[1..], &format!("{good} "), &"x".repeat(9_000)]
    {
        assert_eq!(refused_portal(&hub, token).await, 4404, "{token:.40}");
    }
    // One that expires under an open portal.
    let short = link(&hub, conversation, 700).await;
    let mut closing = Raw::agent(hub.address, None, Some(&short)).await;
    assert_eq!(closing.expect_close().await, 4404);

    // A link to another conversation of this visitor's site stays as it is.
    let bystander = waiting(&hub, &[]).await;
    let theirs = link(&hub, bystander.conversation, 60_000).await;
    let mut untouched = Raw::agent(hub.address, None, Some(&theirs)).await;
    let mut open = Raw::agent(hub.address, None, Some(&good)).await;
    // The race: upgraded, and says hello only after the revocation, which could not find it yet.
    let mut late = Raw::own_page(hub.address, "/ws/agent", None).await;
    let path = format!("/api/v1/conversations/{conversation}/links");
    assert_eq!(owner.call("DELETE", &path, None).await.status, 204);
    let closed = tokio::time::timeout(std::time::Duration::from_secs(2), open.expect_close()).await;
    assert_eq!(closed.expect("closed within two seconds"), 4404);
    late.send(&json!({ "type": "hello", "protocol": "baton.v1", "portal_token": good })).await;
    assert_eq!(late.expect_close().await, 4404);
    assert_eq!(refused_portal(&hub, &good).await, 4404);
    untouched.settle().await;
    let links = owner.get(&path).await.body;
    assert!(links["links"].as_array().expect("links").iter().all(|link| link["revoked"] == true), "{links}");
    assert!(!links.to_string().contains(&good), "the console never sees a token");
}

#[tokio::test]
async fn s12_a_dump_of_the_database_opens_nothing() {
    let hub = TestHub::start().await;
    let owner = hub.owner().await;
    let session = owner.cookie().split_once('=').expect("cookie").1.to_owned();
    let visitor = waiting(&hub, &["How long does delivery take?"]).await;
    let token = token_in(&hub.mails(1).await[0]);
    let mut portal = Agent::portal(hub.address, &token).await;
    portal.open(visitor.conversation).await;

    let dump: Vec<u8> = ["baton.sqlite3", "baton.sqlite3-wal"]
        .iter()
        .flat_map(|name| std::fs::read(hub.data_folder().join(name)).unwrap_or_default())
        .collect();
    let holds = |needle: &[u8]| dump.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"How long does delivery take?"), "the dump is the live database");
    assert!(holds(&hash_token(&token)), "the link is known by its hash");
    for secret in [&token, &session] {
        assert!(!holds(secret.as_bytes()), "a live token is in the database");
    }
    // The mail itself holds the link, so only this user may read it.
    use std::os::unix::fs::PermissionsExt as _;
    for file in files(&hub.outbox(), ".eml") {
        assert_eq!(std::fs::metadata(&file).expect("mail").permissions().mode() & 0o077, 0, "{file:?}");
    }
}

#[tokio::test]
async fn notes_never_reach_a_visitor_in_any_way() {
    let hub = TestHub::start().await;
    let mut visitor = waiting(&hub, &[]).await;
    let conversation = visitor.conversation;
    let token = link(&hub, conversation, 60_000).await;
    let mut portal = Agent::portal(hub.address, &token).await;
    portal.open(conversation).await;
    portal.accept(conversation).await;
    let cursor = visitor.cursor();
    for n in 0..3 {
        let key = Uuid::new_v4();
        let text = format!("a note of the team {n}");
        portal.send(baton::protocol::agent::AgentFrame::Note { conversation, key, text: text.clone() }).await;
        let shown =
            |event: &LogEvent| matches!(event, LogEvent::Note { text: shown, .. } if *shown == text).then_some(());
        portal.expect_entry("the note", shown).await;
    }
    let last = portal.say(conversation, "Hello").await;
    let hello = |event: &LogEvent| matches!(event, LogEvent::AgentMessage { .. }).then_some(());
    visitor.expect_entry("words", hello).await;

    // Live, by snapshot, by resumption and by history: a place in the log without what stands there.
    let live = visitor.log();
    let tab = Visitor::connect(hub.address, CHATBOT, Some(visitor.token.clone()), None).await;
    let Opening::Snapshot(snapshot) = &tab.opening else { panic!("no cursor, so a snapshot: {:?}", tab.opening) };
    let back = Visitor::connect(hub.address, CHATBOT, Some(visitor.token.clone()), Some(cursor)).await;
    let Opening::Resumed(missed) = &back.opening else { panic!("a good cursor resumes: {:?}", back.opening) };
    visitor.send(VisitorFrame::History { before: last + 1, limit: 200 }).await;
    let history = visitor
        .socket
        .expect("history", |frame| match frame {
            ToVisitor::History { entries, .. } => Some(entries.clone()),
            _ => None,
        })
        .await;
    for (way, entries) in [("live", &live), ("snapshot", &snapshot.entries), ("resumed", missed), ("history", &history)]
    {
        let hidden = entries.iter().filter(|entry| entry.event == LogEvent::Hidden).count();
        assert!(hidden >= 3, "{way}: {entries:?}");
        let text = serde_json::to_string(entries).expect("entries");
        assert!(!text.contains("note"), "{way}: {text}");
        assert!(entries.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1), "{way}: no gap where the notes are");
    }
    let told = serde_json::to_string(&visitor.socket.seen).expect("frames");
    assert!(!told.contains("a note of the team"), "{told}");
    // Nor does a mail that is sent later tell them.
    portal.send(baton::protocol::agent::AgentFrame::HandBack { conversation }).await;
    visitor.expect_entry("back", |event| matches!(event, LogEvent::HandedBack { .. }).then_some(())).await;
    visitor.send(VisitorFrame::RequestHandoff).await;
    for mail in hub.mails(2).await {
        assert!(!mail.contains("a note of the team"), "{mail}");
    }
}
