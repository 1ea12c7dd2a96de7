//! What a list shows of the end of a log, found by looking at its events from the newest backwards.

use super::{ConversationRecord, stored_event};
use crate::domain::conversation::{Event, Party, Recorded};
use crate::domain::ids::Seq;
use crate::domain::time::UnixMillis;

/// How far back the newest message and unread ones are looked for.
pub(super) const LOOK_BACK: u64 = 100;

/// A row whose newest message and unread count are being found.
pub(super) struct Summary {
    record: ConversationRecord,
    oldest: Seq,
    read: Seq,
}

impl Summary {
    pub(super) fn new(record: ConversationRecord) -> Self {
        let oldest = Seq(record.last_seq.get().saturating_sub(LOOK_BACK) + 1);
        Self { record, oldest, read: Seq::ZERO }
    }

    /// Look at the event before the one looked at last, beginning with the last of the log. False when nothing older can matter.
    pub(super) fn look(&mut self, seq: Seq, at: UnixMillis, body: &str) -> Result<bool, serde_json::Error> {
        let kind = Kind::of(&stored_event::kind(body)?);
        if seq > self.read && kind == Kind::VisitorMessage {
            self.record.unread += 1;
        }
        if kind.is_message() && self.record.newest_message.is_none() {
            self.record.newest_message = Some(Recorded { seq, at, event: stored_event::decode(body)? });
        }
        if kind == Kind::AgentMessage {
            self.read = self.read.max(seq);
        }
        if kind == Kind::Read
            && let Event::ReadUpTo { by: Party::Agent, seq } = stored_event::decode(body)?
        {
            self.read = self.read.max(seq);
        }
        Ok(seq > self.oldest && (seq > self.read || self.record.newest_message.is_none()))
    }

    pub(super) fn record(self) -> ConversationRecord {
        self.record
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    VisitorMessage,
    AgentMessage,
    /// Words of the AI, an offer and its refusal included.
    AiMessage,
    Read,
    Other,
}

impl Kind {
    fn of(kind: &str) -> Self {
        match kind {
            "visitor_wrote" => Self::VisitorMessage,
            "agent_wrote" => Self::AgentMessage,
            "ai_answered" | "handoff_offered" | "handoff_declined" | "handoff_requested" => Self::AiMessage,
            "read_up_to" => Self::Read,
            _ => Self::Other,
        }
    }

    fn is_message(self) -> bool {
        matches!(self, Self::VisitorMessage | Self::AgentMessage | Self::AiMessage)
    }
}
