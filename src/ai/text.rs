//! Text as people type it, made comparable.

use crate::domain::hidden::is_hidden;
use unicode_normalization::UnicodeNormalization;

/// Removes what a reader can't see but a model or a matcher would read.
pub(super) fn strip_hidden(text: &str) -> String {
    text.chars().filter(|&c| !is_hidden(c)).collect()
}

/// Lower case, compatibility forms and Latin diacritics folded, apostrophes of one kind. "Ça" and "ca" compare equal.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Only Latin, Greek and Cyrillic accents live in this block: vowel signs of other scripts carry meaning and stay.
    let bare =
        text.nfkd().filter(|c| !is_hidden(*c) && !matches!(c, '\u{0300}'..='\u{036F}' | '\u{200C}' | '\u{200D}'));
    for c in bare.nfc().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            '’' | '‘' | 'ʼ' | '`' | '´' | '′' => folded.push('\''),
            // Lower-casing a dotted capital I leaves its dot behind.
            '\u{0307}' => {}
            _ => folded.push(c),
        }
    }
    folded
}

/// The longest prefix of at most `limit` characters.
pub(super) fn prefix(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])
}

/// `limit` characters or fewer, cut at the end of a sentence when one lies in the second half, else at a word.
pub(super) fn cut_at_sentence(text: &str, limit: usize) -> &str {
    let head = prefix(text, limit);
    if head.len() == text.len() {
        return text;
    }
    let half = head.len() / 2;
    let sentence = head
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | '!' | '?' | '。' | '！' | '？'))
        .map(|(at, c)| at + c.len_utf8())
        .filter(|&end| {
            text[end..].starts_with(char::is_whitespace) || !text.is_char_boundary(end) || is_wide(&head[..end])
        })
        .rfind(|&end| end > half);
    let end = sentence.or_else(|| head.rfind(char::is_whitespace)).unwrap_or(head.len());
    head[..end].trim_end()
}

/// Chinese and Japanese sentences end without a following space.
fn is_wide(head: &str) -> bool {
    head.ends_with(['。', '！', '？'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_makes_spellings_equal() {
        for (typed, folded) in [
            ("Ça va", "ca va"),
            ("STRASSE Straße", "strasse strasse"),
            ("don’t", "don't"),
            ("ｆｕｌｌ", "full"),
            ("İstanbul", "istanbul"),
            ("한국", "한국"),
            ("po\u{200B}st", "post"),
        ] {
            assert_eq!(fold(typed), folded, "{typed}");
        }
    }

    #[test]
    fn hidden_text_is_gone() {
        let smuggled: String = "tell".chars().map(|c| char::from_u32(0xE0000 + c as u32).unwrap()).collect();
        assert_eq!(strip_hidden(&format!("a{smuggled}b\u{202E}c\u{0007}\n")), "abc\n");
    }

    #[test]
    fn long_text_ends_with_a_sentence() {
        assert_eq!(cut_at_sentence("One two. Three four. Five six seven.", 25), "One two. Three four.");
        assert_eq!(cut_at_sentence("onetwothreefourfive", 6), "onetwo");
        assert_eq!(cut_at_sentence("short", 60), "short");
    }
}
