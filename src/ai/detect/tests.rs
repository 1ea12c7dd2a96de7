use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn read(text: &str) -> Signals {
    detect(text, &[])
}

fn assert_all(wanted: bool, pick: fn(&Signals) -> bool, messages: &[&str]) {
    let wrong: Vec<_> = messages.iter().filter(|message| pick(&read(message)) != wanted).collect();
    assert!(wrong.is_empty(), "expected {wanted} for {wrong:#?}");
}

const WANTS_HUMAN: fn(&Signals) -> bool = |signals| signals.wants_human;
const FRUSTRATED: fn(&Signals) -> bool = |signals| signals.frustrated;

#[test]
fn a_wish_for_a_human_in_nine_languages() {
    assert_all(
        true,
        WANTS_HUMAN,
        &[
            "how do I get hold of a human",
            "can somebody from your team help me",
            "Can a person call me back?",
            "would like to discuss this with one of your colleagues",
            "I need a human being to look at my case",
            "Please arrange a call with your executive",
            "this needs a human",
            "I want to complain to a real person",
            "may I have a chat with a member of staff?",
            "who can I talk to about this",
            "can you find someone that can help me",
            "I want to be transferred",
            "¿con quién puedo hablar?",
            "déjame hablar con un ser humano",
            "que alguien me llame por favor",
            "quelqu'un peut m'appeler ?",
            "je veux parler à votre supérieure",
            "bitte um Rückruf durch einen Mitarbeiter",
            "ik wil niet langer met een robot",
            "alguém pode me ligar?",
            "posso essere richiamato da un operatore",
            "saya mau bicara dengan manusia",
            "hubungkan saya dengan agen",
            "bisa ngobrol sama orang asli?",
            "אני רוצה לדבר עם נציג",
            "תעביר אותי לנציג אנושי",
            // English
            "Could you get me a real person please?",
            "let me talk to one of your agents",
            "AGENT!!!",
            "I'd rather speak with a human",
            "Please transfer me to customer support",
            "taalk to a humna",
            "conect me with an agnet",
            "is there anybody I can chat with?",
            "no more bots please, a person",
            "put me through to someone",
            "I need a representative",
            "human, please",
            "can I talk to your manager",
            "This is silly. Give me a human.",
            "are you a robot? I want to speak to an operator",
            "do you have any real people there?",
            // Dutch
            "Kan ik een medewerker spreken?",
            "Verbind me door met een mens alstublieft",
            "Ik wil met iemand praten",
            "is er een echt persoon beschikbaar?",
            "medewerker graag",
            "geen robot maar een mens",
            "mag ik een echte medewerker aan de lijn",
            // German
            "Ich möchte mit einem Menschen sprechen",
            "Kann ich bitte einen Mitarbeiter haben?",
            "verbinden Sie mich mit jemandem",
            "Mitarbeiter bitte",
            "ich will einen echten Menschen",
            "Gibt es hier einen menschlichen Ansprechpartner?",
            "mit wem kann ich telefonieren",
            // French
            "Je voudrais parler à un conseiller",
            "passez-moi quelqu'un",
            "un humain s'il vous plaît",
            "puis-je discuter avec une vraie personne ?",
            "mettez-moi en relation avec un agent",
            "je ne veux plus parler à un robot",
            // Spanish
            "Quiero hablar con una persona",
            "¿me puedes pasar con un agente?",
            "un humano por favor",
            "necesito que me atienda alguien",
            "ponme con un asesor",
            "hay alguien real ahí",
            // Portuguese
            "Quero falar com um atendente",
            "pode me transferir para uma pessoa?",
            "atendente por favor",
            "tem alguém aí?",
            "preciso de atendimento humano",
            // Italian
            "Vorrei parlare con un operatore",
            "mi passi una persona vera? passami un operatore",
            "operatore per favore",
            "c'è qualcuno?",
            "ho bisogno di assistenza umana",
        ],
    );
}

