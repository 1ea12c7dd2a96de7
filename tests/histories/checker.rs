//! Decides from the clients' histories and the final log whether every promise was kept. Pure, so that it is itself tested: a
//! checker that finds nothing proves nothing.

use super::history::{Happened, History, Line, Logs, Sight};
use baton::protocol::shared::{LogEntry, LogEvent};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;
use uuid::Uuid;

/// Up to so many missed events the server owes an exact resume, not a snapshot.
const MAX_RESUME: u64 = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// An acknowledged message is not in the log at the acknowledged seq with the text that was sent (I1, I2).
    LostAckedWrite,
    /// One key stands in the log twice (I1).
    DuplicateInLog,
    /// A seq is missing (I5).
    SeqGap,
    /// A seq is not above the one before it (I5).
    LogNotOrdered,
    /// A sender's messages are in the log in another order than they were sent (I6).
    SenderOrderBroken,
    /// Shown to somebody, or in the log, but never written or sent so (I8).
    Phantom,
    /// Somebody who was online to the end was not shown an entry (I7).
    UndeliveredToOnlineParticipant,
    /// A connection skipped or repeated an entry, or a resume that was owed was not given (I10).
    StreamBroken,
    /// A message was never acknowledged although its client stayed.
    NeverAcked,
    /// A message was refused, though nothing about it was wrong.
    Refused,
    /// The log read through the API is not the log in the database.
    ReadersDisagree,
    /// The AI spoke while a human held the conversation, or an agent who did not hold it (I12).
    ZombieWrite,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub fault: Fault,
    pub conversation: Uuid,
    pub client: Option<String>,
    pub seq: Option<u64>,
    pub key: Option<Uuid>,
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, conversation, client, seq, key, detail } = self;
        write!(f, "{fault:?} in {conversation}")?;
        client.iter().try_for_each(|client| write!(f, ", client {client}"))?;
        seq.iter().try_for_each(|seq| write!(f, ", seq {seq}"))?;
        key.iter().try_for_each(|key| write!(f, ", key {key}"))?;
        write!(f, ": {detail}")
    }
}

/// `stored` is the log in the database after the last kill, `served` the one that the API showed before it.
pub fn check(histories: &[History], served: &Logs, stored: &Logs) -> Vec<Violation> {
    let mut found = Vec::new();
    check_logs(histories, served, stored, &mut found);
    stored.iter().for_each(|(conversation, log)| check_speakers(*conversation, log, &mut found));
    let empty = Vec::new();
    for history in histories {
        let mut client = Client { history, found: &mut found };
        client.check_messages(stored);
        client.check_shown(stored);
        client.check_streams();
        for conversation in &history.follows {
            client.check_delivered(*conversation, served.get(conversation).unwrap_or(&empty));
        }
    }
    found
}

fn check_logs(histories: &[History], served: &Logs, stored: &Logs, found: &mut Vec<Violation>) {
    let sent: BTreeSet<(Uuid, Uuid, &str)> = histories
        .iter()
        .flat_map(|history| &history.happened)
        .filter_map(|happened| match happened {
            Happened::Sent { conversation, key, text } => Some((*conversation, *key, text.as_str())),
            _ => None,
        })
        .collect();
    for (&conversation, log) in stored {
        let mut fault = |fault, line: &Line, detail: String| {
            found.push(Violation { fault, conversation, client: None, seq: Some(line.seq), key: line.key, detail });
        };
        let mut keys: HashMap<Uuid, u64> = HashMap::new();
        let mut last = 0;
        for line in log {
            if line.seq <= last {
                fault(Fault::LogNotOrdered, line, format!("after seq {last}"));
            } else if line.seq > last + 1 {
                fault(Fault::SeqGap, line, format!("after seq {last}"));
            }
            last = line.seq;
            let Some(key) = line.key else { continue };
            if let Some(first) = keys.insert(key, line.seq) {
                fault(Fault::DuplicateInLog, line, format!("also at seq {first}"));
            }
            let text = line.text.as_deref().unwrap_or_default();
            if !sent.contains(&(conversation, key, text)) {
                fault(Fault::Phantom, line, format!("nobody sent {text:?} with this key to this conversation"));
            }
        }
    }
    for (&conversation, log) in served {
        let stored = stored.get(&conversation).map_or(&[][..], Vec::as_slice);
        // What was written after the API was asked may be there in addition.
        if let Some(at) = (0..log.len()).find(|&at| stored.get(at) != Some(&log[at])) {
            let (seq, detail) = (Some(log[at].seq), format!("{:?} served, {:?} stored", log[at], stored.get(at)));
            let (client, key) = (None, log[at].key);
            found.push(Violation { fault: Fault::ReadersDisagree, conversation, client, seq, key, detail });
        }
    }
}

