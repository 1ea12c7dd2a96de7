//! The suite on SQLite, and what only SQLite has.

use super::*;
use crate::store::suite::{Fixture, store_suite};
use tempfile::TempDir;

fn fixture() -> Fixture {
    let directory = TempDir::new().unwrap();
    let store = SqliteStore::open(&directory.path().join("baton.db")).unwrap();
    Fixture { store, _keep: Box::new(directory) }
}

store_suite!(fixture);
