//! Who sees what, and that the entries alone carry a snapshot forward as `docs/protocol.md` says.

use super::*;
use crate::domain::conversation::{Assent, Command, Signals, Source, TurnOutcome, VisitorContext, decide, evolve};
use crate::domain::ids::{AgentId, ClientMessageId, Seq};
use proptest::prelude::*;

/// In every text that a visitor must never get.
const SECRET: &str = "for-the-team-only";

fn visitor() -> VisitorId {
    VisitorId(Uuid::from_u128(7))
}

fn agent(number: u128) -> AgentRef {
    AgentRef { id: AgentId(Uuid::from_u128(number)), name: format!("Agent {number}") }
}

fn secret_context() -> VisitorContext {
    VisitorContext { ip: SECRET.into(), user_agent: SECRET.into(), ..VisitorContext::default() }
}

fn brief() -> domain::HandoffBrief {
    let tried = domain::Tried { question: SECRET.into(), answer: SECRET.into(), sources: Vec::new(), confident: false };
    domain::HandoffBrief { asked: SECRET.into(), tried: vec![tried], ..domain::HandoffBrief::default() }
}

fn every_event() -> Vec<Event> {
    let key = ClientMessageId(Uuid::from_u128(1));
    let text = || String::from("text");
    vec![
        Event::Started { chatbot: "acme".parse().unwrap(), visitor: visitor(), context: secret_context() },
        Event::VisitorSeen { context: secret_context() },
        Event::VisitorWrote { key, text: text() },
        Event::AiAnswered {
            turn: Seq(2),
            text: text(),
            sources: vec![Source { title: text(), url: None }],
            confident: true,
        },
        Event::HandoffOffered { reason: HandoffReason::Words, text: text() },
        Event::HandoffDeclined { text: text() },
        Event::HandoffRequested { reason: HandoffReason::Button, text: text(), brief: brief().into() },
        Event::HintWhispered { key: ClientMessageId(Uuid::nil()), agent: agent(1), text: SECRET.into() },
        Event::HandoffSummarised { handoff: Seq(1), summary: SECRET.into() },
        Event::AiPaused { turn: Seq(1) },
        Event::HandoffCancelled,
        Event::AgentJoined { agent: agent(1) },
        Event::AgentWrote { key, agent: agent(1), text: text() },
        Event::NoteWritten { key, agent: agent(1), text: SECRET.into() },
        Event::HandedBack { agent: agent(1) },
        Event::Transferred { from: agent(1), to: agent(2) },
        Event::Ended { by: Party::Agent, text: text() },
        Event::Reopened { by: Party::Visitor },
        Event::ReadUpTo { by: Party::Agent, seq: Seq(2) },
    ]
}

fn recorded(seq: u64, event: Event) -> Recorded {
    Recorded { seq: Seq(seq), at: UnixMillis(1_000 * seq as i64), event }
}

#[test]
fn a_visitor_gets_a_placeholder_for_what_is_the_teams() {
    for (seq, event) in (1..).zip(every_event()) {
        let secret = matches!(
            event,
            Event::VisitorSeen { .. }
                | Event::NoteWritten { .. }
                | Event::HintWhispered { .. }
                | Event::HandoffSummarised { .. }
        );
        let shared = same_for_everyone(&event);
        let recorded = recorded(seq, event);
        let [for_visitor, for_agent] =
            [Viewer::Visitor, Viewer::Agent].map(|viewer| entry(&recorded, visitor(), viewer));
        assert_eq!(for_visitor.event == LogEvent::Hidden, secret, "{recorded:?}");
        assert_ne!(for_agent.event, LogEvent::Hidden, "{recorded:?}");
        assert_eq!(for_visitor == for_agent, shared, "encoded once only when both get the same: {recorded:?}");
        assert_eq!((for_visitor.seq, for_agent.seq), (seq, seq), "a placeholder keeps its place");
        assert!(!serde_json::to_string(&for_visitor).unwrap().contains(SECRET), "{recorded:?}");
    }
}

