//! What models may cost: limits that hold however many ask at once, and counts that are true when answers fail.

use crate::harness::model::{Act, says, words};
use crate::harness::stage::{KNOWN, Stage, answer, stage, stage_with};
use crate::harness::{CHATBOT, TestHub};
use baton::ai::providers::day_scope;
use baton::protocol::shared::LogEvent;
use baton::protocol::visitor::VisitorFrame;
use serde_json::json;
use std::time::Duration;

/// Tokens of the chatbot's day.
async fn spent(stage: &Stage) -> u64 {
    let scope = day_scope(&CHATBOT.parse().unwrap(), stage.hub.hub.now());
    stage.hub.hub.store.spent(vec![scope]).await.unwrap()[0]
}

/// Until the count is what it should be; the story's deadline ends the wait.
async fn until_spent(stage: &Stage, what: &str, fits: impl Fn(u64) -> bool) -> u64 {
    let begun = tokio::time::Instant::now();
    loop {
        let tokens = spent(stage).await;
        if fits(tokens) {
            return tokens;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}: {tokens} tokens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn limits_hold_per_conversation_visitor_and_chatbot_and_are_counted_in_the_store() {
    for scope in ["conversation", "visitor", "chatbot"] {
        let mut stage =
            stage_with(says("Two days, friend."), |settings| settings["ai"]["limits"][scope] = json!(200)).await;
        let mut visitor = stage.hub.visitor().await;
        for text in ["How long does delivery take?", "And how long does delivery to Norway take?"] {
            assert_eq!(answer(&mut visitor, text).await.0, "Two days, friend.", "{scope}");
        }
        // 240 tokens are spent: the knowledge base answers, and the model is not asked.
        assert_ne!(answer(&mut visitor, "Can I return a bike?").await.0, "Two days, friend.", "{scope}");
        assert_eq!(stage.model.requests().len(), 2, "{scope}");
        let seen = stage.provider().await;
        assert!(seen["limited_at"].is_i64() && seen["failing_since"].is_null(), "{seen}");
        let mut other = stage.hub.visitor().await;
        let theirs = answer(&mut other, KNOWN).await.0;
        assert_eq!(theirs == "Two days, friend.", scope != "chatbot", "{scope}: another visitor's own limit");
        assert!(spent(&stage).await >= 240, "counted in the store");
    }
}

/// The race: many read how much is spent before the first of them has added to it. Each call holds what it may cost before it
/// begins, so that a limit is passed by one answer at most.
#[tokio::test]
async fn of_many_who_ask_at_once_no_more_are_answered_than_the_limit_has_room_for() {
    let mut stage = stage_with(Act::Slow(words("Two days."), Duration::from_millis(700)), |settings| {
        settings["ai"]["limits"]["chatbot"] = json!(200);
    })
    .await;
    let mut visitors = Vec::new();
    for _ in 0..8 {
        visitors.push(stage.hub.visitor().await);
    }
    let asked = visitors.iter_mut().map(|visitor| answer(visitor, KNOWN));
    let answers = futures_util::future::join_all(asked).await;
    assert_eq!(stage.model.requests().len(), 1, "the others were asked of the knowledge base");
    assert_eq!(answers.iter().filter(|(text, _)| text == "Two days.").count(), 1);
    assert!(answers.iter().all(|(_, confident)| *confident), "nobody is left without: {answers:?}");
    assert!(stage.provider().await["limited_at"].is_i64());
    assert_eq!(spent(&stage).await, 120, "what was held is settled");
}

#[tokio::test]
async fn an_answer_that_fails_costs_what_the_provider_has_read_and_said() {
    for (act, costs) in [
        (Act::Status(401, None), false),
        (Act::Status(500, None), false),
        (Act::Page, false),
        (Act::Redirect("http://127.0.0.1:1/".into()), false),
        (Act::Cut(words("Half an answer that never comes to its end")), true),
        (Act::Malformed(words("Half an answer that turns into rubbish")), true),
        (Act::Mute, true),
        (Act::Cut(Vec::new()), true),
    ] {
        let stage = stage(act.clone()).await;
        let mut visitor = stage.hub.visitor().await;
        assert!(answer(&mut visitor, KNOWN).await.1, "{act:?}");
        let tokens = spent(&stage).await;
        // The prompt alone is far more than a hundred tokens, and far less than the answer that was reserved.
        let expected = if costs { 100..2_000 } else { 0..1 };
        assert!(expected.contains(&tokens), "{act:?}: {tokens} tokens");
    }
    let stage = stage(Act::Says(Vec::new())).await;
    let mut visitor = stage.hub.visitor().await;
    answer(&mut visitor, KNOWN).await;
    assert_eq!(spent(&stage).await, 120, "the provider's own count of an empty answer");
}

#[tokio::test]
async fn an_answer_that_a_human_overtakes_and_a_summary_that_fails_are_counted() {
    let stage = stage_with(Act::Mute, |settings| settings["ai"]["timeout_seconds"] = json!(60)).await;
    let mut visitor = stage.hub.visitor().await;
    let mut agent = stage.hub.agent().await;
    visitor.say(KNOWN).await;
    let held = until_spent(&stage, "held", |tokens| tokens > 800).await;
    agent.open(visitor.conversation).await;
    agent.accept(visitor.conversation).await;
    let overtaken = until_spent(&stage, "settled", |tokens| tokens < held).await;
    assert!(overtaken > 100, "the prompt was read: {overtaken}");

    stage.model.then(Act::Cut(words("Wants to know when")));
    let mut visitor = stage.hub.visitor().await;
    visitor.send(VisitorFrame::RequestHandoff).await;
    visitor.expect_entry("request", |event| matches!(event, LogEvent::HandoffRequested { .. }).then_some(())).await;
    // Before it begins nothing is added, while it runs all that it may cost.
    until_spent(&stage, "summary", |tokens| tokens > overtaken + 50 && tokens < overtaken + 800).await;
}

#[tokio::test]
async fn counts_that_nobody_adds_to_are_forgotten() {
    let hub = TestHub::start().await;
    let (store, now) = (&hub.hub.store, hub.hub.now());
    let names = || vec!["chatbot:demo:old".to_owned(), "conversation:lately".to_owned()];
    let day = 86_400_000;
    // More than one write of the housekeeper.
    let old: Vec<String> = (0..1_200).map(|number| format!("visitor:demo:{number}")).collect();
    store.add_spend(old.clone(), 5, now.plus_millis(-40 * day)).await.unwrap();
    store.add_spend(names(), 5, now.plus_millis(-40 * day)).await.unwrap();
    store.add_spend(vec![names().remove(1)], 1, now.plus_millis(-20 * day)).await.unwrap();
    let hub = hub.restart().await;
    let begun = tokio::time::Instant::now();
    while hub.hub.store.spent(old.clone()).await.unwrap().iter().sum::<u64>() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "old counts stay");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(hub.hub.store.spent(names()).await.unwrap(), [0, 6]);
}
