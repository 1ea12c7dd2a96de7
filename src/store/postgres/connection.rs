//! How connections are opened and what every one of them must have.

use super::fault::{Fault, database};
use super::rows;
use crate::config::Secret;
use crate::store::StoreError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::str::FromStr as _;
use std::time::Duration;

/// A connection that was not used for so long is asked for a sign of life first, so that a server that was restarted meanwhile costs
/// nobody an unknown outcome.
pub(super) const IDLE: Duration = Duration::from_secs(1);
const CONNECT: Duration = Duration::from_secs(5);
/// The server gives up on a statement, and on a lock within it, after so long …
const STATEMENT: Duration = Duration::from_secs(5);
const LOCK: Duration = Duration::from_secs(3);
/// … and this side on the server a little later. A statement can't be committed long after it was given up.
pub(super) const ANSWER: Duration = Duration::from_secs(8);

/// Where the database is, parsed.
pub(super) fn options(url: &Secret) -> Result<PgConnectOptions, StoreError> {
    // The error of a URL may quote it, and with it the password.
    let options = PgConnectOptions::from_str(url.reveal())
        .map_err(|_| database("read data.url", "it must look like postgres://user:password@host:5432/database"))?;
    let options = match options.get_application_name() {
        None => options.application_name("baton"),
        Some(_) => options,
    };
    Ok(options.disable_statement_logging())
}

/// A connection with its settings made, within a bounded time.
pub(super) async fn open(options: &PgConnectOptions) -> Result<PgConnection, Fault> {
    let opening = async {
        let mut connection = PgConnection::connect_with(options).await?;
        prepare(&mut connection).await?;
        Ok(connection)
    };
    tokio::time::timeout(CONNECT, opening).await.unwrap_or_else(|_| Err(late("connect")))
}

pub(super) fn late(action: &'static str) -> Fault {
    database(action, "the database did not answer in time").into()
}

/// Settings of this session, and what the server must promise. Asked on each new connection, because an administrator may change it
/// while Baton runs; `synchronous_commit` is then pinned to what it was found to be.
pub(super) async fn prepare(connection: &mut PgConnection) -> Result<(), Fault> {
    let query = sqlx::query(
        "SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),
           set_config('synchronous_commit', current_setting('synchronous_commit'), false),
           set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
           set_config('idle_in_transaction_session_timeout', $1, false),
           set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
           set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '30000', false),
           set_config('enable_seqscan', 'off', false), set_config('plan_cache_mode', 'force_generic_plan', false)",
    )
    .bind(STATEMENT.as_millis().to_string())
    .bind(LOCK.as_millis().to_string());
    let Some(row) = rows::row(connection, query).await? else {
        return Err(database("connect", "no settings").into());
    };
    let settings = [
        ("synchronous_commit", rows::text(&row, 0)?),
        ("fsync", rows::text(&row, 1)?),
        ("full_page_writes", rows::text(&row, 2)?),
    ];
    for (name, value) in settings {
        require(name, &value)?;
    }
    Ok(())
}

/// For work that takes as long as it takes.
pub(super) async fn without_limits(connection: &mut PgConnection) -> Result<(), Fault> {
    let query = "SELECT set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false),
                   set_config('idle_in_transaction_session_timeout', '0', false)";
    rows::rows(connection, sqlx::query(query)).await?;
    Ok(())
}

/// I2: an acknowledged message is on the disk. `remote_write` and `remote_apply` wait for the local disk as well; `local` does not
/// wait for a standby that was set up to be waited for.
fn require(name: &str, value: &str) -> Result<(), StoreError> {
    let durable = matches!((name, value), (_, "on") | ("synchronous_commit", "remote_apply" | "remote_write"));
    if durable {
        return Ok(());
    }
    Err(database(
        "use this PostgreSQL",
        format!("its setting {name} is {value}: acknowledged messages could be lost. Set {name} = on"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_lose_messages_are_named() {
        for name in ["synchronous_commit", "fsync", "full_page_writes"] {
            assert!(require(name, "on").is_ok());
            let error = require(name, "off").unwrap_err();
            assert!(format!("{:?}", error).contains(name), "{error:?}");
        }
        assert!(require("synchronous_commit", "local").is_err());
        assert!(require("synchronous_commit", "remote_apply").is_ok());
        assert!(require("fsync", "remote_apply").is_err());
    }

    #[test]
    fn a_wrong_url_is_not_repeated() {
        let error = options(&Secret::new("postgres://ann:hunter2@[nonsense")).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
