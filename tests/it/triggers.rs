//! Every way to a human (PRODUCT.md section 2), and what a change of the settings does to a widget that is open.

use crate::harness::http::Http;
use crate::harness::reaction::{answered, offered, reaction, requested};
use crate::harness::visitor::Visitor;
use crate::harness::{CHATBOT, TestHub};
use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::codes::RefusalCode;
use baton::protocol::shared::*;
use baton::protocol::visitor::{ToVisitor, VisitorFrame};
use serde_json::{Value, json};

const QUESTION: &str = "How long does delivery take?";
/// Nothing in the demo knowledge comes near it.
const UNKNOWN: &str = "What is the melting point of tungsten carbide?";

async fn changed(visitor: &mut Visitor) -> PublicChatbot {
    visitor
        .socket
        .expect("settings", |frame| match frame {
            ToVisitor::Settings { chatbot } => Some(chatbot.clone()),
            _ => None,
        })
        .await
}

async fn start() -> (TestHub, Http) {
    let hub = TestHub::start().await;
    let owner = hub.owner().await;
    (hub, owner)
}

#[tokio::test]
async fn words_in_three_languages_are_offered_a_human_and_a_yes_requests_one() {
    let (hub, _) = start().await;
    for (wish, yes) in [
        ("Can I talk to a real person?", "yes please"),
        ("Ich möchte mit einem Menschen sprechen", "ja gerne"),
        ("Je voudrais parler à un conseiller", "oui"),
    ] {
        let mut visitor = hub.visitor().await;
        assert_eq!(offered(&reaction(&mut visitor, wish).await), Some(Reason::Words), "{wish}");
        assert_eq!(requested(&reaction(&mut visitor, yes).await), Some(Reason::Words), "{yes}");
        visitor
            .socket
            .expect("a place in the queue", |frame| matches!(frame, ToVisitor::Queue { .. }).then_some(()))
            .await;
    }
}

#[tokio::test]
async fn frustration_is_offered_a_human_and_the_button_says_yes_too() {
    let (hub, mut owner) = start().await;
    let mut visitor = hub.visitor().await;
    let moan = "This isn't helping, you are not understanding me";
    assert_eq!(offered(&reaction(&mut visitor, moan).await), Some(Reason::Frustration));
    visitor.send(VisitorFrame::RequestHandoff).await;
    // The reason stays the one of the offer that was accepted.
    assert_eq!(visitor.expect_entry("request", requested).await, Reason::Frustration);

    owner.change_settings(CHATBOT, |settings| settings["handoff"]["on_frustration"] = json!("at_once")).await;
    let mut visitor = hub.visitor().await;
    assert_eq!(requested(&reaction(&mut visitor, moan).await), Some(Reason::Frustration));

    owner.change_settings(CHATBOT, |settings| settings["handoff"]["on_frustration"] = json!("off")).await;
    let mut visitor = hub.visitor().await;
    let event = reaction(&mut visitor, moan).await;
    assert!(!matches!(offered(&event), Some(Reason::Frustration)) && requested(&event).is_none(), "{event:?}");
}

#[tokio::test]
async fn a_keyword_requests_at_once() {
    let (hub, mut owner) = start().await;
    owner
        .change_settings(CHATBOT, |settings| settings["handoff"]["keywords"] = json!(["frame crack", "Rückruf"]))
        .await;
    for text in ["I found a frame  CRACK near the saddle", "bitte einen RÜCKRUF"] {
        let mut visitor = hub.visitor().await;
        assert_eq!(requested(&reaction(&mut visitor, text).await), Some(Reason::Keyword), "{text}");
    }
    let mut visitor = hub.visitor().await;
    assert!(answered(&reaction(&mut visitor, QUESTION).await));
}

#[tokio::test]
async fn an_ai_that_cannot_answer_says_so_and_offers() {
    let (hub, mut owner) = start().await;
    let mut visitor = hub.visitor().await;
    let unsure = reaction(&mut visitor, UNKNOWN).await;
    assert!(matches!(unsure, LogEvent::AiMessage { confident: false, .. }), "{unsure:?}");
    assert_eq!(visitor.expect_entry("offer", offered).await, Reason::CannotAnswer);

    owner.change_settings(CHATBOT, |settings| settings["handoff"]["on_cannot_answer"] = json!("at_once")).await;
    let mut visitor = hub.visitor().await;
    reaction(&mut visitor, UNKNOWN).await;
    assert_eq!(visitor.expect_entry("request", requested).await, Reason::CannotAnswer);
}

#[tokio::test]
async fn a_turn_limit_counts_as_unable_to_answer() {
    let (hub, mut owner) = start().await;
    owner.change_settings(CHATBOT, |settings| settings["handoff"]["turn_limit"] = json!(1)).await;
    let mut visitor = hub.visitor().await;
    assert!(answered(&reaction(&mut visitor, QUESTION).await));
    assert_eq!(offered(&reaction(&mut visitor, "Can I return a bike?").await), Some(Reason::CannotAnswer));
}

