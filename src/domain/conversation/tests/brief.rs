//! What agents are told about a handoff.

use super::*;

fn brief_of(chat: &Chat) -> HandoffBrief {
    chat.state.requested().expect("a request").brief.as_ref().clone()
}

#[test]
fn a_brief_says_what_was_asked_and_what_the_ai_tried() {
    let mut chat = Chat::new();
    chat.says("where is order 4711?");
    chat.ai(answered("Orders take two days."));
    chat.says("it is a week");
    chat.ai(TurnOutcome::Unsure);
    chat.says_meaning("yes please", Signals { assent: Assent::Yes, ..Signals::default() });
    let brief = brief_of(&chat);
    assert_eq!(brief.asked, "it is a week\nyes please");
    let tried: Vec<_> = brief.tried.iter().map(|tried| (tried.question.as_str(), tried.confident)).collect();
    assert_eq!(tried, [("where is order 4711?", true), ("it is a week", false)]);
    assert_eq!(brief.tried[0].answer, "Orders take two days.");
    assert_eq!(brief.summary, "The AI answered 2 questions lately, 1 of them without knowing.");
    assert_eq!(brief.by, BriefBy::Embedded);
}

#[test]
fn a_brief_tells_the_language_that_is_written_before_that_of_the_browser() {
    for (text, language) in [("Wo ist meine Bestellung?", "de"), ("¿dónde está mi pedido?", "es"), ("4711", "")] {
        let mut chat = Chat::new();
        chat.says(text);
        chat.run(press_button()).unwrap();
        assert_eq!(brief_of(&chat).language, language, "{text}");
    }
}

#[test]
fn a_press_of_the_button_before_anything_was_said_has_an_empty_brief() {
    let chat = Chat::new().after([press_button()]);
    assert_eq!(brief_of(&chat), HandoffBrief::default());
}

#[test]
fn a_brief_is_short_and_forgets_what_a_human_has_dealt_with() {
    let mut chat = Chat::new();
    for number in 0..9 {
        chat.says(&format!("{number} {}", "é".repeat(5_000)));
        chat.ai(answered(&"x".repeat(5_000)));
    }
    chat.run(press_button()).unwrap();
    let brief = brief_of(&chat);
    assert_eq!(brief.tried.len(), 3);
    let longest =
        brief.tried.iter().flat_map(|tried| [&tried.question, &tried.answer]).map(|text| text.chars().count());
    assert_eq!(longest.max(), Some(301));
    chat.run(accept(ada())).unwrap();
    chat.run(Command::HandBack { agent: ada() }).unwrap();
    chat.run(press_button()).unwrap();
    assert_eq!(brief_of(&chat).tried, Vec::new());
}

#[test]
fn a_models_summary_replaces_the_embedded_one_once_and_only_for_its_own_handoff() {
    let mut chat = Chat::new().after([hello(), press_button()]);
    let handoff = chat.state.requested().unwrap().seq;
    let summarise = |handoff, summary: &str| Command::Summarise { handoff, summary: summary.into() };
    assert_eq!(chat.run(summarise(handoff.next(), "other")), Err(Refusal::NoChange));
    chat.run(accept(ada())).unwrap();
    assert!(chat.run(summarise(handoff, "Wants an order.")).is_ok(), "late, but the agent still reads it");
    assert_eq!((brief_of(&chat).summary.as_str(), brief_of(&chat).by), ("Wants an order.", BriefBy::Model));
    assert_eq!(chat.run(summarise(handoff, "again")), Err(Refusal::NoChange));
    chat.run(Command::HandBack { agent: ada() }).unwrap();
    chat.run(press_button()).unwrap();
    assert_eq!(brief_of(&chat).by, BriefBy::Embedded);
    assert_eq!(chat.run(summarise(handoff, "of the first")), Err(Refusal::NoChange));
}
