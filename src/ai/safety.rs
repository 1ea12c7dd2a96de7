//! What a model wrote, made fit to be shown, without trusting the model (S55 to S59).
//!
//! Hidden characters are dropped. Links and images become their text, unless the address stands in the knowledge that the answer
//! rests on: whoever makes a model say an address can then neither lead a visitor there nor carry the conversation away in it.

use super::text::strip_hidden;
use std::collections::HashSet;

/// Claims that no answer may make; lower case, apostrophes straight.
const HUMAN_CLAIMS: [&str; 50] = [
    "i am a human",
    "i'm a human",
    "i am human",
    "i'm human",
    "i am a real person",
    "i'm a real person",
    "i am a real human",
    "i'm a real human",
    "i am not a bot",
    "i'm not a bot",
    "i am not an ai",
    "i'm not an ai",
    "i am not a robot",
    "i'm not a robot",
    "i am not a machine",
    "i'm not a machine",
    "i am a person",
    "i'm a person",
    "i am an actual person",
    "i'm an actual person",
    "ik ben een mens",
    "ik ben een echt mens",
    "ik ben een echt persoon",
    "ik ben geen bot",
    "ik ben geen robot",
    "ich bin ein mensch",
    "ich bin ein echter mensch",
    "ich bin eine echte person",
    "ich bin kein bot",
    "ich bin kein roboter",
    "je suis un humain",
    "je suis une personne",
    "je suis un être humain",
    "je ne suis pas un robot",
    "je ne suis pas un bot",
    "soy un humano",
    "soy humano",
    "soy una persona",
    "no soy un robot",
    "no soy un bot",
    "sono un umano",
    "sono una persona",
    "sono umano",
    "non sono un robot",
    "non sono un bot",
    "sou um humano",
    "sou humano",
    "sou uma pessoa",
    "não sou um robô",
    "não sou um bot",
];

/// Before a claim they make a denial of it: "non sono una persona".
const DENIALS: [&str; 4] = ["no", "non", "não", "nao"];

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Punctuation that at the end of an address belongs to the sentence around it.
const TRAILING: [char; 10] = ['.', ',', ';', ':', '!', '?', '…', ')', ']', '*'];

/// Addresses in a text, as far as a client would make links of them.
pub fn addresses_in(text: &str) -> impl Iterator<Item = &str> {
    let lower = text.to_ascii_lowercase();
    let starts: Vec<usize> = lower.match_indices("http").map(|(at, _)| at).collect();
    starts.into_iter().filter_map(move |at| address_at(text, at))
}

/// `text` with hidden characters gone and every address that is not in `allowed` as plain words.
pub fn sanitise(text: &str, allowed: &HashSet<String>) -> String {
    let mut safe = Safe::default();
    safe.push_text(&strip_hidden(text), allowed);
    safe.text
}

/// Text that holds no address but those put in by [`Safe::push_address`], whatever is put in after what.
///
/// Taking things out of a text can make an address of what is left, so it is the result that is guarded, and not the pieces:
/// - a scheme is taken back when a character comes that would make an address of it;
/// - an allowed address is kept from growing by a blank.
#[derive(Default)]
struct Safe {
    text: String,
    /// An allowed address, and maybe punctuation after it, is the last thing in `text`.
    ends_in_address: bool,
}

impl Safe {
    fn push_text(&mut self, text: &str, allowed: &HashSet<String>) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some((label, address, length)) = markdown_link(rest) {
                // An address as the label of another one would say where a link leads, and lie.
                self.push_text(label, &HashSet::new());
                if allowed.contains(address) {
                    self.push_words(" (");
                    self.push_address(address);
                    self.push_words(")");
                }
                rest = &rest[length..];
            } else if let Some(address) = address_at(rest, 0) {
                if allowed.contains(address) {
                    self.push_address(address);
                } else {
                    self.push_words(address);
                }
                rest = &rest[address.len()..];
            } else {
                self.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }

    fn push_words(&mut self, words: &str) {
        words.chars().for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        self.make_way_for(c);
        self.text.push(c);
    }

    fn push_address(&mut self, address: &str) {
        address.chars().take(1).for_each(|c| self.make_way_for(c));
        self.text.push_str(address);
        self.ends_in_address = true;
    }

    fn make_way_for(&mut self, c: char) {
        if ends_address(c) {
            self.ends_in_address = false;
            return;
        }
        if TRAILING.contains(&c) {
            return;
        }
        if self.ends_in_address {
            self.text.push(' ');
            self.ends_in_address = false;
            return;
        }
        let end = self.text.trim_end_matches(TRAILING).len();
        if let Some(scheme) = SCHEMES.into_iter().find(|scheme| ends_with_scheme(&self.text[..end], scheme)) {
            self.text.replace_range(end - scheme.len()..end, "");
        }
    }
}

/// As much of a growing text as can be shown already.
pub fn sanitise_start(text: &str, allowed: &HashSet<String>) -> String {
    sanitise(settled(&strip_hidden(text)), allowed)
}

/// Up to a blank, and not into a link that is still being written.
fn settled(text: &str) -> &str {
    /// A bracket that does not close within so many bytes opens no link.
    const LONGEST_LINK: usize = 2_000;
    let blank = text.rfind(char::is_whitespace).unwrap_or(0);
    let head = &text[..blank];
    let open = head.rfind('[').filter(|at| blank - at < LONGEST_LINK).filter(|at| {
        let tail = &text[*at..];
        tail.find("](").is_none_or(|middle| !tail[middle..].contains(')')) && !closed_alone(tail)
    });
    match open {
        Some(at) => head[..at].trim_end_matches('!'),
        None => head,
    }
}

