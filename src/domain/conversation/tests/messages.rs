//! What enters the log: each client message once, each AI answer in its turn, read marks that only move forward.

use super::*;

const NOTHING: Signals = Signals { wants_human: false, frustrated: false, keyword: false, assent: Assent::Neither };

/// By its name, something that happens to a chat.
type Happening = (&'static str, fn(&mut Chat));

/// What may overtake the AI while it composes.
const OVERTAKERS: [Happening; 8] = [
    ("a newer message", |chat| drop(chat.says("and also?"))),
    ("an agent who accepts", |chat| drop(chat.run(accept(ada())))),
    ("an agent who takes over", |chat| drop(chat.run(Command::TakeOver { agent: ada() }))),
    ("an agent who writes", |chat| drop(chat.run(agent_says(ada(), 50, "hi")))),
    ("an agent who came and handed back", |chat| {
        chat.run(accept(ada())).unwrap();
        chat.run(Command::HandBack { agent: ada() }).unwrap();
    }),
    ("the end", |chat| drop(chat.run(Command::EndByVisitor))),
    ("an end and a reopening", |chat| {
        chat.run(Command::EndByVisitor).unwrap();
        chat.says("still there?");
    }),
    ("a request", |chat| drop(chat.run(press_button()))),
];

#[test]
fn a_late_ai_answer_is_refused_whatever_overtook_it() {
    let outcomes = [answered("late"), TurnOutcome::Unsure, TurnOutcome::Failed];
    for (name, overtake) in OVERTAKERS {
        for outcome in outcomes.clone() {
            let mut chat = Chat::new().after([hello()]);
            let turn = chat.turn();
            overtake(&mut chat);
            let before = chat.state.clone();
            assert_eq!(chat.run(Command::SettleTurn { turn, outcome }), Err(Refusal::TurnOver { turn }), "{name}");
            assert_eq!(chat.state, before, "{name}");
        }
    }
}

#[test]
fn a_turn_is_answered_once() {
    let mut chat = Chat::new().after([hello()]);
    let turn = chat.turn();
    chat.ai(answered("hi"));
    assert_eq!(chat.run(Command::SettleTurn { turn, outcome: answered("hi") }), Err(Refusal::TurnOver { turn }));
}

#[test]
fn a_turn_that_was_never_asked_is_refused() {
    let mut chat = Chat::new().after([hello()]);
    for turn in [Seq::ZERO, Seq(1), Seq(3), Seq(u64::MAX)] {
        assert_eq!(chat.run(Command::SettleTurn { turn, outcome: answered("?") }), Err(Refusal::TurnOver { turn }));
    }
}

#[test]
fn sources_reach_the_log() {
    let source = Source { title: "Hours".into(), url: Some("https://acme.test/hours".into()) };
    let mut chat = Chat::new().after([hello()]);
    let events = chat.ai(TurnOutcome::Answered { text: "nine to five".into(), sources: vec![source.clone()] });
    let turn = Seq(2);
    assert_eq!(
        events,
        [Event::AiAnswered { turn, text: "nine to five".into(), sources: vec![source], confident: true }]
    );
}

#[test]
fn a_repeated_message_gets_its_first_seq() {
    let mut chat = Chat::new().after([hello(), post(2, "second", NOTHING), accept(ada())]);
    chat.run(agent_says(ada(), 3, "hi")).unwrap();
    chat.run(note(ada(), 4, "vip")).unwrap();
    let seq_of = |wanted: u128| {
        chat.log.iter().find_map(|recorded| match &recorded.event {
            Event::VisitorWrote { key: it, .. }
            | Event::AgentWrote { key: it, .. }
            | Event::NoteWritten { key: it, .. }
                if *it == key(wanted) =>
            {
                Some(recorded.seq)
            }
            _ => None,
        })
    };
    let repeats =
        [(1, hello()), (2, post(2, "second", NOTHING)), (3, agent_says(ada(), 3, "hi")), (4, note(ada(), 4, "vip"))];
    for (number, command) in repeats {
        let seq = seq_of(number).unwrap();
        let refusal = decide(&chat.state, command, &chat.settings).unwrap_err();
        assert_eq!(refusal, Refusal::Duplicate { seq }, "key {number}");
    }
}

#[test]
fn a_repeat_is_answered_as_the_first_time_even_after_the_end() {
    let mut chat = Chat::new().after([hello(), Command::EndByVisitor]);
    assert_eq!(chat.run(hello()), Err(Refusal::Duplicate { seq: Seq(2) }));
    assert_eq!(chat.state.status(), Status::Ended, "a repeat does not reopen");
}

#[test]
fn a_key_is_good_for_one_message_of_one_kind() {
    let mut chat = Chat::new().after([hello(), accept(ada()), agent_says(ada(), 2, "same words")]);
    let others = [
        ("other text", post(1, "hello?", NOTHING)),
        ("the agent with a visitor's key", agent_says(ada(), 1, "hello")),
        ("the visitor with an agent's key", post(2, "same words", NOTHING)),
        ("a note with a message's key", note(ada(), 2, "same words")),
    ];
    for (name, command) in others {
        assert_eq!(chat.run(command), Err(Refusal::KeyReused), "{name}");
    }
}

#[test]
fn empty_and_endless_messages_are_refused_on_every_way_in() {
    let limit = 8_000;
    type WayIn = (&'static str, fn(String) -> Command);
    let ways: [WayIn; 3] = [
        ("visitor", |text| post(9, &text, NOTHING)),
        ("agent", |text| agent_says(ada(), 9, &text)),
        ("note", |text| note(ada(), 9, &text)),
    ];
    for (name, way) in ways {
        for (text, expected) in [
            (String::new(), Some(Refusal::EmptyMessage)),
            (" \n\t\u{a0}".into(), Some(Refusal::EmptyMessage)),
            ("a".repeat(limit), None),
            ("a".repeat(limit + 1), Some(Refusal::TooLong { limit })),
            ("😀".repeat(limit), None),
            ("😀".repeat(limit + 1), Some(Refusal::TooLong { limit })),
        ] {
            let mut chat = Chat::new().after([hello()]);
            let length = text.len();
            assert_eq!(chat.run(way(text)).err(), expected, "{name}, {length} bytes");
        }
    }
}

#[test]
fn read_marks_move_forward_and_never_past_the_end() {
    let mut chat = Chat::new().after([hello(), post(2, "more", NOTHING)]);
    let read = |by, seq| Command::MarkRead { by, seq: Seq(seq) };
    assert_eq!(chat.run(read(Party::Agent, 2)), Ok(vec![Event::ReadUpTo { by: Party::Agent, seq: Seq(2) }]));
    for seq in [0, 1, 2] {
        assert_eq!(chat.run(read(Party::Agent, seq)), Err(Refusal::NoChange), "seq {seq}");
    }
    let end = chat.state.seq();
    chat.run(read(Party::Agent, u64::MAX)).unwrap();
    assert_eq!(chat.state.read_up_to(Party::Agent), end);
}

#[test]
fn who_writes_has_read() {
    let mut chat = Chat::new().after([hello(), accept(ada())]);
    assert_eq!(chat.state.read_up_to(Party::Visitor), Seq(2));
    assert_eq!(chat.state.read_up_to(Party::Agent), Seq::ZERO);
    chat.run(agent_says(ada(), 2, "hi")).unwrap();
    assert_eq!(chat.state.read_up_to(Party::Agent), chat.state.seq());
    assert_eq!(chat.run(Command::MarkRead { by: Party::Agent, seq: Seq(2) }), Err(Refusal::NoChange));
}
