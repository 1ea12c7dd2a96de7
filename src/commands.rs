//! What the command line does beside `serve`.

pub mod ask;
pub mod detect;
pub mod export;
pub mod knowledge;
pub mod replay;
mod search_model;

use crate::store::{ChatbotRecord, Store, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum ChatbotError {
    #[error("there is no chatbot {id}; there are: {known}")]
    NoChatbot { id: String, known: String },
    #[error("database")]
    Store(#[from] StoreError),
}

async fn find_chatbot(store: &dyn Store, id: &str) -> Result<ChatbotRecord, ChatbotError> {
    let mut chatbots = store.chatbots().await?;
    if let Some(position) = chatbots.iter().position(|record| record.id.as_str() == id) {
        return Ok(chatbots.swap_remove(position));
    }
    let known: Vec<&str> = chatbots.iter().map(|record| record.id.as_str()).collect();
    Err(ChatbotError::NoChatbot { id: id.to_owned(), known: known.join(", ") })
}
