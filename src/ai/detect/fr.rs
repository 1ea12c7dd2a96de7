//! French.

use super::table::Table;

#[rustfmt::skip]
pub(super) static TABLE: Table = Table {
    classes: &[
        ("TALK", "parler parle parlais discuter dialoguer echanger chatter converser tchatter causer communiquer"),
        ("CONTACT", "contacter joindre appeler contactez contact rejoindre"),
        ("PASS", "transferez transferer transfere transferes passez passe passer mettez mets mettre connectez connecter connecte redirigez rediriger basculer escalader dirigez"),
        ("HUMAN", "superieur superieure humain humaine humains personne personnes agent agents operateur operatrice conseiller conseillere conseillers representant representante employe employee responsable superviseur \
                   collaborateur collaboratrice teleconseiller interlocuteur gestionnaire assistant technicien vendeur"),
        ("SOMEONE", "quelqu quelquun qqn quelqun"),
        ("REAL", "reel reelle reels vrai vraie vrais veritable vivant vivante humain humaine os chair"),
        ("BOT", "bot robot machine chatbot ordinateur bots robots machines ia automate"),
        ("DET", "un une l le la des d votre vos les du de autre"),
        ("WANT", "veux voudrais souhaite souhaiterais prefere prefererais aimerais desire exige veut voulons besoin faut puis peux pourrais pouvez peut donnez donne trouvez demande pourriez"),
        ("BAD", "inutile inutiles stupide stupides nul nulle nuls idiot idiote bete terrible horrible pire mauvais mauvaise incompetent incompetente pathetique merdique chiant chiante debile con conne agacant \
                 agacante penible enervant enervante ennuyeux ennuyeuse pourri lamentable ridicule imbecile irritant irritante"),
        ("ANGRY", "decu decue enerve enervee colere furieux furieuse frustre frustree agace agacee marre exaspere exasperee fache fachee irrite irritee bol excede"),
        ("MADDENING", "frustrant ridicule inadmissible inacceptable absurde enervant agacant exasperant honteux scandaleux lamentable insupportable chiant irritant penible"),
        ("VERY", "tres trop si tellement vraiment completement totalement bien assez juste plus deja aussi absolument carrement pas"),
    ],
    spelling: "comprenez comprends temps aidez",
    real_words: "argent urgent agence personnel personnelle parler parles perle passes passage passer humeur conseille conseils conseil employer employez vivants",
    not_human: &[
        "ressources|droits|etres|corps|erreur HUMAN|REAL", "comme|tout etre HUMAN", "HUMAN immobilier|immobiliers|(de voyage|voyages)|d|assurance|artificiel|conversationnel", "numero|code de|d|du|l* HUMAN", "par|pour|combien HUMAN|(de HUMAN)", "deux|trois|quatre|plusieurs|chaque|autres|nouvelle|cinq|six HUMAN", "HUMAN ne|n|physique|morale",
        "es|etes|est|suis|sont tu|vous|ce|je|c|VERY|DET|en|train|TALK|a|avec|vraiment|que|etre* HUMAN|REAL", "tu|vous|t es|etes VERY|DET|vraiment* HUMAN|REAL", "tu|vous es|etes|t *3 BOT",
        "ne|n|pas|jamais WANT|me|pas|veux|ai|suis|nous|VERY|de|besoin|envie|d* TALK|CONTACT|PASS *4 HUMAN|SOMEONE", "ne|n WANT|ai|me|veux VERY|de|besoin|d|DET* HUMAN", "sans TALK|passer *3 HUMAN", "pas? besoin DET HUMAN|SOMEONE", "CONTACT DET HUMAN qui vous|t|a", "la HUMAN qui",
    ],
    human: &[
        "SOMEONE un? peut|pourrait|pourriez|veut m|me|nous appeler|rappeler|contacter|aider|repondre", "(etre|me) faire? rappele|rappelee|rappeler|contacte|recontacte par",
        "TALK|CONTACT avec|a|au|aux|directement|par|chat|en* DET|REAL|etre* HUMAN|SOMEONE", "TALK|CONTACT|PASS avec|a|au|DET|moi|nous* support|assistance|service|equipe|sav", "PASS moi|me|nous|la|cette|conversation|en|relation|contact|communication|vers|avec|a|au|DET|REAL* HUMAN|SOMEONE", "relation|contact|ligne avec DET|REAL* HUMAN|SOMEONE",
        "WANT avoir|voir|qu|que|DET|moi|REAL|d|aide|de|assistance|me|rencontrer|joindre|trouver* HUMAN|SOMEONE", "HUMAN REAL|(en chair)", "SOMEONE de? un? de? REAL", "REAL HUMAN", "^ s|il|vous|te|plait|DET|bonjour|REAL|non|oui|avec|stp|svp|salut* HUMAN s|il|vous|te|plait|stp|svp|vite|maintenant|REAL|merci|en|tout|de|suite* $",
        "(y a t|est ce qu il y a|il y a) il|t|VERY|DET|REAL* HUMAN|SOMEONE", "SOMEONE un? peut|pourrait|pour|a TALK|me|m|qui repondre|aider|parler|rappeler|TALK", "aide|assistance|support|conseiller|contact humaine|humain|REAL", "(ne|n|pas|plus|arreter|arretez|marre) WANT|veux|VERY|de|d|TALK|a|avec|DET|me* BOT", "WANT *1 etre mis|mise|PASS|transfere|rappele|connecte *5 HUMAN|SOMEONE",
    ],
    not_frustrated: &["je ne|n|y VERY? comprends|comprend|sais|vois|trouve", "(suis|est) pas VERY* ANGRY|BAD", "c? est pas VERY* MADDENING|BAD", "es|etes tu|vous? VERY* ANGRY", "pas mauvais|mauvaise|mal|bete", "BAD temps|nouvelle|adresse|produit|surprise"],
    frustrated: &[
        "(deux|trois|quatre|cinq|dix|plusieurs|x|mille|combien) fois que? je|qu|on", "service|support|assistance VERY|est|DET* BAD", "je VERY? vous|te|deteste|hais deteste|hais",
        "(tu|vous|ca|il|bot|ne|n) ne? m|me|nous|servez|sers|sert|l|y|VERY|avez|as|a|etes* aide|aides|aidez|aider|comprends|comprenez|comprend|compris|ecoutez|ecoutes|reponds|repondez|repond VERY|rien|jamais *4 $", "(ca|cela|c) ne|n|me|m|sert* aide|sert|avance|arien|rien VERY|pas|a|rien|toujours|du|tout* $", "(tu|vous|t) ne|n|me* comprends|comprenez|sers|servez|ecoutes|ecoutez|captes|savez|sais VERY|a? rien|pas", "vous|tu VERY? servez|sers|sert a rien",
        "tu|vous|t|c|ce|cet|quel|bot|BOT|es|etes es|etes|est|BOT|VERY|DET|trouve* BAD", "BAD BOT|assistant|HUMAN|chatbot|service", "BOT VERY* BAD", "^ VERY|quel|le* BAD de? $", "DET pire BOT|chatbot|assistant|service", "je? vous|te trouve VERY* BAD|MADDENING",
        "suis|sommes|sens|me|m|en|ai|avons|commence VERY|DET|mis|mise|en|avez|as|met|metter|mets|mettez|rend|rends|rendez|fais|ras|le|a|etre* ANGRY|fou|folle", "(m|me) VERY|avez|as|a|es|etes* enerve|enerves|enervez|agace|agaces|agacez|saoule|saoulez|saoules|gaves|gave|gonfles|gonfle|fatigues|frustre|frustres|ennuies|ennuyez|irrites|irritez|enervee|chier", "ras le bol", "y en ai marre", "j en ai VERY? marre|assez",
        "(c|ca|cela|ce|quelle) est|devient|VERY|DET|une* MADDENING|honte|blague|foutage", "^ VERY* MADDENING $", "perte|perdre|perds|perdez|gaspiller|gaspillez de|mon|notre|du|me|le* temps", "(ai|avons) VERY deja? dit|explique|repondu|demande|ecrit|pose|repete", "(je vous|te l|le ai) VERY? dit|explique", "combien de fois", "repetez|repetes|repete|repeter VERY|toujours|DET* meme|memes|chose", "arrete|arretez|cesse|cessez de? repeter|dire|me", "(est|ai) pas VERY? ce que je? *3", "pas ma question", "repond|repondez|reponds|repondu pas|VERY? a ma",
        "putain|merde|bordel", "va|allez te|vous faire *2", "ta gueule|ferme", "foutez|fous|moquez|moques vous|toi|te|de|ma|gueule", "WANT|DET REAL aide|reponse|solution", "j abandonne", "laisse|laissez tomber",
        "(es|etes|suis|serez|seras) VERY? vire|viree|renvoye|licencie|licenciee", "te|vous|je|vais|point|de|suis|sur|le|faut te|vous|vais|de|virer* vire|virer|renvoie|licencie|licencier|renvoyer", "sois|soyez|deviens|devenez|devenir|etre|devriez|devrais VERY|un|peu|etre* intelligent|intelligente|malin|futee", "devriez|devrais|dois|devez|va|allez retourner|etre|en|train|a|d|l|ecole|de* etudier|apprendre|ameliorer", "etudie|etudiez|apprends|apprenez VERY|mieux|un|peu|quelque|chose|davantage* $", "personne ne|n|me|m|nous* aide|repond|ecoute|comprend", "quel|quelle|de bande BAD|merde|blague",
    ],
    yes: &["^ oui|ouais|ouaip|yep|ok|okay|volontiers|parfait|certainement|absolument|evidemment|exact|exactement|effectivement|entendu|ouii|super|carrement oui|s|il|te|vous|plait|merci|svp|stp|bien|sur|je|j|veux|WANT|aimerais|d|accord|avec|plaisir|ok|parfait|volontiers|allez|y|faites|le|VERY|c|est|ca|PASS|moi|DET|HUMAN|SOMEONE|TALK* $", "^ d accord *2 $", "^ bien sur *3 $", "^ avec plaisir *1 $", "^ pourquoi pas $", "^ allez|vas y *2 $", "^ je|j WANT|aimerais bien|oui|merci? $", "^ s il vous|te plait $", "^ faites le *2 $", "^ ca marche $"],
    no: &["^ non|nan|nope|negatif|jamais|no|nonn non|merci|pas|la|peine|maintenant|besoin|c|est|bon|ca|va|je|ne|n|veux|WANT|ce|sera|tout|pour|le|moment|encore|aujourd|hui|tout|de|suite|VERY|prefere|necessaire|bien* $", "^ pas maintenant|encore|necessaire|besoin|question|la|du|pour *3 $", "^ c|ca est|va? bon? merci $", "^ sans facon *1 $", "^ laisse|laissez tomber $", "^ plus tard *1 $", "^ ce|c n? est pas necessaire|la *2 $"],
};
