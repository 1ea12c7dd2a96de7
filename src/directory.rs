//! All chatbots with their settings and knowledge, in memory: read at every message, changed when an owner saves.

use crate::ai::knowledge::{self, KnowledgeDocument, MediaKind, Passage};
use crate::ai::retrieval::KnowledgeIndex;
use crate::domain::ids::{ChatbotId, WorkspaceId};
use crate::domain::settings::ChatbotSettings;
use crate::store::{ChatbotRecord, DocumentRecord, Store, StoreError, document_version};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// One chatbot as it stands now. A change makes a new one, so whoever holds one sees it whole.
pub struct Chatbot {
    pub id: ChatbotId,
    pub workspace: WorkspaceId,
    pub settings: ChatbotSettings,
    pub knowledge: Arc<KnowledgeIndex>,
}

/// What the store holds, ready at hand. DIRECTORY-1: a change is in the store before it is here.
pub struct Directory {
    store: Arc<dyn Store>,
    chatbots: RwLock<HashMap<ChatbotId, Arc<Chatbot>>>,
    /// The documents that each index is of.
    indexed: Mutex<HashMap<ChatbotId, u64>>,
    /// Writers come one after another: else the last one in the store need not be the last one here.
    writing: tokio::sync::Mutex<()>,
}

impl Directory {
    /// # Errors
    /// When the store can't be read.
    pub async fn load(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let mut chatbots = HashMap::new();
        let mut indexed = HashMap::new();
        for record in store.chatbots().await? {
            let documents = store.documents(record.id.clone()).await?;
            indexed.insert(record.id.clone(), version_of(&documents));
            let knowledge = index(documents).await;
            let ChatbotRecord { id, workspace, settings } = record;
            chatbots.insert(id.clone(), Arc::new(Chatbot { id, workspace, settings, knowledge }));
        }
        let (chatbots, indexed) = (RwLock::new(chatbots), Mutex::new(indexed));
        Ok(Self { store, chatbots, indexed, writing: tokio::sync::Mutex::default() })
    }

    pub fn get(&self, id: &ChatbotId) -> Option<Arc<Chatbot>> {
        // A map is changed by single inserts, so a panic elsewhere can't have left it half written.
        self.chatbots.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
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
        self.indexed.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), version_of(&[]));
        Ok(Some(self.put(Chatbot { id, workspace, settings, knowledge })))
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
        let knowledge = Arc::clone(&old.knowledge);
        Ok(Some(self.put(Chatbot { id: id.clone(), workspace: old.workspace, settings, knowledge })))
    }

    /// Read the documents of `id` again.
    ///
    /// # Errors
    /// When the store can't be read; the old knowledge stays.
    pub async fn reload_knowledge(&self, id: &ChatbotId) -> Result<(), StoreError> {
        let _writing = self.writing.lock().await;
        let knowledge = self.read_knowledge(id).await?;
        if let Some(old) = self.get(id) {
            let settings = old.settings.clone();
            self.put(Chatbot { id: id.clone(), workspace: old.workspace, settings, knowledge });
        }
        Ok(())
    }

    /// Read again what another node may have changed: chatbots, settings, and documents that are not those that were indexed. The
    /// chatbots whose settings changed.
    ///
    /// # Errors
    /// When the store can't be read; what was not read yet stays as it is.
    pub async fn refresh(&self) -> Result<Vec<ChatbotId>, StoreError> {
        let _writing = self.writing.lock().await;
        let mut changed = Vec::new();
        for record in self.store.chatbots().await? {
            let ChatbotRecord { id, workspace, settings } = record;
            let old = self.get(&id);
            if old.as_ref().is_some_and(|old| old.settings == settings) {
                continue;
            }
            let knowledge = match &old {
                Some(old) => Arc::clone(&old.knowledge),
                None => self.read_knowledge(&id).await?,
            };
            self.put(Chatbot { id: id.clone(), workspace, settings, knowledge });
            changed.push(id);
        }
        let known = self.indexed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let versions: HashMap<ChatbotId, u64> = self.store.document_versions().await?.into_iter().collect();
        for (id, indexed) in known {
            // Without documents a chatbot has no version; an index over none has the same.
            if versions.get(&id).copied().unwrap_or_default() == indexed {
                continue;
            }
            let knowledge = self.read_knowledge(&id).await?;
            if let Some(old) = self.get(&id) {
                let settings = old.settings.clone();
                self.put(Chatbot { id, workspace: old.workspace, settings, knowledge });
            }
        }
        Ok(changed)
    }

    async fn read_knowledge(&self, id: &ChatbotId) -> Result<Arc<KnowledgeIndex>, StoreError> {
        let documents = self.store.documents(id.clone()).await?;
        let version = version_of(&documents);
        let knowledge = index(documents).await;
        self.indexed.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), version);
        Ok(knowledge)
    }

    fn put(&self, chatbot: Chatbot) -> Arc<Chatbot> {
        let chatbot = Arc::new(chatbot);
        let mut chatbots = self.chatbots.write().unwrap_or_else(PoisonError::into_inner);
        chatbots.insert(chatbot.id.clone(), Arc::clone(&chatbot));
        chatbot
    }
}

fn version_of(documents: &[DocumentRecord]) -> u64 {
    document_version(documents.iter().map(|document| (document.id, document.updated_at)))
}

/// The index over documents. Each was parsed when it was put in, so one that can't be read now is a bug and is said so; the
/// others still answer.
async fn index(documents: Vec<DocumentRecord>) -> Arc<KnowledgeIndex> {
    let build = move || {
        let mut passages: Vec<Passage> = Vec::new();
        for record in documents {
            let Some(kind) = MediaKind::from_file_name(&record.name) else { continue };
            let id = record.id.to_string();
            let document = KnowledgeDocument { id, name: record.name, kind, text: record.text, url: None };
            match knowledge::parse(&document) {
                Ok(found) => passages.extend(found),
                Err(error) => tracing::error!(document.id = %document.id, error = ?error, "document can't be read"),
            }
        }
        Arc::new(KnowledgeIndex::new(passages))
    };
    match actix_rt::task::spawn_blocking(build).await {
        Ok(index) => index,
        Err(error) => {
            tracing::error!(error = %error, "building a knowledge index failed");
            Arc::new(KnowledgeIndex::new(Vec::new()))
        }
    }
}
