//! `[ai]`: where models may be.

use serde::Deserialize;

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AiConfig {
    /// Chatbots may use a model at a private address, such as an Ollama beside Baton. Off, because whoever may change a chatbot's
    /// settings could then make this server speak to its own network (S42 to S47).
    pub allow_private_endpoints: bool,
}
