//! Lists of conversations: the inbox, one row, the queue.

use super::fault::Fault;
use super::rows::{self, int};
use crate::domain::conversation::Status;
use crate::domain::ids::{ChatbotId, ConversationId, Seq, VisitorId, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::store::summary::{LOOK_BACK, Summary};
use crate::store::{ConversationRecord, InboxPage, InboxQuery, StatusFilter, StoreError, WaitingRecord};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Error, Row as _};
use std::collections::HashMap;
use uuid::Uuid;

/// Events of each conversation that are looked at first; most summaries need no more.
const FIRST_LOOK: u64 = 12;

/// The columns of [`listed`], and then what chooses the rows.
macro_rules! select_listed {
    ($($rest:expr),+) => {
        concat!(
            "SELECT c.id, c.workspace, c.chatbot, c.visitor, c.status, c.assignee_id, c.assignee_name, c.waiting_since,
               c.escalated, c.started_at, c.country, h.last_seq, h.last_at, c.number, h.minute, h.moved ",
            $($rest),+
        )
    };
}

/// What an inbox query asks of both kinds of rows, as `$1` to `$5`; `$6` and `$7` are the place, `$8` the limit.
macro_rules! filters {
    () => {
        " AND ($2::text IS NULL OR c.chatbot = $2) AND ($3::uuid IS NULL OR c.assignee_id = $3)
          AND ($4::bigint IS NULL OR h.last_at >= $4) AND ($5::bigint IS NULL OR h.last_at < $5) "
    };
}

pub(super) async fn conversation(
    connection: &mut PgConnection,
    id: ConversationId,
) -> Result<Option<ConversationRecord>, Fault> {
    let query = sqlx::query(select_listed!(
        "FROM conversation c JOIN head h ON h.conversation = c.id WHERE c.id = $1 AND h.conversation = $1"
    ));
    let found = rows::row(connection, query.bind(id.0)).await?;
    let Some(listed) = found.as_ref().map(listed).transpose()? else { return Ok(None) };
    Ok(complete(connection, vec![listed]).await?.pop())
}

pub(super) async fn conversations_after(
    connection: &mut PgConnection,
    after: Option<ConversationId>,
    chatbot: Option<&ChatbotId>,
    limit: usize,
) -> Result<Vec<ConversationId>, Fault> {
    let query = sqlx::query(
        "SELECT id FROM conversation WHERE id > $1 AND ($2::text IS NULL OR chatbot = $2) ORDER BY id LIMIT $3",
    );
    // No id is that of zeros alone.
    let query = query.bind(after.map_or(Uuid::nil(), |id| id.0)).bind(chatbot.map(ChatbotId::as_str));
    let found = rows::rows(connection, query.bind(rows::limit(limit))).await?;
    found.iter().map(|row| Ok(rows::conversation(row, 0)?)).collect()
}

pub(super) async fn waiting(connection: &mut PgConnection) -> Result<Vec<WaitingRecord>, Fault> {
    let query = sqlx::query(
        "SELECT id, workspace, chatbot, coalesce(waiting_since, started_at) FROM conversation WHERE status = 'unassigned'
         ORDER BY waiting_since, number",
    );
    let found = rows::rows(connection, query).await?;
    let record = |row: &PgRow| {
        Ok(WaitingRecord {
            conversation: rows::conversation(row, 0)?,
            workspace: WorkspaceId(rows::uuid(row, 1)?),
            chatbot: rows::chatbot(row, 2)?,
            since: rows::millis(row, 3)?,
        })
    };
    found.iter().map(record).collect()
}

