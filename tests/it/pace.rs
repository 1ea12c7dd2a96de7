//! What an owner may tune about the offer of a human: keywords, pace, the starter; and when the AI keeps still.

use crate::harness::reaction::{answered, offered, reaction, requested};
use crate::harness::stage::{KNOWN, UNKNOWN};
use crate::harness::visitor::Visitor;
use crate::harness::{CHATBOT, TestHub};
use baton::protocol::agent::AgentFrame;
use baton::protocol::convert::Viewer;
use baton::protocol::shared::*;
use baton::protocol::visitor::{Page, ToVisitor, VisitorFrame};
use serde_json::json;
use uuid::Uuid;

const MOAN: &str = "this is useless, you are not helping";

/// Offers and requests, in their order.
fn calls(visitor: &Visitor) -> Vec<Reason> {
    visitor.log().iter().filter_map(|entry| offered(&entry.event).or(requested(&entry.event))).collect()
}

#[tokio::test]
async fn a_keyword_calls_at_once_or_asks_first_or_does_nothing() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    for (trigger, offers, requests) in
        [("at_once", None, Some(Reason::Keyword)), ("ask_first", Some(Reason::Keyword), None)]
    {
        owner
            .change_settings(CHATBOT, |settings| {
                settings["handoff"]["keywords"] = json!(["delivery"]);
                settings["handoff"]["on_keywords"] = json!(trigger);
            })
            .await;
        let mut visitor = hub.visitor().await;
        let event = reaction(&mut visitor, KNOWN).await;
        assert_eq!((offered(&event), requested(&event)), (offers, requests), "{trigger}");
    }
    owner.change_settings(CHATBOT, |settings| settings["handoff"]["on_keywords"] = json!("off")).await;
    let mut visitor = hub.visitor().await;
    assert!(answered(&reaction(&mut visitor, KNOWN).await));
    visitor.settle().await;
    assert_eq!(calls(&visitor), []);
}

/// The same reason makes no new offer within so many messages, though nobody has said no; another reason does.
#[tokio::test]
async fn an_offer_is_not_repeated_within_the_quiet_messages() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    for quiet in [0, 2] {
        owner
            .change_settings(CHATBOT, |settings| {
                settings["handoff"]["quiet_messages"] = json!(quiet);
                settings["handoff"]["on_cannot_answer"] = json!("off");
            })
            .await;
        let mut visitor = hub.visitor().await;
        assert_eq!(offered(&reaction(&mut visitor, MOAN).await), Some(Reason::Frustration));
        for number in 0..quiet {
            let event = reaction(&mut visitor, &format!("{MOAN} {number}")).await;
            assert!(matches!(event, LogEvent::AiMessage { .. }), "{quiet}, {number}: {event:?}");
        }
        assert_eq!(
            offered(&reaction(&mut visitor, &format!("{MOAN} still")).await),
            Some(Reason::Frustration),
            "{quiet}"
        );
        let other = reaction(&mut visitor, "Can I talk to a real person?").await;
        // Who asks in words under an offer has said yes to it.
        assert_eq!(requested(&other), Some(Reason::Words), "{quiet}: another reason is heard");
    }
}

/// A "no" is remembered over a reload, too: it is in the log, not in the widget.
#[tokio::test]
async fn a_refusal_is_remembered_after_a_reload_and_a_restart() {
    let hub = TestHub::start().await;
    let mut visitor = hub.visitor().await;
    assert_eq!(offered(&reaction(&mut visitor, MOAN).await), Some(Reason::Frustration));
    reaction(&mut visitor, "no thanks").await;
    let visitor = visitor.resume().await;
    let hub = hub.restart().await;
    let mut visitor = visitor.resume_at(hub.address).await;
    let event = reaction(&mut visitor, MOAN).await;
    assert!(matches!(event, LogEvent::AiMessage { .. }), "{event:?}");
    visitor.settle().await;
    let log = hub.log(visitor.conversation, Viewer::Visitor).await;
    assert_eq!(log.iter().filter(|entry| offered(&entry.event).is_some()).count(), 1);
}

/// Three ways in which people lose patience without a word for it.
#[tokio::test]
async fn asking_again_shouting_and_two_unknown_answers_count_as_impatience() {
    let hub = TestHub::start().await;
    let mut visitor = hub.visitor().await;
    assert!(answered(&reaction(&mut visitor, KNOWN).await));
    assert_eq!(offered(&reaction(&mut visitor, "how long does DELIVERY take??").await), Some(Reason::Frustration));

    let mut visitor = hub.visitor().await;
    let shout = "WHERE IS THE PARCEL THAT I ORDERED LAST WEEK!!";
    assert_eq!(offered(&reaction(&mut visitor, shout).await), Some(Reason::Frustration));

    let mut owner = hub.owner().await;
    owner.change_settings(CHATBOT, |settings| settings["handoff"]["on_cannot_answer"] = json!("off")).await;
    let mut visitor = hub.visitor().await;
    assert!(!answered(&reaction(&mut visitor, UNKNOWN).await));
    visitor.settle().await;
    assert_eq!(calls(&visitor), [], "once is no reason");
    assert!(!answered(&reaction(&mut visitor, "And that of zirconium boride?").await));
    assert_eq!(visitor.expect_entry("offer", offered).await, Reason::Frustration);
}

