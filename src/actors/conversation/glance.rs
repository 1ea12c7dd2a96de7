//! What is to be known of a log at one glance: its newest message, what nobody has read, and what the AI is asked.

use crate::domain::conversation::{Asked, Event, Party, Recorded};
use crate::domain::ids::Seq;
use crate::domain::time::UnixMillis;
use crate::protocol::agent::Author;

/// Characters of the newest message that a row shows.
pub(super) const PREVIEW_CHARS: usize = 120;

#[derive(Debug, Default)]
pub(super) struct Glance {
    pub preview: String,
    pub by: Option<Author>,
    /// Visitor messages that no agent has read, oldest first.
    unread: Vec<Seq>,
    /// What the AI is asked.
    pub(super) asked: Asked,
    /// Since when a human has the conversation.
    joined_at: Option<UnixMillis>,
    /// How long the latest human had it, once that is over.
    pub(super) handled_millis: Option<i64>,
}

impl Glance {
    pub(super) fn unread(&self) -> u32 {
        u32::try_from(self.unread.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn observe(&mut self, recorded: &Recorded) {
        self.asked.observe(recorded);
        match &recorded.event {
            Event::VisitorWrote { text, .. } => {
                self.unread.push(recorded.seq);
                self.show(text, Author::Visitor);
            }
            Event::AiAnswered { text, .. } => self.show(text, Author::Ai),
            Event::AgentJoined { .. } => self.joined_at = Some(recorded.at),
            Event::AgentWrote { text, .. } => {
                self.unread.clear();
                self.show(text, Author::Agent);
            }
            Event::HandedBack { .. } | Event::Ended { .. } => {
                self.handled_millis = self.joined_at.take().map(|joined_at| recorded.at.since(joined_at));
            }
            Event::ReadUpTo { by: Party::Agent, seq } => self.unread.retain(|unread| unread > seq),
            _ => {}
        }
    }

    fn show(&mut self, text: &str, by: Author) {
        self.preview.clear();
        self.preview.extend(text.chars().take(PREVIEW_CHARS));
        self.by = Some(by);
    }
}
