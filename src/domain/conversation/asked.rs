//! What the AI is asked: the visitor's messages since somebody answered, the question before them, and what agents told it meanwhile.

use super::event::{Event, Recorded};

/// Hints that are kept for one answer; older ones give way.
const MAX_HINTS: usize = 5;

/// Longest question put together from several messages; past it only the newest counts.
const MAX_QUESTION_BYTES: usize = 4_000;

/// A fold of the log beside that of the state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asked {
    /// What the visitor wrote since somebody answered.
    unanswered: String,
    /// The question before, for follow-ups like "and to Norway?".
    previous_question: String,
    /// What agents told the AI since its last answer, oldest first.
    hints: Vec<String>,
    with_human: bool,
}

impl Asked {
    pub fn question(&self) -> &str {
        &self.unanswered
    }

    pub fn previous_question(&self) -> Option<&str> {
        (!self.previous_question.is_empty()).then_some(self.previous_question.as_str())
    }

    /// What agents told the AI for its next answer.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    pub fn observe(&mut self, recorded: &Recorded) {
        match &recorded.event {
            // With a human in the chat nobody asks the AI.
            Event::VisitorWrote { text, .. } if !self.with_human => self.ask(text),
            Event::AiAnswered { .. } => {
                self.answered();
                self.hints.clear();
            }
            Event::AgentJoined { .. } => {
                self.with_human = true;
                self.answered();
                self.hints.clear();
            }
            Event::HandoffOffered { .. } | Event::HandoffDeclined { .. } | Event::HandoffRequested { .. } => {
                self.answered();
            }
            // Put in while the AI goes on, it answers nothing: the AI still does.
            Event::AgentWrote { .. } if self.with_human => self.answered(),
            Event::HintWhispered { text, .. } => {
                if self.hints.len() == MAX_HINTS {
                    self.hints.remove(0);
                }
                self.hints.push(text.clone());
            }
            Event::HandedBack { .. } | Event::Ended { .. } => self.with_human = false,
            _ => {}
        }
    }

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
}
