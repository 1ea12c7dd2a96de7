//! What models have cost.

use super::fault::Fault;
use crate::domain::time::UnixMillis;
use rusqlite::{Connection, OptionalExtension, params};

pub(super) fn add(tx: &Connection, scopes: &[String], tokens: u64, now: UnixMillis) -> Result<(), Fault> {
    let tokens = i64::try_from(tokens).unwrap_or(i64::MAX);
    let mut statement = tx.prepare_cached(
        "INSERT INTO ai_spend (scope, tokens, at) VALUES (?1, ?2, ?3)
         ON CONFLICT (scope) DO UPDATE SET tokens = tokens + excluded.tokens, at = excluded.at",
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
