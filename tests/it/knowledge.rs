//! What a chatbot knows, from a file of the owner to an answer that a visitor reads; and what it learns from agents.

use crate::harness::TestHub;
use crate::harness::http::Http;
use crate::harness::server::TestServer;
use baton::commands;
use baton::domain::time::UnixMillis;
use baton::protocol::agent::AgentFrame;
use baton::protocol::shared::LogEvent;
use baton::store::{Store, sqlite::SqliteStore};
use serde_json::{Value, json};

const KNOWLEDGE: &str = "/api/v1/chatbots/demo/knowledge";
const LEARNING: &str = "/api/v1/chatbots/demo/learning";

#[actix_web::test]
async fn documents_are_checked_kept_and_removed() {
    let server = TestServer::start().await;
    let mut owner = server.owner().await;
    owner.post("/api/v1/chatbots", &json!({"name": "Shop"})).await;
    let path = "/api/v1/chatbots/shop/knowledge";
    let csv = "question,answer\nHow long does shipping take?,Shipping takes three days.\n";
    let added = owner.post(path, &json!({"name": "faq.csv", "text": csv})).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let document = added.json();
    assert_eq!(
        (&document["kind"], &document["passages"], &document["bytes"], &document["change"]),
        (&json!("faq_csv"), &json!(1), &json!(csv.len()), &json!("added"))
    );
    let listed = owner.get(path).await.json();
    assert_eq!((&listed["documents"][0]["id"], &listed["documents"][0]["passages"]), (&document["id"], &Value::Null));
    server.state.chatbots.reload_knowledge(&"shop".parse().unwrap()).await.unwrap();
    let listed = owner.get(path).await.json();
    assert_eq!((&listed["documents"][0]["passages"], &listed["indexing"]), (&json!(1), &Value::Null));

    let same = owner.post(path, &json!({"name": "faq.csv", "text": csv})).await.json();
    assert_eq!((&same["id"], &same["change"]), (&document["id"], &json!("unchanged")));
    let again = owner.post(path, &json!({"name": "faq.csv", "text": csv.replace("three", "four")})).await.json();
    assert_eq!((&again["id"], &again["change"]), (&document["id"], &json!("replaced")));
    for (name, text, said) in [
        ("faq.json", "[{\"title\":\n 1e", "line 2"),
        ("faq.csv", "question,answer\na,b\nc,\n", "line 3: the entry has no answer"),
        ("page.html", "<nav>Menu</nav>", "no text"),
        ("a.pdf", "x", ".html"),
    ] {
        let refused = owner.post(path, &json!({"name": name, "text": text})).await;
        assert_eq!(refused.status, 422);
        assert!(refused.json()["message"].as_str().unwrap().contains(said), "{name}: {}", refused.text());
    }
    let big = "x".repeat(5 << 20);
    assert_eq!(owner.post(path, &json!({"name": "a.txt", "text": big})).await.status, 413);

    let one = format!("{path}/{}", document["id"].as_str().unwrap());
    assert_eq!(owner.delete(&one).await.status, 204);
    assert_eq!(owner.delete(&one).await.status, 404);
    assert_eq!(server.told.all(), vec!["knowledge of shop"; 3], "an unchanged document is not read again");
}

async fn ask(owner: &mut Http, question: &str) -> Value {
    let asked = owner.call("POST", &format!("{KNOWLEDGE}/ask"), Some(json!({"question": question}))).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    asked.body
}