#[tokio::test]
async fn a_no_by_word_or_by_button_silences_offers_for_three_messages() {
    let (hub, _) = start().await;
    for by_button in [false, true] {
        let mut visitor = hub.visitor().await;
        let moan = "this is useless, you are not helping";
        assert_eq!(offered(&reaction(&mut visitor, moan).await), Some(Reason::Frustration));
        if by_button {
            visitor.send(VisitorFrame::DeclineHandoff).await;
        } else {
            visitor.say("no thanks").await;
        }
        visitor.expect_entry("declined", |event| matches!(event, LogEvent::HandoffDeclined { .. }).then_some(())).await;
        for _ in 0..3 {
            let event = reaction(&mut visitor, moan).await;
            assert!(matches!(event, LogEvent::AiMessage { .. }), "silent after a no (button: {by_button}): {event:?}");
        }
        visitor.settle().await;
        let offers = visitor.log().iter().filter(|entry| offered(&entry.event).is_some()).count();
        assert_eq!(offers, 1, "an answer of the AI offers nothing either");
        assert_eq!(offered(&reaction(&mut visitor, moan).await), Some(Reason::Frustration), "and then again");
        visitor.send(VisitorFrame::DeclineHandoff).await;
        visitor.send(VisitorFrame::DeclineHandoff).await;
        assert_eq!(visitor.refused().await.code, RefusalCode::NothingPending);
        visitor.expect_entry("declined", |event| matches!(event, LogEvent::HandoffDeclined { .. }).then_some(())).await;
        // Who asks in words is heard at any time.
        assert_eq!(offered(&reaction(&mut visitor, "let me talk to a human").await), Some(Reason::Words));
    }
}

#[tokio::test]
async fn a_disabled_handoff_is_never_offered_and_refuses_the_request() {
    let (hub, mut owner) = start().await;
    owner
        .change_settings(CHATBOT, |settings| {
            settings["handoff"]["enabled"] = json!(false);
            settings["handoff"]["keywords"] = json!(["refund"]);
            settings["handoff"]["turn_limit"] = json!(1);
        })
        .await;
    let mut visitor = hub.visitor().await;
    for text in [QUESTION, "Can I talk to a human?", "yes", "refund", "THIS IS USELESS!!!", UNKNOWN] {
        let event = reaction(&mut visitor, text).await;
        assert!(matches!(event, LogEvent::AiMessage { .. }), "{text}: {event:?}");
    }
    visitor.send(VisitorFrame::RequestHandoff).await;
    assert_eq!(visitor.refused().await.code, RefusalCode::HandoffDisabled);
    visitor.settle().await;
    let calls =
        visitor.log().iter().filter(|entry| offered(&entry.event).or(requested(&entry.event)).is_some()).count();
    assert_eq!(calls, 0);
}

#[tokio::test]
async fn settings_take_effect_in_an_open_widget_at_once() {
    let (hub, mut owner) = start().await;
    let mut fresh = hub.visitor().await;
    let mut talking = hub.visitor().await;
    assert!(answered(&reaction(&mut talking, QUESTION).await));
    for (rule, expected) in [
        (json!({ "rule": "after_answers", "count": 2 }), Button::AfterAnswers { count: 2 }),
        (json!({ "rule": "when_unsure" }), Button::WhenUnsure),
        (json!({ "rule": "never" }), Button::Never),
        (json!({ "rule": "always" }), Button::Always),
    ] {
        owner.change_settings(CHATBOT, |settings| settings["handoff"]["button"] = rule).await;
        for visitor in [&mut fresh, &mut talking] {
            assert_eq!(changed(visitor).await.handoff_button, expected);
        }
    }
    // The next message follows the new rule, and the new words.
    assert_eq!(offered(&reaction(&mut talking, "get me a human").await), Some(Reason::Words));
    talking.send(VisitorFrame::DeclineHandoff).await;
    owner
        .change_settings(CHATBOT, |settings| {
            settings["handoff"]["on_words"] = json!("at_once");
            settings["texts"]["waiting"] = json!("One moment, we ring the bell.");
        })
        .await;
    changed(&mut talking).await;
    talking.say("get me a human").await;
    let text = talking
        .expect_entry("request", |event| match event {
            LogEvent::HandoffRequested { reason: Reason::Words, text, brief: None } => Some(text.clone()),
            _ => None,
        })
        .await;
    assert_eq!(text, "One moment, we ring the bell.");
}

