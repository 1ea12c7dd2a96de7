//! The language of a short text.
//!
//! Chat lines are too short for letter statistics alone ("quiero un humano" is Romanian to them): among the languages that visitors
//! mostly write, frequent words decide and letters help. What has none of those words is left to `whatlang` when it is long and
//! sure, and to nobody otherwise: an unknown language is better than a wrong one.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Words read; a message does not change its language later.
const MAX_CHARS: usize = 600;
/// Below, letter statistics guess wildly.
const MIN_LETTERS_FOR_STATISTICS: usize = 24;
/// `whatlang` reports 1.0 for most long texts and hardly more than .5 for a few words.
const SURE: f64 = 0.9;

/// Frequent words of a chat, with their accents; without accents they count too.
#[rustfmt::skip]
const WORDS: [(&str, &str); 7] = [
    ("en", "a an the and or but if of in on at to for from by with about into over under is are was were be been being am do does did done have has had i you \
            he she it we they me him her us them my your his its our their this that these those there here what which who when where why how can could will \
            would shall should may might must not no so than too very just as also any some all im ive ill id youre dont doesnt didnt cant isnt whats hows \
            please tell give get got let want need like know going go make take much many up out then u ur pls plz hi hello hey thanks thank you yes yeah ok \
            sorry help someone somebody anyone human person people real agent speak talk chat call order today now never nobody nothing still again useless"),
    ("nl", "de het een en of maar als van in op aan te voor met over bij naar uit door is zijn was waren ben bent word wordt worden heb hebt heeft hebben had ik \
            jij je u hij zij ze wij we jullie mij me hem haar ons hen mijn jouw uw dit dat deze die er hier daar wat welke wie wanneer waar waarom hoe kan kun \
            kunt kunnen zal zullen zou moet moeten mag wil wilt niet geen ook nog wel al dan om graag doe doet hallo hoi dank bedankt dankjewel alstublieft \
            alsjeblieft aub ja nee iemand niemand mens mensen medewerker spreken praten echt echte persoon bestelling vandaag nu nooit niets weer nutteloos even \
            doorverbinden bellen help"),
    ("de", "der die das den dem des ein eine einen einem einer eines und oder aber wenn von im in an am auf zu zum zur für fuer mit über ueber bei nach aus durch \
            ist sind war waren bin bist sein wird werden wurde habe hast hat haben hatte ich du er sie es wir ihr mich dich ihn uns euch mir dir ihm ihnen mein \
            meine meinen meinem meiner dein ihre ihren dies dieser diese dieses man was welche welcher wer wann wo warum wie kann kannst können koennen soll \
            sollte muss müssen muessen darf dürfen will möchte moechte nicht kein keine auch noch als dann so sich denn gibt bitte hallo danke ja nein jemand \
            jemanden jemandem niemand mensch menschen mitarbeiter sprechen reden echt echten echter bestellung heute jetzt nie nichts wieder hilfe ihr nutzlos"),
    ("fr", "le la les l un une des du de d et ou mais si dans en au aux à pour par avec sur sous chez est sont était suis es sommes êtes être ai as a avons avez ont \
            avoir je j tu il elle on nous vous ils elles me m te t se s lui leur mon ma mes ton ta tes son sa ses notre votre vos ce cet cette ces c qui que qu \
            quoi quel quelle quels quelles quand où pourquoi comment combien peut peux pouvez puis puis-je peut-on veux voudrais ne n pas plus aussi très bonjour \
            salut merci oui non svp plaît quelqu'un quelqu personne humain parler conseiller vrai vraie commande aujourd'hui maintenant jamais rien encore aide \
            besoin êtes-vous est-ce inutile"),
    ("es", "el la los las un una unos unas de del y o pero si en al a para por con sobre sin es son era soy eres somos está están estoy estar ser he has ha hemos han \
            yo tú usted él ella nosotros ustedes me te se le lo les nos mi mis tu tus su sus este esta estos estas eso esa ese esto qué que quién cuál cuándo dónde \
            cómo cuánto por porque puedo puede pueden quiero quisiera no ni más muy también hola gracias sí favor buenas buenos alguien nadie persona humano hablar \
            agente asesor real verdad pedido hoy ahora nunca nada otra vez ayuda necesito hay como cuando donde quien mas eres inútil pasa pásame"),
    ("pt", "o a os as um uma uns umas de do da dos das e ou mas se em no na nos nas ao à para pra por com sobre sem é são era sou está estão estou estar ser tenho tem \
            têm eu tu você vocês ele ela nós me te lhe meu minha meus minhas seu sua este esta isso isto esse essa aquele que quem qual quando onde como quanto porque \
            posso pode podem quero queria gostaria não nem mais muito também olá oi obrigado obrigada sim favor alguém ninguém pessoa humano falar atendente pedido \
            hoje agora nunca nada outra vez ajuda preciso nao voce tudo bem já ja inútil vc"),
    ("it", "il lo la i gli le un uno una di del della dei delle e o ma se in nel nella a al alla per con su da dal è sono era sei siamo siete essere ho hai ha abbiamo \
            hanno io tu lui lei noi voi loro mi ti si ci vi mio mia miei tuo tua suo sua questo questa questi quello che chi quale quando dove come quanto perché perche \
            posso può puoi potete voglio vorrei non né più piu molto anche ciao buongiorno grazie sì favore qualcuno nessuno persona umano parlare operatore vero vera \
            reale ordine oggi adesso ora mai niente ancora aiuto bisogno c'è dal sto stai sta fare inutile parla cosa"),
];

