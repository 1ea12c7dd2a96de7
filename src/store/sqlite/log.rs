//! Reading a conversation's log: backwards along `prev`, from its head or from the nearest mark.

use super::appender::MARK_EVERY;
use super::fault::Fault;
use super::rows::{self, bytes, int};
use crate::domain::conversation::Recorded;
use crate::domain::ids::{ConversationId, Seq};
use crate::domain::time::UnixMillis;
use crate::store::{StoreError, stored_event};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::Error as _;
use std::ops::ControlFlow;

/// The end of a log, as a reader sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    pub(super) id: ConversationId,
    pub(super) conversation: i64,
    pub(super) seq: u64,
    pub(super) row: i64,
}

pub(super) fn read_after(
    connection: &Connection,
    id: ConversationId,
    after: Seq,
    limit: usize,
) -> Result<Vec<Recorded>, Fault> {
    match tail(connection, id)? {
        Some(tail) => range(connection, tail, after.get(), after.get().saturating_add(limit as u64)),
        None => Ok(Vec::new()),
    }
}

pub(super) fn read_before(
    connection: &Connection,
    id: ConversationId,
    before: Seq,
    limit: usize,
) -> Result<Vec<Recorded>, Fault> {
    match tail(connection, id)? {
        Some(tail) => {
            let last = before.get().saturating_sub(1).min(tail.seq);
            range(connection, tail, last.saturating_sub(limit as u64), last)
        }
        None => Ok(Vec::new()),
    }
}

/// The ids go in as one text, so that any number of them is one statement.
pub(super) fn tails(connection: &Connection, ids: &[ConversationId]) -> Result<Vec<(ConversationId, Seq)>, Fault> {
    let ids: Vec<_> = ids.iter().map(|id| id.0.simple().to_string()).collect();
    let ids = serde_json::Value::from(ids).to_string();
    let mut statement = connection.prepare_cached(
        "SELECT c.uuid, h.last_seq FROM json_each(?1) wanted CROSS JOIN conversation c ON c.uuid = unhex(wanted.value)
         CROSS JOIN head h ON h.conversation = c.id",
    )?;
    let tails = statement.query_map([ids], |row| Ok((ConversationId(rows::uuid(row, 0)?), rows::seq(row, 1)?)))?;
    Ok(tails.collect::<rusqlite::Result<_>>()?)
}

fn tail(connection: &Connection, id: ConversationId) -> Result<Option<Tail>, Fault> {
    let tail = connection
        .prepare_cached(
            "SELECT h.conversation, h.last_seq, h.last_row FROM conversation c JOIN head h ON h.conversation = c.id
             WHERE c.uuid = ?1",
        )?
        .query_row([bytes(&id.0)], |row| {
            Ok(Tail { id, conversation: row.get(0)?, seq: row.get::<_, i64>(1)?.cast_unsigned(), row: row.get(2)? })
        })
        .optional()?;
    Ok(tail)
}

/// Events `after + 1 ..= last`, as far as they exist.
fn range(connection: &Connection, tail: Tail, after: u64, last: u64) -> Result<Vec<Recorded>, Fault> {
    let last = last.min(tail.seq);
    if after >= last {
        return Ok(Vec::new());
    }
    let mut events = Vec::with_capacity((last - after).min(1024) as usize);
    walk(connection, from_mark(connection, tail, last)?, |seq, at, body| {
        if seq.get() <= last {
            events.push(Recorded { seq, at, event: stored_event::decode(body)? });
        }
        Ok(if seq.get() == after + 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    events.reverse();
    Ok(events)
}

/// The nearest known place at or after `last`.
fn from_mark(connection: &Connection, tail: Tail, last: u64) -> Result<Tail, Fault> {
    if tail.seq - last < MARK_EVERY {
        return Ok(tail);
    }
    let mark = connection
        .prepare_cached("SELECT seq, event FROM mark WHERE conversation = ?1 AND seq >= ?2 ORDER BY seq LIMIT 1")?
        .query_row(params![tail.conversation, int(Seq(last))], |row| {
            Ok(Tail { seq: row.get::<_, i64>(0)?.cast_unsigned(), row: row.get(1)?, ..tail })
        })
        .optional()?;
    Ok(mark.unwrap_or(tail))
}

/// Visit events from `start` backwards, until `visit` breaks or the log begins. Checks every step, because a chain that led into
/// another conversation would show it to strangers.
pub(super) fn walk(
    connection: &Connection,
    start: Tail,
    mut visit: impl FnMut(Seq, UnixMillis, &str) -> Result<ControlFlow<()>, serde_json::Error>,
) -> Result<(), Fault> {
    let mut step = connection.prepare_cached("SELECT conversation, seq, at, prev, body FROM event WHERE id = ?1")?;
    let mut row_id = start.row;
    let mut seq = start.seq;
    while seq > 0 {
        let unreadable = |source| StoreError::Unreadable { conversation: start.id, seq: Seq(seq), source };
        let mut rows = step.query([row_id])?;
        let Some(row) = rows.next()? else {
            return Err(unreadable(serde_json::Error::custom("missing row")).into());
        };
        if (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?) != (start.conversation, seq.cast_signed()) {
            return Err(unreadable(serde_json::Error::custom("another event in its row")).into());
        }
        let body = row.get_ref(4)?.as_str().map_err(|error| unreadable(serde_json::Error::custom(error)))?;
        match visit(Seq(seq), UnixMillis(row.get(2)?), body).map_err(unreadable)? {
            ControlFlow::Break(()) => break,
            ControlFlow::Continue(()) => {}
        }
        row_id = row.get(3)?;
        seq -= 1;
    }
    Ok(())
}
