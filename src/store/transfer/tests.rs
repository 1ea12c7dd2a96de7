//! Everything arrives, nothing is overwritten, and nothing is believed without being compared.

use super::super::*;
use super::{TABLES, TransferError, transfer};
use crate::config::Secret;
use crate::domain::conversation::Status;
use crate::store::append::job_id;
use crate::store::postgres::PostgresStore;
use crate::store::postgres::tests::PostgresServer;
use crate::store::sqlite::SqliteStore;
use crate::store::suite::{Script, agent, append, said};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tempfile::TempDir;

const NOW: i64 = 1_900_000_000_000;

/// A database with something of everything in it.
async fn filled() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baton.sqlite3");
    let store = SqliteStore::open(&path).unwrap();
    let workspace = store.first_workspace().await.unwrap().id;
    let owner = AgentRecord {
        id: AgentId::generate(),
        workspace,
        name: "Ann".into(),
        email: "Ann@example.com".into(),
        role: Role::Owner,
        password_hash: "$argon2id$v=19$example".into(),
        availability: AvailabilityRecord::Away,
    };
    assert!(store.set_up(SetUp { workspace_name: "Acme".into(), owner: owner.clone() }).await.unwrap());
    store.add_session([1; 32], owner.id, UnixMillis(NOW)).await.unwrap();
    store.secret("cookies").await.unwrap();
    store.ping().await.unwrap();
    let help: ChatbotId = "help".parse().unwrap();
    let settings = ChatbotSettings::new("Help".to_owned());
    assert!(store.add_chatbot(ChatbotRecord { id: help.clone(), workspace, settings }).await.unwrap());
    let text = "Prices: 1 € – \u{1F600}".to_owned();
    let document = DocumentRecord {
        id: Uuid::now_v7(),
        chatbot: help.clone(),
        name: "prices.md".into(),
        text,
        updated_at: UnixMillis(5),
    };
    store.put_document(document).await.unwrap();
    store.add_spend(vec!["day".into()], 70, UnixMillis(9)).await.unwrap();
    let mut scripts: Vec<Script> = (0..40).map(|_| Script::new(workspace, "help")).collect();
    for (at, script) in (1_000..).zip(&mut scripts) {
        append(&*store, script.start(at, "hello \u{0} \u{1F600}")).await.unwrap();
    }
    // In another order than they began in, some of them waiting or held.
    for (number, script) in scripts.iter_mut().rev().enumerate() {
        script.projection.status = [Status::Unassigned, Status::Open, Status::Ended, Status::Unrequested][number % 4];
        script.projection.waiting_since = (number % 4 == 0).then(|| UnixMillis(100 - number as i64));
        script.projection.assignee = (number % 4 == 1).then(|| agent("Ben"));
        let projection = Some(script.projection.clone());
        let job = |kind: JobKind| NewJob {
            key: format!("{}/{}", kind.as_str(), script.id.0),
            kind,
            run_at: UnixMillis(NOW),
            claimed_until: None,
            about: Seq(2),
        };
        let jobs = vec![job(JobKind::HandoffEmail), job(JobKind::AiAnswer)];
        let next =
            script.next(2_000, (0..number).map(|n| said(&format!("message {n}"))).chain([said("last")]).collect());
        append(&*store, Append { projection, jobs, ..next }).await.unwrap();
    }
    for (number, script) in scripts.iter().enumerate() {
        let link = NewLink {
            id: Uuid::now_v7(),
            token_hash: [number as u8; 32],
            conversation: script.id,
            agent: agent("Ben"),
            address: "ben@example.com".into(),
            created_at: UnixMillis(number as i64),
            expires_at: UnixMillis(NOW),
        };
        store.add_link(link).await.unwrap();
        let proposal = Proposal {
            id: Uuid::now_v7(),
            chatbot: help.clone(),
            conversation: script.id,
            asked: Seq(2),
            question: "Open?".into(),
            answer: "Yes".into(),
            agent_name: "Ben".into(),
            made_at: UnixMillis(number as i64),
        };
        assert!(store.propose(proposal.clone()).await.unwrap());
        if number % 2 == 0 {
            assert!(store.decide_proposal(help.clone(), proposal.id, Verdict::Reject, UnixMillis(7)).await.unwrap());
        }
    }
    store.revoke_links(scripts[3].id, UnixMillis(50)).await.unwrap();
    let job = |kind: JobKind, number: usize| job_id(&format!("{}/{}", kind.as_str(), scripts[number].id.0));
    store.claim_jobs(UnixMillis(NOW), Duration::from_secs(60), 3).await.unwrap();
    store.fail_job(job(JobKind::HandoffEmail, 0), "no route".into(), None).await.unwrap();
    store.finish_job(job(JobKind::HandoffEmail, 1), "told Ann".into(), UnixMillis(NOW)).await.unwrap();
    // One of these does not stay.
    store.finish_job(job(JobKind::AiAnswer, 2), "answered".into(), UnixMillis(NOW)).await.unwrap();
    store.close().await.unwrap();
    (folder, path)
}

