//! The workspace, its agents and their sessions.

use super::fault::{Fault, database};
use super::rows::{self, bytes};
use crate::domain::ids::{AgentId, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::store::{AgentRecord, AvailabilityRecord, Role, SetUp, WorkspaceRecord};
use rusqlite::{Connection, OptionalExtension, Row, params};

const FIRST_NAME: &str = "Baton";

/// The columns of [`agent_record`], and then what chooses the rows.
macro_rules! select_agent {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.workspace, a.name, a.email, a.role, a.password_hash, a.availability FROM agent a ",
            $rest
        )
    };
}

pub(super) fn first_workspace(tx: &Connection) -> Result<WorkspaceRecord, Fault> {
    if let Some(found) = find_first(tx)? {
        return Ok(found);
    }
    let made = WorkspaceRecord { id: WorkspaceId::generate(), name: FIRST_NAME.into() };
    tx.execute("INSERT INTO workspace (id, name) VALUES (?1, ?2)", params![bytes(&made.id.0), made.name])?;
    tx.execute("INSERT INTO meta (name, value) VALUES ('first_workspace', ?1)", [bytes(&made.id.0)])?;
    Ok(made)
}

pub(super) fn find_first(connection: &Connection) -> Result<Option<WorkspaceRecord>, Fault> {
    let found = connection
        .prepare_cached(
            "SELECT w.id, w.name FROM meta m JOIN workspace w ON w.id = m.value WHERE m.name = 'first_workspace'",
        )?
        .query_row([], workspace_record)
        .optional()?;
    Ok(found)
}

pub(super) fn set_up(tx: &Connection, setup: &SetUp) -> Result<bool, Fault> {
    if !needs_set_up(tx)? {
        return Ok(false);
    }
    let workspace = first_workspace(tx)?.id;
    let owner = &setup.owner;
    if owner.workspace != workspace || owner.role != Role::Owner {
        return Err(database("set up", "the first agent is the owner of the first workspace").into());
    }
    tx.execute("UPDATE workspace SET name = ?2 WHERE id = ?1", params![bytes(&workspace.0), setup.workspace_name])?;
    tx.execute(
        "INSERT INTO agent (id, workspace, name, email, email_key, role, password_hash, availability)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            bytes(&owner.id.0),
            bytes(&workspace.0),
            owner.name,
            owner.email,
            AgentRecord::email_key(&owner.email),
            owner.role.as_str(),
            owner.password_hash,
            owner.availability.as_str(),
        ],
    )?;
    Ok(true)
}

pub(super) fn needs_set_up(connection: &Connection) -> Result<bool, Fault> {
    Ok(connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM agent WHERE role = 'owner')", [], |row| row.get(0))?)
}

pub(super) fn workspace(connection: &Connection, id: WorkspaceId) -> Result<Option<WorkspaceRecord>, Fault> {
    let found = connection
        .prepare_cached("SELECT id, name FROM workspace WHERE id = ?1")?
        .query_row([bytes(&id.0)], workspace_record)
        .optional()?;
    Ok(found)
}

pub(super) fn agent(connection: &Connection, id: AgentId) -> Result<Option<AgentRecord>, Fault> {
    let found = connection
        .prepare_cached(select_agent!("WHERE a.id = ?1"))?
        .query_row([bytes(&id.0)], agent_record)
        .optional()?;
    Ok(found)
}

pub(super) fn agent_by_email(connection: &Connection, email: &str) -> Result<Option<AgentRecord>, Fault> {
    let found = connection
        .prepare_cached(select_agent!("WHERE a.email_key = ?1"))?
        .query_row([AgentRecord::email_key(email)], agent_record)
        .optional()?;
    Ok(found)
}

pub(super) fn agents(connection: &Connection, workspace: WorkspaceId) -> Result<Vec<AgentRecord>, Fault> {
    let mut statement = connection.prepare_cached(select_agent!("WHERE a.workspace = ?1 ORDER BY a.name, a.id"))?;
    let records = statement.query_map([bytes(&workspace.0)], agent_record)?;
    Ok(records.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn set_availability(tx: &Connection, agent: AgentId, availability: AvailabilityRecord) -> Result<(), Fault> {
    tx.prepare_cached("UPDATE agent SET availability = ?2 WHERE id = ?1")?
        .execute(params![bytes(&agent.0), availability.as_str()])?;
    Ok(())
}

pub(super) fn add_session(
    tx: &Connection,
    token_hash: &[u8; 32],
    agent: AgentId,
    expires_at: UnixMillis,
) -> Result<(), Fault> {
    tx.prepare_cached("INSERT INTO session (token_hash, agent, expires_at) VALUES (?1, ?2, ?3)")?.execute(params![
        token_hash,
        bytes(&agent.0),
        expires_at.0
    ])?;
    Ok(())
}

pub(super) fn session(
    connection: &Connection,
    token_hash: &[u8; 32],
    now: UnixMillis,
) -> Result<Option<AgentRecord>, Fault> {
    let found = connection
        .prepare_cached(select_agent!(
            "JOIN session s ON s.agent = a.id WHERE s.token_hash = ?1 AND s.expires_at > ?2"
        ))?
        .query_row(params![token_hash, now.0], agent_record)
        .optional()?;
    Ok(found)
}

pub(super) fn remove_session(tx: &Connection, token_hash: &[u8; 32]) -> Result<(), Fault> {
    tx.prepare_cached("DELETE FROM session WHERE token_hash = ?1")?.execute([token_hash])?;
    Ok(())
}

pub(super) fn prune_sessions(tx: &Connection, now: UnixMillis, limit: usize) -> Result<usize, Fault> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_at <= ?1 LIMIT ?2)",
    )?;
    Ok(statement.execute(params![now.0, i64::try_from(limit).unwrap_or(i64::MAX)])?)
}

fn workspace_record(row: &Row<'_>) -> rusqlite::Result<WorkspaceRecord> {
    Ok(WorkspaceRecord { id: WorkspaceId(rows::uuid(row, 0)?), name: row.get(1)? })
}

fn agent_record(row: &Row<'_>) -> rusqlite::Result<AgentRecord> {
    Ok(AgentRecord {
        id: AgentId(rows::uuid(row, 0)?),
        workspace: WorkspaceId(rows::uuid(row, 1)?),
        name: row.get(2)?,
        email: row.get(3)?,
        role: rows::named(row, 4, Role::parse)?,
        password_hash: row.get(5)?,
        availability: rows::named(row, 6, AvailabilityRecord::parse)?,
    })
}
