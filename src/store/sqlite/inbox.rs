//! Lists of conversations: the inbox, one row, the queue.

use super::fault::Fault;
use super::log::{Tail, walk};
use super::rows::{self, bytes};
use crate::domain::conversation::Status;
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, VisitorId, WorkspaceId};
use crate::store::summary::Summary;
use crate::store::{ConversationRecord, InboxPage, InboxQuery, StatusFilter, StoreError, WaitingRecord};
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use std::ops::ControlFlow;

/// Events at the end of the whole log in which the latest conversations are looked for, before all heads are sorted.
const RECENT: i64 = 20_000;

const COLUMNS: &str = "c.id, c.uuid, c.workspace, c.chatbot, c.visitor, c.status, c.assignee_id, c.assignee_name,
    c.waiting_since, c.escalated, c.started_at, c.country, h.last_seq, h.last_at, h.last_row";

const FILTERS: &str = "c.workspace = :workspace AND (:chatbot IS NULL OR c.chatbot = :chatbot)
    AND (:assignee IS NULL OR c.assignee_id = :assignee)
    AND (:from IS NULL OR h.last_at >= :from) AND (:to IS NULL OR h.last_at < :to)";

pub(super) fn conversation(connection: &Connection, id: ConversationId) -> Result<Option<ConversationRecord>, Fault> {
    let listed = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM conversation c JOIN head h ON h.conversation = c.id WHERE c.uuid = ?1"
        ))?
        .query_row([bytes(&id.0)], listed)
        .optional()?;
    listed.map(|listed| complete(connection, listed)).transpose()
}

pub(super) fn conversations_after(
    connection: &Connection,
    after: Option<ConversationId>,
    chatbot: Option<&ChatbotId>,
    limit: usize,
) -> Result<Vec<ConversationId>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT uuid FROM conversation WHERE uuid > ?1 AND (?2 IS NULL OR chatbot = ?2) ORDER BY uuid LIMIT ?3",
    )?;
    // No id is that of zeros alone.
    let after = after.map_or([0; 16], |id| id.0.into_bytes());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let ids = statement
        .query_map((after, chatbot.map(ChatbotId::as_str), limit), |row| Ok(ConversationId(rows::uuid(row, 0)?)))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn waiting(connection: &Connection) -> Result<Vec<WaitingRecord>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT uuid, workspace, chatbot, coalesce(waiting_since, started_at) FROM conversation WHERE status = 'unassigned'
         ORDER BY waiting_since, id",
    )?;
    let records = statement.query_map([], |row| {
        Ok(WaitingRecord {
            conversation: ConversationId(rows::uuid(row, 0)?),
            workspace: WorkspaceId(rows::uuid(row, 1)?),
            chatbot: chatbot(row, 2)?,
            since: rows::millis(row, 3)?,
        })
    })?;
    Ok(records.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn page(connection: &Connection, workspace: WorkspaceId, query: &InboxQuery) -> Result<InboxPage, Fault> {
    let limit = query.limit.clamp(1, 200);
    let from = match &query.cursor {
        None => Place::Start,
        Some(text) => Place::parse(text).ok_or(StoreError::NotACursor)?,
    };
    // One more than asked for tells whether there is a next page.
    let search = Search { connection, workspace, query, wanted: limit + 1 };
    let mut found = Vec::new();
    if !matches!(from, Place::Active { .. }) && search.admits_waiting() {
        search.waiting(from, &mut found)?;
    }
    if found.len() < search.wanted {
        search.active(from, &mut found)?;
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| Place::of(last).to_string());
    let rows = found.into_iter().map(|listed| complete(connection, listed)).collect::<Result<_, _>>()?;
    Ok(InboxPage { rows, next })
}

/// A row as the tables have it, before the end of its log is looked at.
struct Listed {
    conversation: i64,
    last_row: i64,
    record: ConversationRecord,
}

/// After which row a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Waiting {
        since: i64,
        conversation: i64,
    },
    /// Rows of the log are numbered in the order of commits, so the last one of a conversation says how recent it is.
    Active {
        last_row: i64,
    },
}

impl Place {
    fn of(listed: &Listed) -> Self {
        match (listed.record.status, listed.record.waiting_since) {
            (Status::Unassigned, Some(since)) => Self::Waiting { since: since.0, conversation: listed.conversation },
            _ => Self::Active { last_row: listed.last_row },
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(last_row) = text.strip_prefix('a') {
            return Some(Self::Active { last_row: last_row.parse().ok()? });
        }
        let (since, conversation) = text.strip_prefix('w')?.split_once('.')?;
        Some(Self::Waiting { since: since.parse().ok()?, conversation: conversation.parse().ok()? })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start => Ok(()),
            Self::Waiting { since, conversation } => write!(f, "w{since}.{conversation}"),
            Self::Active { last_row } => write!(f, "a{last_row}"),
        }
    }
}

struct Search<'a> {
    connection: &'a Connection,
    workspace: WorkspaceId,
    query: &'a InboxQuery,
    wanted: usize,
}

