//! The settings of every chatbot, in memory. Read on each page of a widget and each message; written by few.

use crate::domain::ids::{ChatbotId, WorkspaceId};
use crate::domain::settings::ChatbotSettings;
use crate::store::{ChatbotRecord, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

type Map = HashMap<ChatbotId, Arc<ChatbotRecord>>;

/// What the store holds, ready at hand. DIRECTORY-1: a change is in the store before it is here.
pub struct SettingsDirectory {
    store: Arc<dyn Store>,
    /// Replaced whole, so that a reader holds it for the length of a clone.
    chatbots: RwLock<Arc<Map>>,
    /// Writers come one after another: else the last one in the store need not be the last one here.
    writing: tokio::sync::Mutex<()>,
}

impl SettingsDirectory {
    /// # Errors
    /// When the store can't be read.
    pub async fn load(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let chatbots = store.chatbots().await?;
        let map: Map = chatbots.into_iter().map(|record| (record.id.clone(), Arc::new(record))).collect();
        Ok(Self { store, chatbots: RwLock::new(Arc::new(map)), writing: tokio::sync::Mutex::default() })
    }

    pub fn get(&self, id: &ChatbotId) -> Option<Arc<ChatbotRecord>> {
        self.all().get(id).cloned()
    }

    /// Chatbots of `workspace`, by name.
    pub fn of_workspace(&self, workspace: WorkspaceId) -> Vec<Arc<ChatbotRecord>> {
        let mut list: Vec<_> = self.all().values().filter(|record| record.workspace == workspace).cloned().collect();
        list.sort_by(|a, b| (&a.settings.name, &a.id).cmp(&(&b.settings.name, &b.id)));
        list
    }

    /// False when the id is taken.
    ///
    /// # Errors
    /// When the store refuses; nothing changes then.
    pub async fn add(&self, record: ChatbotRecord) -> Result<bool, StoreError> {
        let _writing = self.writing.lock().await;
        if !self.store.add_chatbot(record.clone()).await? {
            return Ok(false);
        }
        self.put(record);
        Ok(true)
    }

    /// Replace the settings of `id`; `None` when there is no such chatbot.
    ///
    /// # Errors
    /// When the store refuses; nothing changes then.
    pub async fn set_settings(
        &self,
        id: &ChatbotId,
        settings: ChatbotSettings,
    ) -> Result<Option<Arc<ChatbotRecord>>, StoreError> {
        let _writing = self.writing.lock().await;
        let Some(old) = self.get(id) else { return Ok(None) };
        self.store.set_settings(id.clone(), settings.clone()).await?;
        self.put(ChatbotRecord { settings, ..(*old).clone() });
        Ok(self.get(id))
    }

    fn all(&self) -> Arc<Map> {
        // A map is replaced whole, so a panic elsewhere can't have left it half written.
        Arc::clone(&self.chatbots.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, record: ChatbotRecord) {
        let mut map = (*self.all()).clone();
        map.insert(record.id.clone(), Arc::new(record));
        *self.chatbots.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(map);
    }
}
