//! What is to be known of a log at one glance: its newest message, what nobody has read, and what waits for an answer.

use crate::domain::conversation::{Event, Party, Recorded};
use crate::domain::ids::Seq;
use crate::domain::time::UnixMillis;
use crate::protocol::agent::Author;

/// Characters of the newest message that a row shows.
pub(super) const PREVIEW_CHARS: usize = 120;

/// Hints that are kept for one answer; older ones give way.
const MAX_HINTS: usize = 5;

/// Longest question put together from several messages; past it only the newest counts.
const MAX_QUESTION_BYTES: usize = 4_000;

#[derive(Debug, Default)]
pub(super) struct Glance {
    pub preview: String,
    pub by: Option<Author>,
    /// Visitor messages that no agent has read, oldest first.
    unread: Vec<Seq>,
    /// What the visitor wrote since somebody answered: the question to the AI.
    unanswered: String,
    /// The question before, for follow-ups like "and to Norway?".
    previous_question: String,
    /// What agents told the AI since its last answer, oldest first.
    hints: Vec<String>,
    /// Since when a human has the conversation.
    joined_at: Option<UnixMillis>,
    /// How long the latest human had it, once that is over.
    pub(super) handled_millis: Option<i64>,
}

impl Glance {
    pub(super) fn unread(&self) -> u32 {
        u32::try_from(self.unread.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn unanswered(&self) -> &str {
        &self.unanswered
    }

    pub(super) fn previous_question(&self) -> Option<&str> {
        (!self.previous_question.is_empty()).then_some(self.previous_question.as_str())
    }

    /// What agents told the AI for its next answer.
    pub(super) fn hints(&self) -> &[String] {
        &self.hints
    }

    pub(super) fn observe(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::VisitorWrote { text, .. } => {
                self.unread.push(recorded.seq);
                if self.joined_at.is_none() {
                    self.ask(text);
                }
                self.show(text, Author::Visitor);
            }
            Event::AiAnswered { text, .. } => {
                self.answered();
                self.hints.clear();
                self.show(text, Author::Ai);
            }
            Event::AgentJoined { .. } => {
                self.joined_at = Some(recorded.at);
                self.answered();
                self.hints.clear();
            }
            Event::HandoffOffered { .. } | Event::HandoffDeclined { .. } | Event::HandoffRequested { .. } => {
                self.answered();
            }
            Event::AgentWrote { text, .. } => {
                self.unread.clear();
                // Put in while the AI goes on, it answers nothing: the AI still does.
                if self.joined_at.is_some() {
                    self.answered();
                }
                self.show(text, Author::Agent);
            }
            Event::HintWhispered { text, .. } => {
                if self.hints.len() == MAX_HINTS {
                    self.hints.remove(0);
                }
                self.hints.push(text.clone());
            }
            Event::HandedBack { .. } | Event::Ended { .. } => {
                self.handled_millis = self.joined_at.take().map(|joined_at| recorded.at.since(joined_at));
            }
            Event::ReadUpTo { by: Party::Agent, seq } => self.unread.retain(|unread| unread > seq),
            _ => {}
        }
    }

    /// Gather what the AI is asked; with a human in the chat nobody asks it.
    fn ask(&mut self, text: &str) {
        if self.unanswered.len() + text.len() >= MAX_QUESTION_BYTES {
            self.unanswered.clear();
        } else if !self.unanswered.is_empty() {
            self.unanswered.push('\n');
        }
        self.unanswered.push_str(text);
    }

    fn answered(&mut self) {
        if !self.unanswered.is_empty() {
            self.previous_question = std::mem::take(&mut self.unanswered);
        }
    }

    fn show(&mut self, text: &str, by: Author) {
        self.preview.clear();
        self.preview.extend(text.chars().take(PREVIEW_CHARS));
        self.by = Some(by);
    }
}
