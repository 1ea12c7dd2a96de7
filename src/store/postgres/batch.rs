//! A batch of appends as the arrays that `append_events` takes: one statement, one round trip, one commit.

use super::fault::database;
use super::rows::{self, int};
use super::threads::node_now;
use crate::domain::ids::Seq;
use crate::store::append::{SETTLED, job_id};
use crate::store::{Append, StoreError, stored_event};
use sqlx::Error;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

/// How an append ended, given that the transaction was committed.
#[derive(Debug)]
pub(super) enum Outcome {
    Written,
    Conflict { actual: Seq },
    Refused(StoreError),
}

/// Columns of everything that a batch writes; each group has a row per append, projection, event, job or settled job.
#[derive(Default)]
pub(super) struct Batch {
    ids: Vec<Uuid>,
    expected: Vec<i64>,
    lasts: Vec<i64>,
    ats: Vec<i64>,
    projections: Projections,
    events: Events,
    jobs: Jobs,
    settled: Settled,
}

#[derive(Default)]
struct Projections {
    ids: Vec<Uuid>,
    workspaces: Vec<Uuid>,
    chatbots: Vec<String>,
    visitors: Vec<Uuid>,
    statuses: Vec<&'static str>,
    assignees: Vec<Option<Uuid>>,
    names: Vec<Option<String>>,
    waiting: Vec<Option<i64>>,
    escalated: Vec<bool>,
    started: Vec<i64>,
    countries: Vec<String>,
}

#[derive(Default)]
struct Events {
    ids: Vec<Uuid>,
    seqs: Vec<i64>,
    ats: Vec<i64>,
    bodies: Vec<String>,
}

#[derive(Default)]
struct Jobs {
    conversations: Vec<Uuid>,
    ids: Vec<Uuid>,
    keys: Vec<String>,
    kinds: Vec<&'static str>,
    abouts: Vec<i64>,
    runs: Vec<i64>,
    dues: Vec<i64>,
}

#[derive(Default)]
struct Settled {
    conversations: Vec<Uuid>,
    ids: Vec<Uuid>,
}

impl Batch {
    /// Add an append. Nothing of it is in the batch when it is refused: CONV-1 is checked here as well, because a gap in the log
    /// could never be repaired.
    pub(super) fn push(&mut self, append: &Append) -> Result<(), StoreError> {
        let bodies = encode(append)?;
        let id = append.conversation.0;
        self.ids.push(id);
        self.expected.push(int(append.expected));
        self.lasts.push(int(append.expected) + append.events.len() as i64);
        self.ats.push(append.events.last().map_or(0, |last| last.at.0));
        if let Some(projection) = &append.projection {
            let columns = &mut self.projections;
            columns.ids.push(id);
            columns.workspaces.push(projection.workspace.0);
            columns.chatbots.push(projection.chatbot.as_str().into());
            columns.visitors.push(projection.visitor.0);
            columns.statuses.push(projection.status.as_str());
            columns.assignees.push(projection.assignee.as_ref().map(|agent| agent.id.0));
            columns.names.push(projection.assignee.as_ref().map(|agent| agent.name.clone()));
            columns.waiting.push(projection.waiting_since.map(|at| at.0));
            columns.escalated.push(projection.escalated);
            columns.started.push(projection.started_at.0);
            columns.countries.push(projection.country.clone());
        }
        for (recorded, body) in append.events.iter().zip(bodies) {
            self.events.ids.push(id);
            self.events.seqs.push(int(recorded.seq));
            self.events.ats.push(recorded.at.0);
            self.events.bodies.push(body);
        }
        for job in &append.jobs {
            self.jobs.conversations.push(id);
            self.jobs.ids.push(job_id(&job.key));
            self.jobs.keys.push(job.key.clone());
            self.jobs.kinds.push(job.kind.as_str());
            self.jobs.abouts.push(int(job.about));
            self.jobs.runs.push(job.run_at.0);
            self.jobs.dues.push(job.claimed_until.map_or(job.run_at, |until| until.max(job.run_at)).0);
        }
        for key in &append.settles {
            self.settled.conversations.push(id);
            self.settled.ids.push(job_id(key));
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Write and commit. For each append in the order they were added: `None` when it was written, else where its log really ends.
    pub(super) async fn commit(&self, connection: &mut PgConnection) -> Result<Vec<Outcome>, Error> {
        let (p, e, j, s) = (&self.projections, &self.events, &self.jobs, &self.settled);
        let query = sqlx::query(
            "SELECT append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
               $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)",
        );
        let query = query.bind(&self.ids).bind(&self.expected).bind(&self.lasts).bind(&self.ats);
        let query = query.bind(&p.ids).bind(&p.workspaces).bind(&p.chatbots).bind(&p.visitors).bind(&p.statuses);
        let query = query.bind(&p.assignees).bind(&p.names).bind(&p.waiting).bind(&p.escalated).bind(&p.started);
        let query = query.bind(&p.countries).bind(&e.ids).bind(&e.seqs).bind(&e.ats).bind(&e.bodies);
        let query = query.bind(&j.conversations).bind(&j.ids).bind(&j.keys).bind(&j.kinds).bind(&j.abouts);
        let query = query.bind(&j.runs).bind(&j.dues).bind(&s.conversations).bind(&s.ids).bind(SETTLED);
        let row = rows::row(connection, query.bind(node_now())).await?.ok_or(Error::RowNotFound)?;
        let actual: Vec<Option<i64>> = sqlx::Row::try_get(&row, 0)?;
        if actual.len() != self.ids.len() {
            return Err(Error::Protocol(format!("{} outcomes for {} appends", actual.len(), self.ids.len())));
        }
        Ok(self.expected.iter().zip(actual).map(|(expected, actual)| outcome(*expected, actual)).collect())
    }
}

fn outcome(expected: i64, actual: Option<i64>) -> Outcome {
    match actual {
        None => Outcome::Written,
        Some(0) if expected == 0 => {
            Outcome::Refused(database("append", "the first append of a conversation has no projection"))
        }
        Some(actual) => Outcome::Conflict { actual: Seq(actual.cast_unsigned()) },
    }
}

fn encode(append: &Append) -> Result<Vec<String>, StoreError> {
    if append.events.is_empty() {
        return Err(database("append", "an append without events"));
    }
    let mut seq = append.expected;
    let mut bodies = Vec::with_capacity(append.events.len());
    for recorded in &append.events {
        seq = seq.next();
        if recorded.seq != seq {
            return Err(database("append", format!("CONV-1: event {} where {seq} follows", recorded.seq)));
        }
        let mut body = Vec::new();
        stored_event::encode(&recorded.event, &mut body).map_err(|error| database("encode an event", error))?;
        bodies.push(String::from_utf8(body).map_err(|error| database("encode an event", error))?);
    }
    Ok(bodies)
}
