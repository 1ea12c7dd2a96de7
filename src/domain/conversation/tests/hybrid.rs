//! An agent beside the AI: messages that are put in, hints that are whispered.

use super::*;

fn interject(agent: AgentRef, number: u128, text: &str) -> Command {
    Command::Interject { agent, key: key(number), text: text.into() }
}

fn whisper(agent: AgentRef, number: u128, text: &str) -> Command {
    Command::Whisper { agent, key: key(number), text: text.into() }
}

#[test]
fn a_message_put_in_changes_no_status_and_the_ai_goes_on() {
    for (status, before) in [
        (Status::Unrequested, vec![hello()]),
        (Status::Unassigned, vec![hello(), press_button(), post(2, "hm", Signals::default())]),
    ] {
        let mut chat = Chat::new().after(before);
        let turn = chat.turn();
        let wrote = Event::AgentWrote { key: key(9), agent: ada(), text: "Ada here".into() };
        assert_eq!(chat.run(interject(ada(), 9, "Ada here")), Ok(vec![wrote]));
        assert_eq!((chat.state.status(), chat.state.turn()), (status, Some(turn)), "the AI still owes its answer");
        assert_eq!(chat.state.assignee(), None);
        assert!(matches!(chat.ai(answered("here"))[..], [Event::AiAnswered { .. }]));
        chat.says("and then?");
        assert!(chat.state.turn().is_some());
    }
}

#[test]
fn who_may_put_in_and_whisper_and_when() {
    type Case = (&'static str, Vec<Command>, Option<Refusal>, Option<Refusal>);
    let cases: [Case; 5] = [
        ("not started", vec![], Some(Refusal::NotStarted), Some(Refusal::NotStarted)),
        ("with the AI", vec![hello()], None, None),
        ("waiting", vec![hello(), press_button()], None, None),
        (
            "held by a colleague",
            vec![hello(), accept(bo())],
            Some(Refusal::AlreadyTaken { by: bo() }),
            Some(Refusal::AlreadyWithAgent),
        ),
        ("ended", vec![hello(), Command::EndByVisitor], Some(Refusal::AlreadyEnded), Some(Refusal::AlreadyEnded)),
    ];
    for (name, before, put_in, whispered) in cases {
        let mut chat = Chat::new().after(before.clone());
        let status = chat.state.status();
        assert_eq!(chat.run(interject(ada(), 9, "hi")).err(), put_in, "{name}");
        assert_eq!(chat.state.status(), status, "{name}");
        let mut chat = Chat::new().after(before);
        assert_eq!(chat.run(whisper(ada(), 9, "say hi")).err(), whispered, "{name}");
        assert_eq!(chat.state.status(), status, "{name}");
    }
    let mut holder = Chat::new().after([hello(), accept(ada())]);
    assert!(holder.run(interject(ada(), 9, "hi")).is_ok(), "the holder just writes");
}

/// The same words as a message and as a hint are two things: a client that repeats one must not get the other acknowledged.
#[test]
fn a_hint_and_a_message_never_share_a_key() {
    let mut chat = Chat::new().after([hello(), whisper(ada(), 9, "two days")]);
    assert!(matches!(chat.run(whisper(ada(), 9, "two days")), Err(Refusal::Duplicate { .. })));
    assert_eq!(chat.run(interject(ada(), 9, "two days")), Err(Refusal::KeyReused));
    assert_eq!(chat.run(note(ada(), 9, "two days")), Err(Refusal::KeyReused));
    assert_eq!(chat.run(whisper(ada(), 10, "  ")), Err(Refusal::EmptyMessage));
}

#[test]
fn a_hint_leaves_the_turn_open() {
    let mut chat = Chat::new().after([hello()]);
    let turn = chat.turn();
    chat.run(whisper(ada(), 9, "two days")).unwrap();
    assert_eq!(chat.state.turn(), Some(turn));
}
