//! The promise of a mail from the button to the SMTP server: one per handoff, kept through failures, and never a lie (I21, S48).

use crate::harness::http::Http;
use crate::harness::smtp::{Mail, Mood, SmtpSink};
use crate::harness::socket::{DEADLINE, Socket, request};
use crate::harness::visitor::Visitor;
use crate::harness::{CHATBOT, TestHub};
use baton::config::Tls;
use baton::protocol::PROTOCOL;
use baton::protocol::shared::LogEvent;
use baton::protocol::visitor::{Page, ToVisitor, VisitorFrame};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const JOBS: &str = "/api/v1/jobs";

async fn start(sink: &SmtpSink) -> (TestHub, Http) {
    let address = sink.address;
    let hub = TestHub::builder()
        .config(move |config| {
            config.mail.host = address.ip().to_string();
            config.mail.port = address.port();
            config.mail.tls = Tls::None;
            config.mail.from = "Baton <chat@shop.test>".into();
            config.mail.timeout_seconds = 1;
        })
        .start()
        .await;
    let mut owner = hub.owner().await;
    owner.change_settings(CHATBOT, |settings| settings["notify_emails"] = json!(["ana@shop.test"])).await;
    (hub, owner)
}

async fn ask_for_a_human(visitor: &mut Visitor) {
    visitor.send(VisitorFrame::RequestHandoff).await;
    visitor.expect_entry("request", |event| matches!(event, LogEvent::HandoffRequested { .. }).then_some(())).await;
}

/// The mail job of a conversation, once it looks as wanted.
async fn mail_job(owner: &mut Http, conversation: Uuid, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    owner
        .until(JOBS, what, |body| {
            let jobs = body["jobs"].as_array()?;
            let own = |job: &&Value| job["kind"] == "handoff_email" && job["conversation"] == json!(conversation);
            jobs.iter().filter(own).find(|job| wanted(job)).cloned()
        })
        .await
}

async fn failed_once(owner: &mut Http, conversation: Uuid) -> Value {
    mail_job(owner, conversation, "a first failure", |job| !job["last_error"].is_null()).await
}

async fn done(owner: &mut Http, conversation: Uuid) -> String {
    let job = mail_job(owner, conversation, "an end", |job| job["state"] == "done").await;
    job["outcome"].as_str().expect("outcome").to_owned()
}