impl Search<'_> {
    fn admits_waiting(&self) -> bool {
        matches!(self.query.status, StatusFilter::Any | StatusFilter::Escalated | StatusFilter::Is(Status::Unassigned))
    }

    fn waiting(&self, from: Place, into: &mut Vec<Listed>) -> Result<(), Fault> {
        let (since, conversation) = match from {
            Place::Waiting { since, conversation } => (since, conversation),
            Place::Start | Place::Active { .. } => (i64::MIN, i64::MIN),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM conversation c JOIN head h ON h.conversation = c.id
             WHERE c.status = 'unassigned' AND {FILTERS} AND (c.waiting_since, c.id) > (:low, :high)
             ORDER BY c.waiting_since, c.id LIMIT :limit"
        );
        self.collect(&sql, since, conversation, into)
    }

    /// First from the end of the log itself, where a page of a busy inbox is found after few steps and without sorting; what is
    /// older comes from sorting heads, which costs as much as there are conversations and not as there are events.
    fn active(&self, from: Place, into: &mut Vec<Listed>) -> Result<(), Fault> {
        let status = match self.query.status {
            StatusFilter::Any if self.query.ongoing => "c.status IN ('unrequested', 'open')",
            StatusFilter::Any => "c.status <> 'unassigned'",
            StatusFilter::Is(Status::Open) => "c.status = 'open'",
            StatusFilter::Escalated => "c.status = 'open' AND c.escalated",
            StatusFilter::Is(Status::Unrequested) => "c.status = 'unrequested'",
            StatusFilter::Is(Status::Ended) if !self.query.ongoing => "c.status = 'ended'",
            StatusFilter::Is(Status::Ended | Status::Unassigned) => return Ok(()),
        };
        let before = match from {
            Place::Active { last_row } => last_row,
            Place::Start | Place::Waiting { .. } => {
                self.connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM event", [], |row| row.get(0))?
            }
        };
        let recent = before.saturating_sub(RECENT);
        let from_log = format!(
            "SELECT {COLUMNS} FROM event e CROSS JOIN head h ON h.conversation = e.conversation AND h.last_row = e.id
               CROSS JOIN conversation c ON c.id = e.conversation
             WHERE e.id >= :low AND e.id < :high AND {status} AND {FILTERS} ORDER BY e.id DESC LIMIT :limit"
        );
        self.collect(&from_log, recent, before, into)?;
        if into.len() < self.wanted && recent > 0 {
            let from_heads = format!(
                "SELECT {COLUMNS} FROM head h JOIN conversation c ON c.id = h.conversation
                 WHERE h.last_row >= :low AND h.last_row < :high AND {status} AND {FILTERS}
                 ORDER BY h.last_row DESC LIMIT :limit"
            );
            self.collect(&from_heads, 0, recent, into)?;
        }
        Ok(())
    }

    fn collect(&self, sql: &str, low: i64, high: i64, into: &mut Vec<Listed>) -> Result<(), Fault> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_map(
            named_params! {
                ":workspace": bytes(&self.workspace.0),
                ":chatbot": self.query.chatbot.as_ref().map(ChatbotId::as_str),
                ":assignee": self.query.assignee.as_ref().map(|AgentId(id)| bytes(id)),
                ":from": self.query.from.map(|at| at.0),
                ":to": self.query.to.map(|at| at.0),
                ":low": low,
                ":high": high,
                ":limit": (self.wanted - into.len()) as i64,
            },
            listed,
        )?;
        for row in found {
            into.push(row?);
        }
        Ok(())
    }
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed {
        conversation: row.get(0)?,
        last_row: row.get(14)?,
        record: ConversationRecord {
            id: ConversationId(rows::uuid(row, 1)?),
            workspace: WorkspaceId(rows::uuid(row, 2)?),
            chatbot: chatbot(row, 3)?,
            visitor: VisitorId(rows::uuid(row, 4)?),
            status: rows::named(row, 5, Status::parse)?,
            assignee: rows::optional_agent(row, 6, 7)?,
            waiting_since: rows::optional_millis(row, 8)?,
            escalated: row.get(9)?,
            started_at: rows::millis(row, 10)?,
            country: row.get(11)?,
            last_seq: rows::seq(row, 12)?,
            last_at: rows::millis(row, 13)?,
            newest_message: None,
            unread: 0,
        },
    })
}

fn chatbot(row: &Row<'_>, column: usize) -> rusqlite::Result<ChatbotId> {
    rows::named(row, column, |text| text.parse().ok())
}

/// Add what the end of the log says.
fn complete(connection: &Connection, listed: Listed) -> Result<ConversationRecord, Fault> {
    let Listed { conversation, last_row, record } = listed;
    let start = Tail { id: record.id, conversation, seq: record.last_seq.get(), row: last_row };
    let mut summary = Summary::new(record);
    walk(connection, start, |seq, at, body| {
        Ok(if summary.look(seq, at, body)? { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(summary.record())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_their_text() {
        for place in [Place::Waiting { since: -5, conversation: 7 }, Place::Active { last_row: 12 }] {
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for text in ["", "a", "w1", "w1.", "x3", "a1.5"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
