//! Greetings, thanks and goodbyes: no knowledge is needed to be polite.

use crate::ai::text::{fold, prefix};

struct Courtesy {
    /// One of these must occur.
    core: &'static [&'static str],
    /// These may stand beside it, nothing else may.
    beside: &'static [&'static str],
    reply: &'static str,
}

/// Longer messages hold a question.
const MAX_WORDS: usize = 6;

#[rustfmt::skip]
const COURTESIES: &[Courtesy] = &[
    // Goodbyes before thanks before greetings: "thanks, bye" ends the talk, "hi, thanks" goes on.
    Courtesy { core: &["bye", "goodbye", "byebye", "cya", "see you", "take care", "good night"], beside: EN, reply: "Goodbye! Come back any time." },
    Courtesy { core: &["doei", "dag dag", "tot ziens", "fijne dag", "tot later"], beside: NL, reply: "Tot ziens! Je bent altijd welkom." },
    Courtesy { core: &["tschuss", "tschuess", "auf wiedersehen", "ciao ciao", "bis bald", "schonen tag"], beside: DE, reply: "Auf Wiedersehen! Melde dich jederzeit wieder." },
    Courtesy { core: &["au revoir", "bonne journee", "a bientot", "bonne soiree"], beside: FR, reply: "Au revoir ! Revenez quand vous voulez." },
    Courtesy { core: &["adios", "hasta luego", "hasta pronto", "chao", "nos vemos"], beside: ES, reply: "¡Hasta luego! Vuelve cuando quieras." },
    Courtesy { core: &["tchau", "adeus", "ate logo", "ate breve"], beside: PT, reply: "Até logo! Volte sempre que quiser." },
    Courtesy { core: &["arrivederci", "a presto", "buona giornata", "buona serata"], beside: IT, reply: "Arrivederci! Torna quando vuoi." },

    Courtesy { core: &["thanks", "thank you", "thankyou", "thx", "ty", "cheers", "thank u"], beside: EN, reply: "You're welcome! Is there anything else I can help with?" },
    Courtesy { core: &["bedankt", "dank je", "dank u", "dankje", "dankjewel", "dank je wel", "dank u wel"], beside: NL, reply: "Graag gedaan! Kan ik nog iets voor je doen?" },
    Courtesy { core: &["danke", "dankeschon", "danke schon", "vielen dank", "danke sehr"], beside: DE, reply: "Gern geschehen! Kann ich sonst noch helfen?" },
    Courtesy { core: &["merci"], beside: FR, reply: "Avec plaisir ! Puis-je faire autre chose pour vous ?" },
    Courtesy { core: &["gracias"], beside: ES, reply: "¡De nada! ¿Puedo ayudarte en algo más?" },
    Courtesy { core: &["obrigado", "obrigada"], beside: PT, reply: "De nada! Posso ajudar em mais alguma coisa?" },
    Courtesy { core: &["grazie"], beside: IT, reply: "Prego! Posso aiutarti in altro?" },

    Courtesy { core: &["hi", "hello", "hey", "hiya", "howdy", "good morning", "good afternoon", "good evening", "greetings"], beside: EN, reply: "Hello! How can I help you?" },
    Courtesy { core: &["hallo", "goedemorgen", "goedemiddag", "goedenavond", "goedendag", "hoi", "goeiedag"], beside: NL, reply: "Hallo! Waarmee kan ik je helpen?" },
    Courtesy { core: &["guten tag", "guten morgen", "guten abend", "moin", "servus", "gruss gott", "hallo"], beside: DE, reply: "Hallo! Wie kann ich helfen?" },
    Courtesy { core: &["bonjour", "bonsoir", "salut", "coucou"], beside: FR, reply: "Bonjour ! Comment puis-je vous aider ?" },
    Courtesy { core: &["hola", "buenos dias", "buenas tardes", "buenas noches", "buenas"], beside: ES, reply: "¡Hola! ¿En qué puedo ayudarte?" },
    Courtesy { core: &["ola", "bom dia", "boa tarde", "boa noite", "oi"], beside: PT, reply: "Olá! Como posso ajudar?" },
    Courtesy { core: &["ciao", "buongiorno", "buonasera", "salve", "buon giorno"], beside: IT, reply: "Ciao! Come posso aiutarti?" },
];

