//! Promises: claimed, finished, failed, retried.
//!
//! When a job is due and when a claim ends is judged by the database's clock. The contract gives the node's times; `clock_skew` moves
//! them over, in the same statement, so that a node whose clock is a day ahead does not take the claims of all others for expired, and
//! one that was frozen between asking and being heard claims from when it is heard (I14).

use super::fault::Fault;
use super::rows;
use super::threads::node_now;
use crate::domain::ids::WorkspaceId;
use crate::domain::time::UnixMillis;
use crate::store::append::job_id;
use crate::store::{ClaimedJob, JobKind, JobRecord, JobState};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Error, Row as _};
use std::time::Duration;
use uuid::Uuid;

/// Rows that another node is claiming are passed over, so nobody waits and nobody gets the same. Materialized, because a plan that runs
/// the search twice would lock more rows than it claims.
pub(super) async fn claim(
    connection: &mut PgConnection,
    now: UnixMillis,
    claim: Duration,
    limit: usize,
) -> Result<Vec<ClaimedJob>, Fault> {
    let until = now.plus_millis(i64::try_from(claim.as_millis()).unwrap_or(i64::MAX));
    let query = sqlx::query(
        "WITH due AS MATERIALIZED (
           SELECT found.id, skew FROM clock_skew($4) AS skew,
             LATERAL (SELECT id FROM job WHERE state = 'pending' AND due_at <= $1 + skew ORDER BY run_at, id LIMIT $3
                      FOR UPDATE SKIP LOCKED) AS found)
         UPDATE job SET due_at = $2 + due.skew, attempts = attempts + 1 FROM due WHERE job.id = due.id
         RETURNING job.id, key, kind, conversation, about, attempts, run_at",
    );
    let query = query.bind(now.0).bind(until.0).bind(rows::limit(limit)).bind(node_now());
    let mut found = Vec::new();
    for row in rows::rows(connection, query).await? {
        let job = ClaimedJob {
            id: rows::uuid(&row, 0)?,
            key: rows::text(&row, 1)?,
            kind: rows::named(&row, 2, JobKind::parse)?,
            conversation: rows::conversation(&row, 3)?,
            about: rows::seq(&row, 4)?,
            attempts: rows::count(&row, 5)?,
        };
        found.push((rows::millis(&row, 6)?, job));
    }
    found.sort_by_key(|(run_at, job)| (*run_at, job.id));
    Ok(found.into_iter().map(|(_, job)| job).collect())
}

pub(super) async fn claim_one(
    connection: &mut PgConnection,
    key: &str,
    now: UnixMillis,
    until: UnixMillis,
) -> Result<bool, Fault> {
    let query = sqlx::query(
        "UPDATE job SET due_at = $3 + skew, attempts = attempts + 1 FROM clock_skew($4) AS skew
         WHERE id = $1 AND state = 'pending' AND due_at <= $2 + skew",
    );
    let query = query.bind(job_id(key)).bind(now.0).bind(until.0).bind(node_now());
    Ok(rows::changed(connection, query).await? == 1)
}

pub(super) async fn finish(connection: &mut PgConnection, id: Uuid, outcome: &str) -> Result<(), Fault> {
    rows::rows(connection, sqlx::query("SELECT complete_jobs(ARRAY[$1], $2)").bind(id).bind(outcome)).await?;
    Ok(())
}

pub(super) async fn fail(
    connection: &mut PgConnection,
    id: Uuid,
    error: &str,
    again_at: Option<UnixMillis>,
) -> Result<(), Fault> {
    let query = sqlx::query(
        "UPDATE job SET last_error = $2, run_at = coalesce($3 + skew, run_at), due_at = coalesce($3 + skew, due_at),
           state = CASE WHEN $3 IS NULL THEN 'failed' ELSE 'pending' END
         FROM clock_skew($4) AS skew WHERE id = $1 AND state = 'pending'",
    );
    let query = query.bind(id).bind(error).bind(again_at.map(|at| at.0)).bind(node_now());
    rows::rows(connection, query).await?;
    Ok(())
}

pub(super) async fn retry(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    id: Uuid,
    now: UnixMillis,
) -> Result<bool, Fault> {
    let query = sqlx::query(
        "UPDATE job SET state = 'pending', attempts = 0, run_at = $3 + skew, due_at = $3 + skew
         FROM clock_skew($4) AS skew WHERE id = $1 AND workspace = $2 AND state = 'failed'",
    );
    let query = query.bind(id).bind(workspace.0).bind(now.0).bind(node_now());
    Ok(rows::changed(connection, query).await? == 1)
}

pub(super) async fn list(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    state: Option<JobState>,
    limit: usize,
) -> Result<Vec<JobRecord>, Fault> {
    let query = sqlx::query(
        "SELECT j.id, j.kind, j.conversation, c.chatbot, j.run_at - skew, j.attempts, j.state, j.last_error, j.outcome
         FROM clock_skew($4) AS skew, job j JOIN conversation c ON c.id = j.conversation
         WHERE j.workspace = $1 AND ($2::text IS NULL OR j.state = $2) ORDER BY j.run_at DESC, j.id LIMIT $3",
    );
    let query = query.bind(workspace.0).bind(state.map(JobState::as_str)).bind(rows::limit(limit)).bind(node_now());
    let found = rows::rows(connection, query).await?;
    Ok(found.iter().map(record).collect::<Result<_, _>>()?)
}

pub(super) async fn next_at(connection: &mut PgConnection) -> Result<Option<UnixMillis>, Fault> {
    let query = sqlx::query(
        "SELECT due_at - skew FROM job, clock_skew($1) AS skew WHERE state = 'pending' ORDER BY due_at LIMIT 1",
    );
    let found = rows::row(connection, query.bind(node_now())).await?;
    Ok(found.map(|row| rows::millis(&row, 0)).transpose()?)
}

fn record(row: &PgRow) -> Result<JobRecord, Error> {
    Ok(JobRecord {
        id: rows::uuid(row, 0)?,
        kind: rows::named(row, 1, JobKind::parse)?,
        conversation: rows::conversation(row, 2)?,
        chatbot: rows::chatbot(row, 3)?,
        run_at: rows::millis(row, 4)?,
        attempts: rows::count(row, 5)?,
        state: rows::named(row, 6, JobState::parse)?,
        last_error: row.try_get(7)?,
        outcome: row.try_get(8)?,
    })
}
