//! The workspace, its agents and their sessions.

use super::fault::{Fault, database};
use super::rows;
use super::threads::node_now;
use crate::domain::ids::{AgentId, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::store::{AgentRecord, AvailabilityRecord, Role, SetUp, WorkspaceRecord};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Error};

const FIRST_NAME: &str = "Baton";

/// Taken by who may make the first workspace or its owner, until the end of the transaction.
const LOCK: i64 = 0x6261_746f_6e00_0002;

/// The columns of [`agent_record`], and then what chooses the rows.
macro_rules! select_agent {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.workspace, a.name, a.email, a.role, a.password_hash, a.availability FROM agent a ",
            $rest
        )
    };
}

pub(super) async fn first_workspace(connection: &mut PgConnection) -> Result<WorkspaceRecord, Fault> {
    if let Some(found) = find_first(connection).await? {
        return Ok(found);
    }
    let mut transaction = connection.begin().await?;
    lock(&mut transaction).await?;
    let first = make_first(&mut transaction).await?;
    transaction.commit().await?;
    Ok(first)
}

pub(super) async fn set_up(connection: &mut PgConnection, setup: &SetUp) -> Result<bool, Fault> {
    let mut transaction = connection.begin().await?;
    lock(&mut transaction).await?;
    if !needs_set_up(&mut transaction).await? {
        return Ok(false);
    }
    let workspace = make_first(&mut transaction).await?.id;
    let owner = &setup.owner;
    if owner.workspace != workspace || owner.role != Role::Owner {
        return Err(database("set up", "the first agent is the owner of the first workspace").into());
    }
    let rename =
        sqlx::query("UPDATE workspace SET name = $2 WHERE id = $1").bind(workspace.0).bind(&setup.workspace_name);
    rows::rows(&mut transaction, rename).await?;
    let add = sqlx::query(
        "INSERT INTO agent (id, workspace, name, email, email_key, role, password_hash, availability)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(owner.id.0)
    .bind(workspace.0)
    .bind(&owner.name)
    .bind(&owner.email)
    .bind(AgentRecord::email_key(&owner.email))
    .bind(owner.role.as_str())
    .bind(&owner.password_hash)
    .bind(owner.availability.as_str());
    rows::rows(&mut transaction, add).await?;
    transaction.commit().await?;
    Ok(true)
}

pub(super) async fn needs_set_up(connection: &mut PgConnection) -> Result<bool, Fault> {
    let owner = rows::row(connection, sqlx::query("SELECT 1 FROM agent WHERE role = 'owner' LIMIT 1")).await?;
    Ok(owner.is_none())
}

pub(super) async fn workspace(
    connection: &mut PgConnection,
    id: WorkspaceId,
) -> Result<Option<WorkspaceRecord>, Fault> {
    let query = sqlx::query("SELECT id, name FROM workspace WHERE id = $1").bind(id.0);
    Ok(rows::row(connection, query).await?.as_ref().map(workspace_record).transpose()?)
}

pub(super) async fn agent(connection: &mut PgConnection, id: AgentId) -> Result<Option<AgentRecord>, Fault> {
    let query = sqlx::query(select_agent!("WHERE a.id = $1")).bind(id.0);
    Ok(rows::row(connection, query).await?.as_ref().map(agent_record).transpose()?)
}

pub(super) async fn agent_by_email(connection: &mut PgConnection, email: &str) -> Result<Option<AgentRecord>, Fault> {
    let query = sqlx::query(select_agent!("WHERE a.email_key = $1")).bind(AgentRecord::email_key(email));
    Ok(rows::row(connection, query).await?.as_ref().map(agent_record).transpose()?)
}

pub(super) async fn agents(connection: &mut PgConnection, workspace: WorkspaceId) -> Result<Vec<AgentRecord>, Fault> {
    let query = sqlx::query(select_agent!("WHERE a.workspace = $1 ORDER BY a.name, a.id")).bind(workspace.0);
    let found = rows::rows(connection, query).await?;
    Ok(found.iter().map(agent_record).collect::<Result<_, _>>()?)
}

pub(super) async fn set_availability(
    connection: &mut PgConnection,
    agent: AgentId,
    availability: AvailabilityRecord,
) -> Result<(), Fault> {
    let query =
        sqlx::query("UPDATE agent SET availability = $2 WHERE id = $1").bind(agent.0).bind(availability.as_str());
    rows::rows(connection, query).await?;
    Ok(())
}

/// The end of a session is kept on the database's clock, like that of claims: see [`super::jobs`].
pub(super) async fn add_session(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    agent: AgentId,
    expires_at: UnixMillis,
) -> Result<(), Fault> {
    let query = sqlx::query("INSERT INTO session (token_hash, agent, expires_at) VALUES ($1, $2, $3 + clock_skew($4))");
    let query = query.bind(token_hash.as_slice()).bind(agent.0).bind(expires_at.0).bind(node_now());
    rows::rows(connection, query).await?;
    Ok(())
}

pub(super) async fn session(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: UnixMillis,
) -> Result<Option<AgentRecord>, Fault> {
    let query = sqlx::query(select_agent!(
        "JOIN session s ON s.agent = a.id WHERE s.token_hash = $1 AND s.expires_at > $2 + clock_skew($3)"
    ));
    let query = query.bind(token_hash.as_slice()).bind(now.0).bind(node_now());
    Ok(rows::row(connection, query).await?.as_ref().map(agent_record).transpose()?)
}

pub(super) async fn remove_session(connection: &mut PgConnection, token_hash: &[u8; 32]) -> Result<(), Fault> {
    rows::rows(connection, sqlx::query("DELETE FROM session WHERE token_hash = $1").bind(token_hash.as_slice()))
        .await?;
    Ok(())
}

pub(super) async fn prune_sessions(
    connection: &mut PgConnection,
    now: UnixMillis,
    limit: usize,
) -> Result<usize, Fault> {
    let query = sqlx::query(
        "WITH old AS MATERIALIZED (SELECT token_hash FROM session WHERE expires_at <= $1 + clock_skew($2) LIMIT $3
         FOR UPDATE SKIP LOCKED) DELETE FROM session USING old WHERE session.token_hash = old.token_hash",
    );
    let query = query.bind(now.0).bind(node_now()).bind(rows::limit(limit));
    Ok(usize::try_from(rows::changed(connection, query).await?).unwrap_or(usize::MAX))
}

