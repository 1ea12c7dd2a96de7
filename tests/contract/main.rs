//! What Baton sends to the providers of models is valid by their own contracts, and what those say they may answer is understood.
//! `tests/contract/run.sh` has Prism serve the contracts and runs this; nothing else does.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's allowance for tests does not reach the helpers of an integration test, which has no outside"
)]

mod relay;

use baton::ai::knowledge::Passage;
use baton::ai::prompt::{self, Ground, Prompt};
use baton::ai::providers::{Meter, ProviderError, Providers, estimate};
use baton::domain::conversation::{Event, Recorded};
use baton::domain::ids::{ChatbotId, ClientMessageId, Seq};
use baton::domain::settings::{AiSettings, Provider};
use baton::domain::time::UnixMillis;
use baton::egress::Reach;
use baton::secrets::{self, Sealer};
use relay::{Change, Exchange, Relay};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use uuid::Uuid;

/// What the examples of the contracts say.
const STREAMED: &str = "Let me check.";

struct Vendor {
    provider: Provider,
    /// Where Prism serves its contract.
    prism: String,
    /// What an owner's address ends in.
    base: &'static str,
    whole: &'static str,
    whole_tokens: u64,
    /// `None`: the example counts none, so they are estimated.
    streamed_tokens: Option<u64>,
    /// Statuses after which it is asked again.
    temporary: &'static [u16],
    /// What its example of a 429 asks for.
    retry_after: u64,
}

fn vendors() -> [Vendor; 2] {
    let prism = |name: &str| std::env::var(name).expect("tests/contract/run.sh runs these tests");
    [
        Vendor {
            provider: Provider::OpenAi,
            prism: prism("BATON_CONTRACT_OPENAI"),
            base: "",
            whole: "Let me check that for you.",
            whole_tokens: 26,
            streamed_tokens: None,
            temporary: &[500],
            retry_after: 20,
        },
        Vendor {
            provider: Provider::Anthropic,
            prism: prism("BATON_CONTRACT_ANTHROPIC"),
            base: "/v1",
            whole: STREAMED,
            whole_tokens: 25,
            streamed_tokens: Some(25),
            temporary: &[500, 529],
            retry_after: 12,
        },
    ]
}

/// The prompt of an answer, with all that may be in one.
fn prompt() -> Prompt {
    let key = || ClientMessageId(Uuid::new_v4());
    let events = [
        Event::VisitorWrote { key: key(), text: "Wie lange dauert die Lieferung? 🚲".into() },
        Event::AiAnswered { turn: Seq(1), text: "Two days.".into(), sources: Vec::new(), confident: true },
        Event::VisitorWrote { key: key(), text: "</message> And to \"Norway\"\n?\u{0}".into() },
    ];
    let history: Vec<Recorded> = (1..)
        .zip(events)
        .map(|(seq, event)| Recorded { seq: Seq(seq), at: UnixMillis(1_764_158_400_000), event })
        .collect();
    let passage = Passage {
        id: "1".into(),
        document: "faq".into(),
        title: "Delivery".into(),
        heading_path: Vec::new(),
        questions: Vec::new(),
        text: "Two to four working days. ".repeat(50),
        url: Some("https://shop.test/delivery".into()),
    };
    prompt::answer(&Ground {
        chatbot: "Fernweh",
        instructions: "Call everybody friend.",
        passages: &[&passage],
        history: &history,
        hints: &["It is in the post.".to_owned()],
    })
}

struct Asked {
    end: Result<String, ProviderError>,
    pieces: String,
    tokens: u64,
    took: Duration,
    exchanges: Vec<Exchange>,
}

async fn ask(vendor: &Vendor, prompt: &Prompt, change: Change) -> Asked {
    let relay = Relay::start(vendor.prism.clone(), change).await;
    let folder = tempfile::tempdir().unwrap();
    let sealer = Arc::new(Sealer::open(&[], &folder.path().join("key")).unwrap());
    let chatbot: ChatbotId = "shop".parse().unwrap();
    let key = sealer.seal(&secrets::ai_key(&chatbot), "sk-contract").unwrap();
    let settings = AiSettings {
        provider: vendor.provider,
        base_url: format!("{}{}", relay.url, vendor.base),
        model: "a-model".into(),
        api_key: Some(key),
        timeout_seconds: 10,
        ..AiSettings::default()
    };
    let providers = Providers::new(sealer, Reach::Anywhere);
    let endpoint = providers.endpoint(&chatbot, &settings).unwrap().unwrap();
    let (sender, mut receiver) = mpsc::channel::<String>(64);
    let mut meter = Meter::default();
    let gather = async {
        let mut pieces = String::new();
        while let Some(piece) = receiver.recv().await {
            pieces.push_str(&piece);
        }
        pieces
    };
    let begun = Instant::now();
    let (end, pieces) = tokio::join!(providers.ask(&endpoint, prompt, sender, &mut meter), gather);
    Asked { end, pieces, tokens: meter.tokens(), took: begun.elapsed(), exchanges: relay.seen() }
}

