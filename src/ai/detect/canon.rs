//! A message as sentences of folded words, so that "PLEEEASE, I can’t!" and "please i cant" read alike.

use crate::ai::text::fold;

/// Words of more letters are pasted data.
const MAX_WORD: usize = 32;

/// Sentences end at a full stop, question or exclamation mark, semicolon or line break; empty ones are left out.
pub(super) fn sentences(text: &str) -> Vec<Vec<String>> {
    let folded = fold(text);
    let ends = |c: char| matches!(c, '.' | '!' | '?' | ';' | '\n' | '…' | '。' | '¿' | '¡');
    folded.split(ends).map(words).filter(|sentence| !sentence.is_empty()).collect()
}

fn words(sentence: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in sentence.split(|c: char| !c.is_alphanumeric() && c != '\'') {
        match word.split_once('\'') {
            // An English contraction is one word, a Romance elision is two.
            Some((head, tail)) if matches!(tail, "t" | "re" | "s" | "m" | "ll" | "ve" | "d") => {
                push(&format!("{head}{tail}"), &mut words);
            }
            Some(_) => word.split('\'').for_each(|part| push(part, &mut words)),
            None => push(word, &mut words),
        }
    }
    words
}

fn push(word: &str, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(calm(word));
    }
}

/// Three or more of one letter are one: "hellooo", "pleaaase". Numbers stay.
fn calm(word: &str) -> String {
    let mut calmed = String::with_capacity(word.len());
    let letters: Vec<char> = word.chars().take(MAX_WORD).collect();
    for run in letters.chunk_by(|a, b| a == b) {
        let keep = if run.len() >= 3 && !run[0].is_numeric() { 1 } else { run.len() };
        calmed.extend(&run[..keep]);
    }
    calmed
}
