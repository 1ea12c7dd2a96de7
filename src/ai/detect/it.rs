//! Italian.

use super::table::Table;

#[rustfmt::skip]
pub(super) static TABLE: Table = Table {
    classes: &[
        ("TALK", "parlare parlo parlarne chattare conversare comunicare parlando dialogare"),
        ("CONTACT", "contattare contatto chiamare contattate contattarmi raggiungere"),
        ("PASS", "passami passatemi passarmi mettimi mettetemi trasferiscimi trasferitemi trasferirmi collegami collegarmi connettimi connettermi inoltrami passa passate metti mettermi passare trasferire inoltrare"),
        ("HUMAN", "collega umano umana umani persona persone operatore operatrice agente agenti addetto addetta rappresentante consulente impiegato impiegata responsabile assistente supervisore operatori direttore"),
        ("SOMEONE", "qualcuno"),
        ("REAL", "reale reali vero vera carne ossa umano umana vivo viva davvero umani"),
        ("BOT", "bot robot macchina chatbot computer macchine ia risponditore"),
        ("DET", "un una l il la uno i le vostro vostra dei degli qualche tuo tua"),
        ("WANT", "voglio vorrei desidero preferisco preferirei posso potrei puo puoi potete dammi datemi serve bisogno vogliamo esigo chiedo potrebbe"),
        ("BAD", "inutile inutili stupido stupida stupidi idiota terribile orribile pessimo pessima peggiore peggior cattivo incompetente patetico patetica spazzatura fastidioso fastidiosa irritante scemo scema \
                 deficiente imbecille schifo noioso ridicolo incapace"),
        ("ANGRY", "arrabbiato arrabbiata furioso furiosa infuriato infuriata stufo stufa frustrato frustrata incazzato incazzata irritato irritata esasperato esasperata infastidito infastidita stanco"),
        ("MADDENING", "frustrante ridicolo ridicola inaccettabile assurdo vergognoso vergogna irritante esasperante indecente scandaloso oltraggioso"),
        ("VERY", "molto cosi troppo davvero proprio veramente completamente totalmente piu abbastanza solo gia"),
    ],
    spelling: "aiuta capisci tempo aiuto",
    real_words: "parlate parla parlato urgente gente personale personali contratto umore argento passato passo messo passaggio stupito",
    not_human: &[
        "risorse|diritti HUMAN|REAL", "corpo|errore|natura HUMAN|REAL", "come|sei|sono essere HUMAN", "HUMAN immobiliare|immobiliari|di? viaggio|viaggi|assicurativo|turistico", "numero|codice del|dell|di HUMAN", "per|a HUMAN", "due|tre|quattro|quante|piu|altre|altra HUMAN",
        "sei|e|siete|sono|sto VERY|DET|TALK|con|essere* HUMAN|REAL", "sei *3 BOT", "HUMAN fisica|giuridica",
        "non WANT|voglio|serve|ho|devo|mi|di|bisogno* TALK|CONTACT|PASS *3 HUMAN|SOMEONE", "non PASS *3 HUMAN|SOMEONE", "non mi? WANT|voglio|serve|ho di|bisogno|DET* HUMAN", "senza TALK *2 HUMAN",
    ],
    human: &[
        "(chiamatemi|chiamami|mandami|mandatemi) DET HUMAN|SOMEONE", "(puo|puoi|potete|potrebbe) PASS DET HUMAN|SOMEONE",
        "(potete|puo|puoi|potreste|potrebbe|qualcuno) qualcuno? puo? chiamarmi|richiamarmi|contattarmi|telefonarmi", "essere|venire|farmi contattato|contattata|richiamato|richiamata|richiamare|chiamato|assistito da|dal|dall DET|REAL* HUMAN|SOMEONE", "mi serve DET REAL? HUMAN|SOMEONE",
        "TALK|CONTACT con|a|ad|al|all|direttamente|via|chat* DET|REAL|essere* HUMAN|SOMEONE", "TALK|CONTACT|PASS con|a|ad|al|all|il|l|DET* assistenza|supporto|servizio|staff|reparto", "PASS a|ad|con|al|all|in|contatto|comunicazione|su|la|chat|conversazione|DET|REAL|altro* HUMAN|SOMEONE",
        "WANT DET|mi|avere|di|l|aiuto|che|vedere|assistenza|da|con|risposta|TALK|parli|risponda|aiuti* HUMAN", "WANT SOMEONE|(che SOMEONE)", "(mi risponda)|(mi aiuti)|(mi chiami) DET* HUMAN|SOMEONE",
        "HUMAN REAL|(in carne)", "SOMEONE di? REAL", "^ per|favore|ciao|DET|no|si|con* HUMAN per|favore|subito|ora|adesso|REAL|grazie|in* $", "c e DET|VERY|qualche* HUMAN|SOMEONE", "ci sono *1 HUMAN REAL|disponibili|con|li", "assistenza|supporto|aiuto umana|umano|REAL|HUMAN", "non WANT|voglio piu|TALK|con|avere|a|che|fare|DET* BOT",
    ],
    not_frustrated: &["non sono VERY* ANGRY", "non e VERY* MADDENING|BAD", "sei VERY* ANGRY", "stanco|stanca morto"],
    frustrated: &[
        "BAD servizio|assistenza|supporto", "ti|vi|lo odio", "odio questo|questa|te|parlare", "(tre|due|quattro|dieci|mille|piu) volte che|te|lo *2 (chiedo|dico|spiego|ripeto)", "(chiesto|detto|spiegato|scritto|ripetuto) VERY|gia* (tre|due|quattro|dieci|mille|piu) volte", "deluso|delusa dal|da|del",
        "non mi|ci|ti|stai|sta|state|hai|ha|e|sei|siete|VERY|di* aiuta|aiuti|aiutando|aiutate|aiutato|serve|servi|capisci|capisce|capendo|capite|capito|ascolti|ascolta|ascoltando|rispondi|risponde|aiuto a|di|niente|nulla|per|quello|che|dico|cosa|la|mia|domanda* $", "non capisci|servi *3", "non servi|serve|vali a? niente|nulla", "non sai|puoi|riesci a? aiutarmi|aiutare|rispondere|capire *2",
        "sei|e|siete|che|questo|come|stai|ti VERY|DET|bot|BOT|trovo|essendo|e|stai* BAD", "BAD BOT|HUMAN|servizio", "BOT VERY* BAD", "^ VERY|che* BAD $", "come sei|stai male $", "DET BAD BOT|chatbot",
        "sono|siamo|sento|mi|sto VERY|DET|fai|stai|facendo|diventando|ha|hai|fatto* ANGRY|arrabbiare|impazzire|infuriare|incazzare|innervosire", "ANGRY con te|di|questo", "mi VERY? irriti|irrita|infastidisci|annoi|frustri|esasperi|innervosisci|disturbi", "mi VERY? fai|stai|fate arrabbiare|irritando|infastidendo|innervosire|impazzire|annoiando",
        "e|questo|che|cosa VERY|DET|e|una* MADDENING", "^ VERY|che* MADDENING $", "perdita|perdendo|perdere|spreco|sprecando|perso di|il|mio|VERY* tempo", "VERY|te|ti|ve|lo|l* ho|avevo VERY? detto|spiegato|scritto|chiesto|ripetuto VERY? $", "te|ve l ho VERY? detto|spiegato|scritto|chiesto", "quante volte", "sempre|ripeti|ripetere|continui VERY|la|le|lo|a|ripetere|dire* stessa|stesse|stesso", "smettila|smetti|basta", "non e VERY? quello|cio che ho|voglio|chiedevo|intendevo", "non e la mia domanda",
        "che cazzo|diavolo", "cazzo", "vaffanculo|fanculo", "stai zitto", "aiuto|risposta REAL|VERY REAL?", "mi arrendo", "ne ho abbastanza",
        "sei|siete VERY? licenziato|licenziata", "ti|sto|stai|ora|di|dovrei|voglio|per|e|che|momento* licenzio|licenziando|licenziarti|licenziare", "diventa|sii|dovresti|devi|puoi VERY|essere|un|po|diventare* intelligente|furbo|sveglio|intelligenti", "dovresti|devi|vai andare|a* studiare|imparare|migliorare", "studia|impara VERY|meglio|di|qualcosa|un|po* $", "nessuno VERY|mi|ci* aiuta|risponde|ascolta|capisce",
    ],
    yes: &["^ si|certo|certamente|va|ok|okay|okei|volentieri|perfetto|esatto|giusto|sicuro|assolutamente|sisi|sii|bene|ottimo si|per|favore|grazie|certo|bene|va|ok|mi|piacerebbe|WANT|voglio|perfetto|fallo|pure|prego|volentieri|molte|VERY|PASS|certamente|HUMAN|SOMEONE|DET|con* $", "^ d accordo *2 $", "^ mi piacerebbe *1 $", "^ fallo|faccia|procedi *2 $", "^ come no $", "^ per favore $", "^ con piacere $"],
    no: &["^ no|nop|negativo|mai|noo no|grazie|per|favore|ora|adesso|voglio|WANT|serve|e|necessario|il|momento|ancora|non|mille|bene|cosi|va|oggi|VERY|preferisco|meglio|lo|di* $", "^ meglio di? no *1 $", "^ non ora|adesso|serve|importa|voglio|ancora|WANT|e *2 $", "^ lascia|lasciamo stare|perdere $", "^ per niente $", "^ sto bene cosi *1 $"],
};