pub(super) async fn page(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    query: &InboxQuery,
) -> Result<InboxPage, Fault> {
    let limit = query.limit.clamp(1, 200);
    let from = match &query.cursor {
        None => Place::Start,
        Some(text) => Place::parse(text).ok_or(StoreError::NotACursor)?,
    };
    // One more than asked for tells whether there is a next page.
    let wanted = limit + 1;
    let mut found = Vec::new();
    if !matches!(from, Place::Active { .. }) && admits_waiting(query.status) {
        let (since, number) = match from {
            Place::Waiting { since, number } => (since, number),
            Place::Start | Place::Active { .. } => (i64::MIN, i64::MIN),
        };
        found = search(connection, WAITING.to_owned(), workspace, query, (since, number), wanted).await?;
    }
    if let Some(status) = active_status(query)
        && found.len() < wanted
    {
        let place = match from {
            Place::Active { minute, moved } => (minute, moved),
            Place::Start | Place::Waiting { .. } => (i64::MAX, i64::MAX),
        };
        let sql = ACTIVE.replace("{status}", status);
        found.extend(search(connection, sql, workspace, query, place, wanted - found.len()).await?);
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.place.to_string());
    Ok(InboxPage { rows: complete(connection, found).await?, next })
}

const WAITING: &str = select_listed!(
    "FROM conversation c JOIN head h ON h.conversation = c.id
     WHERE c.workspace = $1 AND c.status = 'unassigned' ",
    filters!(),
    "AND (c.waiting_since, c.number) > ($6, $7) ORDER BY c.waiting_since, c.number LIMIT $8"
);

/// The index gives the minutes in order; only rows of the same minute are sorted.
const ACTIVE: &str = select_listed!(
    "FROM head h JOIN conversation c ON c.id = h.conversation WHERE h.workspace = $1 AND c.workspace = $1 AND {status} ",
    filters!(),
    "AND h.minute <= $6 AND (h.minute, h.moved) < ($6, $7) ORDER BY h.minute DESC, h.moved DESC LIMIT $8"
);

/// A row as the tables have it, before the end of its log is looked at.
struct Listed {
    place: Place,
    record: ConversationRecord,
}

/// After which row a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Waiting { since: i64, number: i64 },
    Active { minute: i64, moved: i64 },
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked(1)?;
        let (first, second) = rest.split_once('.')?;
        let (first, second) = (first.parse().ok()?, second.parse().ok()?);
        match kind {
            "w" => Some(Self::Waiting { since: first, number: second }),
            "a" => Some(Self::Active { minute: first, moved: second }),
            _ => None,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start => Ok(()),
            Self::Waiting { since, number } => write!(f, "w{since}.{number}"),
            Self::Active { minute, moved } => write!(f, "a{minute}.{moved}"),
        }
    }
}

fn admits_waiting(status: StatusFilter) -> bool {
    matches!(status, StatusFilter::Any | StatusFilter::Escalated | StatusFilter::Is(Status::Unassigned))
}

/// Which of those that do not wait are asked for.
fn active_status(query: &InboxQuery) -> Option<&'static str> {
    match query.status {
        StatusFilter::Any if query.ongoing => Some("c.status IN ('unrequested', 'open')"),
        StatusFilter::Any => Some("c.status <> 'unassigned'"),
        StatusFilter::Is(Status::Open) => Some("c.status = 'open'"),
        StatusFilter::Escalated => Some("c.status = 'open' AND c.escalated"),
        StatusFilter::Is(Status::Unrequested) => Some("c.status = 'unrequested'"),
        StatusFilter::Is(Status::Ended) if !query.ongoing => Some("c.status = 'ended'"),
        StatusFilter::Is(Status::Ended | Status::Unassigned) => None,
    }
}

async fn search(
    connection: &mut PgConnection,
    sql: String,
    workspace: WorkspaceId,
    query: &InboxQuery,
    (first, second): (i64, i64),
    limit: usize,
) -> Result<Vec<Listed>, Fault> {
    // Put together from constants of this file.
    let statement = sqlx::query(AssertSqlSafe(sql))
        .bind(workspace.0)
        .bind(query.chatbot.as_ref().map(ChatbotId::as_str))
        .bind(query.assignee.map(|agent| agent.0))
        .bind(query.from.map(|at| at.0))
        .bind(query.to.map(|at| at.0))
        .bind(first)
        .bind(second)
        .bind(rows::limit(limit));
    let found = rows::rows(connection, statement).await?;
    Ok(found.iter().map(listed).collect::<Result<_, _>>()?)
}

