//! What models have cost. Rows are locked in the order of their names, so that two nodes that count for the same ones never wait for
//! each other in a circle; who forgets old ones waits for nobody.

use super::fault::Fault;
use super::rows;
use crate::domain::time::UnixMillis;
use crate::store::SpendScope;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};

/// Adds first and looks then, under the locks that the adding took: who comes second sees what the first has reserved.
pub(super) async fn reserve(
    connection: &mut PgConnection,
    scopes: &[SpendScope],
    tokens: u64,
    now: UnixMillis,
) -> Result<bool, Fault> {
    let tokens = i64::try_from(tokens).unwrap_or(i64::MAX);
    let names: Vec<String> = scopes.iter().map(|scope| scope.name.clone()).collect();
    let mut transaction = connection.begin().await?;
    add(&mut transaction, &names, tokens, now).await?;
    let spent = of(&mut transaction, &names).await?;
    let full = scopes.iter().zip(spent).any(|(scope, spent)| {
        let added = names.iter().filter(|name| **name == scope.name).count() as u64;
        let before = spent.saturating_sub(added.saturating_mul(tokens.unsigned_abs()));
        scope.limit.is_some_and(|limit| before >= limit)
    });
    if full {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(!full)
}

pub(super) async fn add(
    connection: &mut PgConnection,
    scopes: &[String],
    tokens: i64,
    now: UnixMillis,
) -> Result<(), Fault> {
    let query = sqlx::query(
        "INSERT INTO ai_spend (scope, tokens, at)
         SELECT name, greatest(count(*) * $2, 0), $3 FROM unnest($1::text[]) AS name GROUP BY name ORDER BY name
         ON CONFLICT (scope) DO UPDATE SET at = greatest(ai_spend.at, excluded.at), tokens = greatest(0,
           ai_spend.tokens + (SELECT count(*) * $2 FROM unnest($1::text[]) AS name WHERE name = excluded.scope))",
    );
    rows::rows(connection, query.bind(scopes).bind(tokens).bind(now.0)).await?;
    Ok(())
}

pub(super) async fn of(connection: &mut PgConnection, scopes: &[String]) -> Result<Vec<u64>, Fault> {
    let query = sqlx::query(
        "SELECT coalesce(s.tokens, 0) FROM unnest($1::text[]) WITH ORDINALITY AS wanted (scope, place)
         LEFT JOIN ai_spend s ON s.scope = wanted.scope ORDER BY wanted.place",
    );
    let found = rows::rows(connection, query.bind(scopes)).await?;
    found.iter().map(|row| Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default())).collect()
}

pub(super) async fn prune(connection: &mut PgConnection, before: UnixMillis, limit: usize) -> Result<usize, Fault> {
    let query = sqlx::query(
        "WITH old AS MATERIALIZED (SELECT scope FROM ai_spend WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
         DELETE FROM ai_spend USING old WHERE ai_spend.scope = old.scope",
    );
    let pruned = rows::changed(connection, query.bind(before.0).bind(rows::limit(limit))).await?;
    Ok(usize::try_from(pruned).unwrap_or(usize::MAX))
}
