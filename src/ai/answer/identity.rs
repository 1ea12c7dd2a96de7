//! "Are you a bot?" is answered honestly, and never by a model (S58): a model that is told to say that it is human, does.
//!
//! A sentence asks it when it is made of nothing but words of the question: who is spoken to, what they may be, and small words
//! around. "Are you a human resources company?" and "I want a real person" hold other words, and are other questions.

use super::small_talk;
use crate::ai::text::{fold, prefix};

struct Language {
    /// Who is asked about; one of these must occur.
    whom: &'static [&'static str],
    /// What they may be; one of these must occur.
    what: &'static [&'static str],
    /// These may stand beside.
    beside: &'static [&'static str],
    reply: &'static str,
}

/// Longer sentences hold something else.
const MAX_WORDS: usize = 16;

#[rustfmt::skip]
const LANGUAGES: [Language; 7] = [
    Language {
        whom: &["are you", "ar you", "are u", "r u", "are ya", "you are", "you re", "youre", "ur a", "your a", "you a", "u a", "is this a", "is this an", "is this ai", "am i talking", "am i speaking", "am i chatting", "i am talking", "i m talking", "talking to", "talking with", "speaking to", "speaking with", "chatting with", "chatting to"],
        what: &["bot", "robot", "chatbot", "human", "person", "ai", "artificial intelligence", "machine", "computer", "computer program", "automated", "chatgpt", "gpt", "llm", "language model", "real", "human being"],
        beside: &["a", "an", "the", "actual", "actually", "real", "really", "truly", "just", "only", "simply", "some", "kind", "of", "or", "not", "and", "hey", "hi", "hello", "so", "wait", "ok", "okay", "but", "please", "tell", "me", "can", "you", "do", "know", "whether", "i", "am", "curious", "to", "wonder", "wondering", "if", "even", "being", "right", "now", "here", "by", "way", "btw", "honestly", "seriously", "lol", "haha", "um", "what", "which", "one", "is", "this", "it", "then", "though", "still", "sure", "with", "live", "currently", "are"],
        reply: "I'm an AI assistant, not a person.",
    },
    Language {
        whom: &["ben je", "ben jij", "bent u", "ben u", "bent je", "je bent", "jij bent", "u bent", "is dit een", "praat ik", "spreek ik", "chat ik", "ik praat", "ik spreek", "ik chat", "heb ik te maken"],
        what: &["mens", "bot", "robot", "chatbot", "persoon", "ai", "kunstmatige intelligentie", "machine", "computer", "echt"],
        beside: &["een", "echt", "echte", "nu", "met", "of", "gewoon", "eigenlijk", "wel", "hier", "hallo", "hoi", "hey", "hi", "en", "ook", "maar", "het", "levend", "levende", "dit", "nou", "soms", "toevallig", "zeg", "eens", "me", "mij", "alleen", "niet", "dus", "geen"],
        reply: "Ik ben een AI-assistent, geen mens.",
    },
    Language {
        whom: &["bist du", "sind sie", "du bist", "sie sind", "ist das ein", "ist das eine", "ist dies ein", "spreche ich", "rede ich", "chatte ich", "schreibe ich", "ich spreche", "ich rede", "ich chatte"],
        what: &["mensch", "menschen", "bot", "robot", "roboter", "chatbot", "ki", "ai", "kunstliche intelligenz", "maschine", "computer", "person", "echt"],
        beside: &["ein", "eine", "einem", "einer", "einen", "echt", "echter", "echte", "echtem", "echten", "richtiger", "richtige", "richtigen", "wirklich", "hier", "gerade", "jetzt", "mit", "oder", "nur", "eigentlich", "denn", "etwa", "du", "sie", "hallo", "hi", "hey", "ob", "und", "das", "mal", "bitte", "real", "reale", "realen", "der", "die", "doch", "also", "nicht", "kein", "keine"],
        reply: "Ich bin ein KI-Assistent, kein Mensch.",
    },
    Language {
        whom: &["es tu", "tu es", "t es", "etes vous", "vous etes", "est ce un", "est ce une", "c est un", "c est une", "je parle a", "je parle avec", "parle je", "suis je en train de parler", "je discute avec"],
        what: &["robot", "bot", "chatbot", "humain", "humaine", "etre humain", "personne", "ia", "intelligence artificielle", "machine", "ordinateur", "reel", "reelle"],
        beside: &["un", "une", "le", "la", "l", "vrai", "vraie", "reel", "reelle", "est", "ce", "que", "qu", "ou", "bien", "avec", "a", "je", "tu", "vous", "ici", "vraiment", "juste", "bonjour", "salut", "en", "train", "de", "parler", "moi", "si", "physique", "bel", "et", "pas", "alors", "c"],
        reply: "Je suis un assistant IA, pas une personne.",
    },
    Language {
        whom: &["eres", "es usted", "usted es", "estoy hablando", "hablo con", "estoy chateando", "esto es un", "esto es una", "es esto un"],
        what: &["robot", "bot", "chatbot", "humano", "humana", "ser humano", "persona", "ia", "inteligencia artificial", "maquina", "computadora", "ordenador", "real"],
        beside: &["un", "una", "o", "real", "de", "verdad", "con", "hola", "tu", "usted", "acaso", "realmente", "ahora", "aqui", "solo", "es", "verdadera", "verdadero", "y", "en", "serio", "no", "entonces", "si"],
        reply: "Soy un asistente de IA, no una persona.",
    },
    Language {
        whom: &["voce e", "vc e", "voce eh", "tu es", "es um", "es uma", "isto e um", "isto e uma", "isso e um", "isso e uma", "estou falando", "estou a falar", "falo com"],
        what: &["robo", "bot", "chatbot", "humano", "humana", "ser humano", "pessoa", "ia", "inteligencia artificial", "maquina", "computador", "real"],
        beside: &["um", "uma", "ou", "real", "de", "verdade", "com", "ola", "oi", "mesmo", "realmente", "agora", "aqui", "so", "e", "sera", "que", "verdadeira", "verdadeiro", "voce", "nao", "entao"],
        reply: "Sou um assistente de IA, não uma pessoa.",
    },
    Language {
        whom: &["sei", "lei e", "e lei", "sto parlando", "parlo con", "sto chattando", "questo e un", "questa e una"],
        what: &["bot", "robot", "chatbot", "umano", "umana", "essere umano", "persona", "ia", "intelligenza artificiale", "macchina", "computer", "reale"],
        beside: &["un", "una", "o", "vera", "vero", "reale", "con", "davvero", "ciao", "tu", "lei", "in", "carne", "e", "ossa", "qui", "ora", "per", "caso", "veramente", "solo", "oppure", "ma", "non", "allora"],
        reply: "Sono un assistente IA, non una persona.",
    },
];