#[test]
fn look_alikes_and_negations_ask_for_nobody() {
    assert_all(
        false,
        WANTS_HUMAN,
        &[
            "my representative didn't call me",
            "put someone else's name on the ticket",
            "do I need to be a real person to register",
            "does the support plan include phone support",
            "who do I contact about a lost card",
            "is the executive suite free",
            "mi agente no me llamó",
            "wann rufen Sie mich zurück wegen meiner Bestellung",
            "êtes-vous un être humain ?",
            "apakah kamu manusia?",
            "sumber daya manusia",
            "האם אתה בן אדם?",
            "משאבי אנוש",
            "How do I reach the human resources page?",
            "where do I enter my agent number?",
            "I work as a real estate agent",
            "my travel agent booked it",
            "don't connect me to anyone",
            "please don't transfer me to an agent",
            "I do not want to talk to a person",
            "are you human?",
            "am I talking to a real person",
            "is this a human or a bot?",
            "how many people fit on the tandem",
            "someone stole my bike",
            "the tour operator cancelled",
            "can a second person ride along",
            "what is the price per person",
            "human error on my side, sorry",
            "no need for an agent",
            "does the helmet talk to my phone",
            "who do I contact about taxes",
            "I already spoke to an agent yesterday",
            "personal details",
            "contact lenses",
            "the support bracket is bent",
            "Nee, ik wil geen medewerker spreken",
            "ben je een mens?",
            "hoeveel personen mogen mee",
            "is de winkel open voor mensen met een hond",
            "Nein, ich möchte nicht mit einem Mitarbeiter sprechen",
            "bist du ein Mensch?",
            "Preis pro Person",
            "Wie viele Mitarbeiter habt ihr",
            "Je ne veux pas parler à un conseiller",
            "es-tu humain ?",
            "prix par personne",
            "mon agent immobilier",
            "je veux mon argent",
            "No quiero hablar con un agente",
            "¿eres humano?",
            "precio por persona",
            "recursos humanos",
            "Não quero falar com um atendente",
            "você é humano?",
            "preço por pessoa",
            "Non voglio parlare con un operatore",
            "sei umano?",
            "prezzo a persona",
            "risorse umane",
        ],
    );
}

#[test]
fn frustration_in_nine_languages() {
    assert_all(
        true,
        FRUSTRATED,
        &[
            "I've asked three times already",
            "what a joke",
            "nothing works",
            "terrible customer service",
            "do you even read what I write?",
            "I'm so disappointed in your service",
            "I hate this",
            "you guys are thieves",
            "this makes no sense",
            "qué asco de servicio",
            "ça fait trois fois que je demande",
            "je suis très déçu",
            "ik ben er klaar mee",
            "estou cansado disso",
            "te l'ho già chiesto tre volte",
            "kamu tidak membantu",
            "saya sangat kesal",
            "אתה מעצבן אותי",
            "אני כועס עליך",
            "בזבוז זמן",
            "this isn't helping",
            "You're not understanding me",
            "this is so frustrating",
            "I need actual help",
            "useless bot",
            "you don't get it",
            "I've already told you that",
            "how many times do I have to say it",
            "what a waste of time",
            "stop repeating yourself",
            "are you even listening?",
            "STOP SENDING ME THE SAME LINK AGAIN!",
            "wtf is wrong with you",
            "im fed up with this",
            "that's not what I asked",
            "i give up",
            "you keep giving me the same answer",
            "Dit helpt niet",
            "je begrijpt me niet",
            "waardeloze bot",
            "ik word hier gek van",
            "ik heb dat al gezegd",
            "wat een tijdverspilling",
            "Das hilft mir nicht weiter",
            "du verstehst mich nicht",
            "so ein nutzloser Bot",
            "ich bin genervt",
            "das habe ich schon gesagt",
            "Zeitverschwendung",
            "Vous ne comprenez rien",
            "ça ne m'aide pas",
            "bot inutile",
            "j'en ai marre",
            "je vous l'ai déjà dit",
            "quelle perte de temps",
            "esto no me ayuda",
            "no me entiendes",
            "eres una inútil total",
            "estoy harto",
            "ya te lo dije",
            "qué pérdida de tiempo",
            "isso não ajuda",
            "você não me entende",
            "bot inútil",
            "estou farto disto",
            "já te disse isso",
            "que perda de tempo",
            "non mi stai aiutando",
            "non capisci niente",
            "sei inutile",
            "sono stufo",
            "te l'ho già detto",
            "che perdita di tempo",
        ],
    );
}

