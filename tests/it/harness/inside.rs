//! What a story does behind the server's back: more people than sign-up gives, a look into the log, a crash.

use super::agent::Agent;
use super::hub::TestHub;
use super::postgres::PostgresServer;
use baton::actors::conversation::{Crash, Execute, Reply};
use baton::actors::supervisor::CountLive;
use baton::domain::conversation::{AgentRef, Command};
use baton::domain::ids::{AgentId, ConversationId, Seq};
use baton::protocol::convert::{self, Viewer};
use baton::protocol::shared::LogEntry;
use baton::store::NewLink;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::time::Duration;
use uuid::Uuid;

const FOR_EVER: i64 = 3_600_000;

impl TestHub {
    pub fn database(&self) -> PathBuf {
        self.config().data.database()
    }

    /// A second connection to the database, as an operator's tool would have.
    pub fn open_database(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.database()).expect("database");
        connection.busy_timeout(Duration::from_secs(5)).expect("busy timeout");
        connection
    }

    /// What an operator's tool does, in SQL that both stores take.
    pub fn sql(&self, sql: &str) {
        match self.config().data.postgres() {
            Some(url) => {
                let database = url.reveal().rsplit('/').next().expect("a database");
                PostgresServer::shared().sql(database, sql);
            }
            None => self.open_database().execute_batch(sql).expect(sql),
        }
    }

    /// One more account, signed in: the cookie. There is no invitation yet, so it goes straight into the database.
    pub async fn colleague(&self, name: &str) -> String {
        let store = &self.hub.store;
        let workspace = store.first_workspace().await.expect("workspace").id;
        let id = AgentId::generate();
        let email = format!("{id}@shop.test");
        self.insert_agent(id.0, workspace.0, name, &email);
        let token = Uuid::new_v4().to_string();
        let until = self.hub.now().plus_millis(FOR_EVER);
        store.add_session(Sha256::digest(token.as_bytes()).into(), id, until).await.expect("session");
        format!("baton_session={token}")
    }

    fn insert_agent(&self, id: Uuid, workspace: Uuid, name: &str, email: &str) {
        let insert = "INSERT INTO agent (id, workspace, name, email, email_key, role, password_hash, availability)";
        if self.config().data.postgres().is_some() {
            let values = format!("('{id}', '{workspace}', '{name}', '{email}', '{email}', 'agent', '', 'online')");
            return self.sql(&format!("{insert} VALUES {values}"));
        }
        let values = rusqlite::params![id.as_bytes().as_slice(), workspace.as_bytes().as_slice(), name, email];
        self.open_database()
            .execute(&format!("{insert} VALUES (?1, ?2, ?3, ?4, ?4, 'agent', '', 'online')"), values)
            .expect("insert the agent");
    }

    /// A console of a new account.
    pub async fn another_agent(&self, name: &str) -> Agent {
        let cookie = self.colleague(name).await;
        Agent::connect(self.address, &cookie).await
    }

    /// The portal of one conversation, for somebody who has no account.
    pub async fn portal(&self, conversation: Uuid, name: &str) -> Agent {
        let token = Uuid::new_v4().to_string();
        let now = self.hub.now();
        let link = NewLink {
            id: Uuid::now_v7(),
            token_hash: Sha256::digest(token.as_bytes()).into(),
            conversation: ConversationId(conversation),
            agent: AgentRef { id: AgentId::generate(), name: name.into() },
            address: format!("{name}@shop.test"),
            created_at: now,
            expires_at: now.plus_millis(FOR_EVER),
        };
        self.hub.store.add_link(link).await.expect("link");
        Agent::portal(self.address, &token).await
    }

    /// The whole log as the store has it, in the words that `viewer` reads.
    pub async fn log(&self, conversation: Uuid, viewer: Viewer) -> Vec<LogEntry> {
        let id = ConversationId(conversation);
        let record = self.hub.store.conversation(id).await.expect("row");
        let Some(visitor) = record.map(|record| record.visitor) else { return Vec::new() };
        let events = self.hub.store.read_after(id, Seq::ZERO, usize::MAX >> 1).await.expect("log");
        events.iter().map(|event| convert::entry(event, visitor, viewer)).collect()
    }

    /// A command that no socket can give.
    pub async fn command(&self, conversation: Uuid, command: Command) {
        let (told, outcome) = tokio::sync::oneshot::channel();
        let actor = self.hub.locate(ConversationId(conversation)).await.expect("actor");
        actor.do_send(Execute { command, reply: Reply::Caller(told) });
        outcome.await.expect("an answer").expect("admitted");
    }

    /// A bug strikes in the conversation's actor: it panics.
    pub async fn crash(&self, conversation: Uuid) {
        self.hub.locate(ConversationId(conversation)).await.expect("actor").do_send(Crash);
    }

    /// Conversations in memory on the shard of `conversation`.
    pub async fn live_beside(&self, conversation: Uuid) -> usize {
        let shard = self.hub.shard_of(ConversationId(conversation)).expect("shard");
        shard.send(CountLive).await.expect("supervisor")
    }
}

/// 1, 2, 3 … without a gap, each once.
#[track_caller]
pub fn assert_gapless(entries: &[LogEntry]) {
    let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq).collect();
    let expected: Vec<u64> = (1..=seqs.len() as u64).collect();
    assert_eq!(seqs, expected, "every seq once, in order");
}
