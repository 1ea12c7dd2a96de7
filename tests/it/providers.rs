//! A chatbot with a model: what the visitor reads when it answers, fails in every way, is overtaken, or obeys a stranger.

use crate::harness::model::{Act, Model, says, words};
use crate::harness::stage::{KEY, KNOWN, UNKNOWN, answer, offer, stage, stage_with, streamed};
use crate::harness::{CHATBOT, TestHub};
use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::shared::*;
use baton::protocol::visitor::VisitorFrame;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn both_dialects_stream_an_answer_grounded_in_the_knowledge() {
    for (provider, path, header) in [
        ("openai", "POST /v1/chat/completions ", format!("authorization: bearer {KEY}")),
        ("anthropic", "POST /v1/messages ", format!("x-api-key: {KEY}")),
    ] {
        let text = "Within two days 🚲, says our page on delivery.";
        let mut stage = stage_with(Act::Slow(words(text), Duration::from_millis(80)), |settings| {
            settings["ai"]["provider"] = json!(provider);
            settings["ai"]["instructions"] = json!("Call everybody friend.");
        })
        .await;
        let mut visitor = stage.hub.visitor().await;
        assert_eq!(answer(&mut visitor, KNOWN).await, (text.to_owned(), true), "{provider}");
        let shown = streamed(&visitor);
        assert!(shown.len() > 20 && text.starts_with(shown.trim_end()), "{provider}: {shown:?}");
        let request = stage.model.requests().remove(0);
        assert!(request.head.starts_with(path), "{}", request.head);
        assert!(request.head.to_lowercase().contains(&header), "{}", request.head);
        let body = request.body.to_string();
        for part in ["<knowledge>", "delivery", KNOWN, "Call everybody friend.", "scripted"] {
            assert!(body.contains(part), "{provider}: {part} is not in {body}");
        }
        let seen = stage.provider().await;
        assert_eq!((&seen["spent_today"], &seen["failures"]), (&json!(120), &json!(0)), "{seen}");
    }
}

/// Some servers can't stream, though they are asked to.
#[tokio::test]
async fn an_answer_in_one_piece_is_an_answer() {
    for provider in ["openai", "anthropic"] {
        let mut stage = stage_with(Act::Whole("Within two days.".into()), |settings| {
            settings["ai"]["provider"] = json!(provider);
        })
        .await;
        let mut visitor = stage.hub.visitor().await;
        assert_eq!(answer(&mut visitor, KNOWN).await, ("Within two days.".into(), true), "{provider}");
        let seen = stage.provider().await;
        assert_eq!((&seen["spent_today"], &seen["failures"]), (&json!(120), &json!(0)), "{seen}");
    }
}

#[tokio::test]
async fn whatever_breaks_the_knowledge_base_answers_and_the_owner_sees_why() {
    for (act, why) in [
        (Act::Status(401, None), "API key"),
        (Act::Status(500, None), "500"),
        (Act::Page, "stream of events"),
        (Act::Redirect("http://127.0.0.1:1/".into()), "redirects are not followed"),
        (Act::Cut(words("Half an answer that never comes to its end")), "broke off"),
        (Act::Malformed(words("Half an answer that turns into rubbish")), "not its protocol"),
        (Act::Endless, "no end"),
        (Act::Mute, "time-out"),
        (Act::Slow(vec!["ever so slow ".into(); 50], Duration::from_millis(500)), "time-out"),
        (Act::Says(Vec::new()), "nothing"),
        (Act::Whole(String::new()), "nothing"),
        (says("Trust me, I am a human."), "not fit"),
    ] {
        let mut stage = stage(act.clone()).await;
        let mut visitor = stage.hub.visitor().await;
        let (text, confident) = answer(&mut visitor, KNOWN).await;
        assert!(confident && text.contains("two to four working days"), "{act:?}: {text}");
        let seen = stage.provider().await;
        let error = seen["last_error"].as_str().unwrap_or_default();
        assert!(error.contains(why), "{act:?}: {seen}");
        assert_eq!(seen["failures"], 1, "{act:?}");
        assert!(seen["failing_since"].is_i64());

        // What the knowledge base can't answer ends in an apology and an offer, not in silence.
        let mut visitor = stage.hub.visitor().await;
        assert!(!answer(&mut visitor, UNKNOWN).await.1, "{act:?}");
        assert_eq!(offer(&mut visitor).await, Reason::CannotAnswer, "{act:?}");
    }
}

