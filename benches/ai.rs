//! What a verdict and an answer of the embedded responder take: `cargo bench --bench ai`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its table and may panic")]

use baton::ai::answer::answer;
use baton::ai::detect::{detect, warm_up};
use baton::ai::embedding::{DIMENSIONS, Model, ModelError, Vector};
use baton::ai::knowledge::{KnowledgeDocument, MediaKind, Passage, parse};
use baton::ai::retrieval::{KnowledgeIndex, Meanings};
use baton::config::AiConfig;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PASSAGES: usize = 10_000;
const ROUNDS: usize = 2_000;

const WORDS: [&str; 24] = [
    "frame", "wheel", "saddle", "chain", "brake", "light", "lock", "pump", "tyre", "pedal", "basket", "bell",
    "delivery", "return", "invoice", "warranty", "repair", "colour", "size", "order", "parcel", "payment", "voucher",
    "account",
];

const MESSAGES: [&str; 6] = [
    "Hi, I ordered two weeks ago and the parcel is still not here. Can you have a look?",
    "let me talk to someone from your team please",
    "this is the third time I explain this, it does not help me at all",
    "Ich möchte bitte mit jemandem sprechen",
    "yes please",
    "Does the Albatros fit wide tyres, and what would it cost to have mudguards and a rack mounted before delivery?",
];

fn main() {
    let started = Instant::now();
    warm_up();
    println!("{:<40} {:>9.2} ms", "build the detector tables", millis(started.elapsed()));

    let documents = ["shop.md", "orders.md", "bikes.md", "faq.csv"].map(|name| {
        let path = format!("{}/demo/knowledge/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let kind = MediaKind::from_file_name(name).unwrap();
        KnowledgeDocument { id: name.into(), name: name.into(), kind, text, url: None }
    });
    let started = Instant::now();
    let demo = KnowledgeIndex::new(documents.iter().flat_map(|document| parse(document).unwrap()).collect());
    println!("{:<40} {:>9.2} ms", format!("index the demo, {} passages", demo.len()), millis(started.elapsed()));

    let started = Instant::now();
    let large = KnowledgeIndex::new((0..PASSAGES).map(passage).collect());
    println!("{:<40} {:>9.2} ms", format!("index {PASSAGES} passages"), millis(started.elapsed()));

    println!("{:<40} {:>9} {:>9}", "", "p50 ms", "p99 ms");
    measure("detect()", |round| {
        black_box(detect(MESSAGES[round % MESSAGES.len()], &[]));
    });
    measure(&format!("answer() on {PASSAGES} passages"), |round| {
        // One word in four questions is mistyped: the slow path.
        let typo = if round % 4 == 0 { "delivrey" } else { "delivery" };
        let question =
            format!("does the {} of series {} fit the {} and when is {typo}?", word(round), round * 7, word(round / 5));
        black_box(answer(&large, &question, Some("how do I return a saddle")));
    });

    match model() {
        Ok(model) => by_meaning(&large, model),
        Err(error) => println!("by meaning: not measured, {error}"),
    }
}

fn model() -> Result<Model, ModelError> {
    Model::open(&AiConfig::default().search_model_dir().ok_or(ModelError::NoFolder)?)
}

/// What the passages mean is made up: comparing costs the same, and reading 10,000 of them would take minutes.
fn by_meaning(index: &KnowledgeIndex, model: Model) {
    model.question("ready?").unwrap();
    let mut meanings = Meanings::new(Arc::new(model));
    let mut state = 1_u32;
    let mut vector = [0.0_f32; DIMENSIONS];
    for passage in 0..index.len() {
        for _text in index.texts(passage) {
            vector.fill_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as f32 / u32::MAX as f32 - 0.5
            });
            meanings.push(passage, &Vector::new(&vector));
        }
    }
    println!("{:<40} {:>9}", "vectors compared with each question", meanings.len());
    index.understand(meanings);
    measure(&format!("answer() by meaning, {PASSAGES} passages"), |round| {
        let typo = if round % 4 == 0 { "delivrey" } else { "delivery" };
        let question =
            format!("does the {} of series {} fit the {} and when is {typo}?", word(round), round * 7, word(round / 5));
        black_box(answer(index, &question, Some("how do I return a saddle")));
    });
}

fn measure(name: &str, mut work: impl FnMut(usize)) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|round| {
            let started = Instant::now();
            work(round);
            started.elapsed()
        })
        .collect();
    times.sort();
    println!("{name:<40} {:>9.3} {:>9.3}", millis(times[ROUNDS / 2]), millis(times[ROUNDS * 99 / 100]));
}

fn word(at: usize) -> &'static str {
    WORDS[at % WORDS.len()]
}

fn passage(n: usize) -> Passage {
    let text = format!("The {} of series {n} fits the {} and the {}.", word(n / 3), word(n / 7), word(n / 31));
    Passage {
        id: n.to_string(),
        document: "bench".into(),
        title: format!("{} model {n}", word(n)),
        heading_path: Vec::new(),
        questions: vec![format!("What about the {} with {}?", word(n / 5), word(n / 11))],
        text,
        url: None,
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
