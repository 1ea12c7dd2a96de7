//! What can go wrong inside a database closure, before the caller's action is known.

use crate::store::StoreError;
use sqlx::Error;

#[derive(Debug)]
pub(super) enum Fault {
    Sql(Error),
    Store(StoreError),
}

impl Fault {
    pub(super) fn during(self, action: &'static str) -> StoreError {
        match self {
            Self::Sql(source) => database(action, source),
            Self::Store(error) => error,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(super) fn database(
    action: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Database { action, source: source.into() }
}

/// What a failure says about the connection, and about what to try next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The connection is gone or out of step. Whether the statement was committed is not known.
    Lost,
    /// Rolled back, and would fail alike for everybody: no disk, read-only, shutting down, too many connections.
    Everybody,
    /// Rolled back because of others; the same statement may well succeed now.
    Again,
    /// Rolled back because of what the statement said.
    Own,
}

/// By the class of the SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn cause(error: &Error) -> Cause {
    let Error::Database(error) = error else { return Cause::Lost };
    let code = error.code().unwrap_or_default();
    match (code.as_ref(), code.get(..2).unwrap_or_default()) {
        ("40001" | "40P01", _) => Cause::Again,
        // A termination, and a cancelled wait for a standby, may come after the commit.
        (_, "08" | "57") => Cause::Lost,
        (_, "25" | "53" | "54" | "58" | "F0" | "XX") => Cause::Everybody,
        _ => Cause::Own,
    }
}