#[test]
fn a_visitors_snapshot_holds_nothing_of_the_teams() {
    let log: Vec<Recorded> = (1..).zip(every_event()).map(|(seq, event)| recorded(seq, event)).collect();
    let mut state = Conversation::default();
    log.iter().for_each(|recorded| evolve(&mut state, recorded));
    let seen_by = |viewer| {
        let snapshot = snapshot(&state, (&"acme".parse().unwrap(), visitor()), &log, Uuid::nil(), viewer);
        serde_json::to_string(&snapshot).unwrap()
    };
    assert!(!seen_by(Viewer::Visitor).contains(SECRET));
    assert!(seen_by(Viewer::Agent).contains(SECRET), "the same snapshot shows it to agents");
}

/// The table "what each kind does to a snapshot" of the protocol's document, as a front-end would write it.
fn apply(snapshot: &mut Snapshot, entry: LogEntry) {
    let LogEntry { seq, at, event } = &entry;
    match event.clone() {
        LogEvent::Started | LogEvent::Note { .. } | LogEvent::Hint { .. } | LogEvent::Hidden => {}
        LogEvent::AiPaused { .. } => snapshot.turn = None,
        LogEvent::HandoffSummarised { handoff, summary } => {
            if let Some(brief) = snapshot.brief.as_mut().filter(|brief| brief.handoff == handoff) {
                (brief.summary, brief.by) = (summary, BriefBy::Model);
            }
        }
        LogEvent::VisitorSeen { visitor } => snapshot.visitor = Some(visitor),
        LogEvent::VisitorMessage { .. } => {
            snapshot.read_by_visitor = *seq;
            let ai_speaks = matches!(snapshot.status, StatusName::Unrequested | StatusName::Unassigned);
            snapshot.turn = ai_speaks.then_some(*seq);
        }
        LogEvent::AiMessage { confident, .. } => {
            snapshot.turn = None;
            snapshot.ai_answers += 1;
            snapshot.last_answer_confident = confident;
        }
        LogEvent::HandoffOffered { reason, .. } => (snapshot.turn, snapshot.offer) = (None, Some(reason)),
        LogEvent::HandoffDeclined { .. } => (snapshot.turn, snapshot.offer) = (None, None),
        LogEvent::HandoffRequested { brief, .. } => {
            snapshot.brief = brief;
            snapshot.status = StatusName::Unassigned;
            snapshot.waiting_since = Some(*at);
            snapshot.escalated = true;
            (snapshot.turn, snapshot.offer) = (None, None);
        }
        LogEvent::HandoffCancelled => {
            snapshot.status = StatusName::Unrequested;
            snapshot.waiting_since = None;
        }
        LogEvent::AgentJoined { agent } | LogEvent::Transferred { to: agent, .. } => {
            snapshot.status = StatusName::Open;
            snapshot.assignee = Some(agent);
            snapshot.waiting_since = None;
            (snapshot.turn, snapshot.offer) = (None, None);
        }
        LogEvent::AgentMessage { .. } => snapshot.read_by_agent = *seq,
        LogEvent::HandedBack { .. } => {
            snapshot.status = StatusName::Unrequested;
            snapshot.assignee = None;
            snapshot.turn = None;
        }
        LogEvent::Ended { .. } => {
            snapshot.status = StatusName::Ended;
            snapshot.assignee = None;
            snapshot.waiting_since = None;
            (snapshot.turn, snapshot.offer) = (None, None);
        }
        LogEvent::Reopened { .. } => snapshot.status = StatusName::Unrequested,
        LogEvent::Read { by: Side::Visitor, seq } => snapshot.read_by_visitor = snapshot.read_by_visitor.max(seq),
        LogEvent::Read { by: Side::Agent, seq } => snapshot.read_by_agent = snapshot.read_by_agent.max(seq),
    }
    snapshot.seq = *seq;
    snapshot.entries.push(entry);
}

