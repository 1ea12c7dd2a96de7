//! How connections to the database file are opened.

use super::fault::database;
use crate::store::StoreError;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use rusqlite_migration::{M, Migrations};
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// Same numbers and same meaning as for other databases.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../../../migrations/sqlite/0001_log.sql")),
    M::up(include_str!("../../../migrations/sqlite/0002_ai_spend.sql")),
    M::up(include_str!("../../../migrations/sqlite/0003_knowledge.sql")),
    M::up(include_str!("../../../migrations/sqlite/0004_ai_spend_age.sql")),
];

const STATEMENTS: usize = 64;

/// How long the writer waits for another process that holds the write lock. Batches wait one after the other: a message that finds
/// one before it is refused after twice that, soon enough for whoever waits for its ack.
const FOREIGN_LOCK_WAIT: Duration = Duration::from_secs(2);

/// Create the file (for this user only) and its directory if absent, and bring its schema up to date.
pub(super) fn prepare(path: &Path) -> Result<Uuid, StoreError> {
    create(path).map_err(|error| database("create the database file", error))?;
    let mut connection = writer(path)?;
    migrate(&mut connection)?;
    sync_directory(path).map_err(|error| database("create the database file", error))?;
    epoch(&mut connection).map_err(|error| database("read the epoch", error))
}

pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(FOREIGN_LOCK_WAIT)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A commit is on disk when it returns. NORMAL lost one acknowledged row in four on a power cut (I2).
        connection.pragma_update(None, "synchronous", "full")?;
        // The writer checkpoints by itself, between batches.
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.pragma_update(None, "cache_size", -8 << 10)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    };
    open().map_err(|error: rusqlite::Error| database("open the database", error))
}

pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "cache_size", -4 << 10)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    };
    open().map_err(|error: rusqlite::Error| database("open the database", error))
}

pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    Migrations::from_slice(MIGRATIONS).to_latest(connection).map_err(|error| database("migrate the database", error))
}

/// Give the database an identity that no client has seen.
pub(super) fn stamp_epoch(connection: &Connection) -> rusqlite::Result<Uuid> {
    let epoch = Uuid::new_v4();
    connection
        .prepare_cached("INSERT INTO meta (name, value) VALUES ('epoch', ?1) ON CONFLICT DO UPDATE SET value = ?1")?
        .execute([epoch.as_bytes().as_slice()])?;
    Ok(epoch)
}

pub(super) fn sync_directory(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

pub(super) fn create(path: &Path) -> std::io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    // SQLite gives the -wal and -shm files the mode of the database file.
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

fn epoch(connection: &mut Connection) -> rusqlite::Result<Uuid> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let stored =
        transaction.query_row("SELECT value FROM meta WHERE name = 'epoch'", [], |row| super::rows::uuid(row, 0));
    let epoch = match stored {
        Err(rusqlite::Error::QueryReturnedNoRows) => stamp_epoch(&transaction)?,
        stored => stored?,
    };
    transaction.commit()?;
    Ok(epoch)
}
