//! `[data]`: what Baton keeps.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Folder of the database, of unsent mail and of the key that secrets are encrypted under. Made at the start when it does not exist.
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

    /// What secrets are encrypted under, when the configuration names no key.
    pub fn secret_key(&self) -> PathBuf {
        self.dir.join("secret.key")
    }

    pub fn database(&self) -> PathBuf {
        self.dir.join("baton.sqlite3")
    }
}
