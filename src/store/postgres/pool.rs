//! Connections for everything but appends.

use super::connection::{self, ANSWER, IDLE};
use super::fault::{Cause, Fault, cause};
use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Error};
use std::time::Duration;

/// How many, and how long somebody waits for one of them.
const SIZE: u32 = 8;
const PATIENCE: Duration = Duration::from_secs(5);

/// What is done with a connection, and about what.
pub(super) type Work<A, T> = for<'c> fn(&'c mut PgConnection, &'c A) -> BoxFuture<'c, Result<T, Fault>>;

pub(super) fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(SIZE)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for >= IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection::prepare(connection).await.map_err(|fault| match fault {
                    Fault::Sql(error) => error,
                    Fault::Store(error) => Error::Configuration(Box::new(error)),
                })
            })
        })
        .connect_lazy_with(options)
}

/// Tried a second time when the connection turned out to be dead, which for a read is no difference.
pub(super) async fn read<A, T>(pool: &PgPool, action: &'static str, about: &A, work: Work<A, T>) -> Result<T, Fault> {
    match once(pool, action, about, work).await {
        Err(Fault::Sql(error)) if cause(&error) == Cause::Lost && !is_of_the_pool(&error) => {
            once(pool, action, about, work).await
        }
        end => end,
    }
}

/// Within a bounded time. A connection that is out of step afterwards does not come back.
pub(super) async fn once<A, T>(pool: &PgPool, action: &'static str, about: &A, work: Work<A, T>) -> Result<T, Fault> {
    let mut connection = pool.acquire().await?;
    match tokio::time::timeout(ANSWER, work(&mut connection, about)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(fault)) => {
            if matches!(&fault, Fault::Sql(error) if cause(error) == Cause::Lost) {
                connection.close_on_drop();
            }
            Err(fault)
        }
        Err(_) => {
            connection.close_on_drop();
            Err(connection::late(action))
        }
    }
}

/// No connection was to be had: trying again at once only makes the queue longer.
fn is_of_the_pool(error: &Error) -> bool {
    matches!(error, Error::PoolTimedOut | Error::PoolClosed | Error::Configuration(_))
}
