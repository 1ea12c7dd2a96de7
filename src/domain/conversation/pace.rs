//! Whether a visitor asks again what was just answered, and whether what writes is a machine that answers every answer.

use crate::domain::time::UnixMillis;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Questions that a repeat is looked for in.
const REMEMBERED: usize = 4;
/// The same message this often in a row is an auto-reply.
const SAME_IN_A_ROW: u32 = 5;
/// AI answers at once that nobody who reads them asks for, and how fast that many are forgiven.
const BURST: i64 = 60;
const MILLIS_PER_ANSWER: i64 = 5_000;

/// Words that a visitor adds when asking once more.
const FILLERS: [&str; 24] = [
    "please",
    "pls",
    "again",
    "hello",
    "hi",
    "hey",
    "so",
    "but",
    "and",
    "i",
    "said",
    "asked",
    "ask",
    "now",
    "bitte",
    "nochmal",
    "noch",
    "mal",
    "alstublieft",
    "nogmaals",
    "encore",
    "otra",
    "vez",
    "favor",
];

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Pace {
    questions: VecDeque<Question>,
    same_in_a_row: u32,
    /// A leaky bucket in milliseconds: each answer fills it, time drains it.
    filled: i64,
    filled_at: UnixMillis,
    looping: bool,
}

/// The words of a message, whatever their order and case. Compared inside one process only, so the hashes need not be stable.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    words: Vec<u64>,
    answered: bool,
}

impl Pace {
    pub(super) fn visitor_wrote(&mut self, text: &str, at: UnixMillis) {
        let words = words(text);
        let same = self.questions.back().is_some_and(|last| last.words == words);
        self.same_in_a_row = if same { self.same_in_a_row.saturating_add(1) } else { 1 };
        if self.questions.len() == REMEMBERED {
            self.questions.pop_front();
        }
        self.questions.push_back(Question { words, answered: false });
        self.looping = self.same_in_a_row >= SAME_IN_A_ROW || self.level(at) > BURST.saturating_mul(MILLIS_PER_ANSWER);
    }

    pub(super) fn ai_answered(&mut self, at: UnixMillis) {
        for question in &mut self.questions {
            question.answered = true;
        }
        self.filled = self.level(at).saturating_add(MILLIS_PER_ANSWER);
        self.filled_at = at;
    }

    /// Another one speaks: what was asked before is not held against the visitor.
    pub(super) fn human_joined(&mut self) {
        *self = Self::default();
    }

    /// `text` is a question that got an answer a moment ago. One word alone ("yes", "thanks") is no question.
    pub(super) fn asks_again(&self, text: &str) -> bool {
        let words = words(text);
        words.len() > 1 && self.questions.iter().any(|earlier| earlier.answered && earlier.words == words)
    }

    /// The newest message comes as from a machine.
    pub(super) fn looping(&self) -> bool {
        self.looping
    }

    fn level(&self, at: UnixMillis) -> i64 {
        let passed = at.0.saturating_sub(self.filled_at.0).max(0);
        self.filled.saturating_sub(passed).max(0)
    }
}

fn words(text: &str) -> Vec<u64> {
    let lower = text.to_lowercase();
    let mut words: Vec<u64> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
        .map(|word| {
            let mut hasher = DefaultHasher::new();
            word.hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}