#[tokio::test]
async fn a_busy_provider_is_asked_again_when_it_says_and_a_recovered_one_is_well() {
    let mut stage = stage(Act::Status(503, None)).await;
    stage.model.then(Act::Status(429, Some(1)));
    let begun = tokio::time::Instant::now();
    let mut visitor = stage.hub.visitor().await;
    let asked = answer(&mut visitor, KNOWN);
    let recover = async {
        while stage.model.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stage.model.then(says("Two days."));
    };
    let (said, ()) = tokio::join!(asked, recover);
    assert_eq!(said, ("Two days.".into(), true));
    assert!(begun.elapsed() >= Duration::from_secs(1), "retry-after is honoured");
    assert_eq!(stage.model.requests().len(), 2);
    let seen = stage.provider().await;
    assert_eq!((&seen["failures"], &seen["failing_since"]), (&json!(0), &Value::Null));

    // A wait that goes past the time-out is not begun.
    stage.model.then(Act::Status(429, Some(3_600)));
    let before = stage.model.requests().len();
    assert!(answer(&mut visitor, "How long does delivery take then?").await.1);
    assert_eq!(stage.model.requests().len(), before + 1);
    let error = stage.provider().await["last_error"].clone();
    assert!(error.as_str().unwrap().contains("429"), "not waited for in vain: {error}");
}

#[tokio::test]
async fn nothing_is_asked_again_once_text_was_shown() {
    let pieces = vec!["word after word ".to_owned(); 12];
    let stage = stage(Act::Malformed(pieces)).await;
    let mut visitor = stage.hub.visitor().await;
    answer(&mut visitor, KNOWN).await;
    assert_eq!(stage.model.requests().len(), 1);
}

#[tokio::test]
async fn a_take_over_breaks_the_request_off_and_nothing_of_it_is_said_after() {
    let stage = stage_with(Act::Mute, |settings| settings["ai"]["timeout_seconds"] = json!(60)).await;
    let mut visitor = stage.hub.visitor().await;
    let mut agent = stage.hub.agent().await;
    visitor.say(KNOWN).await;
    while stage.model.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    agent.open(visitor.conversation).await;
    agent.accept(visitor.conversation).await;
    let begun = tokio::time::Instant::now();
    while stage.model.broken_off() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the request goes on under the human");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    agent.say(visitor.conversation, "Hello, Kim here").await;
    visitor.settle().await;
    assert!(!visitor.log().iter().any(|entry| matches!(entry.event, LogEvent::AiMessage { .. })));
}

#[tokio::test]
async fn a_private_address_is_refused_unless_the_operator_allows_it() {
    let model = Model::start([says("reached")]).await;
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    owner
        .change_settings(CHATBOT, |settings| {
            settings["ai"]["provider"] = json!("openai");
            settings["ai"]["base_url"] = json!(model.url());
            settings["ai"]["model"] = json!("scripted");
        })
        .await;
    let mut visitor = hub.visitor().await;
    assert_ne!(answer(&mut visitor, KNOWN).await.0, "reached");
    let tested = owner.call("POST", "/api/v1/chatbots/demo/provider/test", None).await.body;
    assert_eq!(tested["works"], false);
    assert!(tested["error"].as_str().unwrap().contains("https"), "{tested}");
    assert!(model.requests().is_empty());
}

#[tokio::test]
async fn the_owner_can_try_the_connection_and_never_gets_the_key_back() {
    let mut stage = stage(says("ok")).await;
    let tested = stage.owner.call("POST", "/api/v1/chatbots/demo/provider/test", None).await.body;
    assert_eq!((&tested["works"], &tested["error"]), (&json!(true), &Value::Null));
    let settings = stage.owner.get("/api/v1/chatbots/demo").await.body;
    assert_eq!(settings["settings"]["ai"]["api_key_set"], true);
    assert!(!settings.to_string().contains(KEY));
    for file in std::fs::read_dir(stage.hub.database().parent().unwrap()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(
            !bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()),
            "the key is nowhere in the data folder"
        );
    }
    let elsewhere = |settings: &mut Value| settings["ai"]["base_url"] = json!("https://evil.example/v1");
    stage.owner.change_settings(CHATBOT, elsewhere).await;
    let settings = stage.owner.get("/api/v1/chatbots/demo").await.body;
    assert_eq!(settings["settings"]["ai"]["api_key_set"], false, "a key does not follow to another address");
}

