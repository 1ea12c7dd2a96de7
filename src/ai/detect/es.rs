//! Spanish.

use super::table::Table;

#[rustfmt::skip]
pub(super) static TABLE: Table = Table {
    classes: &[
        ("TALK", "hablar hablo hable chatear conversar charlar comunicarme comunicar hablarle platicar hablando"),
        ("CONTACT", "contactar contacto contacte contactarme conectarme conectar llamar contactame"),
        ("PASS", "pasame paseme pasar pasarme ponme pongame comunicame comuniqueme conectame transfiereme transfierame transferirme transfiere derivame deriveme derivar \
                  transferir poner ponerme pasa pasas transfieres transfieran pasen comunican comuniquen"),
        ("HUMAN", "humano humana humanos persona personas agente agentes operador operadora asesor asesora representante ejecutivo empleado empleada encargado encargada \
                   supervisor supervisora teleoperador teleoperadora gerente asistente especialista responsable"),
        ("SOMEONE", "alguien"),
        ("REAL", "real reales verdad verdadero verdadera vivo viva humano humana hueso carne autentica autentico"),
        ("BOT", "bot robot maquina chatbot ordenador bots robots maquinas ia"),
        ("DET", "un una el la algun alguna uno los las su tu vuestro"),
        ("WANT", "necesitaria querriamos quisieramos quiero quisiera necesito deseo prefiero querria gustaria exijo quieremos queremos necesitamos pido solicito puedo podria podrias puedes puede podemos dame deme"),
        ("BAD", "inutil inutiles estupido estupida tonto tonta idiota terrible horrible pesimo pesima peor malo mala imbecil incompetente patetico patetica basura \
                 pesado pesada irritante fastidioso fastidiosa lamentable mierda"),
        ("ANGRY", "decepcionado decepcionada molesto molesta enfadado enfadada enojado enojada furioso furiosa harto harta frustrado frustrada cabreado cabreada indignado indignada irritado irritada desesperado desesperada"),
        ("MADDENING", "frustrante ridiculo ridicula indignante inaceptable absurdo verguenza vergonzoso desesperante irritante estupidez tomadura intolerable"),
        ("VERY", "muy tan super bastante totalmente completamente realmente demasiado mas ya siendo"),
    ],
    spelling: "ayuda entiendes tiempo",
    real_words: "hablas habla llama urgente gente argente personal verdades reales mala malos contrato contratar personaje parsona hambre agenda",
    not_human: &[
        "mi|el|su|tu|un HUMAN|SOMEONE no|me *3", "SOMEONE mas",
        "recursos HUMAN|REAL", "derechos HUMAN|REAL", "cuerpo|seres HUMAN|REAL", "como|cualquier|eres ser HUMAN", "HUMAN inmobiliario|inmobiliaria|inmobiliarios|de? viajes|seguros|aduanas|policia", "numero|codigo de|del HUMAN", "por HUMAN",
        "eres|es|sos|seras|son|estoy VERY|DET|TALK|con|realmente|de|ser* HUMAN|REAL", "eres|es|sos *3 BOT", "HUMAN fisica|juridica",
        "no WANT|quiero|necesito|hace|me VERY|falta|que* TALK|CONTACT|PASS *3 HUMAN|SOMEONE", "no me|te|lo* PASS *3 HUMAN|SOMEONE", "no WANT|necesito|quiero DET HUMAN", "sin TALK *2 HUMAN", "para? cuantas HUMAN", "varias|dos|tres|cuatro|otra|otras|cada HUMAN",
    ],
    human: &[
        "SOMEONE me llame|contacte|atienda|ayude|responda", "(tienen|tiene|tienes|hay|habra) algun|alguna|un|una HUMAN disponible|libre|real|que|ahi",
        "con quien puedo|podria|podemos|debo TALK|comunicarme", "(pueden|puede|podrian|podria|podeis|puedes) llamarme|contactarme|atenderme", "que me|nos atendiera|atendiese|ayudara|llamara DET|REAL* HUMAN|SOMEONE", "(llamame|llamenme|llameme|contactenme) por|al|ya|telefono|$", "PASS con|a *2 HUMAN|SOMEONE",
        "TALK|CONTACT|comunicacion con|a|al|directamente|por|chat* DET|REAL|ser* HUMAN|SOMEONE", "TALK|CONTACT|PASS con|a|al DET|su|vuestro* soporte|atencion|servicio|equipo|departamento|personal", "PASS con|a|al|me|lo|esto|la|chat|conversacion* DET|REAL|otro|otra* HUMAN|SOMEONE",
        "WANT que|me|tener|ver|la|ayuda|atencion|de|atienda|hable|llame|un|DET|pase|pasen|atiendan|a|con|responda|conteste|ayude|al|comunique|comuniquen* HUMAN|SOMEONE de|REAL|humano|por|ahora|ya|$", "que me? atienda|ayude|conteste|responda|llame|hable DET|REAL* HUMAN|SOMEONE",
        "WANT *1 DET HUMAN", "HUMAN de? (REAL)", "SOMEONE de? REAL", "SOMEONE HUMAN", "^ por|favor|hola|DET|con|si|no* HUMAN por|favor|ya|ahora|REAL|de|urgente|gracias* $", "hay DET|algun|alguna|VERY* HUMAN|SOMEONE ahi|disponible|que|con|real|REAL|aqui|al|quien|para", "hay SOMEONE $",
        "atencion|soporte|ayuda|asistencia humana|REAL|HUMAN|personalizada", "no WANT|quiero mas|TALK|con|seguir|a|DET* BOT", "PASS con? SOMEONE|HUMAN|DET",
    ],
    not_frustrated: &["no me siento|encuentro", "no estoy VERY* ANGRY", "no es VERY* MADDENING|BAD", "estas VERY* ANGRY", "no VERY* BAD", "mala suerte|idea|calidad"],
    frustrated: &[
        "BAD servicio|atencion|soporte|respuesta|ayuda", "te|lo|los|os odio", "que asco", "odio esto|este|el|hablar", "(he|ya) preguntado|dicho|explicado|llamado|escrito *3 veces", "(tres|cuatro|cinco|varias|mil|muchas) veces VERY|ya|lo|te|he* preguntado|dicho|explicado|pregunto|dije",
        "no me|nos|te|se|esto|estas|estan|esta|sirves|sirve|has|ha* ayuda|ayudas|ayudan|ayudando|ayudado|sirve|sirves|entiendes|entiende|entienden|entendiendo|entendido|escuchas|escucha|escuchando|respondes|responde|contestas|comprendes para|de|en|nada|a|lo|mi|que|pregunta|bien|ni* $", "no entiendes|entendes|sabes|comprendes|sirves *3", "no sirves|sirve|vales de|para nada",
        "eres|sos VERY|DET|bot|BOT|siendo|mas* BAD",
        "eres|es|sos|estas|esta|son|este|que VERY|DET|bot|BOT|siendo|es|mas|mi* BAD|molesto|molesta|ANGRY|MADDENING $", "BAD BOT|asistente|HUMAN", "BOT VERY* BAD", "^ VERY|que* BAD $", "DET BAD BOT|de",
        "estoy|estamos|siento|encuentro|pongo|tienes|tienen|esta|ando VERY|me|DET|poniendo|muy* ANGRY", "ANGRY contigo|con|de este|esto|ti|esperar|repetir|que", "me VERY? has|estas|ha|pones|haces|tienes|sacas|hace VERY? ANGRY|enfadado|enojar|enfadar|enfadando|cabrear|enojando|desesperar|frustrando|quicio|enojado|molestado",
        "me enfadas|enfada|cabreas|cabrea|molestas|enojas|irritas|irrita|frustras|frustra|desesperas|desespera|fastidias|aburres", "es|esto|que VERY|DET|es|una* MADDENING", "^ VERY|que* MADDENING $", "perdida|perdiendo|pierdo|perder|pierdes|haces|haciendo de|el|mi|perder* tiempo", "ya VERY|te|se|os|lo|he|dije|explique* dije|dicho|explicado|explique|pregunte|preguntado|conteste|repetido", "cuantas veces", "otra vez lo mismo", "siempre|repites|repite|repitiendo VERY|lo|la|misma|respuesta* mismo|misma", "deja de repetir|decir|preguntar", "no es VERY? lo que pregunte|pedi|quiero|pregunto|dije|he", "no es mi pregunta", "estas sordo|ciego|BAD|loco|leyendo|escuchando",
        "que carajo|mierda|cono|diablos|demonios|cojones", "vete|andate|vayanse a DET? mierda|infierno|cagar|demonio", "callate", "joder", "ayuda|respuesta REAL|de REAL", "WANT ayuda REAL", "me rindo", "para nada util",
        "estas|quedas|estan|eres|seras|estar VERY|DET? despedido|despedida", "te|voy|a|vamos|punto|estoy|de|vas|mereces|ser* despido|despedire|despedimos|despedir|despedirte", "se|vuelvete|hazte|ponte|deberias|puedes|sea VERY|ser|un|poco* listo|lista|inteligente|inteligentes", "debes|deberias|tienes|ponte|ve|necesitas que|a|ir* estudiar|aprender|mejorar", "estudia|aprende VERY|algo|mas|un|poco*  $", "nadie VERY|me|nos* ayuda|responde|contesta|escucha|entiende", "no VERY? puedes|puede|sabes ayudarme|ayudar|responder|entenderme|entender",
    ],
    yes: &["^ si|sip|claro|vale|ok|okay|bueno|dale|perfecto|exacto|correcto|afirmativo|seguro|adelante|genial|sii|listo|obvio si|por|favor|gracias|claro|que|vale|ok|esta|bien|me|gustaria|WANT|quiero|de|acuerdo|hazlo|adelante|encantaria|muchas|perfecto|PASS|lo|genial|seguro|CONTACT|con|HUMAN|SOMEONE|DET* $", "^ por supuesto *2 $", "^ de acuerdo *2 $", "^ esta bien *2 $", "^ me gustaria|encantaria si|mucho|gracias? $", "^ hazlo|hagalo *2 $", "^ por favor $"],
    no: &["^ no|nop|nope|nunca|negativo|noo no|gracias|por|favor|ahora|quiero|WANT|hace|falta|es|necesario|de|momento|todavia|aun|ya|asi|esta|bien|muchas|necesito|lo|hoy|mejor|VERY|prefiero* $", "^ mejor no *2 $", "^ ahora|todavia|aun|VERY no gracias? $", "^ para nada $", "^ dejalo|olvidalo *2 $", "^ asi? estoy bien gracias? $"],
};
