//! Columns to domain types and back.

use crate::domain::conversation::AgentRef;
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, Seq};
use crate::domain::time::UnixMillis;
use sqlx::postgres::{PgConnection, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{Error, Executor as _, Row as _};
use sqlx_postgres::PgArguments;
use uuid::Uuid;

/// Run one statement to its very end. Every statement of this store goes through here: `fetch_one` and `fetch_optional` return at the
/// first row, which the server sends before it commits.
pub(super) async fn rows(
    connection: &mut PgConnection,
    query: Query<'_, Postgres, PgArguments>,
) -> Result<Vec<PgRow>, Error> {
    connection.fetch_all(query).await
}

/// The first row, if any.
pub(super) async fn row(
    connection: &mut PgConnection,
    query: Query<'_, Postgres, PgArguments>,
) -> Result<Option<PgRow>, Error> {
    Ok(rows(connection, query).await?.into_iter().next())
}

/// How many rows a statement changed.
pub(super) async fn changed(
    connection: &mut PgConnection,
    query: Query<'_, Postgres, PgArguments>,
) -> Result<u64, Error> {
    Ok(connection.execute(query).await?.rows_affected())
}

pub(super) fn uuid(row: &PgRow, column: usize) -> Result<Uuid, Error> {
    row.try_get(column)
}

pub(super) fn conversation(row: &PgRow, column: usize) -> Result<ConversationId, Error> {
    uuid(row, column).map(ConversationId)
}

pub(super) fn blob<const N: usize>(row: &PgRow, column: usize) -> Result<[u8; N], Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|error| unreadable(column, error))
}

pub(super) fn text(row: &PgRow, column: usize) -> Result<String, Error> {
    row.try_get(column)
}

pub(super) fn millis(row: &PgRow, column: usize) -> Result<UnixMillis, Error> {
    row.try_get(column).map(UnixMillis)
}

pub(super) fn optional_millis(row: &PgRow, column: usize) -> Result<Option<UnixMillis>, Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(UnixMillis))
}

pub(super) fn seq(row: &PgRow, column: usize) -> Result<Seq, Error> {
    row.try_get::<i64, _>(column).map(|seq| Seq(seq.cast_unsigned()))
}

pub(super) fn count(row: &PgRow, column: usize) -> Result<u32, Error> {
    row.try_get::<i32, _>(column).map(i32::cast_unsigned)
}

pub(super) fn chatbot(row: &PgRow, column: usize) -> Result<ChatbotId, Error> {
    named(row, column, |text| text.parse().ok())
}

/// An agent in two columns, of which the first is null for nobody.
pub(super) fn optional_agent(row: &PgRow, id: usize, name: usize) -> Result<Option<AgentRef>, Error> {
    match row.try_get::<Option<Uuid>, _>(id)? {
        None => Ok(None),
        Some(id) => Ok(Some(AgentRef { id: AgentId(id), name: text(row, name)? })),
    }
}

/// A column of text that stands for one of a few values.
pub(super) fn named<T>(row: &PgRow, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
    let text: &str = row.try_get(column)?;
    parse(text).ok_or_else(|| unreadable(column, format!("unknown value {text:?}")))
}

pub(super) fn unreadable(column: usize, reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::ColumnDecode { index: column.to_string(), source: reason.into() }
}

/// PostgreSQL's integers are signed; what is beyond them is after everything.
pub(super) fn int(seq: Seq) -> i64 {
    i64::try_from(seq.get()).unwrap_or(i64::MAX)
}

pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
