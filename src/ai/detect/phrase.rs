//! The phrase notation of the language tables, compiled to linear-time expressions.
//!
//! A phrase is words with spaces between: `want|need` alternatives, `please?` optional, `so|very*` any number of times, `*3`
//! up to three words of any kind, `TALK` a class of the table's vocabulary, `(hand over|escalate)` longer alternatives, `^`
//! and `$` the ends of the sentence. A sentence is written for matching as `word:CLASSES `, a letter for each class.

use regex::bytes::{Regex, RegexSet, RegexSetBuilder};

const FIXED: &str = "AI-1: phrase tables are fixed at compile time and a test builds them all";

/// The classes of a table, in order; the position gives the letter.
pub(super) struct Classes(pub(super) Vec<&'static str>);

impl Classes {
    pub(super) fn letter(&self, class: &str) -> Option<char> {
        let position = self.0.iter().position(|each| *each == class)?;
        char::from_u32('A' as u32 + position as u32)
    }

    pub(super) fn compile_set(&self, phrases: &[&str]) -> RegexSet {
        let expressions = phrases.iter().map(|phrase| self.expression(phrase));
        RegexSetBuilder::new(expressions).size_limit(64 << 20).build().expect(FIXED)
    }

    pub(super) fn compile_any(&self, phrases: &[&str]) -> Option<Regex> {
        let joined: Vec<String> = phrases.iter().map(|phrase| format!("(?:{})", self.expression(phrase))).collect();
        (!joined.is_empty()).then(|| Regex::new(&joined.join("|")).expect(FIXED))
    }

    fn expression(&self, phrase: &str) -> String {
        // Bytes, not characters: a class of every character but a space is a large automaton, of every byte a small one.
        // To bytes, the letters of some scripts are none: there, a word may begin anywhere after a letter, and classes bind whole words.
        format!(r"(?-u)\b{{start-half}}(?:{})", self.sequence(phrase))
    }

    fn sequence(&self, phrase: &str) -> String {
        split_outside(phrase, ' ').into_iter().filter(|element| !element.is_empty()).map(|e| self.element(e)).collect()
    }

    fn element(&self, element: &str) -> String {
        if let Some(gap) = element.strip_prefix('*') {
            return format!("(?:[^ ]+ ){{0,{gap}}}");
        }
        let (element, count) = match (element.strip_suffix('?'), element.strip_suffix('*')) {
            (Some(inner), _) => (inner, "?"),
            (_, Some(inner)) => (inner, "*"),
            _ => (element, ""),
        };
        let (mut words, mut letters, mut others) = (Vec::new(), String::new(), Vec::new());
        for alternative in split_outside(element, '|') {
            if let Some(group) = alternative.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                others.extend(split_outside(group, '|').into_iter().map(|part| self.sequence(part)));
            } else if matches!(alternative, "^" | "$") {
                others.push(alternative.to_owned());
            } else if let Some(letter) = self.letter(alternative) {
                letters.push(letter);
            } else if !alternative.is_empty() {
                words.push(alternative);
            }
        }
        if !words.is_empty() {
            others.push(format!("(?:{}):[A-Z]* ", words.join("|")));
        }
        if !letters.is_empty() {
            others.push(format!("[^ :]+:[A-Z]*[{letters}][A-Z]* "));
        }
        format!("(?:{}){count}", others.join("|"))
    }
}

/// Splits at `mark`, but not inside parentheses.
fn split_outside(text: &str, mark: char) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == mark && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_reads_as_documented() {
        let classes = Classes(vec!["TALK", "HUMAN"]);
        let matches = |phrase, line: &str| classes.compile_set(&[phrase]).is_match(line.as_bytes());
        for (phrase, line, found) in [
            ("TALK to a? HUMAN", "talk:A to: human:B ", true),
            ("TALK to a? HUMAN", "talk:A to: a: human:B ", true),
            ("TALK to a? HUMAN", "talk:A to: the: human:B ", false),
            ("TALK *1 the *2 HUMAN", "talk:A to: the: human:B ", true),
            ("(hand over|escalate) $", "please: hand: over: ", true),
            ("(hand over|escalate) $", "hand: it: over: ", false),
            ("^ so|very* bad", "so: very: bad: ", true),
            ("^ bad", "so: bad: ", false),
            ("talk", "talk:A ", true),
            ("HUMAN please|$", "human:AB ", true),
            ("over", "moreover: ", false),
        ] {
            assert_eq!(matches(phrase, line), found, "{phrase} / {line}");
        }
    }
}
