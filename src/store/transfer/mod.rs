//! From a SQLite file to an empty PostgreSQL database, with everything in it and under the same epoch, so that clients go on where they
//! were. One transaction, which is committed after both sides were compared: a failure at any point leaves the target empty.

mod row;
mod tables;
#[cfg(test)]
mod tests;

pub use row::Digest;

use super::{StoreError, postgres, sqlite};
use crate::config::Secret;
use futures_util::TryStreamExt as _;
use row::Value;
use rusqlite::Connection;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use std::path::Path;
use tables::{Kind, TABLES, Table};

/// Rows of one statement at most, and about how many bytes.
const BATCH: usize = 1_000;
const BATCH_BYTES: usize = 4 << 20;

#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("there is no database at the path it is to be copied from")]
    NoSource,
    #[error("the SQLite file can't be had alone: stop Baton first")]
    SourceInUse(#[source] StoreError),
    #[error("the PostgreSQL database can't be used")]
    Target(#[source] StoreError),
    #[error(
        "the PostgreSQL database is not empty: table {table} has rows. Give it a new one, in which no node was started yet"
    )]
    NotEmpty { table: &'static str },
    #[error("read table {table} of SQLite")]
    Read {
        table: &'static str,
        #[source]
        source: rusqlite::Error,
    },
    #[error("write table {table} of PostgreSQL")]
    Write {
        table: &'static str,
        #[source]
        source: sqlx::Error,
    },
    #[error(
        "table {table} has {expected} rows in SQLite, of which {found} belong to a conversation: the file is damaged"
    )]
    Orphans { table: &'static str, expected: u64, found: u64 },
    #[error("the logs of {0} conversations have gaps: the file is damaged")]
    Gaps(i64),
    #[error("table {table} differs after it was copied: {} rows with digest {sent} became {} with {arrived}", sent.rows, arrived.rows)]
    Differs { table: &'static str, sent: Digest, arrived: Digest },
    #[error("commit")]
    Commit(#[source] sqlx::Error),
}

/// What was copied of one table.
#[derive(Debug)]
pub struct Copied {
    pub table: &'static str,
    pub digest: Digest,
}

/// Copy everything from the SQLite file `from`, which no server may have open, to the empty database `to`. The file stays as it is, but
/// for its schema, which is brought up to date.
///
/// # Errors
/// One of [`TransferError`]; the target is then as empty as it was.
pub async fn transfer(from: &Path, to: &Secret) -> Result<Vec<Copied>, TransferError> {
    if !from.is_file() {
        return Err(TransferError::NoSource);
    }
    let source = sqlite::open_alone(from).map_err(TransferError::SourceInUse)?;
    let mut target = postgres::open_empty(to).await.map_err(TransferError::Target)?;
    let (skew, minute) = clocks(&mut target).await.map_err(TransferError::Commit)?;
    let mut transaction = target.begin().await.map_err(TransferError::Commit)?;
    for table in TABLES {
        must_be_empty(&mut transaction, table).await?;
    }
    let mut copied = Vec::new();
    for table in TABLES {
        let sent = copy(&source, &mut transaction, table, skew, minute).await?;
        let expected = source
            .query_row(table.count, [], |row| row.get(0).map(i64::cast_unsigned))
            .map_err(|source| TransferError::Read { table: table.name, source })?;
        if sent.rows != expected {
            return Err(TransferError::Orphans { table: table.name, expected, found: sent.rows });
        }
        let arrived = read_back(&mut transaction, table).await?;
        if arrived != sent {
            return Err(TransferError::Differs { table: table.name, sent, arrived });
        }
        copied.push(Copied { table: table.name, digest: arrived });
    }
    must_have_no_gaps(&mut transaction).await?;
    go_on_counting(&mut transaction).await?;
    transaction.commit().await.map_err(TransferError::Commit)?;
    Ok(copied)
}

/// How far the database's clock is ahead of this machine's, and its present minute. What a busy moment takes would count as a
/// difference: the smallest of a few is the true one.
async fn clocks(target: &mut PgConnection) -> Result<(i64, i64), sqlx::Error> {
    let query = "SELECT clock_skew($1), (extract(epoch FROM clock_timestamp()) / 60)::bigint";
    let mut best: Option<(i64, i64)> = None;
    for _ in 0..5 {
        let row = sqlx::query(query).bind(postgres::node_now()).fetch_one(&mut *target).await?;
        let found: (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        best = Some(best.map_or(found, |best| best.min(found)));
    }
    Ok(best.unwrap_or_default())
}

async fn must_be_empty(target: &mut PgConnection, table: &'static Table) -> Result<(), TransferError> {
    let failed = |source| TransferError::Write { table: table.name, source };
    // The name is a constant of this program. Locked, so that no node that starts now writes in between.
    let lock = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", table.name);
    target.execute(AssertSqlSafe(lock)).await.map_err(failed)?;
    let query = format!("SELECT 1 FROM {} LIMIT 1", table.name);
    let found = target.fetch_optional(AssertSqlSafe(query)).await.map_err(failed)?;
    if found.is_some() { Err(TransferError::NotEmpty { table: table.name }) } else { Ok(()) }
}

async fn copy(
    source: &Connection,
    target: &mut PgConnection,
    table: &'static Table,
    skew: i64,
    minute: i64,
) -> Result<Digest, TransferError> {
    let failed = |source| TransferError::Read { table: table.name, source };
    let mut statement = source.prepare(table.rows).map_err(failed)?;
    if statement.parameter_count() == 1 {
        statement.raw_bind_parameter(1, minute).map_err(failed)?;
    }
    let mut rows = statement.raw_query();
    let (mut digest, mut batch, mut bytes) = (Digest::default(), Vec::new(), 0);
    while let Some(row) = rows.next().map_err(failed)? {
        let columns = table.columns.iter().enumerate();
        let values: Vec<Value> = columns
            .map(|(index, (_, kind))| Value::of_sqlite(row, index, *kind, skew))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        digest.add(&values);
        bytes += values.iter().map(Value::size).sum::<usize>();
        batch.push(values);
        if batch.len() >= BATCH || bytes >= BATCH_BYTES {
            insert(target, table, std::mem::take(&mut batch)).await?;
            bytes = 0;
        }
    }
    insert(target, table, batch).await?;
    Ok(digest)
}

async fn insert(target: &mut PgConnection, table: &'static Table, batch: Vec<Vec<Value>>) -> Result<(), TransferError> {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let arrays: Vec<String> =
        (1..).zip(table.columns).map(|(number, (_, kind))| format!("${number}::{}[]", type_of(*kind))).collect();
    // The numbers of conversations are kept.
    let sql = format!(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT * FROM unnest({})",
        table.name,
        names.join(", "),
        arrays.join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    let mut columns: Vec<Vec<Value>> = names.iter().map(|_| Vec::with_capacity(batch.len())).collect();
    for row in batch {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    for (column, (_, kind)) in columns.into_iter().zip(table.columns) {
        let values = column.into_iter();
        query = match kind {
            Kind::Uuid => query.bind(
                values.map(|value| if let Value::Uuid(id) = value { Some(id) } else { None }).collect::<Vec<_>>(),
            ),
            Kind::Bytes => query.bind(
                values
                    .map(|value| if let Value::Bytes(bytes) = value { Some(bytes) } else { None })
                    .collect::<Vec<_>>(),
            ),
            Kind::Text => query.bind(
                values.map(|value| if let Value::Text(text) = value { Some(text) } else { None }).collect::<Vec<_>>(),
            ),
            Kind::Int | Kind::Deadline => query.bind(
                values
                    .map(|value| if let Value::Int(number) = value { Some(number) } else { None })
                    .collect::<Vec<_>>(),
            ),
            Kind::Bool => query.bind(
                values.map(|value| if let Value::Bool(flag) = value { Some(flag) } else { None }).collect::<Vec<_>>(),
            ),
        };
    }
    query.execute(target).await.map_err(|source| TransferError::Write { table: table.name, source })?;
    Ok(())
}

async fn read_back(target: &mut PgConnection, table: &'static Table) -> Result<Digest, TransferError> {
    let failed = |source| TransferError::Write { table: table.name, source };
    let columns: Vec<String> = table.columns.iter().map(|(name, kind)| format!("{name}::{}", type_of(*kind))).collect();
    let sql = format!("SELECT {} FROM {}", columns.join(", "), table.name);
    let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(target);
    let mut digest = Digest::default();
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let columns = table.columns.iter().enumerate();
        let values: Vec<Value> = columns
            .map(|(index, (_, kind))| Value::of_postgres(&row, index, *kind))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        digest.add(&values);
    }
    Ok(digest)
}

/// CONV-1, once for all: the primary key says that no seq is there twice, so the number of events says that none is missing.
async fn must_have_no_gaps(target: &mut PgConnection) -> Result<(), TransferError> {
    let failed = |source| TransferError::Write { table: "event", source };
    let query = "SELECT count(*) FROM head h LEFT JOIN (SELECT conversation, count(*) AS events, min(seq) AS first, max(seq) AS last
                   FROM event GROUP BY conversation) e ON e.conversation = h.conversation
                 WHERE (h.last_seq, h.last_seq, 1) IS DISTINCT FROM (e.events, e.last, e.first)";
    let gaps: i64 = target.fetch_one(query).await.map_err(failed)?.try_get(0).map_err(failed)?;
    if gaps == 0 { Ok(()) } else { Err(TransferError::Gaps(gaps)) }
}

/// What comes next is after what was copied.
async fn go_on_counting(target: &mut PgConnection) -> Result<(), TransferError> {
    let query = "SELECT setval('head_moved', (SELECT max(moved) FROM head)),
                   setval(pg_get_serial_sequence('conversation', 'number'), (SELECT max(number) FROM conversation))";
    let failed = |source| TransferError::Write { table: "head", source };
    target.execute(query).await.map_err(failed)?;
    Ok(())
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Uuid => "uuid",
        Kind::Bytes => "bytea",
        Kind::Text => "text",
        Kind::Int | Kind::Deadline => "bigint",
        Kind::Bool => "boolean",
    }
}