/// Letters that one language has, or few: they count like half a word.
const LETTERS: [(char, &[&str]); 18] = [
    ('ß', &["de"]),
    ('ä', &["de"]),
    ('ö', &["de"]),
    ('ü', &["de"]),
    ('ñ', &["es"]),
    ('¿', &["es"]),
    ('¡', &["es"]),
    ('ã', &["pt"]),
    ('õ', &["pt"]),
    ('ç', &["pt", "fr"]),
    ('œ', &["fr"]),
    ('ê', &["fr", "pt"]),
    ('î', &["fr"]),
    ('û', &["fr"]),
    ('ù', &["fr", "it"]),
    ('ì', &["it"]),
    ('ò', &["it"]),
    ('è', &["fr", "it"]),
];

/// Votes of each word: a word of one language counts fully, one of three a third for each.
static VOTES: LazyLock<HashMap<String, [f32; WORDS.len()]>> = LazyLock::new(|| {
    let mut votes: HashMap<String, [f32; WORDS.len()]> = HashMap::new();
    for (at, (_, words)) in WORDS.iter().enumerate() {
        for word in words.split_whitespace() {
            for form in [word.to_owned(), without_accents(word)] {
                votes.entry(form).or_default()[at] = 1.0;
            }
        }
    }
    for shares in votes.values_mut() {
        let languages: f32 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= languages);
    }
    votes
});

/// The primary language subtag (BCP 47) of what `text` is written in; `None` when it gives too little away.
pub fn guess(text: &str) -> Option<&'static str> {
    let head = text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end]);
    if let Some(other) = by_script(head) {
        return Some(other);
    }
    let lower = head.to_lowercase().replace(['’', '‘', '`', '´'], "'");
    let mut scores = [0.0_f32; WORDS.len()];
    for word in lower.split(|c: char| !c.is_alphanumeric() && c != '\'') {
        let whole = VOTES.get(word);
        let joined = || VOTES.get(&word.replace('\'', ""));
        match whole.or_else(|| word.contains('\'').then(joined).flatten()) {
            Some(shares) => add(&mut scores, shares),
            None => word.split('\'').filter_map(|part| VOTES.get(part)).for_each(|shares| add(&mut scores, shares)),
        }
    }
    for (letter, languages) in LETTERS {
        let times = lower.chars().filter(|c| *c == letter).count().min(2) as f32;
        for (score, (tag, _)) in scores.iter_mut().zip(WORDS) {
            if languages.contains(&tag) {
                *score += times * 0.6 / languages.len() as f32;
            }
        }
    }
    leader(&scores).or_else(|| by_statistics(&lower))
}

fn add(scores: &mut [f32; WORDS.len()], shares: &[f32; WORDS.len()]) {
    scores.iter_mut().zip(shares).for_each(|(score, share)| *score += share);
}

/// The language in the lead, if another is not as good.
fn leader(scores: &[f32; WORDS.len()]) -> Option<&'static str> {
    let mut order: Vec<(f32, &'static str)> = scores.iter().zip(WORDS).map(|(score, (tag, _))| (*score, tag)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    (order[0].0 >= 0.3 && order[0].0 > order[1].0 + 0.05).then_some(order[0].1)
}

