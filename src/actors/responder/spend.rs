//! What a call may cost, held before it and settled after it.

use super::About;
use crate::actors::hub::Hub;
use crate::ai::prompt::Prompt;
use crate::ai::providers::{self, Meter};
use crate::directory::Chatbot;
use crate::domain::time::UnixMillis;
use crate::store::{SpendScope, StoreError};

/// Tokens that a call holds while it runs, counted as if they were spent.
///
/// SPEND-1: a call begins only while less than every limit is spent and held, so that a limit is passed by one answer at most,
/// however many begin at once, on however many nodes. SPEND-2: what becomes of a call is not always known (the process may be killed
/// in the middle of it); then all that it held stays counted.
#[must_use = "what is not settled stays counted"]
pub(super) struct Reserved {
    names: Vec<String>,
    tokens: u64,
}

impl Reserved {
    /// `None` when a limit is reached.
    pub(super) async fn for_a_call(
        hub: &Hub,
        chatbot: &Chatbot,
        about: &About,
        prompt: &Prompt,
    ) -> Result<Option<Self>, StoreError> {
        let now = hub.now();
        let scopes = scopes(chatbot, about, now);
        let names = scopes.iter().map(|scope| scope.name.clone()).collect();
        let tokens = providers::estimate(prompt) + u64::from(chatbot.settings.ai.max_tokens);
        if hub.store.reserve_spend(scopes, tokens, now).await? {
            return Ok(Some(Self { names, tokens }));
        }
        hub.providers.healths.limited(&chatbot.id, now);
        Ok(None)
    }

    pub(super) async fn settle(self, hub: &Hub, meter: &Meter) {
        let Self { names, tokens } = self;
        let signed = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        let more = signed(meter.tokens()) - signed(tokens);
        if let Err(error) = hub.store.add_spend(names, more, hub.now()).await {
            tracing::error!(tokens = meter.tokens(), held = tokens, error = ?error, "spent tokens could not be settled");
        }
    }
}

/// The conversation since it began or was last reopened, the visitor's day, the chatbot's day.
fn scopes(chatbot: &Chatbot, about: &About, now: UnixMillis) -> Vec<SpendScope> {
    let day = now.0.div_euclid(86_400_000);
    let limits = chatbot.settings.ai.limits;
    let About { conversation, visitor, opened } = about;
    vec![
        SpendScope { name: format!("conversation:{conversation}:{opened}"), limit: limits.conversation },
        SpendScope { name: format!("visitor:{}:{visitor}:{day}", chatbot.id), limit: limits.visitor },
        SpendScope { name: providers::day_scope(&chatbot.id, now), limit: limits.chatbot },
    ]
}
