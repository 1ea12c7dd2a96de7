//! Logs to standard error. Facts as fields; no message bodies, names, addresses or tokens.

mod init;

pub use init::{TelemetryError, init};
