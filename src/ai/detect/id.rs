//! Indonesian.

use super::table::Table;

#[rustfmt::skip]
pub(super) static TABLE: Table = Table {
    classes: &[
        ("TALK", "bicara berbicara ngobrol mengobrol chat chatting ngomong berkomunikasi berbincang bercakap konsultasi"),
        ("CONTACT", "hubungi menghubungi kontak telepon menelepon telpon nelpon"),
        ("PASS", "hubungkan sambungkan terhubung alihkan pindahkan teruskan oper sambungin hubungin disambungkan dihubungkan dialihkan tersambung"),
        ("HUMAN", "manusia agen operator staf staff cs petugas karyawan perwakilan pegawai atasan supervisor manajer manager customer"),
        ("PERSON", "orang"),
        ("SOMEONE", "seseorang"),
        ("REAL", "asli nyata sungguhan betulan beneran hidup langsung"),
        ("BOT", "bot robot mesin chatbot komputer"),
        ("DET", "seorang sebuah para tim pihak bagian salah satu"),
        ("WANT", "ingin mau butuh perlu minta bisa bisakah dapatkah boleh bolehkah tolong pengen pingin harap mohon dapat membutuhkan"),
        ("BAD", "bodoh buruk jelek payah tolol bego goblok menyebalkan terburuk konyol idiot sampah buruknya bodohnya"),
        ("ANGRY", "marah kesal jengkel kecewa frustrasi frustasi muak sebal emosi geram"),
        ("MADDENING", "menyebalkan konyol menjengkelkan keterlaluan mengecewakan menjengkelkan"),
        ("VERY", "sangat sekali banget benar terlalu sungguh semakin makin begitu sudah jadi menjadi lagi"),
        ("NOT", "tidak gak nggak ga tak enggak bukan jangan tdk"),
        ("YOU", "kamu anda kau lu kalian dirimu ini layanan"),
    ],
    spelling: "membantu mengerti",
    real_words: "agenda manusiawi",
    not_human: &[
        "sumber daya HUMAN", "hak asasi? HUMAN", "apakah|apa YOU|ini DET|VERY|REAL* HUMAN|PERSON|BOT", "YOU adalah? DET|REAL|VERY|NOT* HUMAN|PERSON", "agen properti|asuransi|perjalanan|wisata|rahasia|travel",
        "NOT WANT|perlu|usah* TALK|PASS|CONTACT saya|aku|dengan|ke* *2 HUMAN|SOMEONE|PERSON", "per HUMAN|PERSON", "nomor|kode HUMAN", "tanpa *3 HUMAN|PERSON",
    ],
    human: &[
        "TALK|CONTACT dengan|sama|ke|kepada|DET|pada* REAL|DET* HUMAN|SOMEONE", "TALK|CONTACT dengan|sama|ke|kepada PERSON", "PASS saya|aku|gue|dengan|ke|kepada|ini|DET|sama|sesi|percakapan* HUMAN|SOMEONE|PERSON", "WANT DET|saya|aku|dihubungi|bantuan|oleh|dari|ada|bertemu* HUMAN|SOMEONE",
        "HUMAN|SOMEONE|PERSON yang|DET? REAL", "^ DET|halo|tolong|mohon* HUMAN tolong|dong|please|sekarang|ya|kak|min|aja|saja* $", "(ada|adakah) DET* HUMAN|SOMEONE|PERSON di|yang|disini|disana|REAL|$", "NOT WANT|TALK|dengan|sama|DET|lagi* BOT", "bantuan|dukungan HUMAN|REAL",
    ],
    not_frustrated: &["NOT VERY* ANGRY|BAD|MADDENING", "saya|aku|kami NOT VERY? mengerti|paham|ngerti|tahu", "jangan *1 ANGRY"],
    frustrated: &[
        "YOU|bot|BOT VERY|adalah|itu|yang|paling|memang* BAD|MADDENING", "betapa *1 BAD", "BAD VERY* YOU", "^ VERY* BAD|MADDENING VERY* $", "saya|aku|gue|kami|ku VERY* ANGRY", "(membuat|bikin) saya|aku|ku|kami VERY* ANGRY|gila|emosi", "membuatku|bikinku VERY* ANGRY", "ANGRY sama|dengan|pada YOU|bot",
        "(buang|membuang) buang? waktu", "sia sia", "(mengganggu|ganggu|menggangguku) saya|aku|VERY|$", "YOU NOT VERY|bisa|pernah* membantu|berguna|mengerti|paham|nyambung|jelas|ngerti|menjawab|dengar", "NOT membantu|berguna|ada|nyambung gunanya|sama|VERY|saya|$", "(jadilah|jadi) VERY|lebih* pintar|cerdas", "dipecat|pecat|memecat", "sudah *2 kali *1 (tanya|bilang|saya|jelaskan)", "sudah (bilang|tanya|jelaskan|katakan)", "berapa kali", "percuma", "bangsat|anjing|brengsek", "cape|capek|lelah VERY? dengan|sama|ngomong|menunggu",
    ],
    yes: &["^ ya|iya|yup|oke|ok|okay|baik|boleh|tentu|silakan|silahkan|betul|setuju|mau|siap|yoi ya|tolong|silakan|saja|baik|boleh|terima|kasih|deh|dong|mau|saya|pak|bu|kak|dengan|senang|hati|makasih* $", "^ tolong $"],
    no: &["^ NOT|belum usah|perlu|terima|kasih|ya|dulu|sekarang|makasih|deh|mau|nanti|saja|aja* $", "^ nanti saja|aja|dulu? $"],
};
