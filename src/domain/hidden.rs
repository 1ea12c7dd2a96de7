//! Characters that a reader can't see and a model or a matcher would read (S59).
//!
//! Models are given text without them, agents are shown that they are there. `web-shared/src/hidden.ts` says the same;
//! `tests/fixtures/hidden-text.json` holds both to it.

use std::fmt::Write as _;

/// The tags block and the variation selectors that smuggle text, bidirectional controls that reorder it, zero-width marks that split
/// words, control characters. Joiners are none of them: emoji and several scripts are written with them.
pub fn is_hidden(c: char) -> bool {
    is_tag(c)
        || matches!(c,
        '\u{E0100}'..='\u{E01EF}'
        | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}'
        | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{00AD}')
        || (c.is_control() && !matches!(c, '\n' | '\t'))
}

/// The text with a mark for each hidden character, and what a run of tags spells. The flags that are written with tags stay.
pub fn reveal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tags = rest.find(|c| !is_tag(c)).unwrap_or(rest.len());
        let used = if let Some(flag) = flag(rest) {
            shown.push_str(flag);
            flag.len()
        } else if tags > 0 {
            let _written = write!(shown, "[hidden text: {}]", spelled(&rest[..tags]));
            tags
        } else {
            if is_hidden(c) {
                let _written = write!(shown, "[U+{:04X}]", u32::from(c));
            } else {
                shown.push(c);
            }
            c.len_utf8()
        };
        rest = &rest[used..];
    }
    shown
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0000}'..='\u{E007F}')
}

/// What a run of tags spells in ASCII.
fn spelled(tags: &str) -> String {
    tags.chars()
        .filter_map(|tag| u32::from(tag).checked_sub(0xE0000).and_then(char::from_u32))
        .filter(|letter| matches!(letter, ' '..='~'))
        .collect()
}

/// A black flag and the tags of a region: `gbeng`, `gbsct`, `gbwls` and their like.
fn flag(text: &str) -> Option<&str> {
    let tags = text.strip_prefix('\u{1F3F4}')?;
    let end = tags.find('\u{E007F}')?;
    let region = spelled(&tags[..end]);
    let is_region = (3..=6).contains(&region.len())
        && tags[..end].chars().count() == region.len()
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    is_region.then(|| &text[.."\u{1F3F4}".len() + end + "\u{E007F}".len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn fixture() -> Value {
        serde_json::from_str(include_str!("../../tests/fixtures/hidden-text.json")).unwrap()
    }

    #[test]
    fn hidden_characters_are_those_of_the_fixture() {
        let mut found: Vec<(u32, u32)> = Vec::new();
        for c in ('\0'..=char::MAX).filter(|&c| is_hidden(c)).map(u32::from) {
            match found.last_mut() {
                Some((_, last)) if *last + 1 == c => *last = c,
                _ => found.push((c, c)),
            }
        }
        let found: Vec<String> = found.iter().map(|(first, last)| format!("{first:04X}-{last:04X}")).collect();
        assert_eq!(serde_json::json!(found), fixture()["ranges"]);
    }

    #[test]
    fn hidden_characters_become_marks() {
        for example in fixture()["shown"].as_array().unwrap() {
            let part = |at: usize| example[at].as_str().unwrap();
            assert_eq!(reveal(part(0)), part(1));
        }
    }
}
