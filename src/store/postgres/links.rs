//! Portal links. Their end is kept on the database's clock, like that of claims: see [`super::jobs`].

use super::fault::Fault;
use super::rows;
use super::threads::node_now;
use crate::domain::conversation::AgentRef;
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::time::UnixMillis;
use crate::store::{LinkRecord, NewLink};
use sqlx::Error;
use sqlx::postgres::{PgConnection, PgRow};

/// The columns of [`record`], and then what chooses the rows; `$2` is the node's clock.
macro_rules! select_link {
    ($rest:literal) => {
        concat!(
            "SELECT id, conversation, agent_id, agent_name, address, created_at, expires_at - skew, revoked_at
             FROM link, clock_skew($2) AS skew ",
            $rest
        )
    };
}

pub(super) async fn add(connection: &mut PgConnection, link: &NewLink) -> Result<(), Fault> {
    let query = sqlx::query(
        "INSERT INTO link (id, token_hash, conversation, agent_id, agent_name, address, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8 + clock_skew($9))",
    )
    .bind(link.id)
    .bind(link.token_hash.as_slice())
    .bind(link.conversation.0)
    .bind(link.agent.id.0)
    .bind(&link.agent.name)
    .bind(&link.address)
    .bind(link.created_at.0)
    .bind(link.expires_at.0)
    .bind(node_now());
    rows::rows(connection, query).await?;
    Ok(())
}

pub(super) async fn by_token(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
) -> Result<Option<LinkRecord>, Fault> {
    let query = sqlx::query(select_link!("WHERE token_hash = $1")).bind(token_hash.as_slice()).bind(node_now());
    Ok(rows::row(connection, query).await?.as_ref().map(record).transpose()?)
}

pub(super) async fn of_conversation(
    connection: &mut PgConnection,
    id: ConversationId,
) -> Result<Vec<LinkRecord>, Fault> {
    let query = sqlx::query(select_link!("WHERE conversation = $1 ORDER BY created_at, id"));
    let found = rows::rows(connection, query.bind(id.0).bind(node_now())).await?;
    Ok(found.iter().map(record).collect::<Result<_, _>>()?)
}

pub(super) async fn revoke(connection: &mut PgConnection, id: ConversationId, now: UnixMillis) -> Result<(), Fault> {
    let query = sqlx::query("UPDATE link SET revoked_at = $2 WHERE conversation = $1 AND revoked_at IS NULL");
    rows::rows(connection, query.bind(id.0).bind(now.0)).await?;
    Ok(())
}

fn record(row: &PgRow) -> Result<LinkRecord, Error> {
    Ok(LinkRecord {
        id: rows::uuid(row, 0)?,
        conversation: rows::conversation(row, 1)?,
        agent: AgentRef { id: AgentId(rows::uuid(row, 2)?), name: rows::text(row, 3)? },
        address: rows::text(row, 4)?,
        created_at: rows::millis(row, 5)?,
        expires_at: rows::millis(row, 6)?,
        revoked_at: rows::optional_millis(row, 7)?,
    })
}