/// Thousands of entries: the answer comes at once, the reading goes on behind it and is watched, and a restart in the middle of
/// it loses nothing, because what is indexed is derived from rows.
#[tokio::test]
async fn a_long_import_is_watched_and_survives_a_restart() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    let entries: Vec<Value> = (0..6_000)
        .map(|n| json!({"id": format!("e{n}"), "title": format!("Part number {n} of the catalogue"), "questions": [format!("What does spare part {n} cost?")], "answer": format!("Spare part {n} costs {} euro.", n * 3)}))
        .collect();
    let body = json!({"name": "parts.json", "text": serde_json::to_string(&entries).unwrap()});
    let added = owner.call("POST", KNOWLEDGE, Some(body)).await;
    assert_eq!((added.status, &added.body["passages"]), (201, &json!(6_000)), "{}", added.body);
    let hub = hub.restart().await;
    let mut owner = hub.owner().await;
    let listed = owner.get(KNOWLEDGE).await.body;
    let parts =
        listed["documents"].as_array().unwrap().iter().find(|document| document["name"] == "parts.json").unwrap();
    assert_eq!((&parts["passages"], &listed["indexing"]), (&json!(6_000), &Value::Null));

    // A change is read behind the request; the progress is there to see until it is done.
    let more = json!({"name": "more.csv", "text": "question,answer\nDo you sell unicycles?,\"We sell unicycles, but only in June.\"\n"});
    assert_eq!(owner.call("POST", KNOWLEDGE, Some(more)).await.status, 201);
    let seen = owner.until(KNOWLEDGE, "progress", |list| list["indexing"]["percent"].as_u64()).await;
    assert!(seen <= 99);
    owner.until(KNOWLEDGE, "end", |list| list["indexing"].is_null().then_some(())).await;
    let asked = ask(&mut owner, "Do you sell unicycles?").await;
    assert_eq!(asked["answer"], "We sell unicycles, but only in June.");
    assert_eq!(asked["sources"][0]["title"], "Do you sell unicycles?");
}

/// The preview plays the rules that live messages go through, with the settings as they are now.
#[tokio::test]
async fn the_preview_says_what_would_happen() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    let known = ask(&mut owner, "How long does delivery take?").await;
    assert_eq!((&known["answerable"], &known["handoff"]), (&json!(true), &Value::Null), "{known}");
    assert_eq!(known["passages"][0]["score"], json!(1.0));
    assert!(known["passages"][0]["text"].as_str().unwrap().contains("days"), "{known}");

    let wish = ask(&mut owner, "Can I talk to a real person please?").await;
    assert_eq!(
        (&wish["detected"]["wants_human"], &wish["handoff"]["step"], &wish["handoff"]["reason"]),
        (&json!(true), &json!("offered"), &json!("words"))
    );
    owner
        .change_settings("demo", |settings| {
            settings["handoff"]["on_words"] = json!("at_once");
            settings["handoff"]["keywords"] = json!(["lawyer"]);
            settings["confidence_threshold"] = json!(1.0);
        })
        .await;
    let wish = ask(&mut owner, "Can I talk to a real person please?").await;
    assert_eq!((&wish["handoff"]["step"], &wish["answer"]), (&json!("requested"), &Value::Null), "{wish}");
    let keyword = ask(&mut owner, "My lawyer says no").await;
    assert_eq!(
        (&keyword["detected"]["keyword"], &keyword["handoff"]["reason"]),
        (&json!(true), &json!("keyword")),
        "{keyword}"
    );
    let unsure = ask(&mut owner, "How long does delivery take?").await;
    assert_eq!(
        (&unsure["answerable"], &unsure["handoff"]["reason"]),
        (&json!(false), &json!("cannot_answer")),
        "{unsure}"
    );
    assert!(!unsure["passages"].as_array().unwrap().is_empty(), "what it found, though it was not sure enough");
    owner.change_settings("demo", |settings| settings["handoff"]["enabled"] = json!(false)).await;
    assert_eq!(ask(&mut owner, "Can I talk to a real person please?").await["handoff"], Value::Null);
}

/// `baton knowledge import` writes into the database beside a running server, which notices by itself.
#[tokio::test]
async fn a_running_server_reads_what_the_command_line_imports() {
    let hub = TestHub::start().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("unicycles.html"), "<h1>Do you sell unicycles?</h1><p>Only in June.</p>")
        .unwrap();
    let store = SqliteStore::open(&hub.config().data.database()).unwrap();
    let at = UnixMillis(jiff::Timestamp::now().as_millisecond());
    commands::knowledge::import(store.as_ref(), "demo", folder.path(), 1 << 20, at, &mut Vec::new()).await.unwrap();
    store.close().await.unwrap();
    let mut owner = hub.owner().await;
    owner
        .until(KNOWLEDGE, "the page read", |list| {
            let documents = list["documents"].as_array()?;
            documents
                .iter()
                .any(|document| document["name"] == "unicycles.html" && document["passages"] == 1)
                .then_some(())
        })
        .await;
    let mut visitor = hub.visitor().await;
    visitor.say("Do you sell unicycles?").await;
    let said = visitor
        .expect_entry("answer", |event| match event {
            LogEvent::AiMessage { text, .. } => Some(text.clone()),
            _ => None,
        })
        .await;
    assert_eq!(said, "Only in June.");
}

