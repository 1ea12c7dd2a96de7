//! Asking again, and machines that answer every answer.

use super::*;
use crate::domain::settings::Trigger;

fn offered(events: &[Event]) -> Option<HandoffReason> {
    events.iter().find_map(|event| match event {
        Event::HandoffOffered { reason, .. } => Some(*reason),
        _ => None,
    })
}

#[test]
fn a_question_asked_again_after_its_answer_is_impatience() {
    for (first, again, expected) in [
        ("When does my parcel come?", "when does my parcel come", true),
        ("When does my parcel come?", "WHEN does my parcel come?? please", true),
        ("When does my parcel come?", "When does my bike come?", false),
        ("what are your hours", "what are your hours on sunday", false),
        ("thanks", "thanks", false),
        ("ok", "OK!", false),
    ] {
        let mut chat = Chat::new();
        chat.says(first);
        assert_eq!(offered(&chat.says(again)), None, "without an answer between, {again:?} is no complaint");
        let mut chat = Chat::new();
        chat.says(first);
        chat.ai(answered("here"));
        let expected = expected.then_some(HandoffReason::Frustration);
        assert_eq!(offered(&chat.says(again)), expected, "{first:?}, {again:?}");
    }
}

#[test]
fn two_answers_in_a_row_that_say_nothing_are_impatience_too() {
    let mut chat = Chat::with(|policy| policy.on_cannot_answer = Trigger::Off);
    chat.says("one thing");
    assert_eq!(offered(&chat.ai(TurnOutcome::Unsure)), None);
    chat.says("another thing");
    assert_eq!(offered(&chat.ai(TurnOutcome::Failed)), Some(HandoffReason::Frustration));

    let mut chat = Chat::with(|policy| policy.on_cannot_answer = Trigger::Off);
    for (text, outcome) in [("a b", TurnOutcome::Unsure), ("c d", answered("yes")), ("e f", TurnOutcome::Unsure)] {
        chat.says(text);
        assert_eq!(offered(&chat.ai(outcome)), None, "not in a row");
    }
}

#[test]
fn an_auto_reply_is_answered_four_times_and_then_no_more_until_something_else_is_said() {
    let mut chat = Chat::with(|policy| policy.enabled = false);
    for _ in 0..4 {
        chat.says("I am out of office until Monday.");
        assert!(matches!(chat.ai(answered("I see"))[..], [Event::AiAnswered { .. }]));
    }
    for _ in 0..20 {
        chat.says("I am out of office until Monday.");
        let turn = chat.turn();
        assert_eq!(chat.ai(answered("I see")), vec![Event::AiPaused { turn }]);
        assert_eq!(chat.state.turn(), None, "nothing is owed");
    }
    chat.says("A real question?");
    assert!(matches!(chat.ai(answered("yes"))[..], [Event::AiAnswered { .. }]));
}

/// The words of two machines may change with every round; nobody reads sixty answers in a minute.
#[test]
fn a_chat_faster_than_people_is_paused_and_recovers() {
    let mut chat = Chat::with(|policy| policy.enabled = false);
    let mut said = 0;
    for number in 0..200 {
        chat.says(&format!("echo number {number}"));
        said += u32::from(matches!(chat.ai(answered("echo"))[..], [Event::AiAnswered { .. }]));
    }
    assert!((60..=145).contains(&said), "{said} answers in 400 s");
    chat.now = chat.now.plus_millis(600_000);
    chat.says("back again");
    assert!(matches!(chat.ai(answered("yes"))[..], [Event::AiAnswered { .. }]));
}