#[tokio::test]
async fn what_the_model_does_not_know_is_said_in_the_owners_words() {
    let stage = stage(says("NO_ANSWER")).await;
    let mut visitor = stage.hub.visitor().await;
    assert_eq!(answer(&mut visitor, KNOWN).await, ("I don't have an answer to that in what I know.".into(), false));
    assert_eq!(streamed(&visitor), "", "the mark is never shown");
}

#[tokio::test]
async fn the_model_reads_the_human_stretch_and_the_hint_and_the_visitor_never_the_hint() {
    let stage = stage(says("All right.")).await;
    let mut visitor = stage.hub.visitor().await;
    let mut agent = stage.hub.agent().await;
    let conversation = visitor.conversation;
    answer(&mut visitor, KNOWN).await;
    agent.open(conversation).await;
    agent.accept(conversation).await;
    agent.say(conversation, "I have sent it again").await;
    agent.send(AgentFrame::HandBack { conversation }).await;
    let secret = "his parcel was lost";
    agent.send(AgentFrame::Whisper { conversation, key: Uuid::new_v4(), text: secret.into() }).await;
    agent.expect_entry("hint", |event| matches!(event, LogEvent::Hint { .. }).then_some(())).await;
    answer(&mut visitor, "When does it come?").await;
    let asked = stage.model.requests().pop().unwrap().body["messages"][1]["content"].as_str().unwrap().to_owned();
    let order = ["takes over from here", "I have sent it again", "has handed back", secret, "When does it come?"];
    let places: Vec<_> =
        order.iter().map(|part| asked.find(part).unwrap_or_else(|| panic!("{part}: {asked}"))).collect();
    assert!(places.is_sorted(), "{asked}");
    answer(&mut visitor, "Thank you for the answer").await;
    let asked = stage.model.requests().pop().unwrap().body.to_string();
    assert!(!asked.contains(secret), "a hint is for one answer");
    assert!(!visitor.socket.seen.iter().any(|frame| serde_json::to_string(frame).unwrap().contains(secret)));
}

#[tokio::test]
async fn an_agent_puts_in_a_message_while_the_ai_goes_on() {
    let stage = stage(Act::Slow(words("It takes two days in our country."), Duration::from_millis(100))).await;
    let mut visitor = stage.hub.visitor().await;
    let mut agent = stage.hub.agent().await;
    let conversation = visitor.conversation;
    visitor.say(KNOWN).await;
    agent.open(conversation).await;
    agent.send(AgentFrame::Interject { conversation, key: Uuid::new_v4(), text: "Kim here".into() }).await;
    visitor
        .expect_entry("put in", |event| {
            matches!(event, LogEvent::AgentMessage { text, .. } if text == "Kim here").then_some(())
        })
        .await;
    visitor
        .expect_entry("answer", |event| matches!(event, LogEvent::AiMessage { confident: true, .. }).then_some(()))
        .await;
    assert_eq!(agent.open(conversation).await.status, StatusName::Unrequested);
}

#[tokio::test]
async fn a_models_summary_reaches_the_agents_and_delays_nobody() {
    let stage = stage(says("Two days.")).await;
    let mut visitor = stage.hub.visitor().await;
    let mut agent = stage.hub.agent().await;
    answer(&mut visitor, KNOWN).await;
    agent.open(visitor.conversation).await;
    stage.model.then(Act::Slow(words("Wants to know the delivery time."), Duration::from_millis(60)));
    visitor.send(VisitorFrame::RequestHandoff).await;
    let brief = agent
        .expect_entry("request", |event| match event {
            LogEvent::HandoffRequested { brief, .. } => brief.clone(),
            _ => None,
        })
        .await;
    assert_eq!((brief.asked.as_str(), brief.by), (KNOWN, BriefBy::Embedded));
    assert_eq!(brief.tried[0].answer, "Two days.");
    let summary = agent
        .expect_entry("summary", |event| match event {
            LogEvent::HandoffSummarised { summary, .. } => Some(summary.clone()),
            _ => None,
        })
        .await;
    assert_eq!(summary, "Wants to know the delivery time.");
    let brief = agent.open(visitor.conversation).await.brief.expect("a brief");
    assert_eq!((brief.summary, brief.by), (summary, BriefBy::Model));
    assert!(!agent.socket.seen.iter().any(|frame| matches!(frame, ToAgent::Event { event: LogEvent::Hidden, .. })));
}
