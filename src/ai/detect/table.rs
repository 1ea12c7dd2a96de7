//! A language's table and its reader.

use super::phrase::Classes;
use crate::domain::conversation::Assent;
use regex::bytes::{Regex, RegexSet};
use std::collections::{HashMap, HashSet};

/// What a language says. Words and phrases are written folded: lower case, no accents, no apostrophes.
pub(super) struct Table {
    /// Classes, named in capitals, of words that phrases refer to; mistyped ones are recognised.
    pub(super) classes: &'static [(&'static str, &'static str)],
    /// Further words worth recognising when mistyped.
    pub(super) spelling: &'static str,
    /// Real words one letter away from a class word: never put "right".
    pub(super) real_words: &'static str,
    /// Look-alikes and negations, hidden before a wish for a human is looked for.
    pub(super) not_human: &'static [&'static str],
    pub(super) human: &'static [&'static str],
    /// Hidden before frustration is looked for.
    pub(super) not_frustrated: &'static [&'static str],
    pub(super) frustrated: &'static [&'static str],
    /// Words of a bare yes, and what may stand beside them.
    pub(super) yes: &'static [&'static str],
    pub(super) no: &'static [&'static str],
}

impl Table {
    /// Every word that the table is made of: such a word is spelt as meant, in whatever language it came.
    pub(super) fn own_words(&self) -> impl Iterator<Item = &'static str> {
        let phrases = [self.not_human, self.human, self.not_frustrated, self.frustrated, self.yes, self.no];
        let in_phrases =
            phrases.into_iter().flatten().flat_map(|phrase| phrase.split([' ', '|', '?', '*', '^', '$', '(', ')']));
        let in_classes = self.classes.iter().flat_map(|(_, words)| words.split_whitespace());
        let others = self.real_words.split_whitespace().chain(self.spelling.split_whitespace());
        in_phrases.chain(in_classes).chain(others).filter(|word| !word.is_empty())
    }
}

/// How clearly a thing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    None,
    /// A word of it occurs, in no phrase.
    Hinted,
    Said,
}

pub(super) struct Reading {
    pub(super) human: Strength,
    pub(super) frustrated: Strength,
}

pub(super) struct Reader {
    /// Letters of the classes that a word belongs to.
    classes: HashMap<&'static str, String>,
    spelling: Spelling,
    not_human: Option<Regex>,
    human: RegexSet,
    human_hint: Option<Regex>,
    not_frustrated: Option<Regex>,
    frustrated: RegexSet,
    frustrated_hint: Option<Regex>,
    yes: RegexSet,
    no: RegexSet,
}

/// Longer messages say more than yes or no.
const MAX_ASSENT_WORDS: usize = 7;

impl Reader {
    pub(super) fn new(table: &Table, known: &HashSet<&'static str>) -> Self {
        let mut classes: HashMap<&'static str, String> = HashMap::new();
        let names = Classes(table.classes.iter().map(|(class, _)| *class).collect());
        let mut correct: Vec<&'static str> = table.spelling.split_whitespace().collect();
        for (class, words) in table.classes {
            for word in words.split_whitespace() {
                classes.entry(word).or_default().extend(names.letter(class));
                correct.push(word);
            }
        }
        Self {
            classes,
            spelling: Spelling::new(&correct, known.clone()),
            not_human: names.compile_any(table.not_human),
            human: names.compile_set(table.human),
            human_hint: names.compile_any(&["HUMAN|SOMEONE"]),
            not_frustrated: names.compile_any(table.not_frustrated),
            frustrated: names.compile_set(table.frustrated),
            frustrated_hint: names.compile_any(&["BAD|ANGRY|MADDENING"]),
            yes: names.compile_set(table.yes),
            no: names.compile_set(table.no),
        }
    }

    pub(super) fn read(&self, sentence: &[String]) -> Reading {
        let line = self.line(sentence);
        Reading {
            human: strength(&self.human, self.human_hint.as_ref(), &mask(self.not_human.as_ref(), &line)),
            frustrated: strength(
                &self.frustrated,
                self.frustrated_hint.as_ref(),
                &mask(self.not_frustrated.as_ref(), &line),
            ),
        }
    }

    pub(super) fn assent(&self, words: &[String]) -> Assent {
        if words.len() > MAX_ASSENT_WORDS {
            return Assent::Neither;
        }
        let line = self.line(words);
        match (self.yes.is_match(line.as_bytes()), self.no.is_match(line.as_bytes())) {
            (true, false) => Assent::Yes,
            (false, true) => Assent::No,
            _ => Assent::Neither,
        }
    }