/// Whoever was frozen and comes back late must find that it is no longer its turn: the log says who held the conversation when.
fn check_speakers(conversation: Uuid, log: &[Line], found: &mut Vec<Violation>) {
    let mut holder: Option<String> = None;
    for line in log {
        let (Sight::Open(json) | Sight::TeamOnly(json)) = &line.sight else { continue };
        let Ok(entry) = serde_json::from_str::<LogEntry>(json) else { continue };
        let zombie = match entry.event {
            LogEvent::AgentJoined { agent } | LogEvent::Transferred { to: agent, .. } => {
                holder = Some(agent.id.to_string());
                None
            }
            LogEvent::HandedBack { .. } | LogEvent::Ended { .. } => {
                holder = None;
                None
            }
            LogEvent::AiMessage { .. } => holder.as_ref().map(|holder| format!("the AI, while {holder} held it")),
            LogEvent::AgentMessage { agent, .. } if holder.as_ref() != Some(&agent.id.to_string()) => {
                Some(format!("{}, while {holder:?} held it", agent.id))
            }
            _ => None,
        };
        if let Some(detail) = zombie {
            let (client, seq, key) = (None, Some(line.seq), line.key);
            found.push(Violation { fault: Fault::ZombieWrite, conversation, client, seq, key, detail });
        }
    }
}

struct Client<'a> {
    history: &'a History,
    found: &'a mut Vec<Violation>,
}