fn a_command() -> impl Strategy<Value = Command> {
    let chatbot = || "acme".parse::<ChatbotId>().unwrap();
    let key = || any::<u128>().prop_map(|key| ClientMessageId(Uuid::from_u128(key)));
    let who = || (1_u128..3).prop_map(agent);
    let context = || {
        prop::sample::select(vec!["/", "/price"])
            .prop_map(|page| VisitorContext { page_url: page.into(), ..VisitorContext::default() })
    };
    let signals = prop::sample::select(vec![
        Signals::default(),
        Signals { wants_human: true, ..Signals::default() },
        Signals { keyword: true, ..Signals::default() },
        Signals { assent: Assent::No, ..Signals::default() },
    ]);
    let outcome = prop::sample::select(vec![
        TurnOutcome::Answered { text: "here".into(), sources: Vec::new() },
        TurnOutcome::Unsure,
    ]);
    let side = prop::sample::select(vec![Party::Visitor, Party::Agent]);
    prop_oneof![
        4 => (key(), signals, context()).prop_map(move |(key, signals, context)| Command::VisitorPost {
            chatbot: chatbot(), visitor: visitor(), context: context.into(), key, text: "hello".into(), signals,
        }),
        3 => outcome.prop_map(|outcome| Command::SettleTurn { turn: Seq::ZERO, outcome }),
        1 => context().prop_map(move |context| Command::RequestHandoff { chatbot: chatbot(), visitor: visitor(), context: context.into() }),
        1 => context().prop_map(|context| Command::NoteVisitor { context: context.into() }),
        1 => Just(Command::DeclineHandoff),
        1 => Just(Command::CancelHandoff),
        1 => who().prop_map(|agent| Command::Accept { agent }),
        1 => who().prop_map(|agent| Command::TakeOver { agent }),
        1 => (who(), key()).prop_map(|(agent, key)| Command::AgentPost { agent, key, text: "hi".into() }),
        1 => (who(), key()).prop_map(|(agent, key)| Command::WriteNote { agent, key, text: "vip".into() }),
        1 => (who(), key()).prop_map(|(agent, key)| Command::Interject { agent, key, text: "hi".into() }),
        1 => (who(), key()).prop_map(|(agent, key)| Command::Whisper { agent, key, text: "vip".into() }),
        1 => (0_u64..20).prop_map(|handoff| Command::Summarise { handoff: Seq(handoff), summary: "late".into() }),
        1 => who().prop_map(|agent| Command::HandBack { agent }),
        1 => Just(Command::EndByVisitor),
        1 => (side, 0_u64..60).prop_map(|(by, seq)| Command::MarkRead { by, seq: Seq(seq) }),
    ]
}

proptest! {
    /// I11: a snapshot and the entries after it are the later snapshot, for both roles.
    #[test]
    fn entries_carry_a_snapshot_forward(commands in prop::collection::vec(a_command(), 1..50), cut in any::<prop::sample::Index>()) {
        let settings = ChatbotSettings::new("Acme".into());
        let mut state = Conversation::default();
        let mut log = Vec::new();
        let mut states = vec![state.clone()];
        for mut command in commands {
            if let (Command::SettleTurn { turn, .. }, Some(owed)) = (&mut command, state.turn()) {
                *turn = owed;
            }
            for event in decide(&state, command, &settings).unwrap_or_default() {
                let next = recorded(state.seq().next().get(), event);
                evolve(&mut state, &next);
                log.push(next);
                states.push(state.clone());
            }
        }
        let cut = cut.index(states.len());
        let who = ("acme".parse().unwrap(), visitor());
        // Nobody but its visitor can follow a conversation that has not started.
        let viewers = if cut == 0 { vec![Viewer::Visitor] } else { vec![Viewer::Visitor, Viewer::Agent] };
        for viewer in viewers {
            let mut carried = snapshot(&states[cut], (&who.0, who.1), &log[..cut], Uuid::nil(), viewer);
            log[cut..].iter().for_each(|recorded| apply(&mut carried, entry(recorded, who.1, viewer)));
            let later = snapshot(&state, (&who.0, who.1), &log, Uuid::nil(), viewer);
            prop_assert_eq!(carried, later);
        }
    }
}
