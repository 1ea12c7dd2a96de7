//! What holds after any sequence of commands, and after any sequence of events at all.

use super::*;
use crate::domain::settings::{ButtonRule, Trigger};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashSet;

fn a_text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec!["hello", "yes", "no", "so?", "😀 שלום"]).prop_map(String::from),
        1 => Just(String::new()),
        1 => Just("a".repeat(8_001)),
    ]
}

// Few keys, so that repeats and reuse happen in most runs.
fn a_key() -> impl Strategy<Value = ClientMessageId> {
    (1_u128..24).prop_map(key)
}

fn an_agent() -> impl Strategy<Value = AgentRef> {
    prop::sample::select(vec![ada(), bo()])
}

fn a_party() -> impl Strategy<Value = Party> {
    prop::sample::select(vec![Party::Visitor, Party::Agent])
}

fn signals() -> impl Strategy<Value = Signals> {
    let assent = prop::sample::select(vec![Assent::Neither, Assent::Neither, Assent::Yes, Assent::No]);
    (prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::bool::weighted(0.1), assent)
        .prop_map(|(wants_human, frustrated, keyword, assent)| Signals { wants_human, frustrated, keyword, assent })
}

fn context() -> impl Strategy<Value = VisitorContext> {
    prop::sample::select(vec![on_page("https://acme.test/"), on_page("https://acme.test/price")])
}

fn outcome() -> impl Strategy<Value = TurnOutcome> {
    prop_oneof![Just(answered("here")), Just(TurnOutcome::Unsure), Just(TurnOutcome::Failed)]
}

/// A command; the turn of `SettleTurn` counts back from the newest event, so that most answers are on time.
fn a_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        6 => (a_key(), a_text(), signals(), context()).prop_map(|(key, text, signals, context)| Command::VisitorPost {
            chatbot: chatbot(), visitor: visitor(), context: context.into(), key, text, signals,
        }),
        5 => (0_u64..3, outcome()).prop_map(|(back, outcome)| Command::SettleTurn { turn: Seq(back), outcome }),
        2 => Just(press_button()),
        1 => Just(Command::DeclineHandoff),
        1 => Just(Command::CancelHandoff),
        1 => context().prop_map(|context| Command::NoteVisitor { context: context.into() }),
        2 => an_agent().prop_map(accept),
        1 => an_agent().prop_map(|agent| Command::TakeOver { agent }),
        2 => (an_agent(), a_key(), a_text()).prop_map(|(agent, key, text)| Command::AgentPost { agent, key, text }),
        1 => (an_agent(), a_key(), a_text()).prop_map(|(agent, key, text)| Command::WriteNote { agent, key, text }),
        1 => (an_agent(), a_key(), a_text()).prop_map(|(agent, key, text)| Command::Interject { agent, key, text }),
        1 => (an_agent(), a_key(), a_text()).prop_map(|(agent, key, text)| Command::Whisper { agent, key, text }),
        1 => (0_u64..60).prop_map(|handoff| Command::Summarise { handoff: Seq(handoff), summary: "late".into() }),
        2 => an_agent().prop_map(|agent| Command::HandBack { agent }),
        1 => (an_agent(), an_agent()).prop_map(|(agent, to)| Command::Transfer { agent, to }),
        1 => an_agent().prop_map(|agent| Command::EndByAgent { agent }),
        1 => Just(Command::EndByVisitor),
        2 => (a_party(), 0_u64..80).prop_map(|(by, seq)| Command::MarkRead { by, seq: Seq(seq) }),
    ]
}

fn a_policy() -> impl Strategy<Value = HandoffPolicy> {
    let trigger = || prop::sample::select(vec![Trigger::Off, Trigger::AskFirst, Trigger::AtOnce]);
    let limit = prop::option::weighted(0.3, 0_u32..4);
    let triggers = (trigger(), trigger(), trigger(), trigger());
    (prop::bool::weighted(0.9), triggers, limit, 0_u32..5, any::<bool>()).prop_map(
        |(enabled, triggers, turn_limit, quiet_messages, ai_answers_while_waiting)| HandoffPolicy {
            enabled,
            button: ButtonRule::Always,
            on_words: triggers.0,
            on_frustration: triggers.1,
            on_cannot_answer: triggers.2,
            on_keywords: triggers.3,
            keywords: Vec::new(),
            turn_limit,
            quiet_messages,
            starter: false,
            ai_answers_while_waiting,
        },
    )
}

