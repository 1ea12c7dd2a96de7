//! Portuguese.

use super::table::Table;

#[rustfmt::skip]
pub(super) static TABLE: Table = Table {
    classes: &[
        ("TALK", "falar falo fale conversar converse dialogar bater papear comunicar comunicarme chat falando conversando teclar"),
        ("CONTACT", "contatar contactar contato contacto ligar chamar contate contactarme"),
        ("PASS", "transferir transfere transfira transferirme passa passe passar passame conecta conecte conectar liga ligue encaminha encaminhe encaminhar coloca coloque redireciona redirecione por ponha direcione"),
        ("HUMAN", "humano humana humanos pessoa pessoas agente agentes atendente atendentes operador operadora representante assistente funcionario funcionaria colaborador colaboradora consultor consultora supervisor gerente responsavel especialista"),
        ("SOMEONE", "alguem"),
        ("REAL", "real reais verdade verdadeiro verdadeira vivo viva humano humana osso carne"),
        ("BOT", "bot robo robot maquina chatbot computador robos bots maquinas ia"),
        ("DET", "um uma o a algum alguma os as seu sua vosso vossa do da outro outra"),
        ("WANT", "quero queria gostaria preciso desejo prefiro necessito quer queremos exijo posso podia podemos poderia pode podes consigo podem precisamos me"),
        ("BAD", "inutil inuteis estupido estupida burro burra idiota terrivel horrivel pessimo pessima pior mau ma ruim incompetente patetico patetica lixo chato chata irritante imbecil bosta merda tonto fraco ridiculo ridicula"),
        ("ANGRY", "zangado zangada irritado irritada furioso furiosa farto farta frustrado frustrada chateado chateada bravo brava puto indignado indignada revoltado"),
        ("MADDENING", "frustrante ridiculo ridicula inaceitavel absurdo vergonha vergonhoso irritante palhacada indecente revoltante desesperante inadmissivel"),
        ("VERY", "muito tao super bastante totalmente completamente realmente demasiado mesmo mais ja so tanto"),
    ],
    spelling: "ajuda entende tempo ajudar",
    real_words: "gente agencia argente urgente pessoal pessoais falas falta fala falha passo classe contrato contratar mais reis",
    not_human: &[
        "recursos|direitos HUMAN|REAL", "corpo|erro|natureza|seres HUMAN|REAL", "como|qualquer ser HUMAN", "HUMAN imobiliario|imobiliarios|(de viagens|viagem|seguros)", "numero|codigo do|da|de HUMAN", "duas|tres|quatro|quantas|mais|cada|outras HUMAN", "HUMAN fisica|juridica", "por pessoa|HUMAN $",
        "es|e|voce|tu|estou|sou|isto|isso e|es|VERY|DET|TALK|com|realmente|de|ser* HUMAN|REAL", "es|e|voce *3 BOT",
        "nao WANT|quero|preciso|me|de|VERY|e* TALK|CONTACT|PASS *3 HUMAN|SOMEONE", "nao me? PASS *3 HUMAN|SOMEONE", "nao WANT|preciso|quero de? DET? HUMAN", "sem TALK *2 HUMAN",
    ],
    human: &[
        "alguem|HUMAN pode|poderia|podem|consegue me? ligar|contatar|contactar|ligarme|telefonar|chamar|atender|ajudar",
        "TALK|CONTACT|contato|contacto com|a|ao|diretamente|pelo|chat|directamente* DET|REAL|VERY|ser* HUMAN|SOMEONE", "TALK|CONTACT|PASS com|a|ao|para|pro|DET* suporte|atendimento|apoio|equipe|equipa|sac", "PASS me|para|pra|pro|com|ao|a|em|contato|contacto|isto|isso|DET|REAL|conversa|esta|essa* HUMAN|SOMEONE", "WANT DET|de|me|ter|que|atendimento|ajuda|ver|ser|atendido|por|uma|com* HUMAN", "WANT de|que|ajuda|ter|falar* SOMEONE de|REAL|me|que", "HUMAN de? REAL", "SOMEONE de? REAL", "SOMEONE HUMAN", "^ DET|por|favor|ola|oi|sim|nao|com* HUMAN por|favor|agora|REAL|urgente|ja|obrigado|obrigada|pfv|pf|de* $", "ha|tem|existe|esta DET|algum|VERY|ai* HUMAN|SOMEONE ai|disponivel|que|com|aqui|para|online|$|REAL",
        "atendimento|suporte|ajuda|apoio|assistencia humano|humana|REAL|HUMAN|pessoal", "nao WANT|quero mais|TALK|com|continuar|DET|VERY|a* BOT", "atendimento com DET|REAL* HUMAN",
    ],
    not_frustrated: &["cansado de andar|correr|viajar", "nao estou VERY* ANGRY", "nao e VERY* MADDENING|BAD", "estas|esta voce|tu|VERY* ANGRY $", "ma|mau qualidade|sorte|ideia|tempo"],
    frustrated: &[
        "(estou|ja|fiquei|to) cansado|cansada de|disso|disto|$", "que droga|saco|lixo|porcaria|raiva", "odeio voce|isso|isto|voces|esse|este|te", "te odeio", "BAD atendimento|servico|suporte|apoio", "(tres|duas|quatro|varias|mil|cinco) vezes *2 (perguntei|falei|disse|expliquei|que)", "(perguntei|falei|disse|expliquei|liguei) VERY|isso|isto|ja* (tres|duas|quatro|varias|mil|cinco) vezes",
        "nao me|nos|te|se|esta|estas|voces|voce|esta|consegue|consegues* ajuda|ajudas|ajudam|ajudando|ajudou|serve|serves|entende|entendes|entendem|entendendo|entendeu|escuta|ouve|ouves|responde|respondes|compreende|compreendes|percebes|percebe|ajudar|ajudar em|de|nada|a|o|que|pergunta|para|pra|minha|eu|digo* $", "nao entendes|entende|sabes|percebes *3", "isto|isso|voce|tu nao VERY|esta|esta|a* ajuda|ajudar|ajudando|adianta|resolve|serve", "nao serves|serve|vales para|pra nada",
        "es|e|voce|tu|esta|este|estas|que|isto|sao VERY|DET|bot|BOT|e|es|sendo|como* BAD", "BAD BOT|atendimento|servico|HUMAN|sistema", "BOT VERY|e* BAD", "^ VERY|que* BAD $", "DET BAD BOT|de", "estou|estamos|sinto|ando|fico|deixa|deixas|deixando|ficando VERY|me|DET|a|ficar|ficando|com* ANGRY|louco|louca|raiva|nervoso", "me VERY? irritas|irrita|chateia|chateias|frustras|frustra|incomoda|aborreces|enche|tira|irritando|deixa", "ANGRY com|de voce|isto|isso|ti|esperar|repetir", "isto|isso|que|e VERY|DET|e|uma* MADDENING", "^ VERY|que* MADDENING $", "perda|perder|perdendo|perco|desperdicio|desperdicar|gastar|perdi de|o|meu|VERY* tempo", "ja VERY|te|lhe|vos|o|eu|tinha|isso|isto* disse|falei|expliquei|perguntei|respondi|dito|escrevi", "quantas vezes", "sempre|repete|repetes|repetir|repetindo VERY|DET|resposta* mesma|mesmo|VERY coisa|resposta|VERY? $", "para|pare de repetir|dizer|perguntar", "nao VERY? foi|e o que *1 perguntei|pedi|quero|disse", "nao e a? minha pergunta", "que caralho|merda|porra|diabos|raio", "caralho|porra", "vai|vao se|te|a|tomar|pro|foder|fuder|merda|inferno|lixar *1 $", "cala a boca", "foda se", "preciso|quero|WANT|uma ajuda|resposta de? REAL", "desisto",
        "estas|esta|es|sera|seras VERY? demitido|demitida|despedido|despedida", "te|vou|voce|vamos|ser|merece|voce* demitir|despedir|despedirte|demitido", "seja|fica|se|torna|deveria|devias VERY|ser|mais|te* inteligente|esperto|esperta", "deveria|devias|deve|precisa|vai estudar|aprender|melhorar", "estuda|estude|aprende|aprenda VERY|algo|um|pouco* $", "ninguem VERY|me|nos|aqui* ajuda|responde|escuta|ouve|entende", "nao VERY? consegue|consegues|sabe|pode|podes ajudarme|ajudar|me|responder|entender",
    ],
    yes: &["^ sim|claro|ok|okay|ta|certo|perfeito|exato|isso|pode|com|beleza|bora|positivo|correto|otimo|obvio|blz|simm|quero|WANT|aceito|bom|esta|tudo sim|por|favor|obrigado|obrigada|claro|ok|gostaria|quero|WANT|bem|ser|certeza|que|bom|fazer|isso|muito|VERY|perfeito|agradeco|pf|pfv|PASS|HUMAN|SOMEONE|TALK|com|DET* $", "^ por favor $", "^ esta|tudo bem|certo|bom *1 $", "^ faz|faca isso *2 $"],
    no: &["^ nao|nunca|nem|negativo|naoo|nops obrigado|obrigada|por|favor|agora|quero|WANT|e|preciso|necessario|de|momento|ainda|ja|esta|bem|muito|VERY|hoje|prefiro|nao|assim|para|precisa|tudo|bom|pensar* $", "^ melhor|agora|ainda|prefiro|acho|VERY que? nao *1 $", "^ deixa|deixe|esquece *2 $", "^ de jeito|modo|forma nenhum|nenhuma $"],
};