/// The honest answer, when the message asks for it, and what it says beside.
pub(super) struct Asked {
    pub(super) reply: &'static str,
    /// `None` when that is nothing, or a courtesy.
    pub(super) rest: Option<String>,
}

pub(super) fn asked(message: &str) -> Option<Asked> {
    let mut reply = None;
    let mut rest = String::new();
    for sentence in message.split_inclusive(['.', '?', '!', '\n']) {
        match asks(sentence) {
            Some(language) => reply = reply.or(Some(language.reply)),
            None => rest.push_str(sentence),
        }
    }
    let rest = rest.trim();
    let says_more = rest.chars().any(char::is_alphanumeric) && small_talk::reply(rest).is_none();
    reply.map(|reply| Asked { reply, rest: says_more.then(|| rest.to_owned()) })
}

fn asks(sentence: &str) -> Option<&'static Language> {
    let folded = fold(prefix(sentence, 160));
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() || words.len() > MAX_WORDS || prefix(sentence, 160).len() < sentence.len() {
        return None;
    }
    let line = format!(" {} ", words.join(" "));
    LANGUAGES.iter().find(|language| {
        let (line, spoken_to) = without(&line, language.whom);
        let (line, something) = without(&line, language.what);
        spoken_to && something && line.split_whitespace().all(|word| language.beside.contains(&word))
    })
}

