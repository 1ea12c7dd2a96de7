//! Backup of a running database, and restore.

use super::connection::{self, stamp_epoch, sync_directory};
use super::fault::database;
use crate::store::StoreError;
use rusqlite::{Connection, ErrorCode};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Copy the database `from` to the new file `to`, as it is at one moment; the server may go on writing. `to` appears when it is
/// complete and on disk.
pub(super) fn backup(from: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| database("back up the database", error);
    if fs::exists(to).map_err(failed)? {
        return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "the file of the backup exists already")));
    }
    let partial = beside(to, ".partial");
    remove(&partial).map_err(failed)?;
    connection::create(&partial).map_err(failed)?;
    // Into an empty file, which has its permissions already.
    let copied = connection::reader(from)?
        .execute("VACUUM INTO ?1", [partial.to_string_lossy()])
        .map_err(|error| database("back up the database", error))
        .and_then(|_| {
            File::open(&partial)
                .and_then(|file| file.sync_all())
                .and_then(|()| fs::rename(&partial, to))
                .and_then(|()| sync_directory(to))
                .map_err(failed)
        });
    if copied.is_err() {
        // What is left of it is of no use; the error that matters is the first one.
        let _ = remove(&partial);
    }
    copied
}

/// Put `backup` in the place of the database `target`, which no server may have open; what was there is kept beside it as
/// `….before-restore`. The restored database has an epoch of its own, so that no client resumes from what is gone (I27).
///
/// # Errors
/// The target is in use, the backup can't be read or is damaged, or the disk refuses. The target is as before then.
pub fn restore(backup: &Path, target: &Path) -> Result<Uuid, StoreError> {
    let failed = |error: io::Error| database("restore the database", error);
    let fresh = beside(target, ".restoring");
    remove_all(&fresh).map_err(failed)?;
    connection::create(&fresh).map_err(failed)?;
    let restored = copy(backup, &fresh).and_then(|epoch| {
        set_aside(target)?;
        fs::rename(&fresh, target).and_then(|()| sync_directory(target)).map_err(failed)?;
        Ok(epoch)
    });
    if restored.is_err() {
        let _ = remove_all(&fresh);
    }
    restored
}

/// Give a database that was put in place by other means than [`restore`] an identity that no client has seen (I27). The server must not
/// run: it would go on with the old one.
///
/// # Errors
/// There is no such database, or it can't be written.
pub fn new_epoch(path: &Path) -> Result<Uuid, StoreError> {
    let mut connection = connection::writer(path)?;
    connection::migrate(&mut connection)?;
    stamp_epoch(&connection).map_err(|error| database("give the database a new epoch", error))
}

/// Open a database that no other process has open, and keep it so until the connection is dropped; its schema is brought up to date.
///
/// # Errors
/// Somebody has it open, or it can't be read.
pub(in crate::store) fn open_alone(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        finish_log(path)?;
        // Without a write-ahead log the lock is one on the file, which whoever opens it later meets as well.
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
        Ok(connection)
    };
    let mut connection = open().map_err(|error: rusqlite::Error| database("open the database alone", error))?;
    connection::migrate(&mut connection)?;
    Ok(connection)
}

/// A checked copy with a new epoch, in one file without a write-ahead log.
fn copy(backup: &Path, fresh: &Path) -> Result<Uuid, StoreError> {
    io::copy(
        &mut File::open(backup).map_err(|error| database("read the backup", error))?,
        &mut File::options().write(true).open(fresh).map_err(|error| database("restore the database", error))?,
    )
    .map_err(|error| database("restore the database", error))?;
    let mut connection = connection::writer(fresh)?;
    let check: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| database("check the backup", error))?;
    if check != "ok" {
        return Err(database("check the backup", check));
    }
    connection::migrate(&mut connection)?;
    let stamp = || {
        let epoch = stamp_epoch(&connection)?;
        // Leaving WAL copies everything into the file and syncs it.
        connection.pragma_update(None, "journal_mode", "delete")?;
        Ok(epoch)
    };
    stamp().map_err(|error: rusqlite::Error| database("restore the database", error))
}

/// Move the present database out of the way. Its write-ahead log must go first: beside the restored file it would be replayed
/// into it.
fn set_aside(target: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| database("set the old database aside", error);
    if !fs::exists(target).map_err(failed)? {
        return remove_all(target).map_err(failed);
    }
    match finish_log(target) {
        Ok(()) => {}
        Err(error)
            if matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) =>
        {
            return Err(database("set the old database aside, which is in use", error));
        }
        // A damaged one is what people restore for.
        Err(error) => tracing::warn!(error = %error, "old database set aside as it is"),
    }
    let aside = beside(target, ".before-restore");
    remove_all(&aside).map_err(failed)?;
    for suffix in ["-wal", "-shm", ""] {
        match fs::rename(beside(target, suffix), beside(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Copy the log into the file and delete it; fails while another process has the database open.
fn finish_log(path: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "locking_mode", "exclusive")?;
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    connection.pragma_update(None, "journal_mode", "delete")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn remove_all(path: &Path) -> io::Result<()> {
    ["-wal", "-shm", ""].into_iter().try_for_each(|suffix| remove(&beside(path, suffix)))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