fn by_script(text: &str) -> Option<&'static str> {
    let mut counts = [0_usize; 10];
    let mut letters = 0_usize;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        let script = match c {
            '\u{0370}'..='\u{03FF}' => 0,
            'і' | 'ї' | 'є' | 'ґ' => 1,
            '\u{0400}'..='\u{04FF}' => 2,
            '\u{0590}'..='\u{05FF}' => 3,
            '\u{0600}'..='\u{06FF}' => 4,
            '\u{0900}'..='\u{097F}' => 5,
            '\u{0E00}'..='\u{0E7F}' => 6,
            '\u{AC00}'..='\u{D7AF}' => 7,
            '\u{3040}'..='\u{30FF}' => 8,
            '\u{3400}'..='\u{9FFF}' => 9,
            _ => continue,
        };
        counts[script] += 1;
    }
    // Some foreign letters in a Latin text are a name or a trick, not its language.
    if counts.iter().sum::<usize>() * 2 <= letters {
        return None;
    }
    let [greek, ukrainian, cyrillic, hebrew, arabic, devanagari, thai, hangul, kana, han] = counts;
    let cyrillic_tag = if ukrainian > 0 { "uk" } else { "ru" };
    let han_tag = if kana > 0 { "ja" } else { "zh" };
    [
        (greek, "el"),
        (ukrainian + cyrillic, cyrillic_tag),
        (hebrew, "he"),
        (arabic, "ar"),
        (devanagari, "hi"),
        (thai, "th"),
        (hangul, "ko"),
        (kana + han, han_tag),
    ]
    .into_iter()
    .max_by_key(|(count, _)| *count)
    .map(|(_, tag)| tag)
}

fn by_statistics(lower: &str) -> Option<&'static str> {
    if lower.chars().filter(|c| c.is_alphabetic()).count() < MIN_LETTERS_FOR_STATISTICS {
        return None;
    }
    let info = whatlang::detect(lower).filter(|info| info.confidence() >= SURE)?;
    Some(match info.lang() {
        whatlang::Lang::Eng => "en",
        whatlang::Lang::Nld => "nl",
        whatlang::Lang::Deu => "de",
        whatlang::Lang::Fra => "fr",
        whatlang::Lang::Spa => "es",
        whatlang::Lang::Por => "pt",
        whatlang::Lang::Ita => "it",
        whatlang::Lang::Ind => "id",
        whatlang::Lang::Tur => "tr",
        whatlang::Lang::Pol => "pl",
        whatlang::Lang::Swe => "sv",
        whatlang::Lang::Dan => "da",
        whatlang::Lang::Nob => "nb",
        whatlang::Lang::Fin => "fi",
        whatlang::Lang::Ces => "cs",
        whatlang::Lang::Hun => "hu",
        whatlang::Lang::Ron => "ro",
        whatlang::Lang::Vie => "vi",
        whatlang::Lang::Cat => "ca",
        _ => return None,
    })
}

fn without_accents(word: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    word.nfd().filter(|c| !matches!(c, '\u{0300}'..='\u{036F}')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_in_their_language() {
        for (text, tag) in [
            ("can I talk to a human", Some("en")),
            ("human please", Some("en")),
            ("ik wil een mens spreken", Some("nl")),
            ("medewerker graag", Some("nl")),
            ("echter Mensch bitte", Some("de")),
            ("Wo ist meine Bestellung?", Some("de")),
            ("parler à quelqu'un", Some("fr")),
            ("je n’ai rien reçu", Some("fr")),
            ("quiero un humano", Some("es")),
            ("¿dónde está mi pedido?", Some("es")),
            ("quero falar com um atendente", Some("pt")),
            ("não recebi nada", Some("pt")),
            ("vorrei parlare con un operatore", Some("it")),
            ("non è arrivato niente", Some("it")),
            ("תביא לי בן אנוש", Some("he")),
            ("хочу поговорить с человеком", Some("ru")),
            ("人と話したいです", Some("ja")),
            ("我要找人工客服", Some("zh")),
            ("상담원 연결해 주세요", Some("ko")),
            ("I love the Ελλάδα tour", Some("en")),
            ("", None),
            ("12345 !!", None),
            ("xkqz", None),
        ] {
            assert_eq!(guess(text), tag, "{text}");
        }
    }
}
