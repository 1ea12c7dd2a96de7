//! Bring the schema up to date, and the identity of the database.

use super::connection;
use super::fault::{Fault, database};
use super::rows::{self, blob};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use uuid::Uuid;

/// Same numbers and same meaning as for SQLite.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/postgres/0001_log.sql"),
    include_str!("../../../migrations/postgres/0002_ai_spend.sql"),
    include_str!("../../../migrations/postgres/0003_knowledge.sql"),
    include_str!("../../../migrations/postgres/0004_ai_spend_age.sql"),
];

/// Key of the advisory lock; any number that nobody else has in this database.
const LOCK: i64 = 0x6261_746f_6e00_0001;

/// Several nodes may start at once: one migrates, the others wait and then find nothing to do. Each migration and the note that it
/// is done are one transaction, so a kill at any point leaves all or nothing of it (I26); the lock goes with its session.
pub(super) async fn migrate(connection: &mut PgConnection) -> Result<(), Fault> {
    connection::without_limits(connection).await?;
    rows::rows(connection, sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK)).await?;
    connection
        .execute(
            "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
        )
        .await?;
    let row = rows::row(connection, sqlx::query("SELECT coalesce(max(number), 0) FROM migration")).await?;
    let done = row.map(|row| rows::count(&row, 0)).transpose()?.unwrap_or(0) as usize;
    if done > MIGRATIONS.len() {
        let reason = format!("its schema has number {done}, this version knows {}", MIGRATIONS.len());
        return Err(database("use a database of a newer version", reason).into());
    }
    for (number, sql) in (1i32..).zip(MIGRATIONS).skip(done) {
        let mut transaction = connection.begin().await?;
        // Constants of this program, many statements each.
        transaction.execute(AssertSqlSafe(*sql)).await?;
        rows::rows(&mut transaction, sqlx::query("INSERT INTO migration (number) VALUES ($1)").bind(number)).await?;
        transaction.commit().await?;
        tracing::info!(number, "database migrated");
    }
    rows::rows(connection, sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK)).await?;
    Ok(())
}

/// The identity of this database, made when it has none.
pub(super) async fn epoch(connection: &mut PgConnection) -> Result<Uuid, Fault> {
    let made = sqlx::query("INSERT INTO meta (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING")
        .bind(Uuid::new_v4().as_bytes().as_slice());
    rows::rows(connection, made).await?;
    let row = rows::row(connection, sqlx::query("SELECT value FROM meta WHERE name = 'epoch'")).await?;
    let row = row.ok_or_else(|| database("read the epoch", "there is none"))?;
    Ok(Uuid::from_bytes(blob(&row, 0)?))
}

/// Give the database an identity that no client has seen: after it was restored from a backup (I27).
pub(super) async fn stamp_epoch(connection: &mut PgConnection) -> Result<Uuid, Fault> {
    let epoch = Uuid::new_v4();
    let query = sqlx::query(
        "INSERT INTO meta (name, value) VALUES ('epoch', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    );
    rows::rows(connection, query.bind(epoch.as_bytes().as_slice())).await?;
    Ok(epoch)
}
