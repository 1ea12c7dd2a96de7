//! I14: nodes whose clocks are wrong, and give their times accordingly.

use super::*;
use crate::store::suite::agent;

const DAY: i64 = 86_400_000;

/// A node whose clock is wrong by so many milliseconds, on the database of another.
async fn node(url: &str, clock: i64) -> Arc<PostgresStore> {
    PostgresStore::open_with(&Secret::new(url), Tuning { clock, ..Tuning::default() }).await.unwrap()
}

fn job(key: &str, run_at: i64) -> NewJob {
    NewJob {
        key: key.into(),
        kind: JobKind::HandoffEmail,
        run_at: UnixMillis(run_at),
        claimed_until: None,
        about: Seq(1),
    }
}

/// A node that is a day ahead neither takes over what others have claimed nor runs what is not due.
#[tokio::test]
async fn a_fast_clock_ends_no_claim_early() {
    let url = PostgresServer::shared().database();
    let store = open(&url).await;
    let now = threads::node_now();
    let jobs = vec![job("due", now - 10_000), job("later", now + 3_600_000)];
    append(&*store, Append { jobs, ..script().start(now, "hello") }).await.unwrap();
    let claimed = store.claim_jobs(UnixMillis(now), Duration::from_secs(600), 10).await.unwrap();
    assert_eq!(claimed.len(), 1);

    let fast_node = node(&url, DAY).await;
    let fast = UnixMillis(now + DAY);
    let taken = fast_node.claim_jobs(fast, Duration::from_secs(600), 10).await.unwrap();
    assert_eq!(taken, [], "claims and due times hold for it as well");
    assert!(!fast_node.claim_job("due".into(), fast, fast.plus_millis(1_000)).await.unwrap());
    let next = fast_node.next_job_at().await.unwrap().unwrap();
    assert!((next.0 - (now + 600_000 + DAY)).abs() < 60_000, "told in the node's own time: {}", next.0 - now);
}

/// What a node with a wrong clock promises is due when it meant it.
#[tokio::test]
async fn a_slow_clock_promises_in_the_databases_time() {
    let url = PostgresServer::shared().database();
    let store = open(&url).await;
    let now = threads::node_now();
    let slow = now - DAY;
    let jobs = vec![job("at once", slow), job("in an hour", slow + 3_600_000)];
    let slow_node = node(&url, -DAY).await;
    append(&*slow_node, Append { jobs, ..script().start(slow, "hello") }).await.unwrap();
    let claimed = store.claim_jobs(UnixMillis(now + 5_000), Duration::from_secs(600), 10).await.unwrap();
    assert_eq!(claimed.iter().map(|job| job.key.as_str()).collect::<Vec<_>>(), ["at once"]);
    // Put off for as long as it said, for everybody.
    slow_node.fail_job(claimed[0].id, "busy".into(), Some(UnixMillis(slow + 60_000))).await.unwrap();
    assert_eq!(store.claim_jobs(UnixMillis(now + 30_000), Duration::from_secs(1), 10).await.unwrap(), []);
    assert_eq!(store.claim_jobs(UnixMillis(now + 90_000), Duration::from_secs(1), 10).await.unwrap().len(), 1);
}

/// An expired session or link does not come back to life on a node whose clock is behind.
#[tokio::test]
async fn what_has_ended_stays_ended() {
    let url = PostgresServer::shared().database();
    let store = open(&url).await;
    let now = threads::node_now();
    let workspace = store.first_workspace().await.unwrap().id;
    let owner = AgentRecord {
        id: AgentId::generate(),
        workspace,
        name: "Ann".into(),
        email: "ann@example.com".into(),
        role: Role::Owner,
        password_hash: "$argon2id$v=19$example".into(),
        availability: AvailabilityRecord::Online,
    };
    assert!(store.set_up(SetUp { workspace_name: "Acme".into(), owner: owner.clone() }).await.unwrap());
    store.add_session([1; 32], owner.id, UnixMillis(now - 60_000)).await.unwrap();
    store.add_session([2; 32], owner.id, UnixMillis(now + 600_000)).await.unwrap();
    let link = NewLink {
        id: Uuid::now_v7(),
        token_hash: [3; 32],
        conversation: script().id,
        agent: agent("Ann"),
        address: "ann@example.com".into(),
        created_at: UnixMillis(now - 120_000),
        expires_at: UnixMillis(now - 60_000),
    };
    store.add_link(link).await.unwrap();
    for skew in [-3_600_000, -DAY, DAY] {
        let node = node(&url, skew).await;
        let theirs = UnixMillis(now + skew);
        assert_eq!(node.session([1; 32], theirs).await.unwrap(), None, "{skew}");
        assert!(node.session([2; 32], theirs).await.unwrap().is_some(), "{skew}");
        let link = node.link([3; 32]).await.unwrap().unwrap();
        assert!(link.expires_at < theirs, "{skew}: the node compares with its own clock");
    }
}