/// The text says of its writer to be a human.
pub fn claims_to_be_human(text: &str) -> bool {
    let text = strip_hidden(text).to_lowercase().replace(['’', '‘'], "'");
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    let text = format!(" {} ", words.join(" "));
    HUMAN_CLAIMS.iter().any(|claim| {
        let denied = |at: usize| text[..at].rsplit(' ').next().is_some_and(|word| DENIALS.contains(&word));
        text.match_indices(&format!(" {claim} ")).any(|(at, _)| !denied(at))
    })
}

/// `[note] and on`: a bracket that is closed and leads nowhere.
fn closed_alone(tail: &str) -> bool {
    tail.find(']').is_some_and(|end| tail[end + 1..].chars().next().is_some_and(|next| next != '('))
}

/// `[label](address)` or `![label](address)` at the start: its parts and its length.
fn markdown_link(text: &str) -> Option<(&str, &str, usize)> {
    let inner = text.strip_prefix('!').unwrap_or(text).strip_prefix('[')?;
    let middle = inner.find("](")?;
    let label = &inner[..middle];
    if label.contains('[') {
        return None;
    }
    let target = &inner[middle + 2..];
    let end = target.find(')')?;
    let address = target[..end].split_whitespace().next().unwrap_or_default();
    let start = text.len() - inner.len();
    Some((label, address, start + middle + 2 + end + 1))
}

/// The address that starts at `at`, without the punctuation of the sentence around it.
fn address_at(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at..)?;
    let scheme = SCHEMES
        .into_iter()
        .find(|scheme| rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let end = rest.find(ends_address).unwrap_or(rest.len());
    let address = rest[..end].trim_end_matches(TRAILING);
    (address.len() > scheme.len()).then_some(address)
}

fn ends_with_scheme(text: &str, scheme: &str) -> bool {
    let end = &text.as_bytes()[text.len().saturating_sub(scheme.len())..];
    end.eq_ignore_ascii_case(scheme.as_bytes())
}

fn ends_address(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allowed() -> HashSet<String> {
        HashSet::from(["https://shop.example/returns".to_owned()])
    }

    #[test]
    fn addresses_that_are_not_in_the_knowledge_become_words() {
        for (text, shown) in [
            ("See https://shop.example/returns.", "See https://shop.example/returns."),
            ("See [returns](https://shop.example/returns)!", "See returns (https://shop.example/returns)!"),
            ("See https://evil.example/?q=secret now", "See evil.example/?q=secret now"),
            ("See https://shop.example/returns/../x", "See shop.example/returns/../x"),
            ("[click](https://evil.example/?q=1)", "click"),
            ("![](https://evil.example/p.png?q=secret)", ""),
            ("![a [b](https://evil.example)", "![a b"),
            ("[x](javascript:alert(1))", "x)"),
            ("HTTPS://EVIL.example/a", "EVIL.example/a"),
            ("https://http://evil.example", "evil.example"),
            ("[https://evil.example/a](https://shop.example/returns)", "evil.example/a (https://shop.example/returns)"),
            ("ht\u{200b}tps://evil.example/a", "evil.example/a"),
            ("h\u{e0041}i \u{202e}there", "hi there"),
            ("1 < 2 and [note] stay", "1 < 2 and [note] stay"),
            ("It starts with https://, always", "It starts with https://, always"),
            // What is taken out must not join what stood around it into an address.
            ("[http://]()://", "://"),
            ("ht[](x)tps://evil.example", "evil.example"),
            ("hthttp://tp://evil.example", "evil.example"),
            ("[http://](x)evil.example", "evil.example"),
            ("[http://](x)https://shop.example/returns", "https://shop.example/returns"),
            // Nor may an allowed address grow into another one.
            ("[a](https://shop.example/returns)evil", "a (https://shop.example/returns) evil"),
            ("[https://shop.example/returns](x)/../evil", "shop.example/returns/../evil"),
        ] {
            assert_eq!(sanitise(text, &allowed()), shown, "{text:?}");
        }
    }

    #[test]
    fn claims_are_found_and_their_denials_are_not() {
        for text in [
            "I am a human.",
            "Sure, I’m a real person!",
            "i'm not a  bot",
            "Ich bin ein Mensch",
            "I a\u{200b}m human",
            "No soy un robot.",
        ] {
            assert!(claims_to_be_human(text), "{text}");
        }
        for text in [
            "I am not a human",
            "I'm an AI, a person can help",
            "I am humanly sorry",
            "a real person will answer",
            "Non sono una persona",
            "no soy humano",
        ] {
            assert!(!claims_to_be_human(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_foreign_address_survives(text in "([a-z .]|https?://|HTTP://|http|\\[|\\]|\\(|\\)|\\]\\(|!|\u{200b}|:|/|://|evil\\.example|https://shop\\.example/returns|\n){0,40}") {
            let safe = sanitise(&text, &allowed());
            let left = addresses_in(&safe).find(|address| !allowed().contains(*address));
            prop_assert_eq!(left, None, "{:?}", safe);
        }

        /// What was shown while the answer grew is the start of what is shown in the end. Brackets may be judged anew when more
        /// comes; then the responder stops streaming, and the whole answer replaces what was shown.
        #[test]
        fn what_is_settled_stays(
            early in "([a-z ]|https://evil\\.example|https://shop\\.example/returns|\\)|\\]|!){0,20}",
            more in "([a-z ]|https://evil\\.example|https://shop\\.example/returns|\\[[a-z ]{0,5}\\]\\(|\\)|\\[|\\]|!){0,20}",
        ) {
            let shown = sanitise_start(&early, &allowed());
            let late = sanitise(&(early + &more), &allowed());
            prop_assert!(late.starts_with(shown.trim_end()), "{:?} / {:?}", shown, late);
        }
    }
}
