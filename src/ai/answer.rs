//! Words a reply from what the index found, and says how sure it is.

mod identity;
mod small_talk;

use crate::ai::retrieval::{Evidence, KnowledgeIndex};
use crate::ai::safety;
use crate::domain::conversation::{Source, TurnOutcome};

/// What the responder would say. An empty text means that nothing fits at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub text: String,
    /// Number of the passage it was found in; nothing for small talk.
    pub passage: Option<usize>,
    pub sources: Vec<Source>,
    /// From 0 to 1, made so that 0.5 separates "knows" from "does not know" on small and large knowledge bases alike.
    pub confidence: f32,
}

/// Answers a visitor. `history_hint` is what was talked about just before (usually the visitor's previous message); it helps
/// only a question too short to stand alone ("and to Belgium?").
pub fn answer(index: &KnowledgeIndex, question: &str, history_hint: Option<&str>) -> Answer {
    if let Some(text) = small_talk::reply(question) {
        return Answer { text: text.to_owned(), passage: None, sources: Vec::new(), confidence: 1.0 };
    }
    if let Some(asked) = identity::asked(question) {
        return honestly(index, question, asked);
    }
    let alone = from_knowledge(index, question);
    match history_hint {
        Some(hint) if alone.confidence < SURE && index.is_follow_up(question) => {
            let together = from_knowledge(index, &format!("{question}\n{hint}"));
            // The old subject may complete the question, not replace it: what was found has to speak of both.
            let speaks_of_it = together.passage.is_some_and(|passage| index.shares_a_word(question, passage));
            if together.confidence >= 0.5 && speaks_of_it { together } else { alone }
        }
        _ => alone,
    }
}

impl Answer {
    /// An answer that is sure enough, or that the AI does not know.
    pub fn outcome(self, threshold: f32) -> TurnOutcome {
        if self.text.is_empty() || self.confidence < threshold {
            TurnOutcome::Unsure
        } else {
            TurnOutcome::Answered { text: self.text, sources: self.sources }
        }
    }
}

/// What the embedded responder makes of a turn. `hints` are what agents told it, oldest first; the newest that leads anywhere counts.
pub fn outcome(
    index: &KnowledgeIndex,
    question: &str,
    previous_question: Option<&str>,
    hints: &[String],
    threshold: f32,
) -> TurnOutcome {
    let hinted = hints.iter().rev().find_map(|hint| hinted(index, question, hint, threshold));
    hinted.unwrap_or_else(|| answer(index, question, previous_question)).outcome(threshold)
}

/// The answer that a hint points to. The embedded responder never repeats a hint, which was not written for the visitor's eyes:
/// it gives the passage of the knowledge base that the hint names, alone or together with the question.
fn hinted(index: &KnowledgeIndex, question: &str, hint: &str, threshold: f32) -> Option<Answer> {
    [hint.to_owned(), format!("{question}\n{hint}")]
        .iter()
        .map(|query| answer(index, query, None))
        .find(|answer| answer.confidence >= threshold && !answer.sources.is_empty())
}

/// The message asks whether a human writes here: no model may answer that.
pub fn asks_who_answers(message: &str) -> bool {
    identity::asked(message).is_some()
}

/// First that it is an AI, then what the knowledge base says: to the rest of the message, or to the question itself, if the owner has
/// written about that and does not lie.
fn honestly(index: &KnowledgeIndex, question: &str, asked: identity::Asked) -> Answer {
    let reply = asked.reply;
    let (more, needed) = match asked.rest {
        Some(rest) => (answer(index, &rest, None), true),
        None => (from_knowledge(index, question), false),
    };
    let lies = safety::claims_to_be_human(&more.text);
    if lies || (!needed && more.confidence < SURE) {
        return Answer { text: reply.to_owned(), sources: Vec::new(), confidence: 1.0, passage: None };
    }
    Answer { text: format!("{reply}\n\n{}", more.text), ..more }
}

/// From here on a short question is taken to stand alone.
const SURE: f32 = 0.75;

/// What the knowledge says, whether or not the question is small talk.
pub fn from_knowledge(index: &KnowledgeIndex, question: &str) -> Answer {
    let (hits, evidence) = index.weigh(question, 2);
    let Some(best) = hits.first() else {
        return Answer { text: String::new(), passage: None, sources: Vec::new(), confidence: 0.0 };
    };
    let source = Source { title: best.passage.title.clone(), url: best.passage.url.clone() };
    let confidence = confidence(&evidence);
    Answer { text: best.passage.text.clone(), passage: Some(best.number), sources: vec![source], confidence }
}

/// A logistic sum over shares; shares, not scores, so that it carries over to a knowledge base of another size. The figures are
/// those of `examples/fit_responder.rs` on the sets named in `NOTICE`, rounded to halves: fitted on either set alone they differ
/// by more than that, so finer ones would only repeat the sets' wording.
fn confidence(evidence: &Evidence) -> f32 {
    let sum = match evidence.meaning {
        None => WORDS.sum(evidence),
        Some(meaning) => WITH_MEANING.sum(evidence) + LIKENESS * meaning.likeness + LEAD * meaning.lead,
    };
    1.0 / (1.0 + (-sum).exp())
}

struct Weights {
    /// Without evidence there is no answer: most shares have to be high to make up for this.
    doubt: f32,
    /// The passage speaks of what the question says.
    coverage: f32,
    /// The question says what the passage's title (or a known question) asks, and not just one word of it.
    unit_asked: f32,
    /// No other passage fits nearly as well: a question beside the subject meets many passages a little.
    margin: f32,
    /// The question's words are known here at all. Little, since coverage says most of it.
    understood: f32,
    /// What matched is telling: "how do I" in common with a passage is nothing.
    substance: f32,
}

const WORDS: Weights =
    Weights { doubt: -4.5, coverage: 2.5, unit_asked: 2.0, margin: 2.5, understood: 1.0, substance: 1.5 };

/// Beside the meaning, the other three add nothing on sets that they were not fitted on.
const WITH_MEANING: Weights =
    Weights { doubt: -4.0, coverage: 2.5, unit_asked: 1.0, margin: 0.0, understood: 0.0, substance: 0.0 };
const LIKENESS: f32 = 3.0;
const LEAD: f32 = 2.5;

impl Weights {
    fn sum(&self, evidence: &Evidence) -> f32 {
        self.doubt
            + self.coverage * evidence.coverage
            + self.unit_asked * evidence.unit_asked
            + self.margin * evidence.margin
            + self.understood * evidence.understood
            + self.substance * evidence.substance
    }
}

/// Pieces of an answer for streaming: a word each, with the white space after it. Joined they give the text back.
pub fn stream_chunks(text: &str) -> impl Iterator<Item = &str> {
    /// Scripts without spaces still arrive piece by piece.
    const LONGEST_CHUNK: usize = 24;
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut in_space = false;
        let mut end = rest.len();
        for (count, (at, c)) in rest.char_indices().enumerate() {
            if (in_space && !c.is_whitespace()) || count == LONGEST_CHUNK {
                end = at;
                break;
            }
            in_space = c.is_whitespace();
        }
        let (chunk, tail) = rest.split_at(end);
        rest = tail;
        (!chunk.is_empty()).then_some(chunk)
    })
}

#[cfg(test)]
mod tests;
