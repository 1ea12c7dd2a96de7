//! One append inside the writer's transaction: check, move the head, insert. Nothing is written before the check has passed, so
//! a refused append leaves nothing to roll back.

use super::fault::database;
use super::jobs;
use super::rows::{self, bytes, int};
use crate::domain::ids::{ConversationId, Seq};
use crate::store::stored_event;
use crate::store::{Append, Projection, StoreError};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use std::collections::HashMap;
use uuid::Uuid;

/// A row of `mark` every so many events.
pub(super) const MARK_EVERY: u64 = 256;

/// Heads kept in memory: 64 bytes each, so this is about a megabyte.
const KNOWN_HEADS: usize = 16 << 10;

/// How an append ended, given that the transaction commits.
#[derive(Debug)]
pub(super) enum Outcome {
    Written,
    Conflict { actual: Seq },
    Refused(StoreError),
}

/// The end of a conversation's log.
#[derive(Debug, Clone, Copy)]
struct Head {
    conversation: i64,
    seq: Seq,
    row: i64,
}

/// What the writer remembers between transactions. A hint only: `move_head` compares again in the database. After a rolled back
/// transaction it must be forgotten.
#[derive(Default)]
pub(super) struct Memory {
    heads: HashMap<Uuid, Head>,
    bodies: Vec<u8>,
    ends: Vec<usize>,
}

impl Memory {
    pub(super) fn forget(&mut self) {
        self.heads.clear();
    }

    fn remember(&mut self, id: ConversationId, head: Head) {
        if self.heads.len() >= KNOWN_HEADS && !self.heads.contains_key(&id.0) {
            self.heads.clear();
        }
        self.heads.insert(id.0, head);
    }
}

/// Everything that appends of one transaction share.
pub(super) struct Appender<'c, 'm> {
    connection: &'c Connection,
    memory: &'m mut Memory,
    find_head: CachedStatement<'c>,
    move_head: CachedStatement<'c>,
    add_event: CachedStatement<'c>,
    next_row: i64,
}