/// The starter stands under the greeting when the owner wants it, and a press of it is a request, before anything was said.
#[tokio::test]
async fn the_starter_follows_its_setting_in_open_widgets() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    let mut visitor = hub.visitor().await;
    for wanted in [true, false, true] {
        owner.change_settings(CHATBOT, |settings| settings["handoff"]["starter"] = json!(wanted)).await;
        let shown = visitor
            .socket
            .expect("settings", |frame| match frame {
                ToVisitor::Settings { chatbot } => Some(chatbot.handoff_starter),
                _ => None,
            })
            .await;
        assert_eq!(shown, wanted);
    }
    visitor.send(VisitorFrame::RequestHandoff).await;
    assert_eq!(visitor.expect_entry("request", requested).await, Reason::Button);
}

/// S58: what answers every answer is a machine. The AI keeps still from the fifth time, and speaks to the next other message.
#[tokio::test]
async fn the_ai_pauses_when_a_machine_answers_it() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    owner.change_settings(CHATBOT, |settings| settings["handoff"]["enabled"] = json!(false)).await;
    let mut visitor = hub.visitor().await;
    for number in 1..=7 {
        visitor.say("I am out of office until Monday").await;
        let spoke = visitor
            .expect_entry("an answer or a pause", |event| match event {
                LogEvent::AiMessage { .. } => Some(true),
                LogEvent::AiPaused { .. } => Some(false),
                _ => None,
            })
            .await;
        assert_eq!(spoke, number < 5, "message {number}");
    }
    assert!(answered(&reaction(&mut visitor, KNOWN).await));
}

/// A hint leads the embedded AI to a passage that the question alone does not name; the hint itself is nobody's to read.
#[tokio::test]
async fn a_whispered_hint_is_used_in_the_next_answer_and_in_no_other() {
    let hub = TestHub::start().await;
    let mut owner = hub.owner().await;
    // Else the question that is asked again would be met with an offer.
    owner.change_settings(CHATBOT, |settings| settings["handoff"]["enabled"] = json!(false)).await;
    let mut visitor = hub.visitor().await;
    let mut agent = hub.agent().await;
    let vague = "And what about my thing?";
    assert!(!answered(&reaction(&mut visitor, vague).await), "it names nothing");
    let conversation = visitor.conversation;
    agent.open(conversation).await;
    let text = "can a bike that was custom-built be returned?".to_owned();
    agent.send(AgentFrame::Whisper { conversation, key: Uuid::new_v4(), text: text.clone() }).await;
    agent.expect_entry("hint", |event| matches!(event, LogEvent::Hint { .. }).then_some(())).await;
    let LogEvent::AiMessage { text: said, confident: true, sources, .. } = reaction(&mut visitor, vague).await else {
        panic!("the hint leads nowhere: {:?}", visitor.log());
    };
    assert!(sources.iter().any(|source| source.title.contains("custom-built")), "{said}: {sources:?}");
    assert!(!answered(&reaction(&mut visitor, vague).await), "it was for one answer");
    assert!(!visitor.socket.seen.iter().any(|frame| serde_json::to_string(frame).unwrap().contains(&text)));
    assert_eq!(agent.open(conversation).await.status, StatusName::Unrequested);
}

/// Why, in which language, and what was tried: in the mail, and on top of the portal that its link opens.
#[tokio::test]
async fn the_brief_is_in_the_mail_and_in_the_portal() {
    let hub = TestHub::start().await;
    let mut visitor = hub.visitor().await;
    visitor.navigate(Page { language: "nl-BE".into(), ..visitor.page.clone() }).await;
    assert!(answered(&reaction(&mut visitor, KNOWN).await));
    reaction(&mut visitor, UNKNOWN).await;
    assert_eq!(visitor.expect_entry("offer", offered).await, Reason::CannotAnswer);
    reaction(&mut visitor, "yes please").await;
    let mail = hub.mails(1).await.remove(0);
    let summary = "The AI answered 2 questions lately, 1 of them without knowing.";
    for part in ["The AI could not answer", "Language: en (browser: nl-BE)", summary, UNKNOWN] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    let mut portal = hub.portal(visitor.conversation, "Ana").await;
    let brief = portal.open(visitor.conversation).await.brief.expect("a brief");
    assert_eq!((brief.reason, brief.language.as_str(), brief.summary.as_str()), (Reason::CannotAnswer, "en", summary));
    assert_eq!(brief.asked, format!("{UNKNOWN}\nyes please"));
    let tried: Vec<_> = brief.tried.iter().map(|tried| (tried.question.as_str(), tried.confident)).collect();
    assert_eq!(tried, [(KNOWN, true), (UNKNOWN, false)]);
}
