//! `[ai]`: where models may be.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AiConfig {
    /// Chatbots may use a model at a private address, such as an Ollama beside Baton. Off, because whoever may change a chatbot's
    /// settings could then make this server speak to its own network (S42 to S47).
    pub allow_private_endpoints: bool,
    /// Whether knowledge is searched by meaning, too.
    pub search_model: SearchModel,
    /// Folder of the model's files; empty means where `make model` puts them.
    pub search_model_dir: PathBuf,
}

/// The small language model that knowledge is searched with. Without it the words alone rank, which finds less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchModel {
    /// Words alone: a quarter of the memory.
    Off,
    /// With the model where its files are there; log, health and console say which.
    #[default]
    IfPresent,
    /// No start without it.
    Required,
}

impl AiConfig {
    /// `None` when it is not named and there is no home: the model is shared by all copies of Baton that a user runs.
    pub fn search_model_dir(&self) -> Option<PathBuf> {
        if !self.search_model_dir.as_os_str().is_empty() {
            return Some(self.search_model_dir.clone());
        }
        let from = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = from("XDG_CACHE_HOME").or_else(|| Some(from("HOME")?.join(".cache")))?;
        Some(cache.join("baton/model"))
    }
}
