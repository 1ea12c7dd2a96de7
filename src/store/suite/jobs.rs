//! Jobs: written with events, claimed, settled.

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn job(key: &str, run_at: i64) -> NewJob {
    NewJob {
        key: key.into(),
        kind: JobKind::HandoffEmail,
        run_at: UnixMillis(run_at),
        claimed_until: None,
        about: Seq(2),
    }
}

/// A conversation whose first append owes `jobs`.
async fn owing(store: &dyn Store, jobs: Vec<NewJob>) -> Script {
    let mut script = Script::new(WorkspaceId::generate(), "help");
    let first = Append { jobs, ..script.start(1_000, "hello") };
    append(store, first).await.unwrap();
    script
}

async fn claim(store: &dyn Store, now: i64) -> Vec<String> {
    let jobs = store.claim_jobs(UnixMillis(now), MINUTE, 10).await.unwrap();
    jobs.into_iter().map(|job| job.key).collect()
}

async fn only_job(store: &dyn Store, script: &Script) -> JobRecord {
    let jobs = store.jobs(script.projection.workspace, None, 10).await.unwrap();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.into_iter().next().unwrap()
}

/// A second job with the same key is not inserted, in the same append, a later one or another conversation, even after it is done.
pub(in crate::store) async fn job_key_is_unique(store: Arc<dyn Store>) {
    let mut script = owing(&*store, vec![job("mail", 10), job("mail", 20)]).await;
    append(&*store, Append { jobs: vec![job("mail", 30)], ..script.next(2_000, vec![said("more")]) }).await.unwrap();
    owing(&*store, vec![job("mail", 40)]).await;
    let record = only_job(&*store, &script).await;
    assert_eq!((record.run_at, record.state), (UnixMillis(10), JobState::Pending));
    let claimed = store.claim_jobs(UnixMillis(1_000), MINUTE, 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].conversation, claimed[0].about, claimed[0].attempts), (script.id, Seq(2), 1));
    store.finish_job(claimed[0].id, "sent".into(), UnixMillis(2_000)).await.unwrap();
    append(&*store, Append { jobs: vec![job("mail", 50)], ..script.next(3_000, vec![said("more")]) }).await.unwrap();
    assert_eq!(only_job(&*store, &script).await.state, JobState::Done);
    assert_eq!(claim(&*store, 1_000_000).await, [""; 0]);
}

pub(in crate::store) async fn jobs_are_claimed_in_order_and_expire(store: Arc<dyn Store>) {
    assert_eq!(store.next_job_at().await.unwrap(), None);
    owing(&*store, vec![job("third", 300), job("first", 100), job("second", 200), job("later", 9_000)]).await;
    assert_eq!(store.next_job_at().await.unwrap(), Some(UnixMillis(100)));
    assert_eq!(claim(&*store, 99).await, [""; 0]);
    let one = store.claim_jobs(UnixMillis(500), MINUTE, 1).await.unwrap();
    assert_eq!((one.len(), one[0].key.as_str(), one[0].attempts), (1, "first", 1));
    assert_eq!(claim(&*store, 501).await, ["second", "third"], "what is claimed is not given twice");
    assert_eq!(claim(&*store, 502).await, [""; 0]);
    assert_eq!(store.next_job_at().await.unwrap(), Some(UnixMillis(9_000)));

    // Its claimer died.
    let again = store.claim_jobs(UnixMillis(60_500), MINUTE, 10).await.unwrap();
    let again: Vec<_> = again.iter().map(|job| (job.key.as_str(), job.attempts)).collect();
    assert_eq!(again, [("first", 2), ("later", 1)]);
    assert_eq!(claim(&*store, 60_501).await, ["second", "third"]);
}

pub(in crate::store) async fn job_claimed_by_its_writer(store: Arc<dyn Store>) {
    let mine = NewJob { claimed_until: Some(UnixMillis(5_000)), ..job("mine", 100) };
    owing(&*store, vec![mine]).await;
    assert_eq!(store.next_job_at().await.unwrap(), Some(UnixMillis(5_000)));
    assert_eq!(claim(&*store, 4_999).await, [""; 0]);
    assert_eq!(claim(&*store, 5_000).await, ["mine"]);
}

/// Of many who want one job, one gets it, and nobody else until the claim is over.
pub(in crate::store) async fn one_job_is_claimed_by_one(store: Arc<dyn Store>) {
    owing(&*store, vec![job("mine", 100), job("other", 100)]).await;
    let claim_one = |now, until| store.claim_job("mine".into(), UnixMillis(now), UnixMillis(until));
    assert!(!claim_one(99, 1_000).await.unwrap(), "not due");
    let claims = (0..20).map(|_| claim_one(100, 1_000));
    let won = futures_util::future::join_all(claims).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1);
    assert_eq!(store.next_job_at().await.unwrap(), Some(UnixMillis(100)), "the other one");
    assert_eq!(claim(&*store, 999).await, ["other"]);

    // Its claimer died.
    assert!(claim_one(1_000, 2_000).await.unwrap());
    let again = store.claim_jobs(UnixMillis(2_000), MINUTE, 10).await.unwrap();
    assert_eq!((again.len(), again[0].key.as_str(), again[0].attempts), (1, "mine", 3));
    assert!(!claim_one(2_001, 3_000).await.unwrap(), "claimed by a worker");
    store.finish_job(again[0].id, "sent".into(), UnixMillis(2_500)).await.unwrap();
    assert!(!claim_one(1_000_000, 2_000_000).await.unwrap(), "done");
    assert!(!store.claim_job("unknown".into(), UnixMillis(1), UnixMillis(2)).await.unwrap());
}