/// The line without these, and whether one occurred. A place that is taken out keeps its neighbours apart.
fn without(line: &str, phrases: &[&str]) -> (String, bool) {
    let mut left = line.to_owned();
    for phrase in phrases {
        left = left.replace(&format!(" {phrase} "), "  ");
    }
    let occurred = left != line;
    (left, occurred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::safety::claims_to_be_human;

    #[test]
    fn asked_in_every_language_it_is_answered_in_it() {
        for (start, questions) in [
            (
                "I'm an AI",
                &[
                    "are you a bot?",
                    "Are you human?",
                    "are you a real person",
                    "Is this a bot?",
                    "am I talking to a human?",
                    "am i speaking with a real person or a robot?",
                    "is this an AI",
                    "r u a bot",
                    "Ar you a bot ?",
                    "you're a bot",
                    "are you really an actual human being",
                    "can you tell me if your a bot",
                    "what are you, a bot?",
                    "are you real",
                    "i am curious to know if you are a bot",
                    "Hey, are YOU a hum\u{200b}an??",
                ][..],
            ),
            (
                "Ik ben",
                &[
                    "ben je een mens?",
                    "Ben jij een robot of een mens?",
                    "praat ik met een echt persoon?",
                    "Bent u echt?",
                ],
            ),
            ("Ich bin", &["bist du ein Mensch?", "Sind Sie ein Bot?", "spreche ich mit einem Menschen?"]),
            (
                "Je suis",
                &[
                    "es-tu un robot ?",
                    "Êtes-vous une vraie personne ?",
                    "Est-ce que je parle à un humain ?",
                    "t'es un bot ?",
                ],
            ),
            ("Soy", &["¿eres un robot?", "¿Eres humano?", "¿Estoy hablando con una persona real?"]),
            ("Sou", &["você é um humano?", "és um robô?", "Estou falando com uma pessoa?"]),
            ("Sono", &["sei un bot?", "Sei una persona vera?", "Sto parlando con un umano?"]),
        ] {
            for question in questions {
                let found = asked(question).unwrap_or_else(|| panic!("{question}"));
                assert!(found.reply.starts_with(start) && found.rest.is_none(), "{question}: {}", found.reply);
            }
        }
    }

    #[test]
    fn other_questions_are_not_taken_for_it() {
        for question in [
            "",
            "hello",
            "are you a human resources company?",
            "I want to talk to a real person",
            "can I speak to a human",
            "Are you open?",
            "is this a real leather bag?",
            "are you there",
            "Do you sell robots?",
            "how can I develop a bot?",
            "a bot",
            "is the computer new?",
            "Is this real?",
            "are you able to send a person to install the machine?",
            "kann ich mit einem Menschen sprechen?",
            "je veux parler à une personne",
            "quiero hablar con una persona",
            "hoeveel personen passen erin?",
            "sei persone, domani",
        ] {
            assert!(asked(question).is_none(), "{question}");
        }
    }

    #[test]
    fn what_is_asked_beside_is_kept() {
        let found = asked("Hi! Are you a bot? How long does delivery take?").unwrap();
        assert_eq!(found.rest.as_deref(), Some("Hi! How long does delivery take?"));
        assert!(asked("Hello! Are you a bot?").unwrap().rest.is_none());
        assert!(asked("Are you a bot? :)").unwrap().rest.is_none());
    }

    #[test]
    fn no_reply_claims_to_be_human() {
        for language in &LANGUAGES {
            assert!(!claims_to_be_human(language.reply), "{}", language.reply);
        }
    }
}