    /// The sentence as the phrases read it, with spelling put right.
    fn line(&self, sentence: &[String]) -> String {
        let mut line = String::new();
        for word in sentence {
            let word = self.spelling.put_right(word);
            line.push_str(word);
            line.push(':');
            line.push_str(self.classes.get(word).map_or("", String::as_str));
            line.push(' ');
        }
        line
    }
}

fn strength(phrases: &RegexSet, hint: Option<&Regex>, line: &[u8]) -> Strength {
    if phrases.is_match(line) {
        Strength::Said
    } else if hint.is_some_and(|hint| hint.is_match(line)) {
        Strength::Hinted
    } else {
        Strength::None
    }
}

/// Hides look-alikes behind a word that no phrase holds.
fn mask<'line>(look_alikes: Option<&Regex>, line: &'line str) -> std::borrow::Cow<'line, [u8]> {
    match look_alikes {
        Some(look_alikes) => look_alikes.replace_all(line.as_bytes(), b"0: "),
        None => line.as_bytes().into(),
    }
}

/// Known words by what remains of them when one letter is left out: two words within one edit share such a remainder.
struct Spelling {
    by_remainder: HashMap<Box<str>, Vec<&'static str>>,
    real_words: HashSet<&'static str>,
}

impl Spelling {
    /// Shorter words have too many real neighbours.
    const MIN_LETTERS: usize = 5;

    fn new(words: &[&'static str], real_words: HashSet<&'static str>) -> Self {
        let mut by_remainder: HashMap<Box<str>, Vec<&'static str>> = HashMap::new();
        for &word in words.iter().filter(|word| word.is_ascii()) {
            if word.len() >= Self::MIN_LETTERS {
                remainders(word, |remainder| by_remainder.entry(remainder.into()).or_default().push(word));
            } else if word.len() == Self::MIN_LETTERS - 1 {
                // A doubled letter makes a short word long enough to be sure: "taalk", "callll".
                for doubled in doublings(word) {
                    by_remainder.entry(doubled.into()).or_default().push(word);
                }
            }
        }
        Self { by_remainder, real_words }
    }

    fn put_right<'word>(&self, word: &'word str) -> &'word str
    where
        'static: 'word,
    {
        if word.len() < Self::MIN_LETTERS || !word.is_ascii() || self.real_words.contains(word) {
            return word;
        }
        if let Some(exact) = self.by_remainder.get(word)
            && let Some(known) = exact.iter().find(|known| **known == word || known.len() < Self::MIN_LETTERS)
        {
            return known;
        }
        let mut best: Option<&'static str> = None;
        remainders(word, |remainder| {
            let candidates = self.by_remainder.get(remainder).into_iter().flatten();
            best = best.or_else(|| {
                candidates.copied().find(|known| known.len() >= Self::MIN_LETTERS && one_edit(known, word))
            });
        });
        best.unwrap_or(word)
    }
}

fn doublings(word: &str) -> impl Iterator<Item = String> {
    (0..word.len()).map(|at| format!("{}{}", &word[..=at], &word[at..]))
}

/// The word itself and the word without each of its letters. Words are ASCII.
fn remainders(word: &str, mut visit: impl FnMut(&str)) {
    visit(word);
    let mut shorter = String::with_capacity(word.len());
    for at in 0..word.len() {
        shorter.clear();
        shorter.push_str(&word[..at]);
        shorter.push_str(&word[at + 1..]);
        visit(&shorter);
    }
}

/// Equal but for one letter more, less, other, or two neighbours swapped.
fn one_edit(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same_head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same_head..], &b[same_head..]);
    let same_tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - same_tail], &b[..b.len() - same_tail]) {
        ([], []) | ([_], [] | [_]) | ([], [_]) => true,
        ([p, q], [r, s]) => p == s && q == r,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_counts_swaps_as_one() {
        for (a, b, near) in [
            ("agent", "agnet", true),
            ("human", "humann", true),
            ("human", "huan", true),
            ("human", "hunan", true),
            ("human", "human", true),
            ("agent", "urgent", false),
            ("person", "prison", false),
        ] {
            assert_eq!(one_edit(a, b), near, "{a} {b}");
        }
    }

    #[test]
    fn spelling_leaves_real_words_alone() {
        let spelling = Spelling::new(&["agent", "speak", "talk"], HashSet::from(["steak", "argent"]));
        for (typed, read) in [
            ("agnet", "agent"),
            ("taalk", "talk"),
            ("talk", "talk"),
            ("stalk", "stalk"),
            ("argent", "argent"),
            ("steak", "steak"),
            ("änderung", "änderung"),
        ] {
            assert_eq!(spelling.put_right(typed), read, "{typed}");
        }
    }
}
