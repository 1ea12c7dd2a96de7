//! The handoff mail against a real SMTP dialogue (I21, S48, S49), and into the data folder.

use crate::harness::server::TestServer;
use crate::harness::smtp::{Mail, Mood, SmtpSink};
use baton::ai::retrieval::KnowledgeIndex;
use baton::config::{MailConfig, PublicUrl, Tls};
use baton::directory::Chatbot;
use baton::domain::conversation::{Event, HandoffReason, Recorded, VisitorContext};
use baton::domain::ids::{ClientMessageId, ConversationId, Seq, WorkspaceId};
use baton::domain::settings::ChatbotSettings;
use baton::domain::time::UnixMillis;
use baton::notify::{Delivery, Handoff, Notifier, Outbox, Outcome, SendError, hash_token};
use baton::store::sqlite::SqliteStore;
use baton::store::{ClaimedJob, JobKind, Store};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// A handoff, and what sends it.
struct Story {
    notifier: Notifier,
    store: Arc<dyn Store>,
    job: ClaimedJob,
    chatbot: Chatbot,
    events: Vec<Recorded>,
    _data: tempfile::TempDir,
}

impl Story {
    fn new(sink: &SmtpSink, to: &[&str], said: &str) -> Self {
        let config = MailConfig {
            host: sink.address.ip().to_string(),
            port: sink.address.port(),
            tls: Tls::None,
            from: "Baton <chat@example.com>".into(),
            timeout_seconds: 1,
            ..MailConfig::default()
        };
        let data = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = SqliteStore::open(&data.path().join("baton.sqlite3")).unwrap();
        let delivery = Delivery::new(&config, Outbox::new(data.path().join("outbox"))).unwrap();
        let public_url = PublicUrl::parse("https://chat.example.com").unwrap();
        let notifier = Notifier::new(Arc::clone(&store), delivery, public_url, config.from.parse().unwrap());
        let mut settings = ChatbotSettings::new("Shop".into());
        settings.notify_emails = to.iter().map(|address| (*address).to_owned()).collect();
        let knowledge = Arc::new(KnowledgeIndex::new(Vec::new()));
        let chatbot = Chatbot {
            id: "shop".parse().unwrap(),
            workspace: WorkspaceId::generate(),
            settings,
            knowledge,
            indexed: Arc::default(),
        };
        Self { notifier, store, job: job(), chatbot, events: events(said), _data: data }
    }

    async fn send(&self) -> Result<Outcome, SendError> {
        let context = VisitorContext { page_url: "https://shop.example/cart".into(), ..VisitorContext::default() };
        let handoff = Handoff {
            job: &self.job,
            chatbot: &self.chatbot,
            conversation: self.job.conversation,
            visitor_name: "Visitor 4821",
            context: &context,
            events: &self.events,
            now: UnixMillis(1_700_000_000_000),
        };
        self.notifier.send_handoff(handoff).await
    }
}

fn job() -> ClaimedJob {
    ClaimedJob {
        id: Uuid::now_v7(),
        key: format!("handoff/{}/3", Uuid::now_v7()),
        kind: JobKind::HandoffEmail,
        conversation: ConversationId::generate(),
        about: Seq(3),
        attempts: 1,
    }
}

fn events(said: &str) -> Vec<Recorded> {
    let at = UnixMillis(1_700_000_000_000);
    let wrote = Event::VisitorWrote { key: ClientMessageId::generate(), text: said.into() };
    let asked = Event::HandoffRequested {
        reason: HandoffReason::Button,
        text: "Somebody comes.".into(),
        brief: Default::default(),
    };
    vec![Recorded { seq: Seq(2), at, event: wrote }, Recorded { seq: Seq(3), at, event: asked }]
}

/// The text part, decoded as far as these tests need it.
fn body(mail: &Mail) -> String {
    mail.raw
        .iter()
        .skip_while(|line| !line.is_empty())
        .map(|line| match line.strip_suffix('=') {
            Some(start) => start.to_owned(),
            None => format!("{line}\n"),
        })
        .collect::<String>()
        .replace("=3D", "=")
}

