use super::*;
use crate::domain::conversation::{AgentRef, Command, Conversation, Signals, decide, evolve};
use crate::domain::ids::{AgentId, ClientMessageId, VisitorId};
use std::sync::Arc;
use uuid::Uuid;

const LINK: &str = "https://chat.example.com/portal/agent#token";

fn at(seq: u64, event: Event) -> Recorded {
    Recorded { seq: Seq(seq), at: UnixMillis(1_700_000_000_000), event }
}

fn said(seq: u64, text: &str) -> Recorded {
    at(seq, Event::VisitorWrote { key: ClientMessageId::generate(), text: text.into() })
}

fn requested(seq: u64, reason: HandoffReason) -> Recorded {
    at(seq, Event::HandoffRequested { reason, text: "Somebody comes.".into(), brief: Default::default() })
}

fn compose(settings: &ChatbotSettings, context: &VisitorContext, events: &[Recorded], about: u64) -> HandoffMail {
    let subject = Subject { settings, visitor_name: "Visitor 4821", context, events, about: Seq(about) };
    HandoffMail::compose(subject, LINK).unwrap()
}

#[test]
fn the_mail_says_who_waits_where_and_why() {
    let context = VisitorContext {
        page_url: "https://shop.example/cart".into(),
        page_title: "Cart".into(),
        country: "DE".into(),
        language: "de-DE".into(),
        ..VisitorContext::default()
    };
    let events = [said(2, "Where is my order?"), requested(3, HandoffReason::Frustration)];
    let mail = compose(&ChatbotSettings::new("Shop".into()), &context, &events, 3);
    assert_eq!(mail.subject, "Visitor 4821 is waiting in Shop: Where is my order?");
    for body in [&mail.text, &mail.html] {
        for part in [
            "Where is my order?",
            "Cart",
            "https://shop.example/cart",
            "DE",
            "de-DE",
            "Seemed frustrated",
            LINK,
            "2023-11-14 22:13 UTC",
        ] {
            assert!(body.contains(part), "{part} is missing in {body}");
        }
    }
}

#[test]
fn nothing_a_visitor_writes_becomes_markup() {
    let context = VisitorContext {
        page_url: "javascript:alert(1)".into(),
        page_title: "\"><svg onload=alert(1)>".into(),
        ..VisitorContext::default()
    };
    let evil =
        "<img src=x onerror=alert(1)> <math><annotation-xml encoding=\"text/html\"><style></math> [a](javascript:b)\"'";
    let mut settings = ChatbotSettings::new("<b>Shop</b>".into());
    settings.appearance.brand_color = "red;background:url(//evil)".into();
    let mail = compose(&settings, &context, &[said(1, evil), requested(2, HandoffReason::Button)], 2);
    for tag in ["<img", "<math", "<svg", "<b>Shop", "<style></", "url(", "href=\"javascript"] {
        assert!(!mail.html.contains(tag), "{tag} in {}", mail.html);
    }
    let links = mail.html.match_indices("href=").count();
    assert_eq!(links, mail.html.match_indices(&format!("href=\"{LINK}\"")).count(), "only our own link");
}

/// S59: what reorders or smuggles text is seen, and does neither.
#[test]
fn hidden_characters_are_marks() {
    let context = VisitorContext { page_title: "Cart\u{202e}".into(), ..VisitorContext::default() };
    let smuggled: String = "end all".chars().filter_map(|c| char::from_u32(0xE0000 + u32::from(c))).collect();
    let events = [said(1, &format!("hi\u{200b}{smuggled}")), requested(2, HandoffReason::Button)];
    let mail = compose(&ChatbotSettings::new("Shop".into()), &context, &events, 2);
    for body in [&mail.text, &mail.html] {
        assert!(body.contains("hi[U+200B][hidden text: end all]") && body.contains("Cart[U+202E]"), "{body}");
        assert!(!body.contains(['\u{202e}', '\u{200b}', '\u{e0065}']));
    }
}

#[test]
fn the_language_is_that_of_the_words_and_the_browsers_where_it_differs() {
    for (browser, text, told) in [
        ("en-GB", "How long does the delivery take, please?", "Language: en-GB"),
        ("nl-BE", "How long does the delivery take, please?", "Language: en (browser: nl-BE)"),
        ("", "How long does the delivery take, please?", "Language: en"),
        ("nl-BE", "4711", "Language: nl-BE"),
    ] {
        let mut state = Conversation::default();
        let context = VisitorContext { language: browser.into(), ..VisitorContext::default() };
        let (settings, chatbot) = (ChatbotSettings::new("Shop".into()), "shop".parse().unwrap());
        let (visitor, key) = (VisitorId(Uuid::nil()), ClientMessageId(Uuid::nil()));
        let signals = Signals { keyword: true, ..Signals::default() };
        let seen = Arc::new(context.clone());
        let post = Command::VisitorPost { chatbot, visitor, context: seen, key, text: text.into(), signals };
        let mut events = Vec::new();
        for event in decide(&state, post, &settings).unwrap() {
            let recorded = Recorded { seq: state.seq().next(), at: UnixMillis(0), event };
            evolve(&mut state, &recorded);
            events.push(recorded);
        }
        let mail = compose(&settings, &context, &events, state.seq().get());
        assert!(mail.text.contains(&format!("{told}\n")), "{browser}, {text}: {}", mail.text);
    }
}

#[test]
fn the_subject_is_one_short_line() {
    let evil = format!("a\r\nBcc: eve@example.com\0\u{2028}=?utf-8?B?eA==?={}", "x".repeat(10_000));
    let mut settings = ChatbotSettings::new("Shop\r\nX-Evil: 1".into());
    settings.name.push_str(&"y".repeat(10_000));
    let mail = compose(&settings, &VisitorContext::default(), &[said(1, &evil)], 1);
    assert!(!mail.subject.contains(['\r', '\n', '\0', '\u{2028}']), "{:?}", mail.subject);
    assert!(mail.subject.chars().count() < 180);
}

#[test]
fn the_newest_fifty_messages_are_shown_and_no_note() {
    let mut events: Vec<_> = (1..=60).map(|n| said(n, &format!("message <{n}>"))).collect();
    let agent = AgentRef { id: AgentId::generate(), name: "Ana".into() };
    events.push(at(61, Event::NoteWritten { key: ClientMessageId::generate(), agent, text: "secret note".into() }));
    let mail = compose(&ChatbotSettings::new("Shop".into()), &VisitorContext::default(), &events, 60);
    assert!(mail.text.contains("message <11>") && !mail.text.contains("message <10>"));
    assert!(mail.text.contains("10 earlier messages"));
    assert!(!mail.text.contains("secret note") && !mail.html.contains("secret note"));
    assert!(mail.html.len() < 90_000, "mail programs cut longer ones: {}", mail.html.len());
}

#[test]
fn text_on_the_brand_colour_can_be_read() {
    for (color, text) in
        [("#ffffff", "#000000"), ("#000000", "#ffffff"), ("#2f5bea", "#ffffff"), ("#ffdd00", "#000000")]
    {
        assert_eq!(text_on(color), text, "{color}");
    }
}
