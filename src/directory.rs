//! All chatbots with their settings and knowledge, in memory: read at every message, changed when an owner saves.

mod indexing;

pub use indexing::{Indexed, IndexedDocument};

use crate::ai::embedding::{KnowledgeReader, ModelStatus};
use crate::ai::retrieval::KnowledgeIndex;
use crate::domain::ids::{ChatbotId, WorkspaceId};
use crate::domain::settings::ChatbotSettings;
use crate::store::{ChatbotRecord, Store, StoreError};
use indexing::{Builds, Built, build};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The index of a chatbot's documents as the store holds them now, for commands beside a server.
///
/// # Errors
/// When the store can't be read.
pub async fn read_knowledge(store: &dyn Store, id: &ChatbotId) -> Result<Arc<KnowledgeIndex>, StoreError> {
    let built = build(store.documents(id.clone()).await?, Arc::default()).await;
    built.map(|built| built.index).ok_or(StoreError::Closed)
}

/// One chatbot as it stands now. A change makes a new one, so whoever holds one sees it whole.
pub struct Chatbot {
    pub id: ChatbotId,
    pub workspace: WorkspaceId,
    pub settings: ChatbotSettings,
    pub knowledge: Arc<KnowledgeIndex>,
    /// What `knowledge` was built from.
    pub indexed: Arc<Indexed>,
}

/// What the store holds, ready at hand. DIRECTORY-1: a change is in the store before it is here.
pub struct Directory {
    store: Arc<dyn Store>,
    /// Reads each new index for its meaning while its words answer already.
    reader: KnowledgeReader,
    chatbots: RwLock<HashMap<ChatbotId, Arc<Chatbot>>>,
    /// Writers come one after another: else the last one in the store need not be the last one here.
    writing: tokio::sync::Mutex<()>,
    builds: Builds,
}

impl Directory {
    /// # Errors
    /// When the store can't be read.
    pub async fn load(store: Arc<dyn Store>, reader: KnowledgeReader) -> Result<Self, StoreError> {
        let records = store.chatbots().await?;
        let directory = Self {
            store,
            reader,
            chatbots: RwLock::default(),
            writing: tokio::sync::Mutex::default(),
            builds: Builds::default(),
        };
        for ChatbotRecord { id, workspace, settings } in records {
            directory.put(Chatbot {
                id: id.clone(),
                workspace,
                settings,
                knowledge: Arc::new(KnowledgeIndex::new(Vec::new())),
                indexed: Arc::default(),
            });
            directory.reload_knowledge(&id).await?;
        }
        Ok(directory)
    }

