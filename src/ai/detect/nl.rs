//! Dutch.

use super::table::Table;

#[rustfmt::skip]
pub(super) static TABLE: Table = Table {
    classes: &[
        ("TALK", "praten spreken chatten praat spreek overleggen communiceren kletsen babbelen"),
        ("CONTACT", "contact bellen bereiken contacteren verbinding"),
        ("PASS", "doorverbinden doorverbind verbind verbinden doorschakelen doorzetten overzetten doorsturen schakel zet haal roep stuur overdragen"),
        ("HUMAN", "mens mensen persoon medewerker medewerkers medewerkster agent collega operator klantenservicemedewerker vertegenwoordiger adviseur supervisor leidinggevende teamleider manager werknemer"),
        ("SOMEONE", "iemand"),
        ("REAL", "echt echte menselijk menselijke levend levende levensecht daadwerkelijke fysieke"),
        ("BOT", "bot robot machine chatbot computer bots robots machines ai"),
        ("DET", "een n de het uw jullie je andere die"),
        ("WANT", "wil willen wens graag liever kan kunt kun zou mag nodig verlang eis geef"),
        ("BAD", "nutteloos nutteloze waardeloos waardeloze dom domme stom stomme idioot idiote idiote verschrikkelijk verschrikkelijke vreselijk vreselijke slecht slechte slechtste belachelijk \
                 belachelijke irritant irritante vervelend vervelende incompetent onbruikbaar onbruikbare achterlijk achterlijke prut kut kloterige domste stomste onzinnig debiel"),
        ("ANGRY", "boos kwaad woedend gefrustreerd geirriteerd pissig pisnijdig razend beu geergerd ziedend"),
        ("MADDENING", "frustrerend belachelijk irritant onacceptabel absurd schandalig ergerlijk bespottelijk waardeloos nutteloos zinloos hopeloos"),
        ("VERY", "heel erg zo echt zeer te ontzettend zwaar behoorlijk enorm nu al wel gewoon gvd verdomd verdomde best super totaal volstrekt volledig helemaal"),
    ],
    spelling: "begrijpt helpt graag alsjeblieft",
    real_words: "perron mensa menses agenda argent operatie persoons wense sprekers verbindt sturen klachten achten luisteren",
    not_human: &[
        "mens|HUMAN erger|rechten", "HUMAN nummer|code|id", "per HUMAN", "HUMAN van de maand", "twee|drie|vier|vijf|hoeveel|meer|andere HUMAN", "politie HUMAN", "beste HUMAN",
        "ben|bent|is|zijn jij|je|u|dit|ik|dat|DET|REAL|VERY|wel|eigenlijk|nou|aan|het|met|niet|TALK* HUMAN|REAL|SOMEONE", "spreek|praat ik|TALK *2 met DET|REAL|VERY* HUMAN", "je|jij|u bent DET|REAL|VERY|geen* HUMAN",
        "niet|geen|hoef|nooit WANT|met|hoeft|hoef|behoefte|aan* DET|REAL|VERY* HUMAN|SOMEONE TALK|CONTACT|PASS|nodig?", "PASS|verbind|zet|stuur|haal mij|me|geen *2 (niet|geen) *4 HUMAN|SOMEONE|door|$", "geen|zonder DET|REAL* HUMAN|SOMEONE", "niet TALK|CONTACT|PASS *4", "(hoef|hoeft|wil) niet|geen|nooit *5 HUMAN|SOMEONE *3 $", "WANT? geen HUMAN",
    ],
    human: &[
        "(kunnen|kun|kan|kunt) jullie|je|u|iemand mij|me terugbellen|bellen", "WANT doorverbonden|teruggebeld",
        "niet|geen WANT|met|meer|DET|TALK|een|verder|langer* BOT", "(bel|belt) mij|me aub|svp|even|alsjeblieft|terug|$", "WANT SOMEONE mij|me terugbellen|bellen|helpen",
        "(met|aan|naar) DET|REAL|VERY|van|klantenservice* HUMAN|SOMEONE TALK|CONTACT|PASS|chat|krijgen|hebben|worden|van|in|opnemen|willen|WANT|door|$|REAL", "TALK|CONTACT|PASS|chat|door|chat|gesprek mij|me|ons|dit|eens|even|ik|we|opnemen|WANT|nu|met|direct|krijgen|aub|door|over|met|aan|naar* DET|REAL|VERY* HUMAN|SOMEONE",
        "(met|naar|aan) DET klantenservice|helpdesk|support|klantendienst|team|afdeling TALK|CONTACT|PASS|spreken|bellen|door?", "DET|REAL|VERY* HUMAN|SOMEONE TALK|spreken|bereiken|aan|te TALK|pakken|krijgen|telefoon|lijn|de?", "WANT ik|we|een|DET|REAL|VERY|hebben|gewoon|liever|ook|mij|me* HUMAN", "heb|behoefte|hebben|heeft|vraag|zoek *1 DET REAL? HUMAN nodig|die|alsjeblieft|aub|$", "REAL HUMAN|SOMEONE", "SOMEONE REAL", "SOMEONE van DET? vlees", "^ DET|REAL|hallo|nee|ja|graag|gewoon|hoi|alsjeblieft* HUMAN alsjeblieft|aub|graag|nu|svp|a|u|b|WANT|ajb|nodig|dank|bedankt* $",
        "is|zijn er DET|REAL|VERY|ook|misschien|nog|toevallig* HUMAN|SOMEONE", "REAL hulp|contact|ondersteuning|bijstand|antwoord", "(geen|niet) *5 BOT", "HUMAN of|in|ipv plaats|van|DET* BOT", "kan|mag|WANT SOMEONE|HUMAN mij|me|van|DET|team|jullie* TALK|bellen|contact|overnemen", "door|verbind mij|me|ons|maar|even|graag* door|doorverbinden|verbinden", "verbind me|mij *2 door", "kun|kan|kunt|WANT je|u|jij mij|me|ons? PASS|overzetten|doorzetten",
    ],
    not_frustrated: &["niet VERY* ANGRY|MADDENING|BAD", "ben|bent je|jij|u VERY* ANGRY", "BAD weer|nieuws|idee|kwaliteit"],
    frustrated: &[
        "(drie|twee|vier|vijf|tien|meerdere|duizend) keer VERY|al|dit* gevraagd|gezegd|uitgelegd|gemeld|gebeld|gemaild", "ben|er VERY|er|nu|ben* klaar mee|mee", "ik haat jou|je|dit|deze|jullie", "teleurgesteld in|over|door",
        "je|jij|u|dit|dat|jullie|bot|BOT helpt|help|helpen|begrijpt|begrijp|snapt|snap|luistert|luister|antwoordt|werkt|leest|doet|weet mij|me|ons|VERY|er|toch|dus|mijn|vraag|het|ook|echt|hier|gewoon* niet|niks|niets|geen|nooit *5 $", "schiet|heb|kom niks|niets|geen? niet|niks|mee|er* op|aan mee|daar|dit* $", "hier|daar|dit|er heb ik niks|niets|VERY aan", "niet VERY? behulpzaam|nuttig", "je|jij|u kunt|kan|kun mij|me|VERY? niet helpen",
        "je|jij|u|jullie|dit|dat|wat|DET|bot bent|ben|is|zijn|BOT|VERY|DET|wat|bot|systeem|een|toch* VERY|DET|zo* BAD", "BAD BOT|assistent|HUMAN|ding|service|systeem|antwoord|antwoorden|hulp", "BOT VERY* BAD", "^ VERY|wat|hoe|DET* BAD $", "vind|ik je|jou|u|dit|jij|het VERY|DET* BAD|MADDENING",
        "ik|wij|we|ben|word|raak|me|wordt VERY|ben|word|het|er|raak|hier|DET|van|me|VERY|ben* ANGRY", "ik *3 zat $", "maak|maakt|maken mij|me VERY* ANGRY|gek|VERY", "erger|irriteer|ergert|irriteert *1 me|mij|je|VERY", "zat|klaar|genoeg met|van|ben|VERY* dit|jou|deze|dat|BOT", "genoeg van", "dit|dat|wat|het|is is|VERY|DET|wat|toch|wordt* MADDENING|frustrerend $", "om gek van? te worden", "word|wordt *2 gek van?|hiervan?", "^ VERY* MADDENING $", "verspil|verspilling|zonde|verspilt|verspillen *2 tijd", "tijdverspilling", "(heb|had) ik|dat|je|u|het|toch|VERY|al|net|nou|jou|drie|keer* VERY|al|net|eerder gezegd|verteld|gevraagd|uitgelegd|geschreven", "ik|dat heb|zei|vroeg|had|ik* VERY|dat|je|het|net|toch* al gezegd|verteld|gevraagd|uitgelegd", "hoe vaak|veel keer|moet|nog", "voor de derde|vierde|vijfde|tiende|zoveelste|honderdste|laatste keer", "steeds|telkens|weer|alsmaar|VERY|elke DET? hetzelfde|dezelfde|keer", "hou|stop op|met? met? herhalen|dit|dezelfde", "niet wat ik *5 $", "dat is niet DET? mijn? vraag|bedoel", "geen antwoord op mijn vraag", "ik geef het? op", "laat maar zitten", "REAL hulp|antwoord", "DET? REAL? hulp nodig VERY $",
        "godverdomme|verdomme|kut|tering|kanker|klote|kolere|gvd", "wat DET? fuck|hel|hell", "fuck|rot je|op|off|you|dit", "rot VERY? op", "sodemieter|donder|flikker op", "hou je|DET bek|mond|kop", "je|u|jij|bent VERY|bent* ontslagen", "ik ontsla je|u", "word|wees|wordt eens|VERY|wat* slimmer|slim", "ga|moet|leer eens|je|VERY|wat|meer|beter* studeren|leren|bij|school", "niemand VERY|hier|me|mij|die* helpt|luistert|antwoordt|reageert|begrijpt", "snap|begrijp|luister|lees je|jij|u het|dit|me|VERY|niet|wel|wat|dan|toch* niet|VERY $", "maak je|jullie een grapje|grap",
    ],
    yes: &["^ ja|jawel|jazeker|jep|jup|yes|ok|oke|okay|okee|prima|graag|zeker|natuurlijk|tuurlijk|goed|akkoord|uiteraard|absoluut|perfect|klopt|correct|jaa|gerust|top|joh|doe ja|graag|WANT|alsjeblieft|aub|dank|je|u|wel|bedankt|prima|goed|zeker|doe|maar|dat|is|lijkt|me|mij|goed|fijn|VERY|hoor|ik|heel|zou|mooi|lief|natuurlijk|klopt|top|ok|PASS|HUMAN|SOMEONE|DET|met|zijn* $", "^ dat|dit WANT|zou|mag|is|lijkt ik|me|fijn|graag|wel|goed|zijn|prima|VERY* $", "^ heel graag *1 $", "^ waarom niet $", "^ alsjeblieft $", "^ aub $"],
    no: &["^ nee|neen|nope|nooit|nee|neuh|neej|no dank|je|u|wel|bedankt|hoor|niet|nu|nodig|hoeft|dat|het|liever|WANT|is|ik|VERY|nog|even|laat|maar|goed|zo|prima|laten|dankjewel|nee|DET|geen|hoef|in|orde* $", "^ niet nu|nodig|VERY|echt|meer|direct *2 $", "^ hoeft|hoef *1 niet *2 $", "^ liever niet *2 $", "^ laat maar *1 $", "^ (nog|nu|VERY) (even)? niet $", "^ doe maar niet $", "^ misschien later *1 $"],
};
