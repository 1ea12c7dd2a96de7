//! What whoever runs Baton may choose. One file per section; `config/baton.example.toml` shows every key.
//!
//! Sources, later ones win: defaults, the TOML file, environment variables (`BATON__SERVER__LISTEN=0.0.0.0:8080`).
//! Everything is parsed into types once, at the start: a wrong value stops the start with the name of its key.

mod ai;
mod cluster;
mod conversation;
mod data;
mod geo;
mod limits;
mod list;
mod log;
mod mail;
mod public_url;
mod secret;
mod secrets;
mod server;
#[cfg(test)]
mod tests;

pub use ai::{AiConfig, SearchModel};
pub use cluster::ClusterConfig;
pub use conversation::ConversationConfig;
pub use data::DataConfig;
pub use geo::GeoConfig;
pub use limits::LimitsConfig;
pub use log::{LogConfig, LogFormat};
pub use mail::{MailConfig, SmtpServer, Tls};
pub use public_url::{InvalidOrigin, Origin, PublicUrl};
pub use secret::Secret;
pub use secrets::SecretsConfig;
pub use server::ServerConfig;

use ::config::{Environment, File, FileFormat};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Read when it exists and no `--config` was given.
pub const DEFAULT_FILE: &str = "config/baton.toml";
/// Prefix of environment variables; sections and keys are separated by two underscores.
pub const ENVIRONMENT_PREFIX: &str = "BATON";

/// The whole configuration.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub data: DataConfig,
    pub limits: LimitsConfig,
    pub mail: MailConfig,
    pub geo: GeoConfig,
    pub log: LogConfig,
    pub conversation: ConversationConfig,
    pub ai: AiConfig,
    pub secrets: SecretsConfig,
    pub cluster: ClusterConfig,
}

/// Why the configuration can't be used. The text names the key and what is allowed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {} does not exist", .0.display())]
    NoFile(PathBuf),
    #[error("the configuration file {} can't be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("configuration: {0}")]
    Invalid(String),
}

impl Config {
    /// Read the file (`given`, or [`DEFAULT_FILE`] when it is there) and the environment of this process.
    ///
    /// # Errors
    /// [`ConfigError`] for the first thing that is wrong.
    pub fn load(given: Option<&Path>) -> Result<Self, ConfigError> {
        let file = match given {
            Some(path) if !path.exists() => return Err(ConfigError::NoFile(path.to_owned())),
            Some(path) => Some(path.to_owned()),
            None => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()),
        };
        let text = match file {
            Some(path) => std::fs::read_to_string(&path)
                .map_err(|source| ConfigError::Unreadable { path, source: Box::new(source) })?,
            None => String::new(),
        };
        Self::from_sources(&text, std::env::vars().collect())
    }

    /// The configuration of a TOML text and of environment variables.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] for the first thing that is wrong.
    pub fn from_sources(toml: &str, environment: HashMap<String, String>) -> Result<Self, ConfigError> {
        // Values stay text until a field says what it is: a password of digits keeps its leading zeros.
        let environment = Environment::with_prefix(ENVIRONMENT_PREFIX)
            .prefix_separator("__")
            .separator("__")
            .try_parsing(false)
            .source(Some(environment.into_iter().collect()));
        let config: Self = ::config::Config::builder()
            .add_source(File::from_str(toml, FileFormat::Toml))
            .add_source(environment)
            .build()
            .and_then(::config::Config::try_deserialize)
            .map_err(|error| ConfigError::Invalid(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// What no single field can know.
    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: String| Err(ConfigError::Invalid(text));
        if let Err(text) = self.server.check() {
            return wrong(text);
        }
        if let Err(text) = self.data.check() {
            return wrong(text);
        }
        if let Err(text) = self.limits.check() {
            return wrong(text);
        }
        if let Err(text) = self.mail.check() {
            return wrong(text);
        }
        if let Err(text) = self.conversation.check() {
            return wrong(text);
        }
        if let Err(text) = self.cluster.check() {
            return wrong(text);
        }
        self.log.check().or_else(wrong)
    }
}