async fn lock(transaction: &mut PgConnection) -> Result<(), Fault> {
    rows::rows(transaction, sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK)).await?;
    Ok(())
}

async fn make_first(transaction: &mut PgConnection) -> Result<WorkspaceRecord, Fault> {
    if let Some(found) = find_first(transaction).await? {
        return Ok(found);
    }
    let made = WorkspaceRecord { id: WorkspaceId::generate(), name: FIRST_NAME.into() };
    let add = sqlx::query("INSERT INTO workspace (id, name) VALUES ($1, $2)").bind(made.id.0).bind(&made.name);
    rows::rows(transaction, add).await?;
    let note = sqlx::query("INSERT INTO meta (name, value) VALUES ('first_workspace', $1)");
    rows::rows(transaction, note.bind(made.id.0.as_bytes().as_slice())).await?;
    Ok(made)
}

async fn find_first(connection: &mut PgConnection) -> Result<Option<WorkspaceRecord>, Fault> {
    let query = sqlx::query(
        "SELECT w.id, w.name FROM meta m JOIN workspace w ON w.id = encode(m.value, 'hex')::uuid
         WHERE m.name = 'first_workspace'",
    );
    Ok(rows::row(connection, query).await?.as_ref().map(workspace_record).transpose()?)
}

fn workspace_record(row: &PgRow) -> Result<WorkspaceRecord, Error> {
    Ok(WorkspaceRecord { id: WorkspaceId(rows::uuid(row, 0)?), name: rows::text(row, 1)? })
}

fn agent_record(row: &PgRow) -> Result<AgentRecord, Error> {
    Ok(AgentRecord {
        id: AgentId(rows::uuid(row, 0)?),
        workspace: WorkspaceId(rows::uuid(row, 1)?),
        name: rows::text(row, 2)?,
        email: rows::text(row, 3)?,
        role: rows::named(row, 4, Role::parse)?,
        password_hash: rows::text(row, 5)?,
        availability: rows::named(row, 6, AvailabilityRecord::parse)?,
    })
}
