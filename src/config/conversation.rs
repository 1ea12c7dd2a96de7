//! `[conversation]`: how long things live in memory.

use serde::Deserialize;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConversationConfig {
    /// A conversation that nobody follows leaves memory after so many seconds; the log brings it back.
    pub passivate_after_seconds: u64,
    /// Somebody whose socket is gone counts as present for so long: a page reload must not flash red.
    pub presence_grace_ms: u64,
}

impl Default for ConversationConfig {
    fn default() -> Self {
        Self { passivate_after_seconds: 120, presence_grace_ms: 5_000 }
    }
}

impl ConversationConfig {
    pub fn passivate_after(&self) -> Duration {
        Duration::from_secs(self.passivate_after_seconds)
    }

    pub fn presence_grace(&self) -> Duration {
        Duration::from_millis(self.presence_grace_ms)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let Self { passivate_after_seconds: passivate, presence_grace_ms: grace } = self;
        if !(1..=86_400).contains(passivate) {
            return Err(format!("`conversation.passivate_after_seconds` is {passivate}, allowed are 1 to 86400"));
        }
        if *grace > 120_000 {
            return Err(format!("`conversation.presence_grace_ms` is {grace}, allowed are 0 to 120000"));
        }
        Ok(())
    }
}