const EN: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "there",
    "you",
    "so",
    "very",
    "much",
    "a",
    "lot",
    "again",
    "for",
    "now",
    "your",
    "the",
    "help",
    "all",
    "everyone",
    "team",
    "and",
    "have",
    "nice",
    "good",
    "great",
    "day",
    "one",
    "evening",
    "bye",
    "thanks",
    "thank",
    "ok",
    "okay",
    "perfect",
    "cool",
    "many",
    "later",
    "bot",
    "morning",
    "afternoon",
    "to",
    "how",
    "are",
    "doing",
    "it",
    "appreciate",
    "that",
    "helped",
    "was",
    "helpful",
];
const NL: &[&str] = &[
    "hallo",
    "hoi",
    "allemaal",
    "heel",
    "erg",
    "veel",
    "wel",
    "je",
    "u",
    "voor",
    "de",
    "hulp",
    "hartelijk",
    "ok",
    "oke",
    "dag",
    "bedankt",
    "nog",
    "fijne",
    "en",
    "daar",
    "super",
    "top",
];
const DE: &[&str] = &[
    "hallo", "sehr", "schon", "vielen", "fur", "die", "hilfe", "ihre", "deine", "danke", "ok", "zusammen", "alle",
    "und", "tag", "dir", "ihnen", "super", "perfekt",
];
const FR: &[&str] = &[
    "merci", "beaucoup", "bien", "a", "tous", "pour", "votre", "l", "aide", "bonjour", "bonne", "journee", "ok",
    "parfait", "super", "et", "vous", "ca", "va", "tout", "le", "monde", "toi",
];
const ES: &[&str] = &[
    "hola", "muchas", "mil", "por", "tu", "su", "la", "ayuda", "ok", "vale", "perfecto", "que", "tal", "buenos",
    "dias", "a", "todos", "y", "muy", "amable", "buenas", "gracias",
];
const PT: &[&str] = &[
    "ola", "oi", "muito", "pela", "ajuda", "sua", "ok", "perfeito", "tudo", "bem", "e", "bom", "dia", "a", "todos",
    "mesmo", "obrigado", "obrigada",
];
const IT: &[&str] = &[
    "ciao", "mille", "tante", "molte", "per", "l", "aiuto", "il", "tuo", "ok", "perfetto", "a", "tutti", "e", "molto",
    "gentile", "buona", "giornata", "grazie",
];

/// A reply when the message is nothing but a courtesy.
pub(super) fn reply(message: &str) -> Option<&'static str> {
    let folded = fold(prefix(message, 120));
    let words: Vec<String> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(shorten).collect();
    if words.is_empty() || words.len() > MAX_WORDS || prefix(message, 120).len() < message.len() {
        return None;
    }
    let line = format!(" {} ", words.join(" "));
    COURTESIES.iter().find(|courtesy| is_only(courtesy, &line)).map(|courtesy| courtesy.reply)
}

fn is_only(courtesy: &Courtesy, line: &str) -> bool {
    let mut found = false;
    let mut rest = line.to_owned();
    for core in courtesy.core {
        let padded = format!(" {core} ");
        if rest.contains(&padded) {
            found = true;
            rest = rest.replace(&padded, "  ");
        }
    }
    found && rest.split_whitespace().all(|word| courtesy.beside.contains(&word))
}

/// "hellooo" is "hello", "hiiii" is "hi".
fn shorten(word: &str) -> String {
    let mut short: String = String::with_capacity(word.len());
    let letters: Vec<char> = word.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let run = at >= 1
            && letters[at - 1] == *letter
            && (at >= 2 && letters[at - 2] == *letter || letters.get(at + 1) == Some(letter));
        if !run {
            short.push(*letter);
        }
    }
    short
}
