//! Words a reply from what the index found, and says how sure it is.

mod small_talk;

use crate::ai::retrieval::{Evidence, KnowledgeIndex};
use crate::domain::conversation::Source;

/// What the responder would say. An empty text means that nothing fits at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub text: String,
    pub sources: Vec<Source>,
    /// From 0 to 1, made so that 0.5 separates "knows" from "does not know" on small and large knowledge bases alike.
    pub confidence: f32,
}

/// Answers a visitor. `history_hint` is what was talked about just before (usually the visitor's previous message); it helps
/// only a question too short to stand alone ("and to Belgium?").
pub fn answer(index: &KnowledgeIndex, question: &str, history_hint: Option<&str>) -> Answer {
    if let Some(text) = small_talk::reply(question) {
        return Answer { text: text.to_owned(), sources: Vec::new(), confidence: 1.0 };
    }
    let alone = from_knowledge(index, question);
    match history_hint {
        Some(hint) if alone.confidence < SURE && index.is_follow_up(question) => {
            let together = from_knowledge(index, &format!("{question}\n{hint}"));
            // The old subject may complete the question, not replace it: what was found has to speak of both.
            let speaks_of_it = index.search(question, usize::MAX).iter().any(|hit| hit.passage.text == together.text);
            if together.confidence >= 0.5 && speaks_of_it { together } else { alone }
        }
        _ => alone,
    }
}

/// From here on a short question is taken to stand alone.
const SURE: f32 = 0.75;

fn from_knowledge(index: &KnowledgeIndex, question: &str) -> Answer {
    let (hits, evidence) = index.weigh(question, 2);
    let Some(best) = hits.first() else {
        return Answer { text: String::new(), sources: Vec::new(), confidence: 0.0 };
    };
    let source = Source { title: best.passage.title.clone(), url: best.passage.url.clone() };
    Answer { text: best.passage.text.clone(), sources: vec![source], confidence: confidence(&evidence) }
}

/// A logistic sum. The figures began as a fit over seven labelled question sets, each set weighing the same, and were then
/// set by hand so that passages of running text, whose titles say little, are not held back. No set was held out. They rest
/// on shares, not on scores, so that they carry over to a knowledge base of another size.
fn confidence(evidence: &Evidence) -> f32 {
    let sum = -4.2
        + 2.0 * evidence.coverage
        + 0.3 * evidence.unit_coverage
        + 1.6 * evidence.unit_asked
        + 0.7 * evidence.unit_coverage * evidence.unit_asked
        + 1.7 * evidence.margin
        + 1.2 * evidence.understood
        + 1.2 * evidence.substance;
    1.0 / (1.0 + (-sum).exp())
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