fn token(mail: &Mail) -> String {
    let body = body(mail);
    let start = body.find("/portal/agent#").expect("a link in the mail") + "/portal/agent#".len();
    body[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[actix_web::test]
async fn each_address_gets_one_mail_with_a_working_link_of_its_own() {
    let sink = SmtpSink::start(Mood::Takes).await;
    let story = Story::new(&sink, &["ana@example.com", "ben@example.com"], "Where is my order?");
    let outcome = story.send().await.unwrap();
    assert_eq!(outcome.to_string(), "sent to ana@example.com, ben@example.com");
    let mails = sink.mails();
    assert_eq!(mails.len(), 2, "no more than one each");
    let links = story.store.links(story.job.conversation).await.unwrap();
    assert_eq!(links.len(), 2);
    for mail in &mails {
        let link = story.store.link(hash_token(&token(mail))).await.unwrap().expect("the link in the mail works");
        assert_eq!(mail.header("To"), link.address);
        assert!(mail.recipients[0].contains(&link.address));
        assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
        assert!(mail.header("Content-Type").starts_with("multipart/alternative"));
    }
    assert_ne!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
}

/// The acknowledgement is lost after the mail arrived: the second mail carries the same Message-ID.
#[actix_web::test]
async fn a_retry_keeps_the_message_id() {
    let sink = SmtpSink::start(Mood::LosesTheAck).await;
    let story = Story::new(&sink, &["ana@example.com"], "Hello");
    let error = story.send().await.unwrap_err();
    assert!(error.temporary && error.message.contains("421"), "{error:?}");
    sink.becomes(Mood::Takes);
    story.send().await.unwrap();
    let ids: Vec<_> = sink.mails().iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    assert!(ids[0].ends_with("@chat.example.com>"), "{ids:?}");
}

#[actix_web::test]
async fn what_may_pass_is_told_from_what_will_not() {
    let sink = SmtpSink::start(Mood::Greylists("ana")).await;
    let story = Story::new(&sink, &["ana@example.com"], "Hello");
    let error = story.send().await.unwrap_err();
    assert!(error.temporary && error.message.contains("451"), "{error:?}");

    sink.becomes(Mood::Refuses("ana"));
    let error = story.send().await.unwrap_err();
    assert!(!error.temporary && error.message.contains("550"), "{error:?}");

    sink.becomes(Mood::Slow(Duration::from_secs(30)));
    let started = std::time::Instant::now();
    assert!(story.send().await.unwrap_err().temporary);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(sink.mails().len(), 0);
}

/// One address is down for a while: the other is not written to again when it is back.
#[actix_web::test]
async fn a_retry_writes_only_to_who_is_missing() {
    let sink = SmtpSink::start(Mood::Greylists("ben")).await;
    let story = Story::new(&sink, &["ana@example.com", "ben@example.com"], "Hello");
    let error = story.send().await.unwrap_err();
    assert!(error.temporary && error.message.starts_with("ben@example.com"), "{error:?}");
    sink.becomes(Mood::Takes);
    assert_eq!(story.send().await.unwrap().to_string(), "sent to ana@example.com, ben@example.com");
    let to: Vec<_> = sink.mails().iter().map(|mail| mail.header("To")).collect();
    assert_eq!(to, ["ana@example.com", "ben@example.com"]);
}

#[actix_web::test]
async fn the_outcome_says_who_was_told() {
    let sink = SmtpSink::start(Mood::Refuses("ben")).await;
    let mut story = Story::new(&sink, &["ana@example.com", "ben@example.com", "not an address"], "Hello");
    let outcome = story.send().await.unwrap().to_string();
    assert!(outcome.starts_with("sent to ana@example.com; refused: ben@example.com: "), "{outcome}");
    assert!(outcome.contains("550") && outcome.contains("not an address"), "{outcome}");
    story.chatbot.settings.notify_emails.clear();
    assert_eq!(story.send().await, Ok(Outcome::Nobody));
}

#[actix_web::test]
async fn s48_nothing_a_visitor_writes_becomes_a_header() {
    let sink = SmtpSink::start(Mood::Takes).await;
    let evil = format!("x\r\nBcc: eve@example.com\r\n\r\n=?utf-8?Q?=0D=0ABcc:_eve?= \u{0} {}", "long ".repeat(2_000));
    let mut story = Story::new(&sink, &["ana@example.com"], &evil);
    story.chatbot.settings.name = "Shop\r\nBcc: eve@example.com".into();
    story.send().await.unwrap();
    let mail = sink.mails().remove(0);
    let names: Vec<_> =
        mail.headers().iter().filter_map(|line| line.split_once(':')).map(|(name, _)| name.to_lowercase()).collect();
    assert!(!names.contains(&"bcc".to_owned()), "{names:?}");
    for name in ["subject", "to", "from", "message-id", "date"] {
        assert_eq!(names.iter().filter(|known| *known == name).count(), 1, "{name}: {names:?}");
    }
    assert!(mail.raw.iter().all(|line| line.len() <= 998), "RFC 5322 line length");
}

#[actix_web::test]
async fn s49_no_line_ends_the_mail_early() {
    let sink = SmtpSink::start(Mood::Takes).await;
    let evil = "a\r\n.\r\nMAIL FROM:<eve@example.com>\r\n.\n.\r.\nQUIT\n\n.\n..two dots\n.one dot";
    let story = Story::new(&sink, &["ana@example.com"], evil);
    story.send().await.unwrap();
    let mails = sink.mails();
    assert_eq!(mails.len(), 1, "one mail, not two");
    for line in &mails[0].raw {
        assert!(!line.contains(['\r', '\n']), "a bare line end in {line:?}");
        assert!(!line.starts_with('.') || line.starts_with(".."), "a dot that is not stuffed: {line:?}");
    }
    let text = body(&mails[0]);
    assert!(text.contains("two dots") && text.contains("one dot"), "nothing is cut off: {text}");
}

/// Without an SMTP server the mail is a file, the same file at each attempt, and the console shows it.
#[actix_web::test]
async fn without_a_server_mail_lies_in_the_outbox() {
    let server = TestServer::start().await;
    let mut owner = server.owner().await;
    let state = &server.state;
    let delivery = Delivery::new(&state.config.mail, state.outbox.clone()).unwrap();
    let from = state.config.mail.from.parse().unwrap();
    let notifier = Notifier::new(Arc::clone(&state.store), delivery, state.public_url.clone(), from);
    let workspace = state.store.first_workspace().await.unwrap().id;
    let mut settings = ChatbotSettings::new("Shop".into());
    settings.notify_emails = vec!["ana@example.com".into()];
    let knowledge = Arc::new(KnowledgeIndex::new(Vec::new()));
    let chatbot = Chatbot { id: "shop".parse().unwrap(), workspace, settings, knowledge, indexed: Arc::default() };
    let (job, context, events) = (job(), VisitorContext::default(), events("Where is my order?"));
    for _ in 0..2 {
        let handoff = Handoff {
            job: &job,
            chatbot: &chatbot,
            conversation: job.conversation,
            visitor_name: "Visitor 4821",
            context: &context,
            events: &events,
            now: UnixMillis(5),
        };
        notifier.send_handoff(handoff).await.unwrap();
    }
    let listed = owner.get("/api/v1/outbox").await.json();
    let mails = listed["mails"].as_array().unwrap();
    assert_eq!((listed["smtp_configured"].as_bool(), mails.len()), (Some(false), 1), "{listed}");
    assert_eq!(mails[0]["subject"], "Visitor 4821 is waiting in Shop: Where is my order?");
    let mail = owner.get(&format!("/api/v1/outbox/{}", mails[0]["id"].as_str().unwrap())).await.json();
    let text = mail["text"].as_str().unwrap();
    let (_, rest) = text.split_once("/portal/agent#").unwrap();
    let token = rest.split_whitespace().next().unwrap();
    assert!(state.store.link(hash_token(token)).await.unwrap().is_some(), "the link shown is the one that works");
}
