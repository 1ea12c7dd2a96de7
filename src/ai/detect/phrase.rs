//! The phrase notation of the language tables, compiled to one linear-time expression set.
//!
//! A phrase is words with spaces between: `want|need` alternatives, `please?` optional, `so|very*` any
//! number of times, `*3` up to three words of any kind,
//! `TALK` a class of the table's vocabulary, `^` and `$` the ends of the sentence.

use regex::{Regex, RegexSet, RegexSetBuilder};

pub(super) fn compile_set(phrases: &[&str]) -> RegexSet {
    RegexSetBuilder::new(phrases.iter().map(|phrase| expression(phrase)))
        .size_limit(64 << 20)
        .build()
        .expect("AI-1: phrase tables are fixed at compile time and a test builds them all")
}

pub(super) fn compile_any(phrases: &[&str]) -> Option<Regex> {
    let joined: Vec<String> = phrases.iter().map(|phrase| format!("(?:{})", expression(phrase))).collect();
    (!joined.is_empty()).then(|| {
        Regex::new(&joined.join("|")).expect("AI-1: phrase tables are fixed at compile time and a test builds them all")
    })
}

/// Sentences come as words each followed by a space, so a word boundary before and a space after delimit a word.
fn expression(phrase: &str) -> String {
    let mut expression = String::from(r"(?-u:\b)");
    for element in phrase.split_whitespace() {
        match element {
            "^" => expression.push('^'),
            "$" => expression.push('$'),
            gap if gap.starts_with('*') => expression.push_str(&format!("(?:[^ ]+ ){{0,{}}}", &gap[1..])),
            word => match (word.strip_suffix('?'), word.strip_suffix('*')) {
                (Some(optional), _) => expression.push_str(&format!("(?:(?:{optional}) )?")),
                (_, Some(repeated)) => expression.push_str(&format!("(?:(?:{repeated}) )*")),
                _ => expression.push_str(&format!("(?:{word}) ")),
            },
        }
    }
    expression
}
