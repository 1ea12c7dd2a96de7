//! Reads a visitor's message: does it ask for a human, is its writer losing patience, does it hold one of the owner's
//! keywords, is it a bare yes or no?
//!
//! Each language has a table of words and phrases (`detect/<language>.rs`). A message is folded, mistyped words are put
//! right against the table's vocabulary, look-alikes ("human resources", "travel agent") are masked, and what remains is
//! matched. Every table reads every message: a chat line is too short to name its language first.
//!
//! A table says a thing, or hints at it (a word of it, in no phrase), or neither. How likely each of the three is meant was counted on
//! labelled messages (`examples/eval_detectors.rs` counts again): that is the probability of a verdict.

mod canon;
mod de;
mod en;
mod es;
mod fr;
mod he;
mod id;
mod it;
mod keyword;
mod nl;
mod phrase;
mod pt;
mod shouting;
mod table;

use crate::ai::text::prefix;
use crate::domain::conversation::{Assent, Signals};
use std::collections::HashSet;
use std::sync::LazyLock;
use table::{Reader, Strength, Table};

/// A wish or a mood is told in the first lines; what follows is pasted material. Bounds the time of a verdict.
const MAX_CHARS: usize = 1_500;

static READERS: LazyLock<Vec<Reader>> = LazyLock::new(|| {
    let tables: [&Table; 9] =
        [&en::TABLE, &nl::TABLE, &de::TABLE, &fr::TABLE, &es::TABLE, &pt::TABLE, &it::TABLE, &id::TABLE, &he::TABLE];
    let known: HashSet<&str> = tables.iter().flat_map(|table| table.own_words()).collect();
    let known = &known;
    // One thread per language: compiling the phrases is most of the time a start takes.
    std::thread::scope(|scope| {
        let builders = tables.map(|table| scope.spawn(move || Reader::new(table, known)));
        builders.into_iter().map(|builder| builder.join().expect("AI-1: a test builds every table")).collect()
    })
});

/// What one message says, in probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// That the writer asks for a human.
    pub request_human: f32,
    /// That the writer is losing patience.
    pub frustration: f32,
}

impl Verdict {
    /// From here on a thing counts as said.
    const SAID: f32 = 0.5;

    pub fn wants_human(&self) -> bool {
        self.request_human >= Self::SAID
    }

    pub fn frustrated(&self) -> bool {
        self.frustration >= Self::SAID
    }
}

/// The verdict on one message, by itself.
pub fn verdict(text: &str) -> Verdict {
    let head = prefix(text, MAX_CHARS);
    read(head, &canon::sentences(head))
}

/// What a conversation acts on: the verdict, and what the owner and a pending offer ask for. `keywords` are the owner's; any number of
/// words each.
pub fn detect(text: &str, keywords: &[String]) -> Signals {
    let head = prefix(text, MAX_CHARS);
    let sentences = canon::sentences(head);
    let verdict = read(head, &sentences);
    Signals {
        wants_human: verdict.wants_human(),
        frustrated: verdict.frustrated(),
        keyword: keyword::occurs(text, keywords),
        assent: assent(head, &sentences),
    }
}

fn read(head: &str, sentences: &[Vec<String>]) -> Verdict {
    let (mut human, mut frustrated) = (Strength::None, Strength::None);
    for reader in READERS.iter() {
        for sentence in sentences {
            let reading = reader.read(sentence);
            human = human.max(reading.human);
            frustrated = frustrated.max(reading.frustrated);
        }
    }
    if shouting::is_shouted(head) {
        frustrated = Strength::Said;
    }
    // Counted on the development share of the labelled messages, rounded towards the middle.
    let request_human = match human {
        Strength::None => 0.001,
        Strength::Hinted => 0.03,
        Strength::Said => 0.97,
    };
    let frustration = match frustrated {
        Strength::None => 0.003,
        Strength::Hinted => 0.05,
        Strength::Said => 0.95,
    };
    Verdict { request_human, frustration }
}

/// Builds the tables now instead of at the first message.
pub fn warm_up() {
    LazyLock::force(&READERS);
}

/// A bare yes or no: the whole message says nothing else. Languages may disagree on a short word ("no" is English, Spanish
/// and Italian, "si" a yes in three); they agree on its meaning, and where they don't the message is neither.
fn assent(head: &str, sentences: &[Vec<String>]) -> Assent {
    let words: Vec<String> = sentences.concat();
    if words.is_empty() {
        return thumb(head);
    }
    let (mut yes, mut no) = (false, false);
    for reader in READERS.iter() {
        match reader.assent(&words) {
            Assent::Yes => yes = true,
            Assent::No => no = true,
            Assent::Neither => {}
        }
    }
    match (yes, no) {
        (true, false) => Assent::Yes,
        (false, true) => Assent::No,
        _ => Assent::Neither,
    }
}

fn thumb(head: &str) -> Assent {
    match head.trim().chars().next() {
        Some('👍' | '👌' | '✅') => Assent::Yes,
        Some('👎' | '❌') => Assent::No,
        _ => Assent::Neither,
    }
}

#[cfg(test)]
mod tests;
