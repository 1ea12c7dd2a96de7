//! A line of the inbox from what the store has of a conversation.

use super::agent::{Author, InboxRow};
use super::convert;
use crate::domain::conversation::{Event, Recorded};
use crate::store::ConversationRecord;

/// Characters of the newest message that a row shows.
const PREVIEW_CHARS: usize = 160;

/// The row; `online`: the visitor is here now.
pub fn inbox_row(record: &ConversationRecord, online: bool) -> InboxRow {
    let newest = record.newest_message.as_ref().and_then(message);
    InboxRow {
        conversation: record.id.0,
        chatbot: record.chatbot.to_string(),
        visitor_name: convert::visitor_name(record.visitor),
        country: record.country.clone(),
        status: convert::status(record.status),
        assignee: record.assignee.as_ref().map(convert::agent_view),
        waiting_since: record.waiting_since.map(|at| at.0),
        escalated: record.escalated,
        started_at: record.started_at.0,
        last_at: record.last_at.0,
        seq: record.last_seq.get(),
        preview: newest.map(|(_, text)| text.chars().take(PREVIEW_CHARS).collect()).unwrap_or_default(),
        preview_by: newest.map(|(author, _)| author),
        unread: record.unread,
        online,
    }
}

/// Who said what; a note is not said.
fn message(recorded: &Recorded) -> Option<(Author, &str)> {
    match &recorded.event {
        Event::VisitorWrote { text, .. } => Some((Author::Visitor, text)),
        Event::AgentWrote { text, .. } => Some((Author::Agent, text)),
        Event::AiAnswered { text, .. }
        | Event::HandoffOffered { text, .. }
        | Event::HandoffDeclined { text }
        | Event::HandoffRequested { text, .. } => Some((Author::Ai, text)),
        _ => None,
    }
}