fn an_event() -> impl Strategy<Value = Event> {
    let reason = || {
        prop::sample::select(vec![
            HandoffReason::Button,
            HandoffReason::Words,
            HandoffReason::Frustration,
            HandoffReason::Keyword,
            HandoffReason::CannotAnswer,
        ])
    };
    let seq = || prop_oneof![(0_u64..50).prop_map(Seq), Just(Seq(u64::MAX))];
    prop_oneof![
        context().prop_map(|context| Event::Started { chatbot: chatbot(), visitor: visitor(), context }),
        context().prop_map(|context| Event::VisitorSeen { context }),
        (a_key(), a_text()).prop_map(|(key, text)| Event::VisitorWrote { key, text }),
        (seq(), any::<bool>()).prop_map(|(turn, confident)| Event::AiAnswered {
            turn,
            text: "here".into(),
            sources: Vec::new(),
            confident
        }),
        reason().prop_map(|reason| Event::HandoffOffered { reason, text: String::new() }),
        Just(Event::HandoffDeclined { text: String::new() }),
        reason().prop_map(|reason| Event::HandoffRequested { reason, text: String::new(), brief: Arc::default() }),
        (a_key(), an_agent(), a_text()).prop_map(|(key, agent, text)| Event::HintWhispered { key, agent, text }),
        seq().prop_map(|handoff| Event::HandoffSummarised { handoff, summary: "late".into() }),
        seq().prop_map(|turn| Event::AiPaused { turn }),
        Just(Event::HandoffCancelled),
        an_agent().prop_map(joined),
        (a_key(), an_agent(), a_text()).prop_map(|(key, agent, text)| Event::AgentWrote { key, agent, text }),
        (a_key(), an_agent(), a_text()).prop_map(|(key, agent, text)| Event::NoteWritten { key, agent, text }),
        an_agent().prop_map(|agent| Event::HandedBack { agent }),
        (an_agent(), an_agent()).prop_map(|(from, to)| Event::Transferred { from, to }),
        a_party().prop_map(|by| Event::Ended { by, text: String::new() }),
        a_party().prop_map(|by| Event::Reopened { by }),
        (a_party(), seq()).prop_map(|(by, seq)| Event::ReadUpTo { by, seq }),
    ]
}

/// What must be true of a state that commands alone have made.
fn check_state(chat: &Chat) -> Result<(), TestCaseError> {
    let state = &chat.state;
    let status = state.status();
    prop_assert_eq!(state.waiting_since().is_some(), status == Status::Unassigned);
    prop_assert_eq!(state.assignee().is_some(), status == Status::Open);
    if matches!(status, Status::Open | Status::Ended) {
        prop_assert_eq!(state.turn(), None, "the AI owes nothing while {:?}", status);
        prop_assert_eq!(state.offer(), None, "no offer stands while {:?}", status);
    }
    if status == Status::Unassigned {
        prop_assert_eq!(state.offer(), None, "who waits is not asked whether to wait");
    }
    let requested = chat.log.iter().any(|recorded| matches!(recorded.event, Event::HandoffRequested { .. }));
    prop_assert_eq!(state.escalated(), requested);
    prop_assert!(state.read_up_to(Party::Visitor) <= state.seq());
    prop_assert!(state.read_up_to(Party::Agent) <= state.seq());
    prop_assert_eq!(state.seq().get() as usize, chat.log.len());
    prop_assert_eq!(state.exists(), !chat.log.is_empty());
    Ok(())
}