pub(in crate::store) async fn settling_is_part_of_the_append(store: Arc<dyn Store>) {
    let answer = NewJob { kind: JobKind::AiAnswer, ..job("answer", 100) };
    let mut script = owing(&*store, vec![job("mail", 100), answer]).await;
    let claimed = store.claim_jobs(UnixMillis(200), MINUTE, 10).await.unwrap();
    assert_eq!(claimed.len(), 2);

    // Refused: the jobs are still owed.
    let mut late = Script { seq: 1, ..script.clone() }.next(2_000, vec![said("late")]);
    late.settles = vec!["mail".into(), "answer".into()];
    assert!(append(&*store, late.clone()).await.is_err());
    assert_eq!(store.next_job_at().await.unwrap(), Some(UnixMillis(60_200)));

    append(&*store, Append { settles: late.settles, ..script.next(2_000, vec![said("in time")]) }).await.unwrap();
    assert_eq!(store.next_job_at().await.unwrap(), None);
    assert_eq!(claim(&*store, 1_000_000).await, [""; 0]);
    let jobs = store.jobs(script.projection.workspace, Some(JobState::Done), 10).await.unwrap();
    let mail = jobs.iter().find(|job| job.kind == JobKind::HandoffEmail).unwrap();
    assert_eq!(mail.outcome.as_deref(), Some("settled by the conversation"));

    // Its claimer comes too late: what is done stays as it is.
    for job in claimed {
        store.finish_job(job.id, "sent".into(), UnixMillis(3_000)).await.unwrap();
        store.fail_job(job.id, "no route".into(), Some(UnixMillis(3_000))).await.unwrap();
    }
    assert_eq!(store.jobs(script.projection.workspace, Some(JobState::Done), 10).await.unwrap(), jobs);
    assert_eq!(store.next_job_at().await.unwrap(), None);
}

pub(in crate::store) async fn failed_jobs_can_be_retried(store: Arc<dyn Store>) {
    let script = owing(&*store, vec![job("mail", 100)]).await;
    let workspace = script.projection.workspace;
    let id = store.claim_jobs(UnixMillis(100), MINUTE, 1).await.unwrap()[0].id;
    store.fail_job(id, "greylisted".into(), Some(UnixMillis(700))).await.unwrap();
    assert_eq!(claim(&*store, 699).await, [""; 0]);
    assert_eq!(store.claim_jobs(UnixMillis(700), MINUTE, 1).await.unwrap()[0].attempts, 2);
    assert!(!store.retry_job(workspace, id, UnixMillis(800)).await.unwrap(), "it has not failed yet");

    store.fail_job(id, "refused".into(), None).await.unwrap();
    assert_eq!(claim(&*store, 1_000_000).await, [""; 0]);
    assert_eq!(store.next_job_at().await.unwrap(), None);
    let failed = only_job(&*store, &script).await;
    assert_eq!((failed.state, failed.attempts, failed.last_error.as_deref()), (JobState::Failed, 2, Some("refused")));
    assert_eq!(failed.chatbot, script.projection.chatbot);
    assert_eq!(store.jobs(workspace, Some(JobState::Pending), 10).await.unwrap(), []);
    assert_eq!(store.jobs(WorkspaceId::generate(), None, 10).await.unwrap(), [], "not shown to others");

    assert!(!store.retry_job(WorkspaceId::generate(), id, UnixMillis(800)).await.unwrap(), "not theirs");
    assert!(store.retry_job(workspace, id, UnixMillis(800)).await.unwrap());
    assert!(!store.retry_job(workspace, id, UnixMillis(800)).await.unwrap());
    assert_eq!(store.claim_jobs(UnixMillis(800), MINUTE, 1).await.unwrap()[0].attempts, 1);
    store.finish_job(id, "sent to 2 addresses".into(), UnixMillis(900)).await.unwrap();
    let done = only_job(&*store, &script).await;
    assert_eq!((done.state, done.outcome.as_deref()), (JobState::Done, Some("sent to 2 addresses")));
}

pub(in crate::store) async fn jobs_of_refused_appends_do_not_exist(store: Arc<dyn Store>) {
    let script = owing(&*store, Vec::new()).await;
    let mut late = Script { seq: 1, ..script.clone() }.next(2_000, vec![said("late")]);
    late.jobs = vec![job("mail", 100)];
    assert!(append(&*store, late).await.is_err());
    assert_eq!(store.next_job_at().await.unwrap(), None);
}
