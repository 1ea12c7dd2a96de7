//! Documents of chatbots.
//!
//! Nodes see by [`KnowledgeStamp`] that documents have changed. It holds a time, and nodes' clocks differ (I14): so each change takes
//! a time after every one that the chatbot has, under a lock of the chatbot, and no two states of its knowledge have the same stamp.

use super::fault::Fault;
use super::rows;
use crate::domain::ids::ChatbotId;
use crate::domain::time::UnixMillis;
use crate::store::{DocumentHead, DocumentRecord, KnowledgeStamp};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Error, Row as _};
use uuid::Uuid;

pub(super) async fn all(connection: &mut PgConnection, chatbot: &ChatbotId) -> Result<Vec<DocumentRecord>, Fault> {
    let query = sqlx::query(
        r#"SELECT id, chatbot, name, text, updated_at FROM document WHERE chatbot = $1 ORDER BY name COLLATE "C""#,
    );
    let found = rows::rows(connection, query.bind(chatbot.as_str())).await?;
    Ok(found.iter().map(record).collect::<Result<_, _>>()?)
}

pub(super) async fn one(
    connection: &mut PgConnection,
    chatbot: &ChatbotId,
    id: Uuid,
) -> Result<Option<DocumentRecord>, Fault> {
    let query = sqlx::query("SELECT id, chatbot, name, text, updated_at FROM document WHERE id = $1 AND chatbot = $2");
    let found = rows::row(connection, query.bind(id).bind(chatbot.as_str())).await?;
    Ok(found.as_ref().map(record).transpose()?)
}

pub(super) async fn heads(connection: &mut PgConnection, chatbot: &ChatbotId) -> Result<Vec<DocumentHead>, Fault> {
    let query = sqlx::query(
        r#"SELECT id, name, octet_length(text), updated_at FROM document WHERE chatbot = $1 ORDER BY name COLLATE "C""#,
    );
    let found = rows::rows(connection, query.bind(chatbot.as_str())).await?;
    let head = |row: &PgRow| {
        Ok(DocumentHead {
            id: rows::uuid(row, 0)?,
            name: rows::text(row, 1)?,
            bytes: rows::count(row, 2)?,
            updated_at: rows::millis(row, 3)?,
        })
    };
    Ok(found.iter().map(head).collect::<Result<_, Error>>()?)
}

pub(super) async fn stamps(connection: &mut PgConnection) -> Result<Vec<(ChatbotId, KnowledgeStamp)>, Fault> {
    let query = sqlx::query("SELECT chatbot, count(*)::integer, max(updated_at) FROM document GROUP BY chatbot");
    let found = rows::rows(connection, query).await?;
    let stamp = |row: &PgRow| {
        Ok((rows::chatbot(row, 0)?, KnowledgeStamp { documents: rows::count(row, 1)?, latest: rows::millis(row, 2)? }))
    };
    Ok(found.iter().map(stamp).collect::<Result<_, Error>>()?)
}

pub(super) async fn put(connection: &mut PgConnection, document: &DocumentRecord) -> Result<Uuid, Fault> {
    let mut transaction = connection.begin().await?;
    lock(&mut transaction, &document.chatbot).await?;
    let query = sqlx::query(
        "INSERT INTO document (id, chatbot, name, text, updated_at)
         SELECT $1, $2, $3, $4, greatest($5, max(updated_at) + 1) FROM document WHERE chatbot = $2
         ON CONFLICT (chatbot, name) DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at
         RETURNING id",
    )
    .bind(document.id)
    .bind(document.chatbot.as_str())
    .bind(&document.name)
    .bind(&document.text)
    .bind(document.updated_at.0);
    let row = rows::row(&mut transaction, query).await?.ok_or(Error::RowNotFound)?;
    transaction.commit().await?;
    Ok(rows::uuid(&row, 0)?)
}

/// Put a line at the end of a document, which is made when it is not there.
pub(super) async fn add_line(
    transaction: &mut PgConnection,
    chatbot: &ChatbotId,
    name: &str,
    id: Uuid,
    line: &str,
    now: UnixMillis,
) -> Result<(), Fault> {
    lock(transaction, chatbot).await?;
    let query = sqlx::query(
        "INSERT INTO document (id, chatbot, name, text, updated_at)
         SELECT $1, $2, $3, $4, greatest($5, max(updated_at) + 1) FROM document WHERE chatbot = $2
         ON CONFLICT (chatbot, name) DO UPDATE SET text = document.text || excluded.text, updated_at = excluded.updated_at",
    );
    let query = query.bind(id).bind(chatbot.as_str()).bind(name).bind(line).bind(now.0);
    rows::rows(transaction, query).await?;
    Ok(())
}

pub(super) async fn remove(connection: &mut PgConnection, chatbot: &ChatbotId, id: Uuid) -> Result<bool, Fault> {
    let query = sqlx::query("DELETE FROM document WHERE id = $1 AND chatbot = $2").bind(id).bind(chatbot.as_str());
    Ok(rows::changed(connection, query).await? == 1)
}

/// In a statement of its own: the next one sees what was committed while this one waited.
async fn lock(transaction: &mut PgConnection, chatbot: &ChatbotId) -> Result<(), Fault> {
    let query = sqlx::query("SELECT FROM chatbot WHERE id = $1 FOR UPDATE").bind(chatbot.as_str());
    rows::rows(transaction, query).await?;
    Ok(())
}

fn record(row: &PgRow) -> Result<DocumentRecord, Error> {
    Ok(DocumentRecord {
        id: rows::uuid(row, 0)?,
        chatbot: rows::chatbot(row, 1)?,
        name: rows::text(row, 2)?,
        text: row.try_get(3)?,
        updated_at: rows::millis(row, 4)?,
    })
}
