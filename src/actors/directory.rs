//! All chatbots and their settings and knowledge, in memory: read at every message, changed when an owner saves.

use crate::ai::retrieval::KnowledgeIndex;
use crate::domain::ids::{ChatbotId, WorkspaceId};
use crate::domain::settings::ChatbotSettings;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// One chatbot as it stands now. A change makes a new one.
#[derive(Debug)]
pub struct Chatbot {
    pub id: ChatbotId,
    pub workspace: WorkspaceId,
    pub settings: ChatbotSettings,
    pub knowledge: Arc<KnowledgeIndex>,
}

/// The chatbots of this installation.
#[derive(Debug, Default)]
pub struct Directory {
    chatbots: RwLock<HashMap<ChatbotId, Arc<Chatbot>>>,
}

impl Directory {
    pub fn get(&self, id: &ChatbotId) -> Option<Arc<Chatbot>> {
        self.chatbots.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// The chatbots of a workspace, by name.
    pub fn of_workspace(&self, workspace: WorkspaceId) -> Vec<Arc<Chatbot>> {
        let chatbots = self.chatbots.read().unwrap_or_else(PoisonError::into_inner);
        let mut own: Vec<_> = chatbots.values().filter(|chatbot| chatbot.workspace == workspace).cloned().collect();
        own.sort_by(|a, b| a.settings.name.cmp(&b.settings.name).then_with(|| a.id.cmp(&b.id)));
        own
    }

    /// Put a chatbot in, or its newer form in place of the old one.
    pub fn put(&self, chatbot: Chatbot) -> Arc<Chatbot> {
        let chatbot = Arc::new(chatbot);
        let mut chatbots = self.chatbots.write().unwrap_or_else(PoisonError::into_inner);
        chatbots.insert(chatbot.id.clone(), Arc::clone(&chatbot));
        chatbot
    }
}
