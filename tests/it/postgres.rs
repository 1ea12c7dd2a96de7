//! The hub on PostgreSQL. The stories of clusters run on it as well: `BATON_TEST_STORE=postgres cargo test --test it cluster`.

use crate::harness::TestHub;
use crate::harness::http::Http;
use crate::harness::inside::assert_gapless;
use crate::harness::postgres::PostgresServer;
use crate::harness::visitor::Visitor;
use baton::config::{Config, Secret};
use baton::protocol::codes::RefusalCode;
use baton::protocol::convert::Viewer;
use baton::protocol::shared::LogEvent;
use baton::protocol::visitor::ToVisitor;
use baton::startup::{self, Options};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(60);

/// Send again under the same key until it is in the log, as the widget does.
async fn insist(visitor: &mut Visitor, key: Uuid, text: &str) -> u64 {
    let begun = Instant::now();
    loop {
        visitor.post_as(key, text).await;
        let end = visitor
            .socket
            .expect("an answer", |frame| match frame {
                ToVisitor::Ack(ack) if ack.key == key => Some(Ok(ack.seq)),
                ToVisitor::Refused(refused) if refused.key == Some(key) => Some(Err(refused.code)),
                _ => None,
            })
            .await;
        match end {
            Ok(seq) => return seq,
            Err(code) => assert_eq!(code, RefusalCode::Unavailable),
        }
        assert!(begun.elapsed() < PATIENCE, "it does not recover");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// I1, I3, I8: the database is killed while people write. Nobody has to reload, everything acknowledged is there once, and in the
/// meantime the hub says that it is broken, not that it is leaving.
#[tokio::test]
async fn a_database_that_is_killed_loses_nothing() {
    let server = Arc::new(PostgresServer::start());
    let url = Secret::new(server.database());
    let hub = TestHub::builder().without_rate_limit().config(|config| config.data.url = url).start().await;
    let (mut visitor, mut agent) = (hub.visitor().await, hub.agent().await);
    let conversation = visitor.conversation;
    visitor.request_human().await;
    agent.open(conversation).await;
    agent.accept(conversation).await;
    let mut acknowledged = Vec::new();
    for round in 0..2 {
        let killing = tokio::task::spawn_blocking({
            let server = Arc::clone(&server);
            move || server.kill()
        });
        let mut number = 0;
        while !killing.is_finished() {
            let (key, text) = (Uuid::new_v4(), format!("{round}/{number}"));
            visitor.post_as(key, &text).await;
            acknowledged.push((key, text));
            number += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        killing.await.unwrap();
        let mut http = Http::anonymous(hub.address);
        assert_eq!(http.get("/readyz").await.status, 503);
        let again = Arc::clone(&server);
        tokio::task::spawn_blocking(move || again.restart()).await.unwrap();
        let mut seqs = Vec::new();
        for (key, text) in &acknowledged {
            seqs.push(insist(&mut visitor, *key, text).await);
        }
        assert_eq!(http.get("/readyz").await.status, 200);
    }
    let log = hub.log(conversation, Viewer::Agent).await;
    assert_gapless(&log);
    let mut texts: Vec<&str> = log
        .iter()
        .filter_map(|entry| match &entry.event {
            LogEvent::VisitorMessage { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let mut sent: Vec<&str> = acknowledged.iter().map(|(_, text)| text.as_str()).collect();
    assert!(sent.len() > 4, "too little was sent: {}", sent.len());
    texts.sort_unstable();
    sent.sort_unstable();
    assert_eq!(texts, sent, "each once, and nothing else");
    // Both have been told all of it, on the sockets they had.
    agent.settle().await;
    visitor.settle().await;
    let last = log.last().unwrap().seq;
    assert_eq!(agent.shown(conversation).last().unwrap().seq, last);
    assert_gapless(&visitor.log());
    assert_eq!(visitor.log().last().unwrap().seq, last);
}

/// I2: the start says which setting loses messages, and nothing is served.
#[tokio::test]
async fn a_database_that_may_lose_messages_is_refused_at_the_start() {
    let server = PostgresServer::start();
    let mut config = Config::default();
    let folder = tempfile::tempdir().unwrap();
    config.data.dir = folder.path().to_owned();
    config.data.url = Secret::new(server.database());
    config.server.listen = "127.0.0.1:0".parse().unwrap();
    server.configure("synchronous_commit = off");
    let begun = Instant::now();
    let error = loop {
        // The server reads the setting in its own time.
        match startup::build(config.clone(), Options::default()).await {
            Ok(running) => running.stop().await.unwrap(),
            Err(error) => break format!("{error:#}"),
        }
        assert!(begun.elapsed() < PATIENCE, "it started with synchronous_commit = off");
    };
    assert!(error.contains("synchronous_commit"), "{error}");
}
