//! The final log, read in two ways, in the checker's terms.

use super::history::{Line, Logs, Sight};
use super::link::{Cut, Heard, Link, Side};
use super::role::Role;
use baton::domain::conversation::Event;
use baton::domain::ids::{ConversationId, Seq};
use baton::protocol::agent::AgentFrame;
use baton::protocol::convert::{self, Viewer};
use baton::protocol::shared::{LogEntry, LogEvent};
use baton::store::Store;
use baton::store::sqlite::SqliteStore;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

const PAGE: usize = 200;

pub fn line(entry: &LogEntry, sight: Sight) -> Line {
    let (key, text) = match &entry.event {
        LogEvent::VisitorMessage { key, text }
        | LogEvent::AgentMessage { key, text, .. }
        | LogEvent::Note { key, text, .. } => (Some(*key), Some(text.clone())),
        _ => (None, None),
    };
    Line { seq: entry.seq, key, text, sight }
}

/// How an entry looks to a client, or, for agents, as it is in the log.
pub fn sight_of(entry: &LogEntry, side: Side) -> Sight {
    let json = |entry: &LogEntry| serde_json::to_string(entry).expect("entry");
    match (&entry.event, side) {
        (LogEvent::Hidden, Side::Visitor) => Sight::Hidden,
        (
            LogEvent::Note { .. }
            | LogEvent::Hint { .. }
            | LogEvent::HandoffSummarised { .. }
            | LogEvent::VisitorSeen { .. },
            Side::Agent,
        ) => Sight::TeamOnly(json(entry)),
        (LogEvent::HandoffRequested { .. }, Side::Agent) => {
            let mut shorn = entry.clone();
            if let LogEvent::HandoffRequested { brief, .. } = &mut shorn.event {
                *brief = None;
            }
            Sight::Partly { team: json(entry), visitors: json(&shorn) }
        }
        _ => Sight::Open(json(entry)),
    }
}

/// From the database file, with nothing else running on it.
pub async fn stored(database: &Path, conversations: &[Uuid]) -> Logs {
    let store = SqliteStore::open(database).expect("open the database");
    let logs = stored_in(store.as_ref(), conversations).await;
    store.close().await.expect("close the database");
    logs
}

/// As the store has them.
pub async fn stored_in(store: &dyn Store, conversations: &[Uuid]) -> Logs {
    let mut logs = Logs::new();
    for &conversation in conversations {
        let mut log: Vec<Line> = Vec::new();
        let mut visitor = None;
        let mut after = Seq::ZERO;
        loop {
            let page = store.read_after(ConversationId(conversation), after, PAGE).await.expect("read the log");
            for recorded in &page {
                if let Event::Started { visitor: who, .. } = &recorded.event {
                    visitor = Some(*who);
                }
                let who = visitor.expect("a log starts with its visitor");
                let entry = convert::entry(recorded, who, Viewer::Agent);
                let sight = sight_of(&entry, Side::Agent);
                log.push(line(&entry, sight));
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = last.seq,
                _ => break,
            }
        }
        logs.insert(conversation, log);
    }
    logs
}

/// Through a fresh agent's socket, page by page from the newest.
pub async fn served(address: SocketAddr, cookie: &str, conversations: &[Uuid]) -> Result<Logs, Cut> {
    let role = Role::Agent { cookie: cookie.into() };
    let mut link = Link::open(address, Side::Agent, Some(cookie)).await?;
    link.send_all([role.hello(None)]).await?;
    let mut logs = Logs::new();
    for &conversation in conversations {
        link.send_all([role.open(conversation, None)]).await?;
        let mut entries = Vec::new();
        let mut before = loop {
            match next(&mut link).await? {
                Heard::Snapshot { conversation: of, seq, .. } if of == conversation => break seq + 1,
                _ => {}
            }
        };
        loop {
            let limit = PAGE as u16;
            link.send_all([AgentFrame::History { conversation, before, limit }]).await?;
            let (page, has_more) = loop {
                match next(&mut link).await? {
                    Heard::History { conversation: of, entries, has_more } if of == conversation => {
                        break (entries, has_more);
                    }
                    _ => {}
                }
            };
            before = page.first().map_or(before, |first| first.seq);
            entries.splice(0..0, page);
            if !has_more {
                break;
            }
        }
        link.send_all([AgentFrame::Leave { conversation }]).await?;
        logs.insert(conversation, entries.iter().map(|entry| line(entry, sight_of(entry, Side::Agent))).collect());
    }
    Ok(logs)
}

async fn next(link: &mut Link) -> Result<Heard, Cut> {
    tokio::time::timeout(Duration::from_secs(5), link.next()).await.map_err(|_| Cut::Silent)?
}
