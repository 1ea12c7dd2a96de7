//! Several nodes on one database, and what shares a batch.

use super::*;
use crate::domain::conversation::Event;
use futures_util::future::join_all;

/// I5: fifty senders on two nodes, one conversation. Each message is there once, the seqs are 1 to n.
#[tokio::test]
async fn two_nodes_leave_no_gap_in_one_conversation() {
    const SENDERS: usize = 50;
    const EACH: usize = 6;
    let server = PostgresServer::shared();
    let url = server.database();
    let nodes = [open(&url).await, open(&url).await];
    let mut script = script();
    append(&*nodes[0], script.start(1, "hello")).await.unwrap();
    let senders = (0..SENDERS).map(|sender| {
        let (store, script) = (nodes[sender % 2].clone(), script.clone());
        async move {
            let mut conflicts = 0;
            let mut seq = 2;
            for number in 0..EACH {
                loop {
                    let text = format!("{sender}/{number}");
                    match append(&*store, Script { seq, ..script.clone() }.next(2, vec![said(&text)])).await {
                        Ok(appended) => break seq = appended.events[0].seq.get(),
                        Err(AppendError::Conflict { actual }) => {
                            assert!(actual.get() > seq, "the end that is told is the present one");
                            conflicts += 1;
                            seq = actual.get();
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
            }
            conflicts
        }
    });
    let conflicts: usize = join_all(senders).await.into_iter().sum();
    assert!(conflicts > 0, "the nodes never met: the case shows nothing");
    let all = 2 + (SENDERS * EACH) as u64;
    assert_eq!(seqs_in(server, &url, script.id), (1..=all).collect::<Vec<_>>());
    let log = nodes[1].read_after(script.id, Seq::ZERO, usize::MAX).await.unwrap();
    let texts: std::collections::HashSet<_> = log.iter().filter_map(text_of).collect();
    assert_eq!(texts.len() as u64, all - 1, "nothing is there twice");
}

fn text_of(recorded: &Recorded) -> Option<String> {
    match &recorded.event {
        Event::VisitorWrote { text, .. } => Some(text.clone()),
        _ => None,
    }
}

/// Batches of two nodes that name the same conversations in opposite orders never wait for each other in a circle.
#[tokio::test]
async fn crossing_batches_do_not_deadlock() {
    const ROUNDS: usize = 30;
    let server = PostgresServer::shared();
    let url = server.database();
    let nodes = [open(&url).await, open(&url).await];
    let mut scripts: Vec<Script> = (0..40).map(|_| script()).collect();
    for script in &mut scripts {
        append(&*nodes[0], script.start(1, "hello")).await.unwrap();
    }
    let before = deadlocks(server, &url);
    for _ in 0..ROUNDS {
        // Each node appends to all of them, in opposite orders; one of the two wins each.
        let forward: Vec<_> = scripts.iter().map(|script| script.clone().next(2, vec![said("one")])).collect();
        let backward: Vec<_> = scripts.iter().rev().map(|script| script.clone().next(2, vec![said("two")])).collect();
        let mut ends: Vec<_> = forward.into_iter().map(|append| send(&nodes[0], append)).collect();
        ends.extend(backward.into_iter().map(|append| send(&nodes[1], append)));
        for end in ends {
            let end = end.await.unwrap();
            assert!(matches!(end, Ok(_) | Err(AppendError::Conflict { .. })), "{end:?}");
        }
        for script in &mut scripts {
            script.seq += 1;
        }
    }
    assert_eq!(deadlocks(server, &url), before);
    for script in &scripts {
        assert_eq!(seqs_in(server, &url, script.id), (1..=script.seq).collect::<Vec<_>>());
    }
}

/// Counted by the server, also those that were begun anew without anybody noticing.
fn deadlocks(server: &PostgresServer, url: &str) -> String {
    let database = url.rsplit('/').next().unwrap();
    server.sql(database, "SELECT pg_stat_force_next_flush()");
    server.sql(database, &format!("SELECT deadlocks FROM pg_stat_database WHERE datname = '{database}'"))
}

/// What waits shares a transaction, and each completion is called once.
#[tokio::test]
async fn group_commit_shares_transactions() {
    let store = open(&PostgresServer::shared().database()).await;
    append(&*store, script().start(1, "hello")).await.unwrap();
    let before = store.commits();
    let answers: Vec<_> = (0..500).map(|at| send(&store, script().start(at, "hello"))).collect();
    for answer in answers {
        answer.await.unwrap().unwrap();
    }
    let commits = store.commits() - before;
    assert!(commits <= 100, "{commits} transactions for 500 appends");
}

/// A conversation's appends keep their order though several writers work, and what waits for them is not lost.
#[tokio::test]
async fn order_within_a_conversation() {
    let store = open(&PostgresServer::shared().database()).await;
    let mut scripts: Vec<Script> = (0..20).map(|_| script()).collect();
    let mut ends = Vec::new();
    for at in 0..30 {
        for script in &mut scripts {
            let next = if at == 0 { script.start(at, "hello") } else { script.next(at, vec![said("more")]) };
            ends.push(send(&store, next));
        }
    }
    for end in ends {
        end.await.unwrap().unwrap();
    }
}

/// Refusals are their own: of a conflict, of a malformed append, and of one that the database will not take.
#[tokio::test]
async fn refusals_in_a_batch_are_their_own() {
    let store = open(&PostgresServer::shared().database()).await;
    let (mut one, mut two, mut three, mut four, mut five) = (script(), script(), script(), script(), script());
    append(&*store, one.start(1, "hello")).await.unwrap();
    let late = send(&store, Script { seq: 1, ..one.clone() }.next(2, vec![said("late")]));
    let malformed = send(&store, Append { projection: None, ..two.start(2, "hello") });
    // PostgreSQL has no text with U+0000.
    three.projection.country = "\0".into();
    let impossible = send(&store, three.start(2, "hello"));
    let first = send(&store, four.start(2, "hello"));
    let second = send(&store, five.start(2, "hello"));
    assert!(matches!(late.await.unwrap(), Err(AppendError::Conflict { actual: Seq(2) })));
    assert!(matches!(malformed.await.unwrap(), Err(AppendError::Failed(_))));
    assert!(matches!(impossible.await.unwrap(), Err(AppendError::Failed(_))));
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(store.read_after(one.id, Seq::ZERO, 10).await.unwrap().len(), 2);
    assert_eq!(store.read_after(three.id, Seq::ZERO, 10).await.unwrap().len(), 0);
    assert_eq!(store.read_after(four.id, Seq::ZERO, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn full_queue_is_busy() {
    let url = PostgresServer::shared().database();
    let store = PostgresStore::open_with(&Secret::new(url), Tuning { queue: 3, writers: 1, ..Tuning::default() })
        .await
        .unwrap();
    append(&*store, script().start(1, "hello")).await.unwrap();
    // The conversation under way keeps its others in the queue.
    let mut script = script();
    let mut ends: Vec<_> = Vec::new();
    let mut refused = 0;
    for at in 0..50 {
        let seq = script.seq;
        let next = if at == 0 { script.start(at, "hello") } else { script.next(at, vec![said("more")]) };
        let (reply, answer) = oneshot::channel();
        match store.append(next, Box::new(move |end| drop(reply.send(end)))) {
            Ok(()) => ends.push(answer),
            Err(busy) => {
                assert_eq!(busy.append.conversation, script.id, "everything comes back");
                refused += 1;
                script.seq = seq;
            }
        }
    }
    assert!(refused >= 40, "{refused} refused");
    for end in ends {
        end.await.unwrap().unwrap();
    }
}

/// A completion that panics is reported and the writers go on.
#[tokio::test]
async fn panic_in_a_completion_does_not_end_the_writer() {
    let store = open(&PostgresServer::shared().database()).await;
    let mut script = script();
    store.append(script.start(1, "hello"), Box::new(|_| panic!("on purpose"))).unwrap();
    append(&*store, script.next(2, vec![said("more")])).await.unwrap();
}

/// I26: many nodes start at once on an empty database; they agree on the epoch, the secrets and the first workspace.
#[tokio::test]
async fn nodes_that_start_at_once_agree() {
    let url = PostgresServer::shared().database();
    let nodes = join_all((0..6).map(|_| open(&url))).await;
    let secrets = join_all(nodes.iter().map(|node| node.secret("cookies"))).await;
    let first = join_all(nodes.iter().map(|node| node.first_workspace())).await;
    for number in 1..nodes.len() {
        assert_eq!(nodes[number].epoch(), nodes[0].epoch());
        assert_eq!(secrets[number].as_ref().unwrap(), secrets[0].as_ref().unwrap());
        assert_eq!(first[number].as_ref().unwrap(), first[0].as_ref().unwrap());
    }
}

/// Jobs are given to one of all who claim at once.
#[tokio::test]
async fn a_job_goes_to_one_node() {
    let url = PostgresServer::shared().database();
    let nodes = [open(&url).await, open(&url).await];
    let jobs = (0..200).map(|number| NewJob {
        key: format!("mail/{number}"),
        kind: JobKind::HandoffEmail,
        run_at: UnixMillis(100),
        claimed_until: None,
        about: Seq(1),
    });
    append(&*nodes[0], Append { jobs: jobs.collect(), ..script().start(1, "hello") }).await.unwrap();
    let claims = (0..40).map(|number| nodes[number % 2].claim_jobs(UnixMillis(200), Duration::from_secs(60), 7));
    let mut keys: Vec<String> =
        join_all(claims).await.into_iter().flat_map(|claimed| claimed.unwrap()).map(|job| job.key).collect();
    assert_eq!(keys.len(), 200);
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 200, "none twice");
}

/// I27: what a new epoch is for.
#[tokio::test]
async fn new_epoch_is_seen_by_the_next_start() {
    let url = PostgresServer::shared().database();
    let before = open(&url).await.epoch();
    let stamped = new_epoch(&Secret::new(&url)).await.unwrap();
    assert_ne!(stamped, before);
    assert_eq!(open(&url).await.epoch(), stamped);
}
