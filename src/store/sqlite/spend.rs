//! What models have cost.

use super::fault::Fault;
use crate::domain::time::UnixMillis;
use crate::store::SpendScope;
use rusqlite::{Connection, OptionalExtension, params};

pub(super) fn reserve(tx: &Connection, scopes: &[SpendScope], tokens: u64, now: UnixMillis) -> Result<bool, Fault> {
    let names: Vec<String> = scopes.iter().map(|scope| scope.name.clone()).collect();
    let spent = of(tx, &names)?;
    let full = spent.iter().zip(scopes).any(|(spent, scope)| scope.limit.is_some_and(|limit| *spent >= limit));
    if !full {
        add(tx, &names, i64::try_from(tokens).unwrap_or(i64::MAX), now)?;
    }
    Ok(!full)
}

pub(super) fn add(tx: &Connection, scopes: &[String], tokens: i64, now: UnixMillis) -> Result<(), Fault> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO ai_spend (scope, tokens, at) VALUES (?1, MAX(?2, 0), ?3)
         ON CONFLICT (scope) DO UPDATE SET tokens = MAX(tokens + ?2, 0), at = excluded.at",
    )?;
    for scope in scopes {
        statement.execute(params![scope, tokens, now.0])?;
    }
    Ok(())
}

pub(super) fn of(connection: &Connection, scopes: &[String]) -> Result<Vec<u64>, Fault> {
    let mut statement = connection.prepare_cached("SELECT tokens FROM ai_spend WHERE scope = ?1")?;
    let mut spent = Vec::with_capacity(scopes.len());
    for scope in scopes {
        let tokens: Option<i64> = statement.query_row([scope], |row| row.get(0)).optional()?;
        spent.push(u64::try_from(tokens.unwrap_or_default()).unwrap_or_default());
    }
    Ok(spent)
}

pub(super) fn prune(tx: &Connection, before: UnixMillis, limit: usize) -> Result<usize, Fault> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM ai_spend WHERE scope IN (SELECT scope FROM ai_spend WHERE at < ?1 ORDER BY at LIMIT ?2)",
    )?;
    Ok(statement.execute(params![before.0, i64::try_from(limit).unwrap_or(i64::MAX)])?)
}
