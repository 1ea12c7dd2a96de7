//! Reads a visitor's message: does it ask for a human, is its writer losing patience, does it hold one of the owner's
//! keywords, is it a bare yes or no?
//!
//! Each language has a table of words and phrases (`detect/<language>.rs`). A message is folded, mistyped words are put
//! right against the table's vocabulary, look-alikes ("human resources", "travel agent") are masked, and what remains is
//! matched. Every table reads every message: a chat line is too short to name its language first.

mod canon;
mod de;
mod en;
mod es;
mod fr;
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
use table::{Reader, Table};

/// A wish or a mood is told in the first lines; what follows is pasted material. Bounds the time of a verdict.
const MAX_CHARS: usize = 1_500;

static READERS: LazyLock<Vec<Reader>> = LazyLock::new(|| {
    let tables: [&Table; 7] = [&en::TABLE, &nl::TABLE, &de::TABLE, &fr::TABLE, &es::TABLE, &pt::TABLE, &it::TABLE];
    let known: HashSet<&str> = tables.iter().flat_map(|table| table.own_words()).collect();
    let known = &known;
    // One thread per language: compiling the phrases is most of the time a start takes.
    std::thread::scope(|scope| {
        let builders = tables.map(|table| scope.spawn(move || Reader::new(table, known)));
        builders.into_iter().map(|builder| builder.join().expect("AI-1: a test builds every table")).collect()
    })
});

/// The verdict on one message. `keywords` are the owner's; any number of words each.
pub fn detect(text: &str, keywords: &[String]) -> Signals {
    let head = prefix(text, MAX_CHARS);
    let sentences = canon::sentences(head);
    let mut signals = Signals { keyword: keyword::occurs(text, keywords), ..Signals::default() };
    for reader in READERS.iter() {
        for sentence in &sentences {
            let reading = reader.read(sentence);
            signals.wants_human |= reading.wants_human;
            signals.frustrated |= reading.frustrated;
        }
    }
    signals.frustrated |= shouting::is_shouted(head);
    signals.assent = assent(head, &sentences);
    signals
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