/// What must be true of a log: read on its own, without the state machine.
fn check_log(log: &[Recorded], policy: &HandoffPolicy) -> Result<(), TestCaseError> {
    let mut keys = HashSet::new();
    let mut answered_turns = HashSet::new();
    let mut newest_visitor_message = Seq::ZERO;
    let mut holder = None;
    for (index, Recorded { seq, event, .. }) in log.iter().enumerate() {
        prop_assert_eq!(seq.get(), index as u64 + 1, "CONV-1");
        prop_assert_eq!(index == 0, matches!(event, Event::Started { .. }), "started comes first and once");
        match event {
            Event::VisitorWrote { key, .. } => {
                prop_assert!(keys.insert(*key), "CONV-3");
                newest_visitor_message = *seq;
            }
            Event::AgentWrote { key, agent, .. } => {
                prop_assert!(keys.insert(*key), "CONV-3");
                prop_assert!(holder.as_ref().is_none_or(|holder| holder == agent), "nobody writes beside the holder");
            }
            Event::NoteWritten { key, .. } => prop_assert!(keys.insert(*key), "CONV-3"),
            Event::HintWhispered { key, .. } => {
                prop_assert!(keys.insert(*key), "CONV-3");
                prop_assert_eq!(&holder, &None, "nobody whispers to an AI that is silent");
            }
            Event::AiPaused { turn } => {
                prop_assert_eq!(&holder, &None, "CONV-2");
                prop_assert!(answered_turns.insert(*turn), "CONV-2: once");
            }
            Event::AiAnswered { turn, .. } => {
                prop_assert_eq!(&holder, &None, "CONV-2: not while a human holds it");
                prop_assert_eq!(*turn, newest_visitor_message, "CONV-2: only to the newest message");
                prop_assert!(answered_turns.insert(*turn), "CONV-2: once");
            }
            Event::HandoffOffered { .. } | Event::HandoffRequested { .. } => {
                prop_assert!(policy.enabled, "a disabled handoff calls nobody");
                prop_assert_eq!(&holder, &None, "nobody is called while a human is there");
            }
            Event::AgentJoined { agent } => {
                prop_assert_eq!(&holder, &None, "CONV-4: nobody is pushed out by a join");
                holder = Some(agent.clone());
            }
            Event::Transferred { from, to } => {
                prop_assert_eq!(holder.as_ref(), Some(from), "CONV-4");
                prop_assert_ne!(&from.id, &to.id);
                holder = Some(to.clone());
            }
            Event::HandedBack { agent } => {
                prop_assert_eq!(holder.as_ref(), Some(agent));
                holder = None;
            }
            Event::Ended { .. } => holder = None,
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_keep_the_invariants(policy in a_policy(), commands in vec(a_command(), 1..60)) {
        let mut chat = Chat::with(|handoff| *handoff = policy);
        for mut command in commands {
            if let Command::SettleTurn { turn, .. } = &mut command {
                *turn = Seq(chat.state.turn().unwrap_or(chat.state.seq()).get().saturating_sub(turn.get()));
            }
            let before = chat.state.clone();
            match chat.run(command) {
                Ok(events) => prop_assert!(!events.is_empty(), "an admitted command makes events"),
                Err(_) => prop_assert_eq!(&chat.state, &before),
            }
            check_state(&chat)?;
        }
        check_log(&chat.log, &chat.settings.handoff)?;
        prop_assert_eq!(replay(&chat.log), chat.state, "a restarted conversation is the conversation");
    }

    #[test]
    fn sending_everything_twice_writes_everything_once(commands in vec(a_command(), 1..40)) {
        let mut chat = Chat::new();
        for command in commands {
            let first = chat.run(command.clone());
            let is_message =
                matches!(
                    command,
                    Command::VisitorPost { .. }
                        | Command::AgentPost { .. }
                        | Command::WriteNote { .. }
                        | Command::Interject { .. }
                        | Command::Whisper { .. }
                );
            if is_message && first.is_ok() {
                let length = chat.log.len();
                let again = chat.run(command);
                prop_assert!(matches!(again, Err(Refusal::Duplicate { .. })), "{:?}", again);
                prop_assert_eq!(chat.log.len(), length);
            }
        }
    }

    /// A log written by a newer or a broken version must not stop the process from starting.
    #[test]
    fn any_events_fold_without_a_panic(events in vec(an_event(), 0..80), start in any::<u64>()) {
        let mut state = Conversation::default();
        let mut seq = start;
        for event in events {
            let recorded = Recorded { seq: Seq(seq), at: UnixMillis(0), event };
            evolve(&mut state, &recorded);
            prop_assert_eq!(state.seq(), Seq(seq));
            seq = seq.wrapping_add(1);
        }
        let settings = ChatbotSettings::new("Acme".into());
        for command in [hello(), press_button(), accept(ada()), Command::EndByVisitor] {
            let _ = decide(&state, command, &settings);
        }
    }

    #[test]
    fn any_command_in_any_state_is_answered_without_a_panic(events in vec(an_event(), 0..30), command in a_command()) {
        let mut state = Conversation::default();
        for (seq, event) in (1..).zip(events) {
            evolve(&mut state, &Recorded { seq: Seq(seq), at: UnixMillis(i64::MIN), event });
        }
        if let Ok(events) = decide(&state, command, &ChatbotSettings::new("Acme".into())) {
            prop_assert!(!events.is_empty());
        }
    }
}
