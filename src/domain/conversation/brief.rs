//! What an agent should know of a handoff before reading the thread.

use super::event::Source;
use crate::domain::language;
use std::collections::VecDeque;

/// Exchanges that a brief is made of.
const EXCHANGES: usize = 3;
/// Characters of a question or an answer that a brief quotes.
const QUOTED: usize = 300;

/// Shown on top of the thread and in notifications. Texts are short: they point at the thread, they don't repeat it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HandoffBrief {
    /// BCP 47 tag of what the visitor writes in, or of the browser; empty when neither is known.
    pub language: String,
    /// What the visitor wants, in their own words.
    pub asked: String,
    /// What the AI answered lately, oldest first.
    pub tried: Vec<Tried>,
    /// A few sentences to read first.
    pub summary: String,
    pub by: BriefBy,
}

/// An answer that did not settle the matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    pub question: String,
    pub answer: String,
    pub sources: Vec<Source>,
    pub confident: bool,
}

/// Who put the summary into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BriefBy {
    /// Taken from the thread word by word.
    #[default]
    Embedded,
    /// Written by the chatbot's model.
    Model,
}

/// The latest of what was asked and answered since a human was there last.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Exchanges {
    tried: VecDeque<Tried>,
    /// What the visitor wrote that has no answer yet.
    open: String,
}

impl Exchanges {
    pub(super) fn visitor_wrote(&mut self, text: &str) {
        if !self.open.is_empty() {
            self.open.push('\n');
        }
        self.open.push_str(&quoted(text));
        self.open = quoted(&self.open);
    }

    pub(super) fn ai_answered(&mut self, answer: &str, sources: &[Source], confident: bool) {
        if self.tried.len() == EXCHANGES {
            self.tried.pop_front();
        }
        let question = std::mem::take(&mut self.open);
        self.tried.push_back(Tried { question, answer: quoted(answer), sources: sources.to_vec(), confident });
    }

    /// The brief of a handoff that is asked for now, with `message` if it comes with one. `browser` is the language of the browser: what
    /// the visitor writes in comes before it.
    pub(super) fn brief(&self, message: Option<&str>, browser: &str) -> HandoffBrief {
        let tried: Vec<Tried> = self.tried.iter().cloned().collect();
        // "Yes" to an offer or "a person please" says little of the matter: what was asked before belongs to it.
        let mut asked: Vec<String> = tried.last().map(|tried| tried.question.clone()).into_iter().collect();
        asked.extend((!self.open.is_empty()).then(|| self.open.clone()));
        asked.extend(message.map(quoted));
        asked.retain(|text| !text.is_empty());
        let summary = match tried.last() {
            None if asked.is_empty() => String::new(),
            None => "The AI has answered nothing yet.".to_owned(),
            Some(_) => {
                let unsure = tried.iter().filter(|tried| !tried.confident).count();
                match unsure {
                    0 => format!("The AI answered {} lately.", count(tried.len())),
                    _ if unsure == tried.len() => "The AI did not know the answer.".to_owned(),
                    _ => format!("The AI answered {} lately, {unsure} of them without knowing.", count(tried.len())),
                }
            }
        };
        let asked = asked.join("\n");
        let language = language::guess(&asked).unwrap_or(browser).to_owned();
        HandoffBrief { language, asked, tried, summary, by: BriefBy::Embedded }
    }
}

fn count(questions: usize) -> String {
    if questions == 1 { "one question".to_owned() } else { format!("{questions} questions") }
}

fn quoted(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
