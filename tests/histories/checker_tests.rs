//! The checker itself, on histories made by hand: a good one, and one for each thing that can be wrong.

use super::checker::{Fault, check};
use super::history::{Happened, History, Line, Logs, Sight};
use uuid::Uuid;

const CHAT: Uuid = Uuid::from_u128(0xc0);

fn key(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn message(seq: u64, number: u128) -> Line {
    let text = format!("text {number}");
    let sight = Sight::Open(format!("{seq} {text}"));
    Line { seq, key: Some(key(number)), text: Some(text), sight }
}

fn event(seq: u64) -> Line {
    Line { seq, key: None, text: None, sight: Sight::Open(format!("{seq} event")) }
}

fn team_only(seq: u64) -> Line {
    Line { seq, key: None, text: None, sight: Sight::TeamOnly(format!("{seq} team")) }
}

/// `event(seq)` for visitors; the team reads on.
fn partly(seq: u64) -> Line {
    let visitors = format!("{seq} event");
    Line { seq, key: None, text: None, sight: Sight::Partly { team: format!("{visitors} and why"), visitors } }
}

fn hidden(seq: u64) -> Line {
    Line { seq, key: None, text: None, sight: Sight::Hidden }
}

fn sent(number: u128) -> Happened {
    Happened::Sent { conversation: CHAT, key: key(number), text: format!("text {number}") }
}

fn acked(number: u128, seq: u64) -> Happened {
    Happened::Acked { conversation: CHAT, key: key(number), seq }
}

fn shown(line: Line) -> Happened {
    Happened::Shown { conversation: CHAT, line }
}

fn resumed(cursor: u64) -> Happened {
    Happened::Resumed { conversation: CHAT, cursor }
}

fn snapshot(seq: u64, cursor: Option<u64>) -> Happened {
    Happened::Snapshot { conversation: CHAT, seq, cursor }
}

/// A log, and two who lived through its making, with a cut between the second and the third message.
struct Story {
    log: Vec<Line>,
    served: Option<Vec<Line>>,
    visitor: Vec<Happened>,
    agent: Vec<Happened>,
}

fn good() -> Story {
    let log = vec![event(1), message(2, 1), team_only(3), message(4, 2), message(5, 3)];
    let visitor = vec![
        Happened::Connected,
        snapshot(0, None),
        sent(1),
        sent(2),
        shown(event(1)),
        shown(message(2, 1)),
        acked(1, 2),
        shown(hidden(3)),
        Happened::Connected,
        resumed(3),
        sent(3),
        shown(message(4, 2)),
        acked(2, 4),
        shown(message(5, 3)),
        acked(3, 5),
    ];
    let agent = vec![
        Happened::Connected,
        snapshot(2, None),
        shown(message(2, 1)),
        shown(team_only(3)),
        Happened::Connected,
        resumed(3),
        shown(message(4, 2)),
        shown(message(5, 3)),
    ];
    Story { log, served: None, visitor, agent }
}

impl Story {
    fn faults(self) -> Vec<Fault> {
        let history = |client: &str, happened| History {
            client: client.into(),
            happened,
            follows: vec![CHAT],
            ..History::default()
        };
        let histories = [history("visitor", self.visitor), history("agent", self.agent)];
        let stored = Logs::from([(CHAT, self.log.clone())]);
        let served = Logs::from([(CHAT, self.served.unwrap_or(self.log))]);
        let mut faults: Vec<Fault> =
            check(&histories, &served, &stored).into_iter().map(|violation| violation.fault).collect();
        faults.sort_unstable();
        faults.dedup();
        faults
    }
}

fn faults_when(change: impl FnOnce(&mut Story)) -> Vec<Fault> {
    let mut story = good();
    change(&mut story);
    story.faults()
}

#[test]
fn a_good_story_has_no_fault() {
    assert_eq!(good().faults(), []);
}

#[test]
fn an_ack_may_come_twice_and_late() {
    let faults = faults_when(|story| {
        story.visitor.insert(10, acked(1, 2));
        story.visitor.push(acked(3, 5));
    });
    assert_eq!(faults, []);
}

#[test]
fn what_was_written_after_the_api_was_asked_is_no_fault() {
    let faults = faults_when(|story| {
        story.served = Some(story.log.clone());
        story.log.push(event(6));
    });
    assert_eq!(faults, []);
}

#[test]
fn who_was_cut_off_at_the_end_is_owed_nothing() {
    let story = good();
    let history =
        |client: &str, happened, follows| History { client: client.into(), happened, follows, ..History::default() };
    let histories =
        [history("visitor", story.visitor, vec![CHAT]), history("agent", story.agent[..4].to_vec(), Vec::new())];
    let logs = Logs::from([(CHAT, story.log)]);
    assert_eq!(check(&histories, &logs, &logs), []);
}

#[test]
fn an_acknowledged_message_that_is_not_in_the_log_is_lost() {
    let faults = faults_when(|story| {
        story.log[4] = event(5);
    });
    assert_eq!(faults, [Fault::LostAckedWrite, Fault::Phantom]);
}

#[test]
fn an_acknowledged_message_at_another_place_is_lost() {
    let faults = faults_when(|story| {
        story.visitor[6] = acked(1, 4);
    });
    assert_eq!(faults, [Fault::LostAckedWrite]);
}

#[test]
fn an_acknowledged_message_with_another_text_is_lost() {
    let faults = faults_when(|story| {
        story.log[1].text = Some("other".into());
    });
    assert!(faults.contains(&Fault::LostAckedWrite), "{faults:?}");
    assert!(faults.contains(&Fault::Phantom), "{faults:?}");
}

#[test]
fn a_key_that_stands_twice_is_a_duplicate() {
    let faults = faults_when(|story| {
        story.log.push(message(6, 3));
        story.visitor.push(shown(message(6, 3)));
        story.agent.push(shown(message(6, 3)));
    });
    assert_eq!(faults, [Fault::DuplicateInLog]);
}

#[test]
fn a_missing_seq_is_a_gap() {
    let faults = faults_when(|story| {
        story.log.push(event(7));
        story.visitor.push(shown(event(7)));
        story.agent.push(shown(event(7)));
    });
    assert_eq!(faults, [Fault::SeqGap, Fault::StreamBroken]);
}

#[test]
fn a_seq_that_goes_back_is_out_of_order() {
    let faults = faults_when(|story| {
        story.log.swap(3, 4);
        story.served = Some(story.log.clone());
    });
    assert!(faults.contains(&Fault::LogNotOrdered), "{faults:?}");
}

#[test]
fn messages_that_overtook_each_other_break_the_senders_order() {
    let faults = faults_when(|story| {
        story.visitor.swap(2, 3);
    });
    assert_eq!(faults, [Fault::SenderOrderBroken]);
}

#[test]
fn what_was_shown_but_is_not_in_the_log_is_a_phantom() {
    let gone = faults_when(|story| story.visitor.push(shown(event(6))));
    assert_eq!(gone, [Fault::Phantom]);
    let other = faults_when(|story| story.visitor[5] = shown(message(2, 9)));
    assert_eq!(other, [Fault::Phantom]);
    let note_for_the_visitor = faults_when(|story| story.visitor[7] = shown(team_only(3)));
    assert_eq!(note_for_the_visitor, [], "an open entry is compared as it is");
    let hidden_without_need = faults_when(|story| story.visitor[5] = shown(hidden(2)));
    assert_eq!(hidden_without_need, [Fault::Phantom]);
    let in_part = |line: Line| {
        faults_when(|story| {
            story.log.push(partly(6));
            story.visitor.push(shown(line));
            story.agent.push(shown(partly(6)));
        })
    };
    assert_eq!(in_part(event(6)), []);
    let what_is_for_the_team = Line { sight: Sight::Open("6 event and why".into()), ..event(6) };
    assert_eq!(in_part(what_is_for_the_team), [Fault::Phantom]);
}

#[test]
fn a_message_that_nobody_sent_is_a_phantom() {
    let faults = faults_when(|story| {
        story.log.push(message(6, 9));
        story.visitor.push(shown(message(6, 9)));
        story.agent.push(shown(message(6, 9)));
    });
    assert_eq!(faults, [Fault::Phantom]);
}

#[test]
fn an_entry_that_somebody_online_did_not_see_is_undelivered() {
    let last = faults_when(|story| {
        story.agent.pop();
    });
    assert_eq!(last, [Fault::UndeliveredToOnlineParticipant]);
    let middle = faults_when(|story| {
        story.agent.remove(6);
    });
    assert_eq!(middle, [Fault::UndeliveredToOnlineParticipant, Fault::StreamBroken]);
    let nothing = faults_when(|story| {
        story.agent.truncate(2);
    });
    assert_eq!(nothing, [Fault::UndeliveredToOnlineParticipant]);
}

/// Who comes back after more than a resume is owed starts from a snapshot, which leaves out what is long past; not what follows.
#[test]
fn what_a_snapshot_leaves_out_is_not_undelivered() {
    let back_at = |last_shown: u64| {
        faults_when(|story| {
            story.log.extend((6..=700).map(event));
            story.visitor.extend([Happened::Connected, snapshot(700, Some(5))]);
            story.visitor.extend((641..=700).map(|seq| shown(event(seq))));
            story.agent.extend([Happened::Connected, snapshot(699, Some(5))]);
            story.agent.extend((640..=last_shown).map(|seq| shown(event(seq))));
        })
    };
    assert_eq!(back_at(700), []);
    assert_eq!(back_at(699), [Fault::UndeliveredToOnlineParticipant]);
}

#[test]
fn a_stream_that_repeats_or_was_never_opened_is_broken() {
    let repeated = faults_when(|story| story.agent.push(shown(message(5, 3))));
    assert_eq!(repeated, [Fault::StreamBroken]);
    let unopened = faults_when(|story| {
        story.agent.remove(5);
    });
    assert_eq!(unopened, [Fault::StreamBroken]);
}

#[test]
fn a_snapshot_in_the_place_of_a_resume_breaks_the_stream() {
    let owed = faults_when(|story| story.agent[5] = snapshot(3, Some(3)));
    assert_eq!(owed, [Fault::StreamBroken]);
    let from_the_future = faults_when(|story| story.agent[5] = snapshot(3, Some(9)));
    assert_eq!(from_the_future, [Fault::StreamBroken]);
}

#[test]
fn a_message_that_was_never_answered_or_refused_is_a_fault() {
    let unanswered = faults_when(|story| {
        story.visitor.pop();
    });
    assert_eq!(unanswered, [Fault::NeverAcked]);
    let refused = faults_when(|story| {
        let refusal = Happened::Refused { conversation: CHAT, key: key(3), code: "Unavailable".into() };
        story.visitor.push(refusal);
    });
    assert_eq!(refused, [Fault::Refused]);
}

#[test]
fn readers_that_disagree_are_told() {
    let faults = faults_when(|story| {
        let mut served = story.log.clone();
        served.remove(1);
        story.served = Some(served);
    });
    assert!(faults.contains(&Fault::ReadersDisagree), "{faults:?}");
    let behind = faults_when(|story| {
        let mut served = story.log.clone();
        served.push(event(6));
        story.served = Some(served);
    });
    assert_eq!(behind, [Fault::UndeliveredToOnlineParticipant, Fault::ReadersDisagree]);
}

#[test]
fn who_speaks_without_holding_the_conversation_is_told() {
    use baton::protocol::shared::{AgentView, LogEntry, LogEvent};
    let agent = |number| AgentView { id: Uuid::from_u128(number), name: "Kim".into() };
    let zombies = |events: Vec<LogEvent>| {
        let line = |(at, event)| {
            let seq = at as u64 + 1;
            let json = serde_json::to_string(&LogEntry { seq, at: 1, event }).expect("entry");
            Line { seq, key: None, text: None, sight: Sight::Open(json) }
        };
        let log: Vec<Line> = events.into_iter().enumerate().map(line).collect();
        let logs = Logs::from([(CHAT, log)]);
        check(&[], &logs, &logs).into_iter().map(|violation| (violation.fault, violation.seq)).collect::<Vec<_>>()
    };
    let ai = || LogEvent::AiMessage { turn: 1, text: "a".into(), sources: Vec::new(), confident: true };
    let says = |number| LogEvent::AgentMessage { key: key(number), agent: agent(number), text: "a".into() };
    let joined = |number| LogEvent::AgentJoined { agent: agent(number) };
    let back = || LogEvent::HandedBack { agent: agent(1) };
    assert_eq!(zombies(vec![ai(), joined(1), says(1), back(), ai(), joined(2), says(2)]), []);
    assert_eq!(zombies(vec![joined(1), ai()]), [(Fault::ZombieWrite, Some(2))]);
    assert_eq!(zombies(vec![joined(1), says(2)]), [(Fault::ZombieWrite, Some(2))]);
    assert_eq!(zombies(vec![joined(1), back(), says(1)]), [(Fault::ZombieWrite, Some(3))]);
}
