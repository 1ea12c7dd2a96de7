//! The four statuses: every way in, every way out, and who is refused.

use super::*;

/// Chats in each status, by name. `open` is held by Ada.
fn in_status(status: Status) -> Chat {
    match status {
        Status::Unrequested => Chat::new().after([hello()]),
        Status::Unassigned => Chat::new().after([hello(), press_button()]),
        Status::Open => Chat::new().after([hello(), accept(ada())]),
        Status::Ended => Chat::new().after([hello(), Command::EndByVisitor]),
    }
}

type Outcome = Result<Status, Refusal>;

/// One command in every status: where it leads, or why not. The order is that of [`Status::ALL`].
fn table(name: &str, command: impl Fn() -> Command, expected: [Outcome; 4]) {
    for (status, expected) in Status::ALL.into_iter().zip(expected) {
        let mut chat = in_status(status);
        assert_eq!(chat.state.status(), status, "the set-up of the case");
        let before = chat.state.clone();
        let outcome = chat.run(command()).map(|_| chat.state.status());
        assert_eq!(outcome, expected, "{name} while {}", status.as_str());
        if outcome.is_err() {
            assert_eq!(chat.state, before, "a refused {name} writes nothing");
        }
    }
}

#[test]
fn every_command_in_every_status() {
    use Status::{Ended, Open, Unassigned, Unrequested};
    let taken = || Err(Refusal::AlreadyTaken { by: ada() });

    table(
        "visitor writes",
        || post(2, "and?", Signals::default()),
        [Ok(Unrequested), Ok(Unassigned), Ok(Open), Ok(Unrequested)],
    );
    table(
        "visitor presses the button",
        press_button,
        [Ok(Unassigned), Err(Refusal::AlreadyWaiting), Err(Refusal::AlreadyWithAgent), Ok(Unassigned)],
    );
    table(
        "visitor cancels the wait",
        || Command::CancelHandoff,
        [Err(Refusal::NothingPending), Ok(Unrequested), Err(Refusal::NothingPending), Err(Refusal::NothingPending)],
    );
    table("visitor declines without an offer", || Command::DeclineHandoff, [const { Err(Refusal::NothingPending) }; 4]);
    table("the holder accepts", || accept(ada()), [Ok(Open), Ok(Open), Err(Refusal::NoChange), Ok(Open)]);
    table("another agent accepts", || accept(bo()), [Ok(Open), Ok(Open), taken(), Ok(Open)]);
    table("another agent takes over", || Command::TakeOver { agent: bo() }, [Ok(Open), Ok(Open), Ok(Open), Ok(Open)]);
    table(
        "the holder takes over",
        || Command::TakeOver { agent: ada() },
        [Ok(Open), Ok(Open), Err(Refusal::NoChange), Ok(Open)],
    );
    table("the holder writes", || agent_says(ada(), 2, "hi"), [Ok(Open), Ok(Open), Ok(Open), Ok(Open)]);
    table("another agent writes", || agent_says(bo(), 2, "hi"), [Ok(Open), Ok(Open), taken(), Ok(Open)]);
    table(
        "another agent writes a note",
        || note(bo(), 2, "vip"),
        [Ok(Unrequested), Ok(Unassigned), Ok(Open), Ok(Ended)],
    );
    let not_holder = || Err(Refusal::NotAssignee);
    table(
        "the holder hands back",
        || Command::HandBack { agent: ada() },
        [not_holder(), not_holder(), Ok(Unrequested), not_holder()],
    );
    table("another agent hands back", || Command::HandBack { agent: bo() }, [const { Err(Refusal::NotAssignee) }; 4]);
    table(
        "the holder transfers",
        || Command::Transfer { agent: ada(), to: bo() },
        [not_holder(), not_holder(), Ok(Open), not_holder()],
    );
    table(
        "another agent transfers to itself",
        || Command::Transfer { agent: bo(), to: bo() },
        [const { Err(Refusal::NotAssignee) }; 4],
    );
    table(
        "the holder ends",
        || Command::EndByAgent { agent: ada() },
        [Ok(Ended), Ok(Ended), Ok(Ended), Err(Refusal::AlreadyEnded)],
    );
    table(
        "another agent ends",
        || Command::EndByAgent { agent: bo() },
        [Ok(Ended), Ok(Ended), not_holder(), Err(Refusal::AlreadyEnded)],
    );
    table("visitor ends", || Command::EndByVisitor, [Ok(Ended), Ok(Ended), Ok(Ended), Err(Refusal::AlreadyEnded)]);
    table(
        "visitor comes from another page",
        || Command::NoteVisitor { context: on_page("https://acme.test/price").into() },
        [Ok(Unrequested), Ok(Unassigned), Ok(Open), Ok(Ended)],
    );
}

#[test]
fn only_a_visitor_can_start_a_conversation() {
    let commands = [
        Command::NoteVisitor { context: on_page("https://acme.test/").into() },
        accept(ada()),
        Command::TakeOver { agent: ada() },
        agent_says(ada(), 1, "hi"),
        note(ada(), 1, "hi"),
        Command::HandBack { agent: ada() },
        Command::Transfer { agent: ada(), to: bo() },
        Command::EndByAgent { agent: ada() },
        Command::EndByVisitor,
        Command::MarkRead { by: Party::Visitor, seq: Seq(1) },
    ];
    for command in commands {
        let mut chat = Chat::new();
        assert_eq!(chat.run(command.clone()), Err(Refusal::NotStarted), "{command:?}");
        assert!(!chat.state.exists());
    }
}

