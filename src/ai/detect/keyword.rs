//! The owner's keywords: whole words, in any of their cheap inflections.

use super::canon::sentences;
use crate::ai::text::prefix;

/// A keyword hides deeper than a mood does, but not in a megabyte.
const MAX_CHARS: usize = 20_000;
/// Endings that make another form of the same word: plural, past, the cases of the seven languages.
const ENDINGS: &[&str] = &["s", "es", "ed", "d", "ing", "e", "en", "n", "er", "te", "x"];
/// Shorter words are matched as they are: "ai" must not match "aid".
const MIN_INFLECTED: usize = 4;

pub(super) fn occurs(text: &str, keywords: &[String]) -> bool {
    if keywords.is_empty() {
        return false;
    }
    let words = sentences(prefix(text, MAX_CHARS)).concat();
    keywords.iter().any(|keyword| {
        let wanted = sentences(prefix(keyword, 200)).concat();
        !wanted.is_empty()
            && words.windows(wanted.len()).any(|window| window.iter().zip(&wanted).all(|(w, k)| is_form_of(w, k)))
    })
}

fn is_form_of(word: &str, keyword: &str) -> bool {
    if word == keyword {
        return true;
    }
    if keyword.chars().count() < MIN_INFLECTED {
        return false;
    }
    let ending = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| ENDINGS.contains(&rest));
    let stem = |text: &str| text.strip_suffix(['e', 'y']).map(str::to_owned);
    ending(word, keyword)
        // "refunds" as keyword, "refund" as word.
        || ["s", "es"].iter().any(|plural| keyword.strip_suffix(plural) == Some(word))
        // cancel, cancelled; complain, complaining with a doubled letter
        || keyword.chars().last().is_some_and(|last| ending(word, &format!("{keyword}{last}")))
        // escalate, escalating; warranty, warranties
        || stem(keyword).is_some_and(|stem| word.strip_prefix(stem.as_str()).is_some_and(|rest| matches!(rest, "ing" | "ies" | "ied")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_and_their_forms() {
        for (text, keyword, found) in [
            ("I want a refund", "refund", true),
            ("two REFUNDS please", "refund", true),
            ("one refund", "refunds", true),
            ("it was cancelled", "cancel", true),
            ("escalating this", "escalate", true),
            ("warranties", "warranty", true),
            ("the refundable fare", "refund", false),
            ("first aid", "ai", false),
            ("speak to the Legal Department now", "legal department", true),
            ("legal, and a department", "legal department", false),
            ("meine Kündigung", "kuendigung", false),
            ("meine Kündigungen", "Kündigung", true),
            ("anything", "", false),
            ("anything", " ! ", false),
        ] {
            assert_eq!(occurs(text, &[keyword.to_owned()]), found, "{text} / {keyword}");
        }
    }
}