async fn mails(sink: &SmtpSink, count: usize) -> Vec<Mail> {
    let begun = tokio::time::Instant::now();
    while sink.mails().len() < count {
        assert!(begun.elapsed() < DEADLINE, "{} of {count} mails", sink.mails().len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sink.mails()
}

/// Make a waiting job due now, as its time would.
async fn time_passes(hub: &TestHub, job: &Value) {
    let id: Uuid = job["id"].as_str().expect("id").parse().expect("uuid");
    let database = rusqlite::Connection::open(hub.data_folder().join("baton.sqlite3")).expect("database");
    database.busy_timeout(DEADLINE).expect("timeout");
    let rows =
        database.execute("UPDATE job SET run_at = 0, due_at = 0 WHERE id = ?1 AND state = 'pending'", [id.as_bytes()]);
    assert_eq!(rows.expect("moved"), 1, "a failure that may pass is tried again: {job}");
    hub.hub.job_bell.notify_one();
}

#[actix_web::test]
async fn one_mail_per_handoff() {
    let sink = SmtpSink::start(Mood::Takes).await;
    let (hub, mut owner) = start(&sink).await;
    let mut visitor = hub.visitor().await;
    ask_for_a_human(&mut visitor).await;
    assert_eq!(done(&mut owner, visitor.conversation).await, "sent to ana@shop.test");
    // A second handoff of the same conversation is another mail, in the same thread.
    visitor.send(VisitorFrame::CancelHandoff).await;
    visitor.expect_entry("cancelled", |event| matches!(event, LogEvent::HandoffCancelled).then_some(())).await;
    ask_for_a_human(&mut visitor).await;
    let both = mails(&sink, 2).await;
    assert_ne!(both[0].header("message-id"), both[1].header("message-id"));
    assert_eq!(both[0].header("references"), both[1].header("references"));
    assert_eq!(both[0].recipients, ["RCPT TO:<ana@shop.test>"]);
    assert_eq!(both[0].header("auto-submitted"), "auto-generated");
    // Another visitor's mail comes after any that would be too many.
    let mut other = hub.visitor().await;
    ask_for_a_human(&mut other).await;
    done(&mut owner, other.conversation).await;
    assert_eq!(sink.mails().len(), 3);
}

#[actix_web::test]
async fn a_server_that_says_later_gets_the_same_mail_later() {
    let sink = SmtpSink::start(Mood::Greylists("ana")).await;
    let (hub, mut owner) = start(&sink).await;
    let mut visitor = hub.visitor().await;
    ask_for_a_human(&mut visitor).await;
    let job = failed_once(&mut owner, visitor.conversation).await;
    assert_eq!((&job["state"], &job["attempts"]), (&json!("pending"), &json!(1)), "{job}");
    assert!(job["last_error"].to_string().contains("451"), "{job}");

    // The mail arrives, but the answer to it is lost: it has to be sent again, and must be recognisable as the same.
    sink.becomes(Mood::LosesTheAck);
    time_passes(&hub, &job).await;
    let job = mail_job(&mut owner, visitor.conversation, "a second failure", |job| {
        job["attempts"] == 2 && job["last_error"].to_string().contains("421")
    })
    .await;
    sink.becomes(Mood::Takes);
    time_passes(&hub, &job).await;
    assert_eq!(done(&mut owner, visitor.conversation).await, "sent to ana@shop.test");
    let both = mails(&sink, 2).await;
    assert_eq!(both.len(), 2, "one whose acknowledgement was lost, and its repetition");
    assert_eq!(both[0].header("message-id"), both[1].header("message-id"));
}

#[actix_web::test]
async fn a_server_that_is_too_slow_counts_as_down() {
    let sink = SmtpSink::start(Mood::Slow(Duration::from_secs(60))).await;
    let (hub, mut owner) = start(&sink).await;
    let mut visitor = hub.visitor().await;
    ask_for_a_human(&mut visitor).await;
    let job = failed_once(&mut owner, visitor.conversation).await;
    assert_eq!(job["state"], "pending", "{job}");
    sink.becomes(Mood::Takes);
    time_passes(&hub, &job).await;
    done(&mut owner, visitor.conversation).await;
    assert_eq!(sink.mails().len(), 1);
}

#[actix_web::test]
async fn a_refusal_for_good_waits_for_the_retry_button() {
    let sink = SmtpSink::start(Mood::Refuses("ana")).await;
    let (hub, mut owner) = start(&sink).await;
    let mut visitor = hub.visitor().await;
    ask_for_a_human(&mut visitor).await;
    let job = mail_job(&mut owner, visitor.conversation, "a failed job", |job| job["state"] == "failed").await;
    assert_eq!(job["attempts"], 1, "what will not pass is not tried again: {job}");
    let error = job["last_error"].as_str().expect("reason");
    assert!(error.contains("550") && error.contains("ana@shop.test"), "{error}");
    assert_eq!(sink.mails().len(), 0);

    sink.becomes(Mood::Takes);
    let retry = format!("{JOBS}/{}/retry", job["id"].as_str().expect("id"));
    let mut stranger = Http::anonymous(hub.address);
    assert_eq!(stranger.call("POST", &retry, Some(json!({}))).await.status, 401);
    assert_eq!(owner.call("POST", &retry, Some(json!({}))).await.status, 202);
    assert_eq!(done(&mut owner, visitor.conversation).await, "sent to ana@shop.test");
    assert_eq!(sink.mails().len(), 1);
    assert_eq!(owner.call("POST", &retry, Some(json!({}))).await.status, 404, "there is nothing to try again");
}

#[actix_web::test]
async fn who_stopped_waiting_before_the_mail_left_is_not_written_about() {
    let sink = SmtpSink::start(Mood::Greylists("ana")).await;
    let (hub, mut owner) = start(&sink).await;
    let mut visitor = hub.visitor().await;
    ask_for_a_human(&mut visitor).await;
    let job = failed_once(&mut owner, visitor.conversation).await;
    visitor.send(VisitorFrame::CancelHandoff).await;
    visitor.expect_entry("cancelled", |event| matches!(event, LogEvent::HandoffCancelled).then_some(())).await;
    sink.becomes(Mood::Takes);
    time_passes(&hub, &job).await;
    assert_eq!(done(&mut owner, visitor.conversation).await, "nobody was told: the visitor no longer waits");
    assert_eq!(sink.mails().len(), 0);

    // And without an address there is nobody to tell, which the log says too.
    owner.change_settings(CHATBOT, |settings| settings["notify_emails"] = json!([])).await;
    let mut visitor = hub.visitor().await;
    ask_for_a_human(&mut visitor).await;
    let outcome = done(&mut owner, visitor.conversation).await;
    assert_eq!(outcome, "nobody was told: the chatbot has no notification address");
}

#[actix_web::test]
async fn s48_a_visitor_writes_no_headers() {
    let sink = SmtpSink::start(Mood::Takes).await;
    let (hub, mut owner) = start(&sink).await;
    let plain = {
        let mut visitor = hub.visitor().await;
        visitor.say("hello").await;
        ask_for_a_human(&mut visitor).await;
        names(&mails(&sink, 1).await[0])
    };
    let attack = "Hi\r\nBcc: victim@other.test\r\nX-Evil: 1\u{0}\u{2028}Cc: two@other.test\n\n.\r\nRCPT TO:<victim@other.test>\r\n";
    let mut socket = Socket::<ToVisitor>::connect(request(hub.address, "/ws/visitor", None)).await;
    let page = Page { url: attack.into(), title: attack.into(), referrer: attack.into(), language: attack.into() };
    let hello =
        VisitorFrame::Hello { protocol: PROTOCOL.into(), chatbot: CHATBOT.into(), token: None, cursor: None, page };
    socket.send(&hello).await;
    let key = Uuid::new_v4();
    socket.send(&VisitorFrame::Send { key, text: attack.into() }).await;
    socket.send(&VisitorFrame::RequestHandoff).await;
    let conversation = socket
        .expect("request", |frame| match frame {
            ToVisitor::Event { conversation, event: LogEvent::HandoffRequested { .. }, .. } => Some(*conversation),
            _ => None,
        })
        .await;
    done(&mut owner, conversation).await;
    let mail = mails(&sink, 2).await.remove(1);
    assert_eq!(names(&mail), plain, "the same headers as for an honest visitor");
    assert_eq!(mail.recipients, ["RCPT TO:<ana@shop.test>"]);
    assert!(mail.raw.iter().all(|line| !line.contains(['\r', '\n', '\0'])), "no line end inside a line");
    let body: Vec<&String> = mail.raw.iter().skip_while(|line| !line.is_empty()).collect();
    assert!(body.iter().any(|line| line.contains("victim@other.test")), "the words are in the body, where they belong");
}

fn names(mail: &Mail) -> Vec<String> {
    mail.headers().iter().map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}
