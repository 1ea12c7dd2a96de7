//! Whether the providers of chatbots work, for their owners. Of this node, since its start.

use super::ProviderError;
use crate::domain::ids::ChatbotId;
use crate::domain::time::UnixMillis;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    pub last_error: Option<String>,
    pub last_error_at: Option<UnixMillis>,
    /// The first failure after the latest success; `None` while it works.
    pub failing_since: Option<UnixMillis>,
    /// Failures since then.
    pub failures: u32,
    pub last_success_at: Option<UnixMillis>,
    /// When a spend limit last kept an answer from being asked for.
    pub limited_at: Option<UnixMillis>,
}

#[derive(Default)]
pub struct Healths(Mutex<HashMap<ChatbotId, Health>>);

impl Healths {
    pub fn of(&self, chatbot: &ChatbotId) -> Health {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(chatbot).cloned().unwrap_or_default()
    }

    pub fn succeeded(&self, chatbot: &ChatbotId, now: UnixMillis) {
        self.change(chatbot, |health| {
            health.last_success_at = Some(now);
            health.failing_since = None;
            health.failures = 0;
        });
    }

    /// Keeps the failure for the owner and says so in the log, without a word of the conversation.
    pub fn failed(&self, chatbot: &ChatbotId, error: &ProviderError, now: UnixMillis) {
        self.change(chatbot, |health| {
            health.last_error = Some(error.to_string());
            health.last_error_at = Some(now);
            health.failing_since.get_or_insert(now);
            health.failures = health.failures.saturating_add(1);
        });
        tracing::warn!(chatbot.id = %chatbot, error = %error, "the provider failed");
    }

    pub fn limited(&self, chatbot: &ChatbotId, now: UnixMillis) {
        self.change(chatbot, |health| health.limited_at = Some(now));
        tracing::info!(chatbot.id = %chatbot, "a spend limit is reached");
    }

    fn change(&self, chatbot: &ChatbotId, change: impl FnOnce(&mut Health)) {
        let mut healths = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(healths.entry(chatbot.clone()).or_default());
    }
}