/// What the contract shows of a store, in words that both databases must have in common.
async fn shown(store: &dyn Store) -> Vec<String> {
    let workspace = store.first_workspace().await.unwrap();
    let help: ChatbotId = "help".parse().unwrap();
    let mut shown = vec![format!("{:?} {:?}", store.epoch(), store.secret("cookies").await.unwrap())];
    shown.push(format!("{workspace:?} {:?}", store.agents(workspace.id).await.unwrap()));
    shown.push(format!("{:?}", store.session([1; 32], UnixMillis(NOW - 5_000)).await.unwrap()));
    shown.push(format!("{:?}", store.session([1; 32], UnixMillis(NOW + 5_000)).await.unwrap()));
    shown.push(format!("{:?} {:?}", store.chatbots().await.unwrap(), store.documents(help.clone()).await.unwrap()));
    shown.push(format!("{:?} {:?}", store.spent(vec!["day".into()]).await.unwrap(), store.waiting().await.unwrap()));
    shown.push(format!("{:?}", store.proposals(help, 100).await.unwrap()));
    let mut jobs = store.jobs(workspace.id, None, 1_000).await.unwrap();
    jobs.sort_by_key(|job| job.id);
    shown.push(format!("{jobs:?} {:?}", store.next_job_at().await.unwrap()));
    let mut query = InboxQuery { limit: 7, ..InboxQuery::default() };
    loop {
        let page = store.inbox(workspace.id, query.clone()).await.unwrap();
        for row in page.rows {
            shown.push(format!("{row:?} {:?}", store.read_after(row.id, Seq::ZERO, 1_000).await.unwrap()));
            shown.push(format!("{:?}", store.links(row.id).await.unwrap()));
        }
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => break shown,
        }
    }
}

#[tokio::test]
async fn everything_arrives_and_goes_on() {
    let (_folder, path) = filled().await;
    let url = Secret::new(PostgresServer::shared().database());
    let copied = transfer(&path, &url).await.unwrap();
    let rows = |table: &str| copied.iter().find(|copied| copied.table == table).unwrap().digest.rows;
    assert_eq!((rows("conversation"), rows("event"), rows("job")), (40, 2 * 40 + 820, 79));
    assert!(copied.iter().all(|copied| copied.digest.rows > 0), "each table has something to lose: {copied:?}");

    let (before, after) = (SqliteStore::open(&path).unwrap(), PostgresStore::open(&url).await.unwrap());
    let (before, shown_after) = (shown(&*before).await, shown(&*after).await);
    for (before, after) in before.iter().zip(&shown_after) {
        assert_eq!(before, after);
    }
    assert_eq!(before.len(), shown_after.len());

    // What comes next is after it: in the log, in the queue, and in lists.
    let workspace = after.first_workspace().await.unwrap().id;
    let mut script = Script::new(workspace, "help");
    script.projection.status = Status::Unassigned;
    script.projection.waiting_since = Some(UnixMillis(100));
    append(&*after, script.start(NOW, "one more")).await.unwrap();
    assert_eq!(after.waiting().await.unwrap().last().unwrap().conversation, script.id);
    script.projection.status = Status::Ended;
    script.projection.waiting_since = None;
    let projection = Some(script.projection.clone());
    append(&*after, Append { projection, ..script.next(NOW, vec![said("and on")]) }).await.unwrap();
    let ended = InboxQuery { status: StatusFilter::Is(Status::Ended), limit: 1, ..InboxQuery::default() };
    assert_eq!(after.inbox(workspace, ended).await.unwrap().rows[0].id, script.id);
}