fn listed(row: &PgRow) -> Result<Listed, Error> {
    let record = ConversationRecord {
        id: rows::conversation(row, 0)?,
        workspace: WorkspaceId(rows::uuid(row, 1)?),
        chatbot: rows::chatbot(row, 2)?,
        visitor: VisitorId(rows::uuid(row, 3)?),
        status: rows::named(row, 4, Status::parse)?,
        assignee: rows::optional_agent(row, 5, 6)?,
        waiting_since: rows::optional_millis(row, 7)?,
        escalated: row.try_get(8)?,
        started_at: rows::millis(row, 9)?,
        country: rows::text(row, 10)?,
        last_seq: rows::seq(row, 11)?,
        last_at: rows::millis(row, 12)?,
        newest_message: None,
        unread: 0,
    };
    let place = match (record.status, record.waiting_since) {
        (Status::Unassigned, Some(since)) => Place::Waiting { since: since.0, number: row.try_get(13)? },
        _ => Place::Active { minute: row.try_get(14)?, moved: row.try_get(15)? },
    };
    Ok(Listed { place, record })
}

/// Add what the ends of the logs say: in one query for all rows, and a second one for those where that was not enough.
async fn complete(connection: &mut PgConnection, found: Vec<Listed>) -> Result<Vec<ConversationRecord>, Fault> {
    let order: Vec<ConversationId> = found.iter().map(|listed| listed.record.id).collect();
    let mut unfinished: HashMap<ConversationId, (Seq, Summary)> = found
        .into_iter()
        .map(|listed| (listed.record.id, (listed.record.last_seq.next(), Summary::new(listed.record))))
        .collect();
    let mut finished = HashMap::new();
    for depth in [FIRST_LOOK, LOOK_BACK - FIRST_LOOK] {
        if unfinished.is_empty() {
            break;
        }
        let (ids, before): (Vec<Uuid>, Vec<i64>) =
            unfinished.iter().map(|(id, (before, _))| (id.0, int(*before))).unzip();
        let query = sqlx::query(
            "SELECT e.conversation, e.seq, e.at, e.body FROM unnest($1::uuid[], $2::bigint[]) AS wanted (id, before)
             CROSS JOIN LATERAL (
               SELECT conversation, seq, at, body FROM event
               WHERE conversation = wanted.id AND seq < wanted.before AND seq >= wanted.before - $3
               ORDER BY seq DESC) e",
        );
        for row in rows::rows(connection, query.bind(ids).bind(before).bind(int(Seq(depth)))).await? {
            let id = rows::conversation(&row, 0)?;
            let (seq, at) = (rows::seq(&row, 1)?, UnixMillis(row.try_get(2)?));
            let Some((before, summary)) = unfinished.get_mut(&id) else { continue };
            *before = seq;
            let goes_on = summary.look(seq, at, row.try_get(3)?).map_err(|source| StoreError::Unreadable {
                conversation: id,
                seq,
                source,
            })?;
            if !goes_on && let Some((_, summary)) = unfinished.remove(&id) {
                finished.insert(id, summary);
            }
        }
    }
    finished.extend(unfinished.into_iter().map(|(id, (_, summary))| (id, summary)));
    Ok(order.iter().filter_map(|id| finished.remove(id)).map(Summary::record).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_their_text() {
        for place in [Place::Waiting { since: -5, number: 7 }, Place::Active { minute: 12, moved: 3 }] {
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for text in ["", "a", "w1", "w1.", "x3.1", "a1", "é1.2"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
