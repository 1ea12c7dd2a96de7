//! `baton export`: stored conversations as JSON lines on standard output, while the server runs or not.

use super::{ChatbotError, find_chatbot};
use crate::domain::ids::{ConversationId, Seq};
use crate::store::{Store, StoreError, transcript};
use std::io::Write;

/// Conversations and events that are read at a time.
const PAGE: usize = 500;

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{id} is no id of a conversation")]
    NotAnId { id: String },
    #[error("there is no conversation {id}")]
    NoConversation { id: ConversationId },
    #[error(transparent)]
    Chatbot(#[from] ChatbotError),
    #[error("database")]
    Store(#[from] StoreError),
    #[error("can't write the events")]
    Output(#[from] std::io::Error),
}

/// Which conversations.
#[derive(Debug, Clone, Copy)]
pub enum Selection<'a> {
    All,
    OfChatbot(&'a str),
    One(&'a str),
}

/// Write the events of the selected conversations to `out`, conversation by conversation. How many those were.
///
/// # Errors
/// When what was selected does not exist, the database can't be read or `out` not written.
pub async fn export(store: &dyn Store, which: Selection<'_>, out: &mut impl Write) -> Result<usize, ExportError> {
    let chatbot = match which {
        Selection::One(id) => {
            let id = id.parse().map_err(|_| ExportError::NotAnId { id: id.to_owned() })?;
            if store.conversation(id).await?.is_none() {
                return Err(ExportError::NoConversation { id });
            }
            write_one(store, id, out).await?;
            out.flush()?;
            return Ok(1);
        }
        Selection::OfChatbot(id) => Some(find_chatbot(store, id).await?.id),
        Selection::All => None,
    };
    let (mut count, mut after) = (0, None);
    loop {
        let page = store.conversations_after(after, chatbot.clone(), PAGE).await?;
        for &id in &page {
            write_one(store, id, out).await?;
        }
        count += page.len();
        match page.last() {
            Some(&last) if page.len() == PAGE => after = Some(last),
            _ => break,
        }
    }
    out.flush()?;
    Ok(count)
}

/// As it stands when its first page is read; what is appended meanwhile may be in it, too, and never in part.
async fn write_one(store: &dyn Store, id: ConversationId, out: &mut impl Write) -> Result<(), ExportError> {
    let mut after = Seq::ZERO;
    loop {
        let page = store.read_after(id, after, PAGE).await?;
        for recorded in &page {
            transcript::write(id, recorded, out)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = last.seq,
            _ => return Ok(()),
        }
    }
}