#[tokio::test]
async fn a_target_in_use_is_left_alone() {
    let (_folder, path) = filled().await;
    let url = Secret::new(PostgresServer::shared().database());
    let store = PostgresStore::open(&url).await.unwrap();
    let workspace = store.first_workspace().await.unwrap();
    drop(store);
    let error = transfer(&path, &url).await.unwrap_err();
    assert!(matches!(error, TransferError::NotEmpty { table: "workspace" }), "{error:?}");
    let store = PostgresStore::open(&url).await.unwrap();
    assert_eq!(store.first_workspace().await.unwrap(), workspace);
    assert_eq!(store.chatbots().await.unwrap(), []);
}

#[tokio::test]
async fn a_source_in_use_is_left_alone() {
    let (_folder, path) = filled().await;
    let running = SqliteStore::open(&path).unwrap();
    let url = Secret::new(PostgresServer::shared().database());
    let error = transfer(&path, &url).await.unwrap_err();
    assert!(matches!(error, TransferError::SourceInUse(_)), "{error:?}");
    running.ping().await.unwrap();
    drop(running);
    transfer(&path, &url).await.unwrap();
    let missing = transfer(&path.with_extension("none"), &url).await.unwrap_err();
    assert!(matches!(missing, TransferError::NoSource), "{missing:?}");
}

/// Whatever it was that changed a row, lost one or made one: nothing of the copy stays.
#[tokio::test]
async fn a_copy_that_differs_is_taken_back() {
    let (_folder, path) = filled().await;
    let server = PostgresServer::shared();
    for (table, what) in [
        ("event", "IF NEW.seq = 3 THEN NEW.body = NEW.body || ' '; END IF; RETURN NEW"),
        ("link", "IF NEW.created_at = 4 THEN RETURN NULL; END IF; RETURN NEW"),
        ("session", "NEW.expires_at = NEW.expires_at + 1; RETURN NEW"),
    ] {
        let url = server.database();
        drop(PostgresStore::open(&Secret::new(&url)).await.unwrap());
        let database = url.rsplit('/').next().unwrap();
        server.sql(
            database,
            &format!(
                "TRUNCATE meta;
                 CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; END $$;
                 CREATE TRIGGER spoiler BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION spoil()"
            ),
        );
        let error = transfer(&path, &Secret::new(&url)).await.unwrap_err();
        assert!(matches!(error, TransferError::Differs { table: differs, .. } if differs == table), "{error:?}");
        for table in TABLES {
            assert_eq!(server.sql(database, &format!("SELECT count(*) FROM {}", table.name)), "0", "{}", table.name);
        }
        server.sql(database, &format!("DROP TRIGGER spoiler ON {table}"));
        transfer(&path, &Secret::new(&url)).await.unwrap();
    }
}

/// A file with less in it than it says is not taken for whole.
#[tokio::test]
async fn a_damaged_file_is_refused() {
    for (sql, what) in [
        ("DELETE FROM event WHERE seq = 3", "Gaps(40)"),
        ("DELETE FROM conversation WHERE id = 7", "Orphans { table: \"head\", expected: 40, found: 39 }"),
    ] {
        let (_folder, path) = filled().await;
        rusqlite::Connection::open(&path).unwrap().execute(sql, []).unwrap();
        let url = PostgresServer::shared().database();
        let error = transfer(&path, &Secret::new(&url)).await.unwrap_err();
        assert_eq!(format!("{error:?}"), what);
    }
}

/// A table or column that a later migration brings is copied too, or this is red.
#[tokio::test]
async fn no_table_or_column_is_left_out() {
    let server = PostgresServer::shared();
    let url = server.database();
    drop(PostgresStore::open(&Secret::new(&url)).await.unwrap());
    let query = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'";
    let there = server.sql(url.rsplit('/').next().unwrap(), query);
    let there: BTreeSet<&str> = there.lines().filter(|column| !column.starts_with("migration.")).collect();
    let copied: Vec<String> = TABLES
        .iter()
        .flat_map(|table| table.columns.iter().map(|(column, _)| format!("{}.{column}", table.name)))
        .collect();
    assert_eq!(there, copied.iter().map(String::as_str).collect());

    let (_folder, path) = filled().await;
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").unwrap();
    let there: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    // The signposts are of SQLite's own.
    let mut copied: Vec<&str> = TABLES.iter().map(|table| table.name).chain(["mark"]).collect();
    copied.sort_unstable();
    assert_eq!(there, copied);
}