impl<'c, 'm> Appender<'c, 'm> {
    pub(super) fn new(connection: &'c Connection, memory: &'m mut Memory) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            memory,
            find_head: connection.prepare_cached(
                "SELECT h.conversation, h.last_seq, h.last_row FROM conversation c JOIN head h ON h.conversation = c.id
                 WHERE c.uuid = ?1",
            )?,
            move_head: connection.prepare_cached(
                "UPDATE head SET last_seq = ?3, last_row = ?4, last_at = ?5 WHERE conversation = ?1 AND last_seq = ?2",
            )?,
            add_event: connection.prepare_cached(
                "INSERT INTO event (id, conversation, seq, at, prev, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            // Rows are numbered here and not by SQLite, so that the head can move before the events are inserted.
            next_row: connection
                .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM event")?
                .query_row([], |row| row.get(0))?,
        })
    }

    /// An error leaves the transaction half-written: the caller rolls back.
    pub(super) fn append(&mut self, append: &Append) -> rusqlite::Result<Outcome> {
        if let Err(error) = self.encode(append) {
            return Ok(Outcome::Refused(error));
        }
        let before = match self.head(append.conversation, append.expected)? {
            Some(head) if head.seq == append.expected => head,
            None if append.expected == Seq::ZERO => Head { conversation: 0, seq: Seq::ZERO, row: 0 },
            head => return Ok(Outcome::Conflict { actual: head.map_or(Seq::ZERO, |head| head.seq) }),
        };
        let mut after = Head {
            conversation: before.conversation,
            seq: Seq(append.expected.get() + append.events.len() as u64),
            row: self.next_row + append.events.len() as i64 - 1,
        };
        let last_at = append.events.last().map_or(0, |last| last.at.0);
        if before.seq == Seq::ZERO {
            let Some(projection) = &append.projection else {
                return Ok(refused("the first append of a conversation has no projection"));
            };
            after.conversation = add_conversation(self.connection, append.conversation, projection)?;
            self.connection
                .prepare_cached("INSERT INTO head (conversation, last_seq, last_row, last_at) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![after.conversation, int(after.seq), after.row, last_at])?;
        } else {
            let moved = self.move_head.execute(params![
                after.conversation,
                int(append.expected),
                int(after.seq),
                after.row,
                last_at
            ])?;
            if moved == 0 {
                // What this process remembered is not so: somebody else writes to the same file.
                self.memory.heads.remove(&append.conversation.0);
                let actual = self.find_head(append.conversation)?.map_or(Seq::ZERO, |head| head.seq);
                return Ok(Outcome::Conflict { actual });
            }
            if let Some(projection) = &append.projection {
                move_conversation(self.connection, after.conversation, projection)?;
            }
        }
        self.insert_events(append, before, after.conversation)?;
        for job in &append.jobs {
            jobs::insert(self.connection, after.conversation, job)?;
        }
        for key in &append.settles {
            jobs::settle(self.connection, key)?;
        }
        self.memory.remember(append.conversation, after);
        Ok(Outcome::Written)
    }

    /// Events to JSON, before anything is written. CONV-1 is checked here as well: a gap in the log could never be repaired.
    fn encode(&mut self, append: &Append) -> Result<(), StoreError> {
        let Memory { bodies, ends, .. } = self.memory;
        bodies.clear();
        ends.clear();
        if append.events.is_empty() {
            return Err(database("append", "an append without events"));
        }
        let mut seq = append.expected;
        for recorded in &append.events {
            seq = seq.next();
            if recorded.seq != seq {
                return Err(database("append", format!("CONV-1: event {} where {seq} follows", recorded.seq)));
            }
            stored_event::encode(&recorded.event, bodies).map_err(|error| database("encode an event", error))?;
            ends.push(bodies.len());
        }
        Ok(())
    }

    /// The end of the log. A remembered head that does not fit is looked up again: another process may have written.
    fn head(&mut self, id: ConversationId, expected: Seq) -> rusqlite::Result<Option<Head>> {
        match self.memory.heads.get(&id.0) {
            Some(head) if head.seq == expected => Ok(Some(*head)),
            _ => self.find_head(id),
        }
    }

    fn find_head(&mut self, id: ConversationId) -> rusqlite::Result<Option<Head>> {
        self.find_head
            .query_row([bytes(&id.0)], |row| {
                Ok(Head { conversation: row.get(0)?, seq: rows::seq(row, 1)?, row: row.get(2)? })
            })
            .optional()
    }

    fn insert_events(&mut self, append: &Append, before: Head, conversation: i64) -> rusqlite::Result<()> {
        let mut previous = before.row;
        let mut start = 0;
        for (recorded, end) in append.events.iter().zip(&self.memory.ends) {
            // Valid UTF-8, being JSON from serde; SQLite stores the bytes of a text as they are.
            let body = ToSqlOutput::Borrowed(ValueRef::Text(&self.memory.bodies[start..*end]));
            let row = self.next_row;
            self.add_event.execute(params![row, conversation, int(recorded.seq), recorded.at.0, previous, body])?;
            if recorded.seq.get().is_multiple_of(MARK_EVERY) {
                self.connection
                    .prepare_cached("INSERT INTO mark (conversation, seq, event) VALUES (?1, ?2, ?3)")?
                    .execute(params![conversation, int(recorded.seq), row])?;
            }
            previous = row;
            start = *end;
            self.next_row += 1;
        }
        Ok(())
    }
}

fn refused(reason: &'static str) -> Outcome {
    Outcome::Refused(database("append", reason))
}

fn add_conversation(tx: &Connection, id: ConversationId, projection: &Projection) -> rusqlite::Result<i64> {
    tx.prepare_cached(
        "INSERT INTO conversation (uuid, workspace, chatbot, visitor, status, assignee_id, assignee_name, waiting_since,
           escalated, started_at, country) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .insert(params![
        bytes(&id.0),
        bytes(&projection.workspace.0),
        projection.chatbot.as_str(),
        bytes(&projection.visitor.0),
        projection.status.as_str(),
        projection.assignee.as_ref().map(|agent| bytes(&agent.id.0)),
        projection.assignee.as_ref().map(|agent| &agent.name),
        projection.waiting_since.map(|at| at.0),
        projection.escalated,
        projection.started_at.0,
        projection.country,
    ])
}

/// Whose conversation it is never changes.
fn move_conversation(tx: &Connection, conversation: i64, projection: &Projection) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "UPDATE conversation SET status = ?2, assignee_id = ?3, assignee_name = ?4, waiting_since = ?5, escalated = ?6,
           started_at = ?7, country = ?8 WHERE id = ?1",
    )?
    .execute(params![
        conversation,
        projection.status.as_str(),
        projection.assignee.as_ref().map(|agent| bytes(&agent.id.0)),
        projection.assignee.as_ref().map(|agent| &agent.name),
        projection.waiting_since.map(|at| at.0),
        projection.escalated,
        projection.started_at.0,
        projection.country,
    ])?;
    Ok(())
}
