//! What any client does with an entry, from docs/protocol.md and the wire types alone: a second opinion on the server's own fold.

use baton::protocol::shared::*;

#[derive(Debug, Clone, PartialEq)]
pub enum Applied {
    Later(Box<Snapshot>),
    /// All known already.
    Ignored,
    /// An entry is missing before one of these.
    Gap,
}

pub fn apply(before: &Snapshot, entries: &[LogEntry]) -> Applied {
    let mut now = before.clone();
    for entry in entries {
        if entry.seq <= now.seq {
            continue;
        }
        if entry.seq != now.seq + 1 {
            return Applied::Gap;
        }
        fold(&mut now, entry);
    }
    if now.seq == before.seq { Applied::Ignored } else { Applied::Later(Box::new(now)) }
}

fn fold(now: &mut Snapshot, entry: &LogEntry) {
    now.seq = entry.seq;
    now.entries.push(entry.clone());
    match &entry.event {
        LogEvent::Started | LogEvent::Note { .. } | LogEvent::Hint { .. } | LogEvent::Hidden => {}
        LogEvent::AiPaused { .. } => now.turn = None,
        LogEvent::HandoffSummarised { handoff, summary } => {
            if let Some(brief) = now.brief.as_mut().filter(|brief| brief.handoff == *handoff) {
                (brief.summary, brief.by) = (summary.clone(), BriefBy::Model);
            }
        }
        LogEvent::VisitorSeen { visitor } => now.visitor = Some(visitor.clone()),
        LogEvent::VisitorMessage { .. } => {
            now.read_by_visitor = entry.seq;
            let ai_listens = matches!(now.status, StatusName::Unrequested | StatusName::Unassigned);
            now.turn = ai_listens.then_some(entry.seq);
        }
        LogEvent::AiMessage { confident, .. } => {
            now.turn = None;
            now.ai_answers += 1;
            now.last_answer_confident = *confident;
        }
        LogEvent::HandoffOffered { reason, .. } => (now.turn, now.offer) = (None, Some(*reason)),
        LogEvent::HandoffDeclined { .. } => (now.turn, now.offer) = (None, None),
        LogEvent::HandoffRequested { brief, .. } => {
            now.brief.clone_from(brief);
            (now.turn, now.offer, now.escalated) = (None, None, true);
            enter(now, StatusName::Unassigned, None, Some(entry.at));
        }
        LogEvent::HandoffCancelled | LogEvent::Reopened { .. } => enter(now, StatusName::Unrequested, None, None),
        LogEvent::AgentJoined { agent } | LogEvent::Transferred { to: agent, .. } => {
            (now.turn, now.offer) = (None, None);
            enter(now, StatusName::Open, Some(agent.clone()), None);
        }
        LogEvent::AgentMessage { .. } => now.read_by_agent = entry.seq,
        LogEvent::HandedBack { .. } => {
            now.turn = None;
            enter(now, StatusName::Unrequested, None, None);
        }
        LogEvent::Ended { .. } => {
            (now.turn, now.offer) = (None, None);
            enter(now, StatusName::Ended, None, None);
        }
        LogEvent::Read { by: Side::Visitor, seq } => now.read_by_visitor = now.read_by_visitor.max(*seq),
        LogEvent::Read { by: Side::Agent, seq } => now.read_by_agent = now.read_by_agent.max(*seq),
    }
}

fn enter(now: &mut Snapshot, status: StatusName, assignee: Option<AgentView>, waiting_since: Option<i64>) {
    (now.status, now.assignee, now.waiting_since) = (status, assignee, waiting_since);
}
