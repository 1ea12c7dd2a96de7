//! The very first start makes the demo in several writes. A kill between them must not leave a chatbot that knows half of its shop:
//! the next start sees the chatbot and takes the demo for made.

use crate::server::{Launch, Server};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::{Duration, Instant};

const TRIES: usize = 8;
const PATIENCE: Duration = Duration::from_secs(30);

/// The race: killed between the commit of the demo chatbot and that of its last document.
#[tokio::test]
async fn a_first_start_killed_at_its_chatbot_makes_the_whole_demo_later() {
    let _alone = crate::one_at_a_time().await;
    for attempt in 0..TRIES {
        let folder = tempfile::Builder::new().prefix("first").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("folder");
        let launch = Launch::new(folder.path());
        let mut newborn = launch.spawn();
        wait_for_chatbot(&launch.database(), &mut newborn);
        newborn.kill();
        let mut server = launch.spawn();
        server.answers().await;
        server.kill();
        assert_whole_demo(&launch.database(), &format!("attempt {attempt}")).await;
    }
}

/// The demo chatbot has all its documents.
pub async fn assert_whole_demo(database: &Path, context: &str) {
    use baton::store::Store as _;
    let store = baton::store::sqlite::SqliteStore::open(database).expect("open the database");
    let documents = store.documents(crate::histories::CHATBOT.parse().expect("id")).await.expect("documents").len();
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/knowledge")).expect("knowledge").count();
    assert_eq!(documents, files, "{context}: documents of the demo chatbot");
    store.close().await.expect("close the database");
}

/// Without a pause: the next commit is a millisecond away.
fn wait_for_chatbot(database: &Path, server: &mut Server) {
    let begun = Instant::now();
    let is_there = || -> rusqlite::Result<bool> {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.query_row("SELECT count(*) FROM chatbot", [], |row| Ok(row.get::<_, i64>(0)? > 0))
    };
    // Before there is a file or a table, asking is an error.
    while !is_there().unwrap_or(false) {
        assert!(begun.elapsed() < PATIENCE, "no chatbot in {PATIENCE:?}: {}", server.log());
    }
}
