//! Columns to domain types and back.

use crate::domain::conversation::AgentRef;
use crate::domain::ids::{AgentId, Seq};
use crate::domain::time::UnixMillis;
use rusqlite::Row;
use rusqlite::types::Type;
use uuid::Uuid;

pub(super) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    blob(row, column).map(Uuid::from_bytes)
}

pub(super) fn blob<const N: usize>(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; N]> {
    row.get(column)
}

pub(super) fn millis(row: &Row<'_>, column: usize) -> rusqlite::Result<UnixMillis> {
    row.get(column).map(UnixMillis)
}

pub(super) fn optional_millis(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<UnixMillis>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(UnixMillis))
}

pub(super) fn seq(row: &Row<'_>, column: usize) -> rusqlite::Result<Seq> {
    row.get::<_, i64>(column).map(|seq| Seq(seq.cast_unsigned()))
}

/// An agent in two columns, of which the first is null for nobody.
pub(super) fn optional_agent(row: &Row<'_>, id: usize, name: usize) -> rusqlite::Result<Option<AgentRef>> {
    match row.get::<_, Option<[u8; 16]>>(id)? {
        None => Ok(None),
        Some(bytes) => Ok(Some(AgentRef { id: AgentId(Uuid::from_bytes(bytes)), name: row.get(name)? })),
    }
}

/// A column of text that stands for one of a few values.
pub(super) fn named<T>(row: &Row<'_>, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    parse(text).ok_or_else(|| unreadable(column, format!("unknown value {text:?}")))
}

pub(super) fn unreadable(
    column: usize,
    reason: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, reason.into())
}

pub(super) fn bytes(id: &Uuid) -> &[u8] {
    id.as_bytes()
}

/// SQLite's integers are signed; a seq never gets near the difference.
pub(super) fn int(seq: Seq) -> i64 {
    seq.get().cast_signed()
}
