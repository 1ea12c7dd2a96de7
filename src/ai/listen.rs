//! What is read in a visitor's message, where anything may come of it.

use super::detect::detect;
use crate::domain::conversation::{Conversation, Phase, Signals};
use crate::domain::settings::ChatbotSettings;

/// With a human in the chat, or with handoff switched off, nothing would come of the detectors, so nothing is spent on them.
pub fn listen(state: &Conversation, text: &str, settings: &ChatbotSettings) -> Signals {
    if settings.handoff.enabled && !matches!(state.phase(), Phase::Open { .. }) {
        detect(text, &settings.handoff.keywords)
    } else {
        Signals::default()
    }
}
