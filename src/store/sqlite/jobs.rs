//! Promises: claimed, finished, failed, retried.

use super::fault::Fault;
use super::rows::{self, bytes, int};
use crate::domain::ids::{ChatbotId, ConversationId, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::store::append::{SETTLED, job_id};
use crate::store::{ClaimedJob, JobKind, JobRecord, JobState, NewJob};
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;
use uuid::Uuid;

pub(super) fn insert(tx: &Connection, conversation: i64, job: &NewJob) -> rusqlite::Result<()> {
    let due_at = job.claimed_until.map_or(job.run_at, |until| until.max(job.run_at));
    tx.prepare_cached(
        "INSERT INTO job (id, key, kind, conversation, about, run_at, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        bytes(&job_id(&job.key)),
        job.key,
        job.kind.as_str(),
        conversation,
        int(job.about),
        job.run_at.0,
        due_at.0
    ])?;
    Ok(())
}

pub(super) fn settle(tx: &Connection, key: &str) -> rusqlite::Result<()> {
    complete(tx, job_id(key), SETTLED)
}

/// Done jobs stay for the console, except answers of the AI: there is one for each message of a visitor, the log itself shows
/// the answer, and their keys can't come back because the seq in them is taken.
fn complete(tx: &Connection, id: Uuid, outcome: &str) -> rusqlite::Result<()> {
    let deleted = tx.prepare_cached("DELETE FROM job WHERE id = ?1 AND kind = 'ai_answer'")?.execute([bytes(&id)])?;
    if deleted == 0 {
        tx.prepare_cached("UPDATE job SET state = 'done', outcome = ?2 WHERE id = ?1 AND state <> 'done'")?
            .execute(params![bytes(&id), outcome])?;
    }
    Ok(())
}

pub(super) fn finish(tx: &Connection, id: Uuid, outcome: &str) -> Result<(), Fault> {
    Ok(complete(tx, id, outcome)?)
}

pub(super) fn claim(tx: &Connection, now: UnixMillis, claim: Duration, limit: usize) -> Result<Vec<ClaimedJob>, Fault> {
    let until = now.plus_millis(i64::try_from(claim.as_millis()).unwrap_or(i64::MAX));
    let mut due = tx.prepare_cached(
        "SELECT j.id, j.key, j.kind, c.uuid, j.about, j.attempts + 1 FROM job j JOIN conversation c ON c.id = j.conversation
         WHERE j.state = 'pending' AND j.due_at <= ?1 ORDER BY j.run_at, j.id LIMIT ?2",
    )?;
    let jobs = due
        .query_map(params![now.0, i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
            Ok(ClaimedJob {
                id: rows::uuid(row, 0)?,
                key: row.get(1)?,
                kind: rows::named(row, 2, JobKind::parse)?,
                conversation: ConversationId(rows::uuid(row, 3)?),
                about: rows::seq(row, 4)?,
                attempts: row.get(5)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut mark = tx.prepare_cached("UPDATE job SET due_at = ?2, attempts = ?3 WHERE id = ?1")?;
    for job in &jobs {
        mark.execute(params![bytes(&job.id), until.0, job.attempts])?;
    }
    Ok(jobs)
}

pub(super) fn claim_one(tx: &Connection, key: &str, now: UnixMillis, until: UnixMillis) -> Result<bool, Fault> {
    let changed = tx
        .prepare_cached(
            "UPDATE job SET due_at = ?3, attempts = attempts + 1 WHERE id = ?1 AND state = 'pending' AND due_at <= ?2",
        )?
        .execute(params![bytes(&job_id(key)), now.0, until.0])?;
    Ok(changed == 1)
}

pub(super) fn fail(tx: &Connection, id: Uuid, error: &str, again_at: Option<UnixMillis>) -> Result<(), Fault> {
    tx.prepare_cached(
        "UPDATE job SET last_error = ?2, run_at = coalesce(?3, run_at), due_at = coalesce(?3, due_at),
           state = iif(?3 IS NULL, 'failed', 'pending')
         WHERE id = ?1 AND state = 'pending'",
    )?
    .execute(params![bytes(&id), error, again_at.map(|at| at.0)])?;
    Ok(())
}

pub(super) fn retry(tx: &Connection, workspace: WorkspaceId, id: Uuid, now: UnixMillis) -> Result<bool, Fault> {
    let changed = tx
        .prepare_cached(
            "UPDATE job SET state = 'pending', attempts = 0, run_at = ?3, due_at = ?3 WHERE id = ?1 AND state = 'failed'
               AND (SELECT workspace FROM conversation c WHERE c.id = job.conversation) = ?2",
        )?
        .execute(params![bytes(&id), bytes(&workspace.0), now.0])?;
    Ok(changed == 1)
}

pub(super) fn list(
    connection: &Connection,
    workspace: WorkspaceId,
    state: Option<JobState>,
    limit: usize,
) -> Result<Vec<JobRecord>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT j.id, j.kind, c.uuid, c.chatbot, j.run_at, j.attempts, j.state, j.last_error, j.outcome
         FROM job j JOIN conversation c ON c.id = j.conversation
         WHERE c.workspace = ?1 AND (?2 IS NULL OR j.state = ?2) ORDER BY j.run_at DESC, j.id LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let records = statement.query_map(params![bytes(&workspace.0), state.map(JobState::as_str), limit], |row| {
        Ok(JobRecord {
            id: rows::uuid(row, 0)?,
            kind: rows::named(row, 1, JobKind::parse)?,
            conversation: ConversationId(rows::uuid(row, 2)?),
            chatbot: rows::named(row, 3, |text| text.parse::<ChatbotId>().ok())?,
            run_at: rows::millis(row, 4)?,
            attempts: row.get(5)?,
            state: rows::named(row, 6, JobState::parse)?,
            last_error: row.get(7)?,
            outcome: row.get(8)?,
        })
    })?;
    Ok(records.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn next_at(connection: &Connection) -> Result<Option<UnixMillis>, Fault> {
    let next = connection
        .prepare_cached("SELECT due_at FROM job WHERE state = 'pending' ORDER BY due_at LIMIT 1")?
        .query_row([], |row| rows::millis(row, 0))
        .optional()?;
    Ok(next)
}
