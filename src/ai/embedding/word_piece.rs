//! Text as the numbers that the model was trained on: BERT's uncased word pieces.
//!
//! Written here because it is a page of code, while the usual crate brings sixty others. `tests/it` compares it with the
//! reference on the shipped vocabulary.

use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// A longer "word" is one unknown piece, as in the reference.
const MAX_WORD_CHARS: usize = 100;

pub(super) struct WordPiece {
    ids: HashMap<Box<str>, i32>,
    unknown: i32,
    begin: i32,
    end: i32,
}

impl WordPiece {
    /// One piece a line, its number is its line; `None` when one of the marks that every text needs is not there.
    pub(super) fn new(vocabulary: &str) -> Option<Self> {
        let ids: HashMap<Box<str>, i32> = (0..).zip(vocabulary.lines()).map(|(id, piece)| (piece.into(), id)).collect();
        let mark = |piece: &str| ids.get(piece).copied();
        let (unknown, begin, end) = (mark("[UNK]")?, mark("[CLS]")?, mark("[SEP]")?);
        Some(Self { ids, unknown, begin, end })
    }

    /// At most `limit` numbers, the marks of beginning and end among them.
    pub(super) fn encode(&self, text: &str, limit: usize) -> Vec<i32> {
        let mut pieces = vec![self.begin];
        for word in words(text) {
            if pieces.len() + 1 >= limit {
                break;
            }
            self.split(&word, &mut pieces);
        }
        pieces.truncate(limit.saturating_sub(1));
        pieces.push(self.end);
        pieces
    }

    /// Longest piece first; a word with a rest that no piece begins is unknown as a whole.
    fn split(&self, word: &str, pieces: &mut Vec<i32>) {
        let before = pieces.len();
        if word.chars().nth(MAX_WORD_CHARS).is_some() {
            return pieces.push(self.unknown);
        }
        let mut from = 0;
        let mut key = String::new();
        while from < word.len() {
            let ends = word[from..].char_indices().map(|(at, c)| from + at + c.len_utf8());
            let ends: Vec<usize> = ends.collect();
            let longest = ends.into_iter().rev().find_map(|end| {
                key.clear();
                if from > 0 {
                    key.push_str("##");
                }
                key.push_str(&word[from..end]);
                self.ids.get(key.as_str()).map(|id| (*id, end))
            });
            let Some((id, end)) = longest else {
                pieces.truncate(before);
                return pieces.push(self.unknown);
            };
            pieces.push(id);
            from = end;
        }
    }
}

/// Lower case without accents, cut at white space; each mark and each ideograph is a word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    for c in text.chars().flat_map(char::to_lowercase).nfd() {
        match Kind::of(c) {
            Kind::Dropped => {}
            Kind::Space => end(&mut word),
            Kind::Alone => {
                end(&mut word);
                word.push(c);
                end(&mut word);
            }
            Kind::Letter => word.push(c),
        }
    }
    end(&mut word);
    words
}

enum Kind {
    Letter,
    Space,
    /// A word by itself.
    Alone,
    /// As if it were not there: accents, control and format characters.
    Dropped,
}

static PUNCTUATION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\p{P}$").expect("PIECE-1: a valid pattern"));
static DROPPED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[\p{Mn}\p{C}]$").expect("PIECE-1: a valid pattern"));

impl Kind {
    fn of(c: char) -> Self {
        let is_ideograph = matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{2CEAF}'
            | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}');
        if c.is_whitespace() {
            Self::Space
        } else if c.is_ascii_punctuation() || is_ideograph {
            // The signs of ASCII count as punctuation, those beyond don't.
            Self::Alone
        } else if c == '\u{FFFD}' {
            Self::Dropped
        } else if !c.is_ascii() || c.is_control() {
            let mut bytes = [0; 4];
            match &*c.encode_utf8(&mut bytes) {
                mark if PUNCTUATION.is_match(mark) => Self::Alone,
                mark if DROPPED.is_match(mark) => Self::Dropped,
                _ => Self::Letter,
            }
        } else {
            Self::Letter
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces() -> WordPiece {
        WordPiece::new("[UNK]\n[CLS]\n[SEP]\nwhere\nparcel\n##s\n?\nkon\n##nen\n車").unwrap()
    }

    #[test]
    fn words_become_the_longest_known_pieces() {
        for (text, ids) in [
            ("Where parcels?", vec![1, 3, 4, 5, 6, 2]),
            ("  KÖNNEN\n車where ", vec![1, 7, 8, 9, 3, 2]),
            ("wherexyz parcel", vec![1, 0, 4, 2]),
            ("", vec![1, 2]),
        ] {
            assert_eq!(pieces().encode(text, 20), ids, "{text}");
        }
        assert_eq!(pieces().encode("where where where where", 4), [1, 3, 3, 2]);
        assert_eq!(pieces().encode(&"x".repeat(5_000), 20), [1, 0, 2]);
    }

    #[test]
    fn a_vocabulary_without_marks_is_none() {
        assert!(WordPiece::new("where\nparcel").is_none());
    }

    proptest! {
        #[test]
        fn any_text_stays_within_the_limit(text in "\\PC{0,200}", limit in 2_usize..40) {
            let ids = pieces().encode(&text, limit);
            prop_assert!((2..=limit).contains(&ids.len()) && ids[0] == 1 && ids.last() == Some(&2));
        }
    }
}
