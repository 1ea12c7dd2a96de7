//! The suite on PostgreSQL, and what only PostgreSQL has.

mod clocks;
mod failover;
mod faults;
mod insist;
mod nodes;
mod proxy;
#[path = "../../../../tests/support/postgres.rs"]
mod server;
mod statements;

use super::*;
use crate::store::suite::{Fixture, Script, append, said, store_suite};
pub(in crate::store) use server::PostgresServer;
use tokio::sync::oneshot;

async fn open(url: &str) -> Arc<PostgresStore> {
    PostgresStore::open(&Secret::new(url)).await.unwrap()
}

async fn fixture() -> Fixture {
    let store = open(&PostgresServer::shared().database()).await;
    Fixture { store, _keep: Box::new(()) }
}

store_suite!(fixture);

fn script() -> Script {
    Script::new(WorkspaceId::generate(), "help")
}

/// Append without waiting; the end arrives in the receiver.
fn send(store: &PostgresStore, append: Append) -> oneshot::Receiver<Result<Appended, AppendError>> {
    let (reply, answer) = oneshot::channel();
    store.append(append, Box::new(move |end| drop(reply.send(end)))).unwrap();
    answer
}

/// The seqs of a log as SQL sees them.
fn seqs_in(server: &PostgresServer, url: &str, conversation: ConversationId) -> Vec<u64> {
    let database = url.rsplit('/').next().unwrap();
    let rows =
        server.sql(database, &format!("SELECT seq FROM event WHERE conversation = '{}' ORDER BY seq", conversation.0));
    rows.lines().map(|seq| seq.parse().unwrap()).collect()
}
