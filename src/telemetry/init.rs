//! Starts logging, once per process.

use crate::config::{LogConfig, LogFormat};
use std::io;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log filter")]
    Filter(#[source] ParseError),
    #[error("logging was started before")]
    AlreadyStarted(#[source] TryInitError),
}

/// Log to standard error as `config` says.
///
/// # Errors
/// [`TelemetryError`] when the filter can't be read or another subscriber is in place.
pub fn init(config: &LogConfig) -> Result<(), TelemetryError> {
    let filter = quieted(&config.filter).map_err(TelemetryError::Filter)?;
    let registry = tracing_subscriber::registry().with(filter);
    match config.format {
        LogFormat::Text => registry.with(tracing_subscriber::fmt::layer().with_writer(io::stderr)).try_init(),
        LogFormat::Json => registry
            .with(tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stderr))
            .try_init(),
    }
    .map_err(TelemetryError::AlreadyStarted)
}

/// The owner's filter, behind rules for libraries that would print what travels: lettre logs each SMTP line at debug.
fn quieted(filter: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::try_new(format!("{filter},lettre=warn,actix_http=warn,h2=warn,rustls=warn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smtp_lines_stay_out_of_the_log_at_every_level() {
        let filter = quieted("trace").unwrap().to_string();
        assert!(filter.contains("lettre=warn") && filter.contains("trace"), "{filter}");
    }

    #[test]
    fn a_wrong_filter_is_an_error() {
        assert!(quieted("baton=loud").is_err());
    }
}
