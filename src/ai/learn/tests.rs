use super::*;
use crate::ai::knowledge::{KnowledgeDocument, MediaKind, parse};
use crate::domain::conversation::{AgentRef, HandoffReason, Party, VisitorContext};
use crate::domain::ids::{AgentId, ClientMessageId, VisitorId};
use crate::domain::time::UnixMillis;
use std::sync::Arc;

fn log(events: Vec<Event>) -> Vec<Recorded> {
    let numbered = events.into_iter().zip(1..);
    numbered.map(|(event, seq)| Recorded { seq: Seq(seq), at: UnixMillis(0), event }).collect()
}

fn started() -> Event {
    let (chatbot, visitor) = ("shop".parse().unwrap(), VisitorId(Uuid::nil()));
    Event::Started { chatbot, visitor, context: VisitorContext::default() }
}

fn visitor(text: &str) -> Event {
    Event::VisitorWrote { key: ClientMessageId(Uuid::new_v4()), text: text.into() }
}

fn kim() -> AgentRef {
    AgentRef { id: AgentId(Uuid::nil()), name: "Kim".into() }
}

fn agent(text: &str) -> Event {
    Event::AgentWrote { key: ClientMessageId(Uuid::new_v4()), agent: kim(), text: text.into() }
}

fn unsure(turn: u64) -> Event {
    Event::AiAnswered { turn: Seq(turn), text: "I don't know.".into(), sources: Vec::new(), confident: false }
}

fn requested() -> Event {
    Event::HandoffRequested { reason: HandoffReason::CannotAnswer, text: String::new(), brief: Arc::default() }
}

fn joined() -> Event {
    Event::AgentJoined { agent: kim() }
}

fn ended() -> Event {
    Event::Ended { by: Party::Agent, text: String::new() }
}

fn learned(events: Vec<Event>) -> Option<Lesson> {
    let events = log(events);
    let last = events.last()?.seq;
    lesson(&events, last)
}

#[test]
fn the_question_that_led_to_the_human_and_what_the_human_said() {
    let lesson = learned(vec![
        started(),
        visitor("Do you repair cargo bikes of other brands?"),
        unsure(2),
        visitor("yes please"),
        requested(),
        joined(),
        agent("Hi Ann, I'm Kim!"),
        agent("Which brand is it?"),
        visitor("A Babboe, my number is 06 1234 5678"),
        agent(
            "Hello Ann, we repair every brand of cargo bike, call us on +31 20 123 4567 or write to kim@shop.example.",
        ),
        visitor("Thank you"),
        agent("You're welcome"),
        ended(),
    ])
    .unwrap();
    assert_eq!((lesson.asked, lesson.agent_name.as_str()), (Seq(2), "Kim"));
    assert_eq!(lesson.question, "Do you repair cargo bikes of other brands?");
    assert_eq!(lesson.answer, "We repair every brand of cargo bike, call us on [phone] or write to [e-mail].");
}

#[test]
fn a_human_from_the_start_is_asked_in_the_human_stretch() {
    let lesson = learned(vec![
        started(),
        visitor("I want to talk to a human"),
        requested(),
        joined(),
        agent("Hello, how can I help?"),
        visitor("Can I swap the saddle within two weeks?"),
        agent("Yes, you can swap a saddle for free within thirty days."),
        visitor("Great, thank you very much"),
        Event::HandedBack { agent: kim() },
    ])
    .unwrap();
    assert_eq!(lesson.question, "Can I swap the saddle within two weeks?");
}

#[test]
fn no_lesson_without_a_question_an_answer_or_a_human() {
    let talk = "We repair every brand of cargo bike here.";
    for events in [
        vec![started(), visitor("Do you repair bikes?"), ended()],
        vec![started(), visitor("I want a human"), requested(), joined(), agent(talk), ended()],
        vec![started(), visitor("Do you repair bikes?"), requested(), joined(), agent("Hi!"), ended()],
        // The stretch was over with the hand-back; the end adds nothing.
        vec![
            started(),
            visitor("Do you repair bikes?"),
            joined(),
            agent(talk),
            Event::HandedBack { agent: kim() },
            ended(),
        ],
    ] {
        assert_eq!(learned(events), None);
    }
}

#[test]
fn each_stretch_has_its_own_lesson() {
    let events = log(vec![
        started(),
        visitor("Do you repair bikes?"),
        joined(),
        agent("We repair every brand of bike here."),
        ended(),
        Event::Reopened { by: Party::Visitor },
        visitor("Do you sell bells too?"),
        joined(),
        agent("We sell forty kinds of bells here."),
        ended(),
    ]);
    let asked = |end| lesson(&events, Seq(end)).map(|lesson| lesson.asked);
    assert_eq!((asked(5), asked(10)), (Some(Seq(2)), Some(Seq(7))));
}

#[test]
fn personal_data_is_masked_and_facts_stay() {
    for (text, masked) in [
        ("write to ann.lee+x@mail.example please", "write to [e-mail] please"),
        ("call +49 (0)30 901820 or 0171/2345678", "call [phone] or [phone]"),
        ("call 555-123-4567", "call [phone]"),
        ("my order number is FB-2024-1182", "my order number is [number]"),
        ("Bestellnummer: 4711", "Bestellnummer: [number]"),
        ("order #991 is late", "order [number] is late"),
        ("IBAN NL91 ABNA 0417 1643 00", "IBAN [account]"),
        ("parcel 3SABCD123456789", "parcel [number]"),
        ("open 09:00-18:00, Saturday 10:00-17:00", "open 09:00-18:00, Saturday 10:00-17:00"),
        ("since 2024-05-11 it costs 1,299.00 euro", "since 2024-05-11 it costs 1,299.00 euro"),
        (
            "the E-Bike 500 weighs 21 kg and takes 28 inch wheels",
            "the E-Bike 500 weighs 21 kg and takes 28 inch wheels",
        ),
        ("order by 12:00 and it ships today", "order by 12:00 and it ships today"),
        ("returns within 30 days", "returns within 30 days"),
    ] {
        assert_eq!(mask(text), masked, "{text}");
    }
}

#[test]
fn a_learned_line_is_knowledge() {
    let id = Uuid::nil();
    let text = learned_line(id, "Do you \"repair\"?", "Yes.\nAlways.") + &learned_line(Uuid::max(), "Bells?", "Many.");
    let kind = MediaKind::from_file_name(LEARNED_DOCUMENT).unwrap();
    let document = KnowledgeDocument { id: "d".into(), name: LEARNED_DOCUMENT.into(), kind, text, url: None };
    let passages = parse(&document).unwrap();
    assert_eq!(
        (passages.len(), passages[0].title.as_str(), passages[0].text.as_str()),
        (2, "Do you \"repair\"?", "Yes.\nAlways.")
    );
}
