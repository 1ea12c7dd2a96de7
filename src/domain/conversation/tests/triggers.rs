//! What calls a human: button, words, frustration, keywords, an AI that can't answer; each as the owner has set it.

use super::*;
use crate::domain::settings::Trigger;

const WANTS_HUMAN: Signals = Signals { wants_human: true, ..NEUTRAL };
const FRUSTRATED: Signals = Signals { frustrated: true, ..NEUTRAL };
const KEYWORD: Signals = Signals { keyword: true, ..NEUTRAL };
const YES: Signals = Signals { assent: Assent::Yes, ..NEUTRAL };
const NO: Signals = Signals { assent: Assent::No, ..NEUTRAL };
const NEUTRAL: Signals = Signals { wants_human: false, frustrated: false, keyword: false, assent: Assent::Neither };

/// What one detected wish does: nothing, an offer, or a request.
fn effect(events: &[Event]) -> Option<(&'static str, HandoffReason)> {
    events.iter().find_map(|event| match event {
        Event::HandoffOffered { reason, .. } => Some(("offer", *reason)),
        Event::HandoffRequested { reason, .. } => Some(("request", *reason)),
        _ => None,
    })
}

type Case = (&'static str, fn(&mut HandoffPolicy, Trigger), fn(&mut Chat) -> Vec<Event>, HandoffReason);

/// The three wishes whose trigger an owner sets to off, ask first or at once.
const WISHES: [Case; 5] = [
    ("words", |p, t| p.on_words = t, |chat| chat.says_meaning("a person please", WANTS_HUMAN), HandoffReason::Words),
    (
        "frustration",
        |p, t| p.on_frustration = t,
        |chat| chat.says_meaning("this is no help!!", FRUSTRATED),
        HandoffReason::Frustration,
    ),
    (
        "an unsure AI",
        |p, t| p.on_cannot_answer = t,
        |chat| asked(chat, TurnOutcome::Unsure),
        HandoffReason::CannotAnswer,
    ),
    (
        "a failed AI",
        |p, t| p.on_cannot_answer = t,
        |chat| asked(chat, TurnOutcome::Failed),
        HandoffReason::CannotAnswer,
    ),
    (
        "the turn limit",
        |p, t| {
            p.on_cannot_answer = t;
            p.turn_limit = Some(0);
        },
        |chat| chat.says("hello"),
        HandoffReason::CannotAnswer,
    ),
];

fn asked(chat: &mut Chat, outcome: TurnOutcome) -> Vec<Event> {
    // Another question each time: the same one again would be a complaint.
    chat.says(&format!("what is the airspeed of swallow {}?", chat.next_key));
    chat.ai(outcome)
}

#[test]
fn each_wish_under_each_setting() {
    for (name, set, wish, reason) in WISHES {
        for (trigger, expected) in [
            (Trigger::Off, None),
            (Trigger::AskFirst, Some(("offer", reason))),
            (Trigger::AtOnce, Some(("request", reason))),
        ] {
            let mut chat = Chat::with(|policy| set(policy, trigger));
            assert_eq!(effect(&wish(&mut chat)), expected, "{name}, {trigger:?}");
            let status = if expected.is_some_and(|(kind, _)| kind == "request") {
                Status::Unassigned
            } else {
                Status::Unrequested
            };
            assert_eq!(chat.state.status(), status, "{name}, {trigger:?}");
        }
    }
}

#[test]
fn a_disabled_handoff_never_offers_or_calls_anybody() {
    for (name, set, wish, _) in WISHES {
        for trigger in [Trigger::AskFirst, Trigger::AtOnce] {
            let mut chat = Chat::with(|policy| {
                set(policy, trigger);
                policy.enabled = false;
            });
            assert_eq!(effect(&wish(&mut chat)), None, "{name}, {trigger:?}");
        }
    }
    let mut chat = Chat::with(|policy| policy.enabled = false);
    assert_eq!(effect(&chat.says_meaning("refund", KEYWORD)), None);
    assert_eq!(chat.run(press_button()), Err(Refusal::HandoffDisabled));
}

#[test]
fn switching_off_under_a_pending_offer_leaves_yes_without_effect() {
    let mut chat = Chat::new();
    chat.says_meaning("a person please", WANTS_HUMAN);
    chat.settings.handoff.enabled = false;
    assert_eq!(effect(&chat.says_meaning("yes", YES)), None);
    assert_eq!(chat.run(press_button()), Err(Refusal::HandoffDisabled));
    assert!(chat.state.turn().is_some(), "the AI answers instead");
}

#[test]
fn the_owners_words_are_shown() {
    let mut chat = Chat::new();
    chat.settings.texts.offer = "Soll ich jemanden holen?".into();
    chat.settings.texts.waiting = "Gleich kommt jemand.".into();
    chat.settings.texts.declined = "Gut.".into();
    let offer = chat.offer_text(HandoffReason::Words);
    assert_eq!(chat.says_meaning("ein Mensch bitte", WANTS_HUMAN).last(), Some(&offer));
    assert_eq!(chat.says_meaning("nein", NO).last(), Some(&Event::HandoffDeclined { text: "Gut.".into() }));
    let waiting = chat.waiting_text(HandoffReason::Button);
    assert_eq!(chat.run(press_button()), Ok(vec![waiting]));
}

#[test]
fn a_keyword_calls_at_once_whatever_the_other_triggers_say() {
    let mut chat = Chat::with(|policy| {
        policy.on_words = Trigger::Off;
        policy.on_frustration = Trigger::Off;
        policy.on_cannot_answer = Trigger::Off;
    });
    assert_eq!(effect(&chat.says_meaning("I want a refund", KEYWORD)), Some(("request", HandoffReason::Keyword)));
    assert_eq!(chat.state.turn(), None, "the waiting message is the reply");
}

#[test]
fn an_offer_is_answered_in_words_or_by_button_and_keeps_its_reason() {
    let offered = || {
        let mut chat = Chat::new();
        chat.says_meaning("useless", FRUSTRATED);
        assert_eq!(chat.state.offer(), Some(Offer { reason: HandoffReason::Frustration }));
        assert_eq!(chat.state.turn(), None, "the offer is the reply");
        chat
    };
    let requested = Some(("request", HandoffReason::Frustration));

    let mut chat = offered();
    assert_eq!(effect(&chat.says_meaning("yes please", YES)), requested);
    let mut chat = offered();
    assert_eq!(effect(&chat.run(press_button()).unwrap()), requested);
    assert_eq!(chat.state.offer(), None);

    let mut chat = offered();
    let declined = Event::HandoffDeclined { text: chat.settings.texts.declined.clone() };
    assert_eq!(chat.says_meaning("no thanks", NO).last(), Some(&declined));
    assert_eq!(chat.state.turn(), None, "the reply to the no is the owner's text");
    let mut chat = offered();
    assert_eq!(chat.run(Command::DeclineHandoff), Ok(vec![declined]));
    assert_eq!(chat.run(Command::DeclineHandoff), Err(Refusal::NothingPending));
}

#[test]
fn yes_and_no_mean_nothing_without_an_offer() {
    for signals in [YES, NO] {
        let mut chat = Chat::new();
        assert_eq!(effect(&chat.says_meaning("yes", signals)), None);
        assert_eq!(chat.state.turn(), Some(chat.state.seq()), "the AI answers it");
    }
}

#[test]
fn another_question_leaves_the_offer_standing_and_gets_an_answer() {
    let mut chat = Chat::new();
    chat.says_meaning("useless", FRUSTRATED);
    assert_eq!(effect(&chat.says("what are your hours?")), None);
    assert_eq!(effect(&chat.ai(TurnOutcome::Unsure)), None, "the question already stands");
    assert!(chat.state.offer().is_some());
    assert_eq!(effect(&chat.says_meaning("ok, yes", YES)), Some(("request", HandoffReason::Frustration)));
}

#[test]
fn asking_in_words_twice_is_a_yes() {
    let mut chat = Chat::new();
    chat.says_meaning("a person please", WANTS_HUMAN);
    let events = chat.says_meaning("I said, a person", WANTS_HUMAN);
    assert_eq!(effect(&events), Some(("request", HandoffReason::Words)));
}

#[test]
fn at_once_does_not_wait_for_the_answer_to_an_offer() {
    let mut chat = Chat::with(|policy| policy.on_cannot_answer = Trigger::AtOnce);
    chat.says_meaning("useless", FRUSTRATED);
    assert_eq!(effect(&asked(&mut chat, TurnOutcome::Unsure)), Some(("request", HandoffReason::CannotAnswer)));
}

/// A message that both asks for a person and complains must not be judged by the first of the two triggers alone.
#[test]
fn a_trigger_that_is_off_does_not_hide_the_next() {
    let both = Signals { wants_human: true, frustrated: true, ..NEUTRAL };
    let mut chat = Chat::with(|policy| policy.on_words = Trigger::Off);
    assert_eq!(
        effect(&chat.says_meaning("useless, get me a person", both)),
        Some(("offer", HandoffReason::Frustration))
    );

    let mut chat = Chat::with(|policy| {
        policy.on_frustration = Trigger::Off;
        policy.turn_limit = Some(0);
    });
    assert_eq!(effect(&chat.says_meaning("useless", FRUSTRATED)), Some(("offer", HandoffReason::CannotAnswer)));
}

/// Three visitor messages are spared after a "no": by the detectors and by the AI's own "I don't know" alike.
#[test]
fn a_no_silences_offers_for_three_messages() {
    type Wish = (&'static str, fn(&mut Chat) -> Vec<Event>);
    let ways: [Wish; 2] = [
        ("frustration", |chat| {
            let events = chat.says_meaning("useless", FRUSTRATED);
            if chat.state.turn().is_some() {
                chat.ai(answered("I see."));
            }
            events
        }),
        ("unsure", |chat| asked(chat, TurnOutcome::Unsure)),
    ];
    for (name, wish) in ways {
        let refusals: [fn(&mut Chat); 3] = [
            |chat| drop(chat.says_meaning("no", NO)),
            |chat| drop(chat.run(Command::DeclineHandoff)),
            |chat| {
                chat.run(press_button()).unwrap();
                chat.run(Command::CancelHandoff).unwrap();
            },
        ];
        for no in refusals {
            let mut chat = Chat::new();
            chat.says_meaning("useless", FRUSTRATED);
            no(&mut chat);
            for message in 1..=3 {
                assert_eq!(effect(&wish(&mut chat)), None, "{name}, message {message}");
            }
            assert!(effect(&wish(&mut chat)).is_some(), "{name}, message 4");
        }
    }
}

#[test]
fn a_no_silences_neither_the_visitors_own_words_nor_keywords_nor_the_button() {
    let declined = || {
        let mut chat = Chat::new();
        chat.says_meaning("useless", FRUSTRATED);
        chat.says_meaning("no", NO);
        chat
    };
    let mut chat = declined();
    assert_eq!(effect(&chat.says_meaning("well, a person then", WANTS_HUMAN)), Some(("offer", HandoffReason::Words)));
    let mut chat = declined();
    assert_eq!(effect(&chat.says_meaning("refund", KEYWORD)), Some(("request", HandoffReason::Keyword)));
    let mut chat = declined();
    assert_eq!(effect(&chat.run(press_button()).unwrap()), Some(("request", HandoffReason::Button)));
}

#[test]
fn the_turn_limit_counts_answers() {
    let mut chat = Chat::with(|policy| policy.turn_limit = Some(2));
    for text in ["one", "two"] {
        assert_eq!(effect(&chat.says(text)), None);
        chat.ai(answered("here"));
    }
    assert_eq!(chat.state.ai_answers(), 2);
    assert_eq!(effect(&chat.says("three")), Some(("offer", HandoffReason::CannotAnswer)));
}

#[test]
fn an_unsure_answer_is_in_the_owners_words_and_marked() {
    let mut chat = Chat::new();
    chat.says("?");
    let turn = chat.turn();
    let unsure =
        Event::AiAnswered { turn, text: chat.settings.texts.unsure.clone(), sources: Vec::new(), confident: false };
    assert_eq!(chat.ai(TurnOutcome::Unsure), vec![unsure, chat.offer_text(HandoffReason::CannotAnswer)]);
    assert!(!chat.state.last_answer_confident());
    chat.says_meaning("no", NO);
    chat.says("hours?");
    chat.ai(answered("nine to five"));
    assert!(chat.state.last_answer_confident());
}

#[test]
fn nobody_is_called_twice() {
    let all = Signals { wants_human: true, frustrated: true, keyword: true, assent: Assent::Yes };
    let mut waiting = Chat::new().after([hello(), press_button()]);
    assert_eq!(effect(&waiting.says_meaning("human!", all)), None);
    assert_eq!(effect(&waiting.ai(TurnOutcome::Failed)), None);
    let mut open = Chat::new().after([hello(), accept(ada())]);
    assert_eq!(effect(&open.says_meaning("human!", all)), None);
}

#[test]
fn a_reopening_message_can_call_at_once() {
    let mut chat = Chat::with(|policy| policy.on_words = Trigger::AtOnce).after([hello(), Command::EndByVisitor]);
    let events = chat.says_meaning("a person please", WANTS_HUMAN);
    assert_eq!(events[0], Event::Reopened { by: Party::Visitor });
    assert_eq!(effect(&events), Some(("request", HandoffReason::Words)));
}

#[test]
fn while_waiting_the_ai_answers_only_if_the_owner_lets_it() {
    let mut chat = Chat::new().after([hello(), press_button()]);
    chat.says("and your hours?");
    assert_eq!(chat.ai(answered("nine to five")).len(), 1);

    let mut chat = Chat::with(|policy| policy.ai_answers_while_waiting = false).after([hello(), press_button()]);
    chat.says("and your hours?");
    let turn = chat.turn();
    let outcome = answered("nine to five");
    assert_eq!(chat.run(Command::SettleTurn { turn, outcome: outcome.clone() }), Err(Refusal::TurnOver { turn }));
    chat.run(Command::CancelHandoff).unwrap();
    assert_eq!(chat.ai(outcome).len(), 1, "the question is still owed an answer when the visitor stops waiting");
}
