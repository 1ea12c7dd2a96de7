//! Reading a conversation's log.

use super::fault::Fault;
use super::rows::{self, int};
use crate::domain::conversation::Recorded;
use crate::domain::ids::{ConversationId, Seq};
use crate::store::{StoreError, stored_event};
use serde::de::Error as _;
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};
use uuid::Uuid;

pub(super) async fn read_after(
    connection: &mut PgConnection,
    id: ConversationId,
    after: Seq,
    limit: usize,
) -> Result<Vec<Recorded>, Fault> {
    let query =
        sqlx::query("SELECT seq, at, body FROM event WHERE conversation = $1 AND seq > $2 ORDER BY seq LIMIT $3");
    let found = rows::rows(connection, query.bind(id.0).bind(int(after)).bind(rows::limit(limit))).await?;
    read(id, Some(after), found)
}

pub(super) async fn read_before(
    connection: &mut PgConnection,
    id: ConversationId,
    before: Seq,
    limit: usize,
) -> Result<Vec<Recorded>, Fault> {
    let query =
        sqlx::query("SELECT seq, at, body FROM event WHERE conversation = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3");
    let mut found = rows::rows(connection, query.bind(id.0).bind(int(before)).bind(rows::limit(limit))).await?;
    found.reverse();
    read(id, None, found)
}

pub(super) async fn tails(
    connection: &mut PgConnection,
    ids: &[ConversationId],
) -> Result<Vec<(ConversationId, Seq)>, Fault> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let query = sqlx::query("SELECT conversation, last_seq FROM head WHERE conversation = ANY ($1)");
    let found = rows::rows(connection, query.bind(ids)).await?;
    found.iter().map(|row| Ok((rows::conversation(row, 0)?, rows::seq(row, 1)?))).collect()
}

/// A row that is missing in the middle is a damaged log and never skipped.
fn read(id: ConversationId, after: Option<Seq>, found: Vec<PgRow>) -> Result<Vec<Recorded>, Fault> {
    let mut expected = after.map(|after| Seq(after.get().saturating_add(1)));
    let mut events = Vec::with_capacity(found.len());
    for row in found {
        let seq = rows::seq(&row, 0)?;
        let place = expected.unwrap_or(seq);
        let unreadable = |source| StoreError::Unreadable { conversation: id, seq: place, source };
        if seq != place {
            return Err(unreadable(serde_json::Error::custom("missing row")).into());
        }
        let body: &str = row.try_get(2)?;
        let event = stored_event::decode(body).map_err(unreadable)?;
        events.push(Recorded { seq, at: rows::millis(&row, 1)?, event });
        expected = Some(seq.next());
    }
    Ok(events)
}