#[test]
fn calm_complaints_and_questions_are_not_frustration() {
    assert_all(
        false,
        FRUSTRATED,
        &[
            "tell me a joke",
            "sorry for being annoying",
            "what happens if I'm not satisfied with my mattress",
            "je ne comprends pas la facture",
            "saya tidak mengerti tagihan ini",
            "אני לא מבין את החשבונית",
            "my order hasn't arrived yet",
            "the tyre is flat",
            "the app doesn't work on my phone",
            "I don't understand the size chart",
            "can you help me choose?",
            "could you help me find a lock",
            "the brakes are bad, can I return it?",
            "DO YOU HAVE THE RED ONE",
            "I'm sorry to bother you",
            "this is great, thanks",
            "the colour is wrong",
            "my last order was late",
            "you are very helpful",
            "I am not angry, just curious",
            "what is the worst case for delivery?",
            "mijn fiets is kapot",
            "kun je me helpen?",
            "ik begrijp de maattabel niet",
            "mein Paket ist nicht da",
            "kannst du mir helfen?",
            "Das Licht geht nicht",
            "pouvez-vous m'aider ?",
            "mon colis n'est pas arrivé",
            "¿puedes ayudarme?",
            "mi pedido no ha llegado",
            "pode me ajudar?",
            "o pneu está furado",
            "puoi aiutarmi?",
            "il pacco non è arrivato",
        ],
    );
}

#[test]
fn bare_yes_and_no() {
    for (assent, messages) in [
        (
            Assent::Yes,
            [
                "yes please",
                "Yeah, sure!",
                "ok",
                "ja graag",
                "ja bitte",
                "oui",
                "d'accord",
                "sí, por favor",
                "sim",
                "claro",
                "certo, grazie",
                "go ahead then",
                "👍",
                "yesss",
            ]
            .as_slice(),
        ),
        (
            Assent::No,
            [
                "no thanks",
                "Nope",
                "not now",
                "nee dank je",
                "nein danke",
                "non merci",
                "no gracias",
                "não, obrigado",
                "no grazie",
                "no",
                "👎",
                "I'm good, thanks",
            ]
            .as_slice(),
        ),
        (
            Assent::Neither,
            [
                "yes but what does shipping cost?",
                "no idea where my parcel is",
                "maybe",
                "",
                "hello",
                "ja waar is mijn pakket",
                "I know",
                "what would that cost",
            ]
            .as_slice(),
        ),
    ] {
        for message in messages {
            assert_eq!(read(message).assent, assent, "{message:?}");
        }
    }
}

#[test]
fn owner_keywords_are_reported() {
    let keywords = ["refund".to_owned(), "legal department".to_owned()];
    assert!(detect("About those refunds...", &keywords).keyword);
    assert!(!detect("refundable?", &keywords).keyword);
    assert!(!detect("anything", &[]).keyword);
}

#[test]
fn long_input_stays_fast() {
    warm_up();
    for text in [
        "i want to talk to a ".repeat(5_000),
        "a".repeat(100_000),
        "é́".repeat(50_000),
        "don't ".repeat(16_000),
        "HELP! ".repeat(16_000),
    ] {
        let started = Instant::now();
        detect(&text, &["refund".to_owned()]);
        // Generous for a debug build on a busy machine; a backtracking matcher would take minutes.
        assert!(started.elapsed() < Duration::from_secs(2), "{:?} for {}", started.elapsed(), &text[..12]);
    }
}

proptest! {
    #[test]
    fn any_text_gets_a_verdict(text in "\\PC{0,300}|[a-z '.!?]{0,300}", keyword in "\\PC{0,12}") {
        detect(&text, &[keyword]);
    }
}

#[test]
fn a_verdict_is_what_the_conversation_acts_on() {
    for text in [
        "agent please",
        "this is useless",
        "my agent was kind",
        "where is my parcel?",
        "",
        "WHY IS NOBODY LISTENING TO ME!",
    ] {
        let (verdict, signals) = (verdict(text), read(text));
        assert_eq!(verdict.wants_human(), signals.wants_human, "{text}");
        assert_eq!(verdict.frustrated(), signals.frustrated, "{text}");
    }
}

#[test]
fn what_only_hints_is_likelier_than_what_says_nothing() {
    let (asked, hinted, silent) =
        (verdict("agent please"), verdict("my agent was kind"), verdict("where is my parcel?"));
    assert!(asked.request_human > hinted.request_human && hinted.request_human > silent.request_human);
}