    pub fn get(&self, id: &ChatbotId) -> Option<Arc<Chatbot>> {
        // A map is changed by single inserts, so a panic elsewhere can't have left it half written.
        self.chatbots.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Whether questions are compared by meaning as well as by words.
    pub fn model_status(&self) -> ModelStatus {
        self.reader.status()
    }

    /// Chatbots of `workspace`, by name.
    pub fn of_workspace(&self, workspace: WorkspaceId) -> Vec<Arc<Chatbot>> {
        let chatbots = self.chatbots.read().unwrap_or_else(PoisonError::into_inner);
        let mut own: Vec<_> = chatbots.values().filter(|chatbot| chatbot.workspace == workspace).cloned().collect();
        own.sort_by(|a, b| (&a.settings.name, &a.id).cmp(&(&b.settings.name, &b.id)));
        own
    }

    /// Add a chatbot without knowledge. `None` when the id is taken.
    ///
    /// # Errors
    /// When the store refuses; nothing changes then.
    pub async fn add(&self, record: ChatbotRecord) -> Result<Option<Arc<Chatbot>>, StoreError> {
        let _writing = self.writing.lock().await;
        if !self.store.add_chatbot(record.clone()).await? {
            return Ok(None);
        }
        let ChatbotRecord { id, workspace, settings } = record;
        let knowledge = Arc::new(KnowledgeIndex::new(Vec::new()));
        Ok(Some(self.put(Chatbot { id, workspace, settings, knowledge, indexed: Arc::default() })))
    }

    /// Replace the settings of `id`; `None` when there is no such chatbot.
    ///
    /// # Errors
    /// When the store refuses; nothing changes then.
    pub async fn set_settings(
        &self,
        id: &ChatbotId,
        settings: ChatbotSettings,
    ) -> Result<Option<Arc<Chatbot>>, StoreError> {
        let _writing = self.writing.lock().await;
        let Some(old) = self.get(id) else { return Ok(None) };
        self.store.set_settings(id.clone(), settings.clone()).await?;
        let (knowledge, indexed) = (Arc::clone(&old.knowledge), Arc::clone(&old.indexed));
        Ok(Some(self.put(Chatbot { id: id.clone(), workspace: old.workspace, settings, knowledge, indexed })))
    }

    /// Read the documents of `id` again. Returns when the new index answers, or at once when a build is under way already: that
    /// one then runs once more.
    ///
    /// # Errors
    /// When the store can't be read; the old knowledge stays.
    pub async fn reload_knowledge(&self, id: &ChatbotId) -> Result<(), StoreError> {
        let mut next = self.builds.begin(id);
        while let Some(progress) = next {
            // Not under `writing`: a build takes seconds, and settings are saved meanwhile.
            let read = self.store.documents(id.clone()).await;
            let built = match read {
                Ok(documents) => Ok(build(documents, Arc::clone(&progress)).await),
                Err(error) => Err(error),
            };
            if let Ok(Some(Built { index, indexed })) = &built {
                self.reader.read(index);
                let _writing = self.writing.lock().await;
                if let Some(old) = self.get(id) {
                    let (knowledge, indexed, settings) = (Arc::clone(index), Arc::clone(indexed), old.settings.clone());
                    self.put(Chatbot { id: id.clone(), workspace: old.workspace, settings, knowledge, indexed });
                }
            }
            next = self.builds.go_on(id, &progress);
            if next.is_none() {
                return built.map(drop);
            }
        }
        Ok(())
    }

    /// Read again what another node may have changed: chatbots and their settings. The chatbots whose settings changed.
    ///
    /// # Errors
    /// When the store can't be read; what was not read yet stays as it is.
    pub async fn refresh(&self) -> Result<Vec<ChatbotId>, StoreError> {
        let mut changed = Vec::new();
        let mut unread = Vec::new();
        {
            let _writing = self.writing.lock().await;
            for ChatbotRecord { id, workspace, settings } in self.store.chatbots().await? {
                let old = self.get(&id);
                if old.as_ref().is_some_and(|old| old.settings == settings) {
                    continue;
                }
                let (knowledge, indexed) = match &old {
                    Some(old) => (Arc::clone(&old.knowledge), Arc::clone(&old.indexed)),
                    None => {
                        unread.push(id.clone());
                        (Arc::new(KnowledgeIndex::new(Vec::new())), Arc::default())
                    }
                };
                self.put(Chatbot { id: id.clone(), workspace, settings, knowledge, indexed });
                changed.push(id);
            }
        }
        for id in unread {
            self.reload_knowledge(&id).await?;
        }
        Ok(changed)
    }

    /// How far the build of an index has come, in percent, when one is under way.
    pub fn indexing(&self, id: &ChatbotId) -> Option<u8> {
        self.builds.percent(id)
    }

    /// Chatbots whose documents are not those that their index was built from: `baton knowledge`, or another node, changed them.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn outdated_knowledge(&self) -> Result<Vec<ChatbotId>, StoreError> {
        let stamps: HashMap<_, _> = self.store.knowledge_stamps().await?.into_iter().collect();
        let chatbots = self.chatbots.read().unwrap_or_else(PoisonError::into_inner);
        let outdated = chatbots.values().filter(|chatbot| {
            stamps.get(&chatbot.id).copied().unwrap_or_default() != chatbot.indexed.stamp
                && self.indexing(&chatbot.id).is_none()
        });
        Ok(outdated.map(|chatbot| chatbot.id.clone()).collect())
    }

    fn put(&self, chatbot: Chatbot) -> Arc<Chatbot> {
        let chatbot = Arc::new(chatbot);
        let mut chatbots = self.chatbots.write().unwrap_or_else(PoisonError::into_inner);
        chatbots.insert(chatbot.id.clone(), Arc::clone(&chatbot));
        chatbot
    }
}