#[tokio::test]
async fn while_waiting_the_ai_answers_or_is_silent_as_the_owner_chose() {
    let (hub, mut owner) = start().await;
    let mut visitor = hub.visitor().await;
    visitor.send(VisitorFrame::RequestHandoff).await;
    assert_eq!(visitor.expect_entry("request", requested).await, Reason::Button);
    assert!(answered(&reaction(&mut visitor, QUESTION).await));

    let quiet = |on: bool| move |settings: &mut Value| settings["handoff"]["ai_answers_while_waiting"] = json!(!on);
    owner.change_settings(CHATBOT, quiet(true)).await;
    changed(&mut visitor).await;
    let unanswered = visitor.say("Can I return a bike?").await;
    // Another visitor's answer marks the time in which this one would have come.
    let mut other = hub.visitor().await;
    assert!(answered(&reaction(&mut other, QUESTION).await));
    visitor.settle().await;
    assert_eq!(visitor.log().last().map(|entry| entry.seq), Some(unanswered), "the AI is silent");

    owner.change_settings(CHATBOT, quiet(false)).await;
    let turn = visitor
        .expect_entry("what it owes", |event| match event {
            LogEvent::AiMessage { turn, .. } => Some(*turn),
            _ => None,
        })
        .await;
    assert_eq!(turn, unanswered);
}

#[tokio::test]
async fn streamed_text_is_the_answer_piece_by_piece() {
    let (hub, owner) = start().await;
    let mut visitor = hub.visitor().await;
    // An answer with an umlaut and a euro sign: offsets count UTF-16 code units, not bytes.
    for question in ["How much does shipping cost?", "Which bike is right for commuting?"] {
        let turn = visitor.say(question).await;
        let text = visitor
            .expect_entry("answer", |event| match event {
                LogEvent::AiMessage { turn: of, text, .. } if *of == turn => Some(text.clone()),
                _ => None,
            })
            .await;
        let pieces = visitor.socket.seen.iter().filter_map(|frame| match frame {
            ToVisitor::AiText(piece) if piece.turn == turn => Some(piece),
            _ => None,
        });
        let (mut streamed, mut count) = (String::new(), 0);
        for piece in pieces {
            assert_eq!(piece.from as usize, streamed.encode_utf16().count(), "no gap and no overlap");
            streamed.push_str(&piece.text);
            count += 1;
        }
        assert_eq!(streamed, text);
        assert!(count > 1, "{count} pieces");
        assert!(!text.is_ascii(), "{text}");
    }
    drop(owner);
}

#[tokio::test]
async fn typing_and_read_markers_go_both_ways() {
    let hub = TestHub::start().await;
    let mut agent = hub.agent().await;
    let mut visitor = hub.visitor().await;
    visitor.send(VisitorFrame::RequestHandoff).await;
    visitor.expect_entry("request", requested).await;
    let conversation = visitor.conversation;
    agent.open(conversation).await;

    // Who only looks is not announced: what comes next is that they joined.
    agent.send(AgentFrame::Typing { conversation, active: true }).await;
    agent.accept(conversation).await;
    visitor.expect_entry("joined", |event| matches!(event, LogEvent::AgentJoined { .. }).then_some(())).await;
    let agents_typing = |frame: &&ToVisitor| matches!(frame, ToVisitor::Typing { by: Typist::Agent { .. }, .. });
    assert_eq!(visitor.socket.seen.iter().find(agents_typing), None);

    let me = agent.me.clone();
    for active in [true, false] {
        agent.send(AgentFrame::Typing { conversation, active }).await;
        let by = visitor
            .socket
            .expect("the agent types", |frame| match frame {
                ToVisitor::Typing { by: Typist::Agent { agent }, active: now, .. } if *now == active => {
                    Some(agent.clone())
                }
                _ => None,
            })
            .await;
        assert_eq!(by, me);
        visitor.send(VisitorFrame::Typing { active }).await;
        agent
            .socket
            .expect("the visitor types", |frame| match frame {
                ToAgent::Typing { by: Typist::Visitor, active: now, .. } if *now == active => Some(()),
                _ => None,
            })
            .await;
    }

    let read = |side: Side, upto: u64| {
        move |event: &LogEvent| matches!(event, LogEvent::Read { by, seq } if *by == side && *seq == upto).then_some(())
    };
    let written = agent.say(conversation, "Hello, Kim here.").await;
    visitor.send(VisitorFrame::Read { seq: written }).await;
    agent.expect_entry("the visitor read", read(Side::Visitor, written)).await;
    let answer = visitor.say("Hello Kim").await;
    agent.send(AgentFrame::Read { conversation, seq: answer }).await;
    visitor.expect_entry("the agent read", read(Side::Agent, answer)).await;
    // A marker never goes back, nor past the end.
    visitor.send(VisitorFrame::Read { seq: 1 }).await;
    visitor.send(VisitorFrame::Read { seq: u64::MAX >> 12 }).await;
    visitor.say("bye").await;
    let markers: Vec<(u64, u64)> = visitor
        .log()
        .iter()
        .filter_map(|entry| match entry.event {
            LogEvent::Read { by: Side::Visitor, seq } => Some((seq, entry.seq)),
            _ => None,
        })
        .collect();
    assert!(markers.is_sorted() && markers.iter().all(|(upto, at)| upto < at), "{markers:?}");
    assert_eq!(markers.len(), 2, "one that was news, one that ended where the log ends: {markers:?}");
}
