//! `[data]`: what Baton keeps.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Folder of the database and of unsent mail. Made at the start when it does not exist.
    pub dir: PathBuf,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { dir: PathBuf::from("./data") }
    }
}

impl DataConfig {
    /// Mail that no SMTP server took, as `.eml` files.
    pub fn outbox(&self) -> PathBuf {
        self.dir.join("outbox")
    }

    pub fn database(&self) -> PathBuf {
        self.dir.join("baton.sqlite3")
    }
}
