//! Portal links.

use super::fault::Fault;
use super::rows::{self, bytes};
use crate::domain::conversation::AgentRef;
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::time::UnixMillis;
use crate::store::{LinkRecord, NewLink};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The columns of [`record`], and then what chooses the rows.
macro_rules! select_link {
    ($rest:literal) => {
        concat!(
            "SELECT id, conversation, agent_id, agent_name, address, created_at, expires_at, revoked_at FROM link ",
            $rest
        )
    };
}

pub(super) fn add(tx: &Connection, link: &NewLink) -> Result<(), Fault> {
    tx.prepare_cached(
        "INSERT INTO link (id, token_hash, conversation, agent_id, agent_name, address, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        bytes(&link.id),
        link.token_hash,
        bytes(&link.conversation.0),
        bytes(&link.agent.id.0),
        link.agent.name,
        link.address,
        link.created_at.0,
        link.expires_at.0
    ])?;
    Ok(())
}

pub(super) fn by_token(connection: &Connection, token_hash: &[u8; 32]) -> Result<Option<LinkRecord>, Fault> {
    let found =
        connection.prepare_cached(select_link!("WHERE token_hash = ?1"))?.query_row([token_hash], record).optional()?;
    Ok(found)
}

pub(super) fn of_conversation(connection: &Connection, id: ConversationId) -> Result<Vec<LinkRecord>, Fault> {
    let mut statement = connection.prepare_cached(select_link!("WHERE conversation = ?1 ORDER BY created_at, id"))?;
    let records = statement.query_map([bytes(&id.0)], record)?;
    Ok(records.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn revoke(tx: &Connection, id: ConversationId, now: UnixMillis) -> Result<(), Fault> {
    tx.prepare_cached("UPDATE link SET revoked_at = ?2 WHERE conversation = ?1 AND revoked_at IS NULL")?
        .execute(params![bytes(&id.0), now.0])?;
    Ok(())
}

fn record(row: &Row<'_>) -> rusqlite::Result<LinkRecord> {
    Ok(LinkRecord {
        id: rows::uuid(row, 0)?,
        conversation: ConversationId(rows::uuid(row, 1)?),
        agent: AgentRef { id: AgentId(rows::uuid(row, 2)?), name: row.get(3)? },
        address: row.get(4)?,
        created_at: rows::millis(row, 5)?,
        expires_at: rows::millis(row, 6)?,
        revoked_at: rows::optional_millis(row, 7)?,
    })
}