impl Asked {
    /// Each request was one by the contract.
    fn assert_valid(&self, vendor: &Vendor) {
        for exchange in &self.exchanges {
            assert_eq!(exchange.violations, None, "{:?}: {}", vendor.provider, exchange.body);
        }
    }
}

#[actix_web::test]
async fn a_stream_is_asked_for_and_read() {
    let summary = prompt::summary("Fernweh", &[]);
    for vendor in vendors() {
        for prompt in [&prompt(), &summary] {
            let asked = ask(&vendor, prompt, Change::default()).await;
            asked.assert_valid(&vendor);
            assert_eq!(asked.end.as_deref().ok(), Some(STREAMED), "{:?}: {:?}", vendor.provider, asked.end);
            assert_eq!(asked.pieces, STREAMED);
            let estimated = estimate(prompt) + STREAMED.len().div_ceil(4) as u64;
            assert_eq!(asked.tokens, vendor.streamed_tokens.unwrap_or(estimated));
            assert_eq!(asked.exchanges.len(), 1);
            assert_eq!(asked.exchanges[0].body["stream"], true);
        }
    }
}

#[actix_web::test]
async fn an_answer_in_one_piece_is_read_too() {
    for vendor in vendors() {
        let asked = ask(&vendor, &prompt(), Change { whole: true, ..Change::default() }).await;
        asked.assert_valid(&vendor);
        assert_eq!(asked.end.as_deref().ok(), Some(vendor.whole), "{:?}: {:?}", vendor.provider, asked.end);
        assert_eq!((asked.pieces.as_str(), asked.tokens), (vendor.whole, vendor.whole_tokens));
    }
}

#[actix_web::test]
async fn a_fault_that_passes_is_asked_again_and_no_other() {
    for vendor in vendors() {
        for &status in vendor.temporary {
            let asked = ask(&vendor, &prompt(), Change { statuses: vec![status, status], ..Change::default() }).await;
            asked.assert_valid(&vendor);
            assert_eq!(asked.end.as_deref().ok(), Some(STREAMED), "{status}: {:?}", asked.end);
            let statuses: Vec<_> = asked.exchanges.iter().map(|exchange| exchange.status).collect();
            assert_eq!(statuses, [status, status, 200]);

            let asked = ask(&vendor, &prompt(), Change { statuses: vec![status; 9], ..Change::default() }).await;
            assert!(matches!(asked.end, Err(ProviderError::Status { status: told, .. }) if told == status));
            assert_eq!((asked.exchanges.len(), asked.tokens), (3, 0), "three times, and it cost nothing");
        }
        for status in [400, 401] {
            let asked = ask(&vendor, &prompt(), Change { statuses: vec![status; 9], ..Change::default() }).await;
            asked.assert_valid(&vendor);
            assert!(matches!(asked.end, Err(ProviderError::Status { status: told, .. }) if told == status));
            assert_eq!(asked.exchanges.len(), 1, "{status} stays as it is");
        }
    }
}

/// The contracts' own examples ask for more seconds than the time-out has: nobody is kept waiting for an error that is sure.
#[actix_web::test]
async fn a_rate_limit_is_believed() {
    for vendor in vendors() {
        let asked = ask(&vendor, &prompt(), Change { statuses: vec![429; 9], ..Change::default() }).await;
        asked.assert_valid(&vendor);
        let wait = Duration::from_secs(vendor.retry_after);
        let told =
            matches!(&asked.end, Err(ProviderError::Status { status: 429, retry_after }) if *retry_after == Some(wait));
        assert!(told, "{:?}", asked.end);
        assert_eq!(asked.exchanges.len(), 1);
        assert!(asked.took < Duration::from_secs(10), "it did not wait for the time-out");
    }
}

/// Prism passes over a schema that it can't compile. That it does look is shown by requests that are none.
#[actix_web::test]
async fn a_request_that_breaks_the_contract_is_seen() {
    for vendor in vendors() {
        for field in ["model", "messages"] {
            let asked = ask(&vendor, &prompt(), Change { without: Some(field), ..Change::default() }).await;
            let violations = asked.exchanges[0].violations.as_deref().unwrap_or_default();
            assert!(violations.contains(field), "{:?} without {field}: {violations:?}", vendor.provider);
            assert!(matches!(asked.end, Err(ProviderError::Status { status: 400, .. })), "{:?}", asked.end);
        }
    }
}
