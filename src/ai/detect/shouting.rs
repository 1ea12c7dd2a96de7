//! Shouting: a line in capitals that is meant as one.

/// Fewer words in capitals are a name, an order number, or a habit.
const MIN_WORDS: usize = 4;
const MIN_LETTERS: usize = 16;

/// At least four words in capitals, nearly nothing in small letters, and a sign of temper: exclamation marks, or length.
pub(super) fn is_shouted(text: &str) -> bool {
    let (mut upper, mut lower, mut marks) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        if c.is_uppercase() {
            upper += 1;
        } else if c.is_lowercase() {
            lower += 1;
        } else if c == '!' {
            marks += 1;
        }
    }
    let words = text
        .split(|c: char| !c.is_alphabetic() && c != '\'' && c != '’')
        .filter(|word| word.chars().filter(|c| c.is_uppercase()).count() >= 2)
        .count();
    let all_capitals = upper >= MIN_LETTERS && words >= MIN_WORDS && lower * 20 <= upper;
    all_capitals && (marks >= 2 || (marks >= 1 && words >= 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_alone_are_not_shouting() {
        for (text, shouted) in [
            ("WHY IS NOBODY LISTENING TO ME!", true),
            ("I ALREADY TOLD YOU THIS!!", true),
            ("WARUM ANTWORTET MIR HIER NIEMAND!!", true),
            ("where is order NL-AB-XYZ-QWERTY-DEF?", false),
            ("DO YOU SHIP TO THE CANARY ISLANDS", false),
            ("OK THANKS!!", false),
            ("Nice!!!", false),
            ("", false),
        ] {
            assert_eq!(is_shouted(text), shouted, "{text}");
        }
    }
}
