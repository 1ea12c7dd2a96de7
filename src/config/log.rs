//! `[log]`: what goes to standard error.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// Levels per module, such as `info,baton=debug`.
    pub filter: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("{text:?} is not one of \"text\", \"json\"")),
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

impl LogConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        EnvFilter::try_new(&self.filter)
            .map(drop)
            .map_err(|error| format!("`log.filter` is {:?}: {error}; an example is \"info,baton=debug\"", self.filter))
    }
}
