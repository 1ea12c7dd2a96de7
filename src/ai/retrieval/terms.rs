//! Words of a text as the index counts them.

use crate::ai::text::fold;
use rust_stemmers::{Algorithm, Stemmer};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Languages with a stemmer and a list of function words. Others work by whole words and letter groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Language {
    English,
    Dutch,
    German,
    French,
    Spanish,
    Portuguese,
    Italian,
}

impl Language {
    const ALL: [Self; 7] =
        [Self::English, Self::Dutch, Self::German, Self::French, Self::Spanish, Self::Portuguese, Self::Italian];

    fn algorithm(self) -> Algorithm {
        match self {
            Self::English => Algorithm::English,
            Self::Dutch => Algorithm::Dutch,
            Self::German => Algorithm::German,
            Self::French => Algorithm::French,
            Self::Spanish => Algorithm::Spanish,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Italian => Algorithm::Italian,
        }
    }

    fn function_words(self) -> &'static str {
        match self {
            Self::English => {
                "a an the and or but if of in on at to for from by with about into over under is are was were be been being am \
                 do does did done have has had i you he she it we they me him her us them my your his its our their this that \
                 these those there here what which who whom whose when where why how can could will would shall should may \
                 might must not no so than too very just as also any some all im ive ill id youre dont doesnt didnt cant isnt \
                 whats hows please tell give get got let want need like know going go make take much many up out then"
            }
            Self::Dutch => {
                "de het een en of maar als van in op aan te voor met over bij naar uit door is zijn was waren ben bent word wordt \
                 worden heb hebt heeft hebben had ik jij je u hij zij ze wij we jullie mij me hem haar ons hen mijn jouw uw dit \
                 dat deze die er hier daar wat welke wie wanneer waar waarom hoe kan kun kunt kunnen zal zullen zou moet moeten \
                 mag wil wilt niet geen ook nog wel al dan om graag doe doet"
            }
            Self::German => {
                "der die das den dem des ein eine einen einem einer eines und oder aber wenn von im in an am auf zu zum zur fur \
                 mit uber bei nach aus durch ist sind war waren bin bist sein wird werden wurde habe hast hat haben hatte ich du \
                 er sie es wir ihr mich dich ihn uns euch mir dir ihm ihnen mein meine meinen meinem meiner dein ihre ihren \
                 dies dieser diese dieses man was welche welcher wer wann wo warum wie kann kannst konnen soll sollte muss \
                 mussen darf durfen will mochte nicht kein keine auch noch als dann so sich denn gibt bitte"
            }
            Self::French => {
                "le la les l un une des du de d et ou mais si dans en au aux a pour par avec sur sous chez est sont etait suis es \
                 etre ai as avons avez ont avoir je j tu il elle nous vous ils elles me m te t se s lui leur mon ma mes ton ta \
                 tes son sa ses notre nos votre vos ce cet cette ces ca c qui que qu quel quelle quels quelles quand ou pourquoi \
                 comment peut peux puis pouvez dois doit faut veux ne n pas non plus aussi y combien"
            }
            Self::Spanish => {
                "el la los las un una unos unas y o pero si de del en al a para por con sobre es son era soy eres ser esta estan \
                 estoy he has ha hemos han haber yo tu usted el ella nosotros ellos me te se le les lo nos mi mis tus su sus \
                 este esta estos estas ese esa eso que cual cuales quien cuando donde por porque como puedo puede pueden debo \
                 quiero hay no ni tambien mas muy ya cuanto"
            }
            Self::Portuguese => {
                "o a os as um uma uns umas e ou mas se de do da dos das em no na nos nas ao aos para por com sobre sao era sou \
                 ser esta estao estou tenho tem temos ter eu tu voce ele ela nos eles me te se lhe meu minha meus minhas seu sua \
                 seus suas este esta isto esse essa isso que qual quais quem quando onde porque como posso pode podem devo quero \
                 ha nao nem tambem mais muito ja quanto"
            }
            Self::Italian => {
                "il lo la i gli le un uno una e o ma se di del della dello dei degli delle in nel nella a al alla ai alle da dal \
                 dalla per con su sul sulla sono era sei siamo essere ho hai ha abbiamo hanno avere io tu lui lei noi voi loro mi \
                 ti si ci vi mio mia miei mie tuo tua suo sua questo questa questi queste quello quella che chi quale quali \
                 quando dove perche come posso puo possono devo voglio c e non ne anche piu molto gia quanto"
            }
        }
    }
}

static FUNCTION_WORDS: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for (bit, language) in Language::ALL.into_iter().enumerate() {
        for word in language.function_words().split_whitespace() {
            *words.entry(word).or_insert(0) |= 1 << bit;
        }
    }
    words
});

thread_local! {
    static STEMMERS: OnceCell<Vec<Stemmer>> = const { OnceCell::new() };
}

