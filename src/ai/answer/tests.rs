use super::*;
use crate::ai::knowledge::{KnowledgeDocument, MediaKind, parse};
use proptest::prelude::*;

fn demo() -> KnowledgeIndex {
    let files = [
        ("shop.md", include_str!("../../../demo/knowledge/shop.md")),
        ("orders.md", include_str!("../../../demo/knowledge/orders.md")),
        ("bikes.md", include_str!("../../../demo/knowledge/bikes.md")),
        ("faq.csv", include_str!("../../../demo/knowledge/faq.csv")),
    ];
    let documents = files.into_iter().map(|(name, text)| KnowledgeDocument {
        id: name.into(),
        name: name.into(),
        kind: MediaKind::from_file_name(name).unwrap(),
        text: text.into(),
        url: None,
    });
    KnowledgeIndex::new(documents.flat_map(|document| parse(&document).unwrap()).collect())
}

#[test]
fn the_demo_shop_knows_what_it_knows() {
    let index = demo();
    assert!(index.len() >= 40, "{} passages", index.len());
    for (question, said) in [
        ("How long does shipping take?", "working days"),
        ("what are your opening hours", "Tuesday"),
        ("can I return a bike I bought online?", "30 days"),
        ("do you sell gift cards", "gift card"),
        ("which frame size do I need", "inside leg"),
        ("how long is the waranty on the frame", "ten years"),
        ("can i pay with paypal", "PayPal"),
        ("My bike needs a repair, how do I book it?", "workshop"),
        ("How long does delivery take?", "two to four working days"),
        ("Can I return a bike?", "30 days"),
        ("What are your opening hours?", "Tuesday"),
        ("do you ship to Norway?", "Norway"),
        ("how do I pay", "PayPal"),
        ("gift card", "gift card"),
    ] {
        let reply = answer(&index, question, None);
        assert!(reply.text.contains(said) && reply.confidence >= 0.5, "{question}: {reply:?}");
        assert_eq!(reply.sources.len(), 1);
    }
}

#[test]
fn the_demo_shop_knows_what_it_does_not_know() {
    let index = demo();
    for question in [
        "What is the capital of Mongolia?",
        "What is the capital of France?",
        "Can you write me a poem?",
        "Who won the world cup?",
        "I want to buy a car",
        "Can you write a poem about autumn leaves?",
        "Who won the football match last night?",
        "How do I file my income tax?",
        "Do you sell kayaks?",
        "asdf qwer zxcv",
        "Why is my landlord raising the rent?",
    ] {
        let reply = answer(&index, question, None);
        assert!(reply.confidence < 0.5, "{question}: {reply:?}");
    }
}

#[test]
fn a_follow_up_borrows_what_was_talked_about() {
    let index = demo();
    let reply = answer(&index, "and how long?", Some("Do you ship to Belgium? What is the shipping time?"));
    assert!(reply.confidence >= 0.5 && reply.text.contains("working days"), "{reply:?}");
    // A question that stands alone is not pulled back to the old subject.
    let alone = answer(&index, "Who won the football match last night?", Some("How long does shipping take?"));
    assert!(alone.confidence < 0.5, "{alone:?}");
}

#[test]
fn courtesies_are_answered_in_kind() {
    let index = KnowledgeIndex::new(Vec::new());
    for (said, reply) in [
        ("Hello!", "Hello!"),
        ("hiiii there", "Hello!"),
        ("thanks a lot", "You're welcome!"),
        ("ok bye", "Goodbye!"),
        ("Hoi", "Hallo!"),
        ("bedankt hoor", ""),
        ("Guten Tag", "Hallo!"),
        ("vielen Dank!", "Gern"),
        ("Bonjour", "Bonjour"),
        ("merci beaucoup", "Avec plaisir"),
        ("¡Hola! Buenos días", "¡Hola!"),
        ("muchas gracias", "¡De nada!"),
        ("olá, tudo bem", "Olá!"),
        ("obrigada", "De nada!"),
        ("Ciao", "Ciao!"),
        ("grazie mille", "Prego!"),
        ("tschüss", "Auf Wiedersehen!"),
    ] {
        let answer = answer(&index, said, None);
        if reply.is_empty() {
            assert_eq!(answer.confidence, 0.0, "{said}: an unknown word makes it more than a courtesy");
        } else {
            assert!(
                answer.text.starts_with(reply) && answer.confidence == 1.0 && answer.sources.is_empty(),
                "{said}: {answer:?}"
            );
        }
    }
    assert_eq!(answer(&index, "hi, where is my order", None).confidence, 0.0);
}

#[test]
fn chunks_are_words_and_join_to_the_text() {
    assert_eq!(stream_chunks("Hello there,\n\nfriend.").collect::<Vec<_>>(), ["Hello ", "there,\n\n", "friend."]);
    assert_eq!(stream_chunks("").count(), 0);
    assert!(stream_chunks(&"自".repeat(100)).count() > 3);
}

proptest! {
    #[test]
    fn any_question_gets_an_answer(question in "\\PC{0,300}", hint in proptest::option::of("\\PC{0,60}")) {
        let index = KnowledgeIndex::new(vec![crate::ai::knowledge::Passage {
            id: "a".into(), document: "a".into(), title: question.chars().rev().collect(), heading_path: vec![], questions: vec![], text: question.clone(), url: None,
        }]);
        let reply = answer(&index, &question, hint.as_deref());
        prop_assert!((0.0..=1.0).contains(&reply.confidence));
    }

    #[test]
    fn chunks_lose_nothing(text in "\\PC{0,200}|[a\\n\\t ]{0,80}") {
        prop_assert_eq!(stream_chunks(&text).collect::<String>(), text);
    }
}

#[test]
fn a_book_as_a_question_is_read_in_part() {
    let index = demo();
    let started = std::time::Instant::now();
    for text in ["shipping ".repeat(12_000), "x".repeat(100_000), "ß".repeat(100_000)] {
        answer(&index, &text, Some(&text));
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(2), "{:?}", started.elapsed());
}