#[test]
fn the_first_message_says_who_and_from_where() {
    let mut chat = Chat::new();
    let started = Event::Started { chatbot: chatbot(), visitor: visitor(), context: on_page("https://acme.test/") };
    assert_eq!(chat.run(hello()), Ok(vec![started, Event::VisitorWrote { key: key(1), text: "hello".into() }]));
    assert_eq!(chat.state.identity(), Some(&(chatbot(), visitor())));
    assert_eq!(chat.state.turn(), Some(Seq(2)));
    assert_eq!(chat.says("more").len(), 1, "it starts once");
}

#[test]
fn the_button_can_be_the_very_first_thing() {
    let mut chat = Chat::new();
    let events = chat.run(press_button()).unwrap();
    assert!(matches!(events[0], Event::Started { .. }));
    assert_eq!(events[1], chat.waiting_text(HandoffReason::Button));
    assert_eq!(chat.state.waiting_since(), Some(chat.now));
}

#[test]
fn an_agent_starts_directly_without_a_request() {
    let mut chat = Chat::new().after([hello()]);
    assert_eq!(chat.run(accept(ada())), Ok(vec![joined(ada())]));
    assert_eq!(chat.state.assignee(), Some(&ada()));
    assert!(!chat.state.escalated());
    assert_eq!(chat.state.turn(), None);
}

#[test]
fn writing_joins_first_when_nobody_holds_it() {
    let mut chat = Chat::new().after([hello(), press_button()]);
    let wrote = Event::AgentWrote { key: key(2), agent: ada(), text: "hi".into() };
    assert_eq!(chat.run(agent_says(ada(), 2, "hi")), Ok(vec![joined(ada()), wrote]));
    assert_eq!(chat.run(agent_says(ada(), 3, "again")).unwrap().len(), 1);
}

#[test]
fn of_two_agents_accepting_one_wins_and_the_other_is_told_who() {
    let mut chat = Chat::new().after([hello(), press_button(), accept(bo())]);
    let refusal = chat.run(accept(ada())).unwrap_err();
    assert_eq!(refusal, Refusal::AlreadyTaken { by: bo() });
    assert_eq!(refusal.to_string(), "Bo has already taken it");
    assert_eq!(chat.state.assignee(), Some(&bo()));
}

#[test]
fn taking_over_names_both_agents() {
    let mut chat = Chat::new().after([hello(), accept(ada())]);
    let moved = Event::Transferred { from: ada(), to: bo() };
    assert_eq!(chat.run(Command::TakeOver { agent: bo() }), Ok(vec![moved]));
    assert_eq!(chat.run(agent_says(ada(), 2, "wait")), Err(Refusal::AlreadyTaken { by: bo() }));
}

#[test]
fn a_transfer_to_oneself_changes_nothing() {
    let mut chat = Chat::new().after([hello(), accept(ada())]);
    assert_eq!(chat.run(Command::Transfer { agent: ada(), to: ada() }), Err(Refusal::NoChange));
}

#[test]
fn either_party_writing_again_reopens() {
    let closing = |by| Event::Ended { by, text: ChatbotSettings::new(String::new()).texts.closing };
    let mut chat = Chat::new().after([hello(), accept(ada())]);
    assert_eq!(chat.run(Command::EndByAgent { agent: ada() }), Ok(vec![closing(Party::Agent)]));
    let events = chat.says("one more thing");
    assert_eq!(events[0], Event::Reopened { by: Party::Visitor });
    assert_eq!(chat.state.status(), Status::Unrequested);
    assert_eq!(chat.state.turn(), Some(chat.state.seq()), "the AI answers a reopened conversation");

    assert_eq!(chat.run(Command::EndByVisitor), Ok(vec![closing(Party::Visitor)]));
    let events = chat.run(agent_says(bo(), 2, "one more thing from us")).unwrap();
    assert_eq!(events[..2], [Event::Reopened { by: Party::Agent }, joined(bo())]);
    assert_eq!(chat.state.assignee(), Some(&bo()));
}

#[test]
fn a_note_moves_nothing_but_the_log() {
    for status in Status::ALL {
        let mut chat = in_status(status);
        let before = chat.state.clone();
        assert_eq!(
            chat.run(note(bo(), 2, "vip")),
            Ok(vec![Event::NoteWritten { key: key(2), agent: bo(), text: "vip".into() }])
        );
        assert_eq!(chat.state.phase(), before.phase());
        assert_eq!(chat.state.turn(), before.turn(), "a note does not answer for the AI");
        assert_eq!(chat.state.read_up_to(Party::Agent), before.read_up_to(Party::Agent));
        assert_eq!(chat.state.seq(), before.seq().next());
    }
}

#[test]
fn a_cancelled_wait_starts_anew_with_the_next_request() {
    let mut chat = Chat::new().after([hello(), press_button()]);
    let first = chat.state.waiting_since();
    chat.run(Command::CancelHandoff).unwrap();
    assert_eq!(chat.state.waiting_since(), None);
    assert!(chat.state.escalated(), "it stays in the escalated history");
    chat.run(press_button()).unwrap();
    assert!(chat.state.waiting_since() > first);
}

#[test]
fn a_visitor_who_did_not_move_is_not_noted_again() {
    let mut chat = Chat::new().after([hello()]);
    assert_eq!(
        chat.run(Command::NoteVisitor { context: on_page("https://acme.test/").into() }),
        Err(Refusal::NoChange)
    );
    chat.run(Command::NoteVisitor { context: on_page("https://acme.test/price").into() }).unwrap();
    assert_eq!(chat.state.context(), &on_page("https://acme.test/price"));
}
