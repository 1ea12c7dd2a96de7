//! `[data]`: what Baton keeps.

use super::Secret;
use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;
use std::path::PathBuf;
use std::str::FromStr as _;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Folder of the database, of unsent mail and of the key that secrets are encrypted under. Made at the start when it does not exist.
    pub dir: PathBuf,
    /// A PostgreSQL database, `postgres://user:password@host:5432/database`, which several nodes may share. Empty: a SQLite file in
    /// the folder. Secret, because it has the password in it.
    pub url: Secret,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { dir: PathBuf::from("./data"), url: Secret::default() }
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

    /// What the search model made of passages it has read.
    pub fn vectors(&self) -> PathBuf {
        self.dir.join("vectors")
    }

    /// The URL of the PostgreSQL database, if that is where the data is.
    pub fn postgres(&self) -> Option<&Secret> {
        Some(&self.url).filter(|url| !url.reveal().is_empty())
    }

    /// The SQLite file.
    pub fn database(&self) -> PathBuf {
        self.dir.join("baton.sqlite3")
    }

    /// What is wrong with the URL is said without its text, which has a password in it.
    pub(super) fn check(&self) -> Result<(), String> {
        let Some(url) = self.postgres() else { return Ok(()) };
        let url = url.reveal();
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err("`data.url` must begin with postgres:// or postgresql://; leave it empty for SQLite".into());
        }
        match PgConnectOptions::from_str(url) {
            Err(_) => Err("`data.url` must look like postgres://user:password@host:5432/database".into()),
            Ok(options) if options.get_database().is_none() => {
                Err("`data.url` names no database: it must end like …@host:5432/database".into())
            }
            Ok(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str) -> Result<(), String> {
        DataConfig { url: Secret::new(url), ..DataConfig::default() }.check()
    }

    #[test]
    fn wrong_urls_are_refused_and_not_repeated() {
        for (url, says) in [
            ("mysql://ann:hunter2@db/baton", "must begin with"),
            ("sqlite:hunter2.sqlite3", "leave it empty for SQLite"),
            ("hunter2", "must begin with"),
            ("postgres://ann:hunter2@[nonsense/baton", "must look like"),
            ("postgres://ann:hunter2@db:port/baton", "must look like"),
            ("postgres://ann:hunter2@db:5432", "names no database"),
        ] {
            let error = check(url).unwrap_err();
            assert!(error.contains(says), "{url}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        for url in ["", "postgres://ann:p%40ss@db:5432/baton", "postgresql://db/baton?sslmode=require&user=ann"] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
    }
}