impl Client<'_> {
    fn fault(&mut self, fault: Fault, conversation: Uuid, (seq, key): (Option<u64>, Option<Uuid>), detail: String) {
        let client = Some(self.history.client.clone());
        self.found.push(Violation { fault, conversation, client, seq, key, detail });
    }

    /// What became of this client's own messages.
    fn check_messages(&mut self, stored: &Logs) {
        let mut texts: HashMap<Uuid, (Uuid, &str)> = HashMap::new();
        let mut order: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        let mut acked: BTreeSet<Uuid> = BTreeSet::new();
        let history = self.history;
        for happened in &history.happened {
            match happened {
                Happened::Sent { conversation, key, text } => {
                    texts.insert(*key, (*conversation, text));
                    order.entry(*conversation).or_default().push(*key);
                }
                Happened::Acked { conversation, key, seq } => {
                    acked.insert(*key);
                    let at = (Some(*seq), Some(*key));
                    let Some(&(sent_to, text)) = texts.get(key) else {
                        self.fault(Fault::Phantom, *conversation, at, "acknowledged, but never sent".into());
                        continue;
                    };
                    let log = stored.get(&sent_to).map_or(&[][..], Vec::as_slice);
                    match log.iter().find(|line| line.key == Some(*key)) {
                        Some(line) if line.seq == *seq && line.text.as_deref() == Some(text) => {}
                        Some(line) => {
                            let detail = format!("the log has it at seq {} as {:?}", line.seq, line.text);
                            self.fault(Fault::LostAckedWrite, sent_to, at, detail);
                        }
                        None => self.fault(Fault::LostAckedWrite, sent_to, at, format!("{text:?} is not in the log")),
                    }
                }
                Happened::Refused { conversation, key, code } => {
                    self.fault(Fault::Refused, *conversation, (None, Some(*key)), code.clone());
                }
                _ => {}
            }
        }
        for (key, (conversation, _)) in &texts {
            if history.follows.contains(conversation) && !acked.contains(key) {
                self.fault(Fault::NeverAcked, *conversation, (None, Some(*key)), "sent until the end".into());
            }
        }
        for (conversation, keys) in order {
            let place: HashMap<Uuid, u64> = stored
                .get(&conversation)
                .into_iter()
                .flatten()
                .rev()
                .filter_map(|line| line.key.map(|key| (key, line.seq)))
                .collect();
            let mut last = 0;
            for key in keys {
                let Some(&seq) = place.get(&key) else { continue };
                if seq < last {
                    let detail = format!("sent after the message at seq {last}");
                    self.fault(Fault::SenderOrderBroken, conversation, (Some(seq), Some(key)), detail);
                }
                last = last.max(seq);
            }
        }
    }

    /// Whatever was shown is in the log, at that seq, with that content.
    fn check_shown(&mut self, stored: &Logs) {
        let by_seq: HashMap<(Uuid, u64), &Line> = stored
            .iter()
            .flat_map(|(conversation, log)| log.iter().map(|line| ((*conversation, line.seq), line)))
            .collect();
        for happened in &self.history.happened {
            let Happened::Shown { conversation, line } = happened else { continue };
            let logged = by_seq.get(&(*conversation, line.seq));
            let same = logged.is_some_and(|logged| match (&line.sight, &logged.sight) {
                (Sight::Hidden, Sight::TeamOnly(_)) => true,
                (Sight::Open(shown), Sight::Partly { visitors, .. }) => shown == visitors,
                (shown, logged) => shown == logged && *shown != Sight::Hidden,
            });
            if !same {
                let detail = format!("shown {line:?}, the log has {logged:?}");
                self.fault(Fault::Phantom, *conversation, (Some(line.seq), line.key), detail);
            }
        }
    }

    /// Within a connection entries come one by one, from where the client stood.
    fn check_streams(&mut self) {
        let mut next: HashMap<Uuid, Option<u64>> = HashMap::new();
        for happened in &self.history.happened {
            match happened {
                Happened::Connected => next.clear(),
                Happened::Resumed { conversation, cursor } => drop(next.insert(*conversation, Some(cursor + 1))),
                Happened::Snapshot { conversation, seq, cursor } => {
                    next.insert(*conversation, None);
                    let owed = cursor.filter(|cursor| seq.saturating_sub(*cursor) <= MAX_RESUME);
                    if let Some(cursor) = owed {
                        let detail = format!("asked to go on after {cursor}, was given a snapshot at {seq}");
                        self.fault(Fault::StreamBroken, *conversation, (Some(*seq), None), detail);
                    }
                }
                Happened::Shown { conversation, line } => {
                    let expected = next.insert(*conversation, Some(line.seq + 1));
                    match expected {
                        Some(None) => {}
                        Some(Some(expected)) if expected == line.seq => {}
                        other => {
                            let detail = format!("{:?} should have come", other.flatten());
                            self.fault(Fault::StreamBroken, *conversation, (Some(line.seq), line.key), detail);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// From the first entry that the client saw to the end of the log, but for what a snapshot may leave out.
    fn check_delivered(&mut self, conversation: Uuid, served: &[Line]) {
        let mut seen = BTreeSet::new();
        let mut left_out: Vec<Range<u64>> = Vec::new();
        let mut stood_at = None;
        for happened in &self.history.happened {
            match happened {
                Happened::Shown { conversation: of, line } if *of == conversation => {
                    seen.insert(line.seq);
                    left_out.extend(stood_at.take().map(|cursor| cursor + 1..line.seq));
                }
                Happened::Snapshot { conversation: of, seq, cursor } if *of == conversation => {
                    stood_at = cursor.filter(|cursor| seq.saturating_sub(*cursor) > MAX_RESUME);
                }
                _ => {}
            }
        }
        let first = seen.first().copied().unwrap_or(1);
        let owed = |line: &&Line| {
            line.seq >= first && !seen.contains(&line.seq) && !left_out.iter().any(|range| range.contains(&line.seq))
        };
        for line in served.iter().filter(owed) {
            let detail = format!("saw {} entries from {first}", seen.len());
            self.fault(Fault::UndeliveredToOnlineParticipant, conversation, (Some(line.seq), line.key), detail);
        }
    }
}