/// A human stretch becomes a proposal, without what is personal; approved, the AI answers from it at once. The same stretch is
/// never proposed twice, and a rejected one does not come back.
#[tokio::test]
async fn an_agents_answer_becomes_knowledge_when_the_owner_says_so() {
    const QUESTION: &str = "Can you engrave initials on a titanium seatpost?";
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    let mut agent = hub.agent().await;
    let mut visitor = hub.visitor().await;
    let conversation = visitor.conversation;
    visitor.say(QUESTION).await;
    visitor.expect_entry("offer", |event| matches!(event, LogEvent::HandoffOffered { .. }).then_some(())).await;
    visitor.say("yes please").await;
    visitor.expect_entry("request", |event| matches!(event, LogEvent::HandoffRequested { .. }).then_some(())).await;
    agent.open(conversation).await;
    agent.accept(conversation).await;
    agent
        .say(conversation, "Hi Ann, we engrave up to three initials on titanium for 25 euro, write to kim@shop.test.")
        .await;
    agent.send(AgentFrame::End { conversation }).await;
    visitor.expect_entry("end", |event| matches!(event, LogEvent::Ended { .. }).then_some(())).await;
    let proposal = owner.until(LEARNING, "a proposal", |list| list["proposals"].get(0).cloned()).await;
    assert_eq!(proposal["question"], QUESTION);
    assert_eq!(proposal["answer"], "We engrave up to three initials on titanium for 25 euro, write to [e-mail].");
    assert_eq!((&proposal["conversation"], &proposal["agent_name"]), (&json!(conversation), &json!("Kim")));

    let path = format!("{LEARNING}/{}", proposal["id"].as_str().unwrap());
    let empty = json!({"question": QUESTION, "answer": " "});
    assert_eq!(owner.call("POST", &format!("{path}/approve"), Some(empty)).await.status, 422);
    let edited = json!({"question": QUESTION, "answer": "Yes, up to three initials, for 25 euro."});
    assert_eq!(owner.call("POST", &format!("{path}/approve"), Some(edited.clone())).await.status, 204);
    assert_eq!(owner.call("POST", &format!("{path}/approve"), Some(edited)).await.status, 404, "once");
    assert_eq!(owner.call("POST", &format!("{path}/reject"), Some(json!({}))).await.status, 404);
    owner
        .until(KNOWLEDGE, "the learned answer read", |list| {
            let documents = list["documents"].as_array()?;
            documents
                .iter()
                .any(|document| document["name"] == "Learned answers.jsonl" && document["passages"] == 1)
                .then_some(())
        })
        .await;
    let mut next = hub.visitor().await;
    next.say(QUESTION).await;
    let said = next
        .expect_entry("answer", |event| match event {
            LogEvent::AiMessage { text, .. } => Some(text.clone()),
            _ => None,
        })
        .await;
    assert_eq!(said, "Yes, up to three initials, for 25 euro.");

    // Switched off: the job is not even written.
    owner.change_settings("demo", |settings| settings["ai"]["learn_from_agents"] = json!(false)).await;
    visitor.say("Do you also engrave bells made of brass?").await;
    agent.accept(conversation).await;
    agent.say(conversation, "We engrave brass bells as well, for ten euro.").await;
    agent.send(AgentFrame::End { conversation }).await;
    agent.settle().await;
    let jobs = owner.get("/api/v1/jobs").await.body["jobs"].clone();
    let learned: Vec<_> = jobs.as_array().unwrap().iter().filter(|job| job["kind"] == "learn").collect();
    assert_eq!(learned.len(), 1, "{jobs}");
    assert_eq!(learned[0]["outcome"], "proposed as knowledge");
    assert_eq!(owner.get(LEARNING).await.body, json!({"proposals": []}));
}