/// One word of a text.
pub(super) struct Term {
    /// Folded, not stemmed.
    pub(super) surface: String,
    pub(super) is_function_word: bool,
}

impl Term {
    pub(super) fn stem(&self, language: Language) -> String {
        STEMMERS.with(|cell| {
            let stemmers = cell.get_or_init(|| Language::ALL.map(|each| Stemmer::create(each.algorithm())).into());
            stemmers[language as usize].stem(&self.surface).into_owned()
        })
    }
}

/// Folded words in order. Scripts written without spaces come as overlapping pairs of characters.
pub(super) fn tokenize(text: &str) -> Vec<Term> {
    let folded = fold(text);
    let mut terms = Vec::new();
    for word in folded.split(|c: char| !c.is_alphanumeric() && c != '\'') {
        // "don't" and "dont" are one word; "l'agent" and "d'un" are two.
        match word.split_once('\'') {
            Some((head, tail))
                if (1..=2).contains(&head.len()) && tail.len() >= 2 && !matches!(tail, "ll" | "re" | "ve") =>
            {
                push(head, &mut terms);
                push(tail, &mut terms);
            }
            Some((head, "s")) => push(head, &mut terms),
            Some(_) => push(&word.replace('\'', ""), &mut terms),
            None => push(word, &mut terms),
        }
    }
    terms
}

fn push(word: &str, terms: &mut Vec<Term>) {
    if word.is_empty() {
        return;
    }
    if word.chars().any(is_unspaced) {
        let letters: Vec<char> = word.chars().collect();
        let pairs = letters.windows(2.min(letters.len()));
        terms.extend(pairs.map(|pair| Term { surface: pair.iter().collect(), is_function_word: false }));
        return;
    }
    // A "word" longer than this is pasted data; its beginning identifies it well enough.
    let surface: String = word.chars().take(40).collect();
    let is_function_word = FUNCTION_WORDS.contains_key(surface.as_str());
    terms.push(Term { surface, is_function_word });
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}')
}

/// The language whose function words occur most; `None` when none leads.
pub(super) fn guess_language(text: &str) -> Option<Language> {
    let mut votes = [0_usize; Language::ALL.len()];
    for term in tokenize(crate::ai::text::prefix(text, 600)) {
        let Some(bits) = FUNCTION_WORDS.get(term.surface.as_str()) else { continue };
        for (bit, vote) in votes.iter_mut().enumerate() {
            *vote += usize::from(bits >> bit & 1 == 1);
        }
    }
    let best = votes.iter().copied().max().filter(|&most| most > 0)?;
    let mut leaders = Language::ALL.into_iter().zip(votes).filter(|(_, vote)| *vote == best);
    let leader = leaders.next().map(|(language, _)| language);
    if leaders.next().is_some() { None } else { leader }
}

/// The languages that a tenth of the passages or more are written in, most frequent first.
pub(super) fn main_languages(guesses: &[Option<Language>]) -> Vec<Language> {
    let count = |language| guesses.iter().filter(|guess| **guess == Some(language)).count();
    let mut found: Vec<(usize, Language)> =
        Language::ALL.into_iter().map(|language| (count(language), language)).collect();
    let known: usize = found.iter().map(|(count, _)| count).sum();
    found.retain(|(count, _)| *count > 0 && count * 10 >= known);
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    if found.is_empty() { vec![Language::English] } else { found.into_iter().map(|(_, language)| language).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surfaces(text: &str) -> Vec<String> {
        tokenize(text).into_iter().map(|term| term.surface).collect()
    }

    #[test]
    fn words_of_several_scripts() {
        assert_eq!(surfaces("Don't panic, it's Bob's!"), ["dont", "panic", "it", "bob"]);
        assert_eq!(surfaces("L'été d'un vélo"), ["l", "ete", "d", "un", "velo"]);
        assert_eq!(surfaces("自転車"), ["自転", "転車"]);
        assert_eq!(surfaces(" - "), Vec::<String>::new());
    }

    #[test]
    fn language_by_function_words() {
        for (text, language) in [
            ("Where can I find the opening hours of your shop?", Some(Language::English)),
            ("Wanneer wordt mijn fiets naar de winkel gebracht?", Some(Language::Dutch)),
            ("Wie kann ich mein Fahrrad in der Werkstatt abholen?", Some(Language::German)),
            ("Quand est-ce que vous livrez dans les îles ?", Some(Language::French)),
            ("¿Cuándo puedo recoger mis bicicletas en el taller?", Some(Language::Spanish)),
            ("Quando posso buscar a minha bicicleta na oficina? Não tenho pressa.", Some(Language::Portuguese)),
            ("Quando posso ritirare le mie biciclette nella vostra officina?", Some(Language::Italian)),
            ("qwertz", None),
        ] {
            assert_eq!(guess_language(text), language, "{text}");
        }
    }
}
