//! Chatbots and their settings; secrets of the installation.

use super::fault::{Fault, database};
use super::rows;
use crate::domain::ids::{ChatbotId, WorkspaceId};
use crate::domain::settings::ChatbotSettings;
use crate::store::{ChatbotRecord, stored_settings};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Error, Row as _};

pub(super) async fn add(connection: &mut PgConnection, chatbot: &ChatbotRecord) -> Result<bool, Fault> {
    let query =
        sqlx::query("INSERT INTO chatbot (id, workspace, settings) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING")
            .bind(chatbot.id.as_str())
            .bind(chatbot.workspace.0)
            .bind(encode(&chatbot.settings)?);
    Ok(rows::changed(connection, query).await? == 1)
}

pub(super) async fn all(connection: &mut PgConnection) -> Result<Vec<ChatbotRecord>, Fault> {
    let query = sqlx::query(r#"SELECT id, workspace, settings FROM chatbot ORDER BY id COLLATE "C""#);
    let found = rows::rows(connection, query).await?;
    let record = |row: &PgRow| {
        Ok(ChatbotRecord {
            id: rows::chatbot(row, 0)?,
            workspace: WorkspaceId(rows::uuid(row, 1)?),
            settings: stored_settings::decode(row.try_get(2)?).map_err(|error| rows::unreadable(2, error))?,
        })
    };
    Ok(found.iter().map(record).collect::<Result<_, Error>>()?)
}

pub(super) async fn set_settings(
    connection: &mut PgConnection,
    chatbot: &ChatbotId,
    settings: &ChatbotSettings,
) -> Result<(), Fault> {
    let query =
        sqlx::query("UPDATE chatbot SET settings = $2 WHERE id = $1").bind(chatbot.as_str()).bind(encode(settings)?);
    if rows::changed(connection, query).await? == 0 {
        return Err(database("change settings", "no such chatbot").into());
    }
    Ok(())
}

/// Of several nodes that make the same one, the first counts.
pub(super) async fn secret(connection: &mut PgConnection, name: &str) -> Result<[u8; 32], Fault> {
    if let Some(found) = find_secret(connection, name).await? {
        return Ok(found);
    }
    let mut value = [0; 32];
    getrandom::fill(&mut value).map_err(|error| database("draw a secret", error))?;
    let add = sqlx::query("INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    rows::rows(connection, add.bind(name).bind(value.as_slice())).await?;
    find_secret(connection, name).await?.ok_or_else(|| database("make a secret", "it is not there").into())
}

/// Fails where any other write would.
pub(super) async fn ping(connection: &mut PgConnection) -> Result<(), Fault> {
    let query = sqlx::query(
        "INSERT INTO meta (name, value) VALUES ('ping', '') ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    );
    rows::rows(connection, query).await?;
    Ok(())
}

async fn find_secret(connection: &mut PgConnection, name: &str) -> Result<Option<[u8; 32]>, Fault> {
    let query = sqlx::query("SELECT value FROM secret WHERE name = $1").bind(name);
    Ok(rows::row(connection, query).await?.map(|row| rows::blob(&row, 0)).transpose()?)
}

fn encode(settings: &ChatbotSettings) -> Result<String, Fault> {
    stored_settings::encode(settings).map_err(|error| database("encode settings", error).into())
}
