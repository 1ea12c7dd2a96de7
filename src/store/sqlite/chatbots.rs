//! Chatbots, their settings and documents; secrets of the installation.

use super::fault::{Fault, database};
use super::rows::{self, bytes};
use crate::domain::ids::{ChatbotId, WorkspaceId};
use crate::domain::settings::ChatbotSettings;
use crate::store::{ChatbotRecord, DocumentHead, DocumentRecord, KnowledgeStamp, stored_settings};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

pub(super) fn add(tx: &Connection, chatbot: &ChatbotRecord) -> Result<bool, Fault> {
    let added = tx
        .prepare_cached(
            "INSERT INTO chatbot (id, workspace, settings) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![chatbot.id.as_str(), bytes(&chatbot.workspace.0), encode(&chatbot.settings)?])?;
    Ok(added == 1)
}

pub(super) fn all(connection: &Connection) -> Result<Vec<ChatbotRecord>, Fault> {
    let mut statement = connection.prepare_cached("SELECT id, workspace, settings FROM chatbot ORDER BY id")?;
    let records = statement.query_map([], |row| {
        Ok(ChatbotRecord {
            id: chatbot_id(row, 0)?,
            workspace: WorkspaceId(rows::uuid(row, 1)?),
            settings: stored_settings::decode(row.get_ref(2)?.as_str()?).map_err(|error| rows::unreadable(2, error))?,
        })
    })?;
    Ok(records.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn set_settings(tx: &Connection, chatbot: &ChatbotId, settings: &ChatbotSettings) -> Result<(), Fault> {
    let changed = tx
        .prepare_cached("UPDATE chatbot SET settings = ?2 WHERE id = ?1")?
        .execute(params![chatbot.as_str(), encode(settings)?])?;
    if changed == 0 {
        return Err(database("change settings", "no such chatbot").into());
    }
    Ok(())
}

pub(super) fn documents(connection: &Connection, chatbot: &ChatbotId) -> Result<Vec<DocumentRecord>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT id, chatbot, name, text, updated_at FROM document WHERE chatbot = ?1 ORDER BY name")?;
    let records = statement.query_map([chatbot.as_str()], document_record)?;
    Ok(records.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn document(
    connection: &Connection,
    chatbot: &ChatbotId,
    id: Uuid,
) -> Result<Option<DocumentRecord>, Fault> {
    let record = connection
        .prepare_cached("SELECT id, chatbot, name, text, updated_at FROM document WHERE id = ?1 AND chatbot = ?2")?
        .query_row(params![bytes(&id), chatbot.as_str()], document_record)
        .optional()?;
    Ok(record)
}

fn document_record(row: &rusqlite::Row<'_>) -> rusqlite::Result<DocumentRecord> {
    Ok(DocumentRecord {
        id: rows::uuid(row, 0)?,
        chatbot: chatbot_id(row, 1)?,
        name: row.get(2)?,
        text: row.get(3)?,
        updated_at: rows::millis(row, 4)?,
    })
}

pub(super) fn document_heads(connection: &Connection, chatbot: &ChatbotId) -> Result<Vec<DocumentHead>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, octet_length(text), updated_at FROM document WHERE chatbot = ?1 ORDER BY name",
    )?;
    let heads = statement.query_map([chatbot.as_str()], |row| {
        Ok(DocumentHead {
            id: rows::uuid(row, 0)?,
            name: row.get(1)?,
            bytes: row.get(2)?,
            updated_at: rows::millis(row, 3)?,
        })
    })?;
    Ok(heads.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn knowledge_stamps(connection: &Connection) -> Result<Vec<(ChatbotId, KnowledgeStamp)>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT chatbot, count(*), max(updated_at) FROM document GROUP BY chatbot")?;
    let stamps = statement.query_map([], |row| {
        Ok((chatbot_id(row, 0)?, KnowledgeStamp { documents: row.get(1)?, latest: rows::millis(row, 2)? }))
    })?;
    Ok(stamps.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put_document(tx: &Connection, document: &DocumentRecord) -> Result<Uuid, Fault> {
    let id = tx
        .prepare_cached(
            "INSERT INTO document (id, chatbot, name, text, updated_at)
             VALUES (?1, ?2, ?3, ?4, max(?5, (SELECT coalesce(max(updated_at) + 1, ?5) FROM document WHERE chatbot = ?2)))
             ON CONFLICT (chatbot, name) DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at
             RETURNING id",
        )?
        .query_row(
            params![
                bytes(&document.id),
                document.chatbot.as_str(),
                document.name,
                document.text,
                document.updated_at.0
            ],
            |row| rows::uuid(row, 0),
        )?;
    Ok(id)
}

pub(super) fn remove_document(tx: &Connection, chatbot: &ChatbotId, id: Uuid) -> Result<bool, Fault> {
    let removed = tx
        .prepare_cached("DELETE FROM document WHERE id = ?1 AND chatbot = ?2")?
        .execute(params![bytes(&id), chatbot.as_str()])?;
    Ok(removed == 1)
}

pub(super) fn find_secret(connection: &Connection, name: &str) -> Result<Option<[u8; 32]>, Fault> {
    let found = connection
        .prepare_cached("SELECT value FROM secret WHERE name = ?1")?
        .query_row([name], |row| rows::blob(row, 0))
        .optional()?;
    Ok(found)
}

pub(super) fn secret(tx: &Connection, name: &str) -> Result<[u8; 32], Fault> {
    if let Some(found) = find_secret(tx, name)? {
        return Ok(found);
    }
    let mut value = [0; 32];
    getrandom::fill(&mut value).map_err(|error| database("draw a secret", error))?;
    tx.prepare_cached("INSERT INTO secret (name, value) VALUES (?1, ?2)")?.execute(params![name, value])?;
    Ok(value)
}

/// Fails where any other write would.
pub(super) fn ping(tx: &Connection) -> Result<(), Fault> {
    tx.prepare_cached("INSERT INTO meta (name, value) VALUES ('ping', 0) ON CONFLICT DO UPDATE SET value = value + 1")?
        .execute([])?;
    Ok(())
}

fn encode(settings: &ChatbotSettings) -> Result<String, Fault> {
    stored_settings::encode(settings).map_err(|error| database("encode settings", error).into())
}

pub(super) fn chatbot_id(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<ChatbotId> {
    rows::named(row, column, |text| text.parse().ok())
}
