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

/// A logistic sum over five shares; shares, not scores, so that it carries over to a knowledge base of another size. The
/// figures are those of `examples/fit_responder.rs` on the sets named in `NOTICE`, rounded to halves: fitted on either set
/// alone they differ by more than that, so finer ones would only repeat the sets' wording.
fn confidence(evidence: &Evidence) -> f32 {
    let sum = DOUBT
        + COVERAGE * evidence.coverage
        + UNIT_ASKED * evidence.unit_asked
        + MARGIN * evidence.margin
        + UNDERSTOOD * evidence.understood
        + SUBSTANCE * evidence.substance;
    1.0 / (1.0 + (-sum).exp())
}

/// Without evidence there is no answer: most shares have to be high to make up for this.
const DOUBT: f32 = -4.5;
/// The passage speaks of what the question says.
const COVERAGE: f32 = 2.5;
/// The question says what the passage's title (or a known question) asks, and not just one word of it.
const UNIT_ASKED: f32 = 2.0;
/// No other passage fits nearly as well: a question beside the subject meets many passages a little.
const MARGIN: f32 = 2.5;
/// The question's words are known here at all. Little, since coverage says most of it.
const UNDERSTOOD: f32 = 1.0;
/// What matched is telling: "how do I" in common with a passage is nothing.
const SUBSTANCE: f32 = 1.5;

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
