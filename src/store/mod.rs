//! What Baton remembers. [`Store`] is the whole contract; `sqlite` and `postgres` implement it, `suite` holds both to it.
//!
//! The log has one way in, [`Store::append`]. It never blocks: appends of all conversations go through one bounded channel and
//! share flushes (group commit). Everything else is an ordinary future.

pub mod append;
pub mod postgres;
pub mod records;
pub mod sqlite;
pub(crate) mod stored_event;
mod stored_settings;
#[cfg(test)]
mod suite;
mod summary;
pub mod transcript;
pub mod transfer;

pub use append::{Append, AppendError, Appended, Busy, Completion, NewJob, Projection};
pub use records::*;

use crate::config::DataConfig;
use crate::domain::conversation::Recorded;
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, Seq, WorkspaceId};
use crate::domain::settings::ChatbotSettings;
use crate::domain::time::UnixMillis;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Durable memory. All methods may be called from any thread. Writes answer after the data is on disk.
pub trait Store: Send + Sync + 'static {
    /// Identity of this database. A restore from a backup gives a new one, so that no client resumes from a future that is gone.
    fn epoch(&self) -> Uuid;

    // --- the log -----------------------------------------------------------------------------------------------------------

    /// Queue events for the log. In one transaction: compare `expected`, insert the events, move the conversation's row, insert
    /// and settle jobs. `done` is called once, from the writer's thread, after the commit is durable or refused; it must be quick.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full: nothing was queued, both arguments come back, the caller tries again later.
    fn append(&self, append: Append, done: Completion) -> Result<(), Box<Busy>>;

    /// Events after `after`, oldest first, at most `limit`.
    fn read_after(&self, conversation: ConversationId, after: Seq, limit: usize) -> Answer<'_, Vec<Recorded>>;

    /// Events before `before`, newest `limit` of them, oldest first.
    fn read_before(&self, conversation: ConversationId, before: Seq, limit: usize) -> Answer<'_, Vec<Recorded>>;

    /// Where the logs of these conversations end, in one query; those that do not exist are left out. In no order.
    fn tails(&self, conversations: Vec<ConversationId>) -> Answer<'_, Vec<(ConversationId, Seq)>>;

    /// A page of the inbox of `workspace`.
    fn inbox(&self, workspace: WorkspaceId, query: InboxQuery) -> Answer<'_, InboxPage>;

    /// The row of one conversation, `None` when it does not exist.
    fn conversation(&self, id: ConversationId) -> Answer<'_, Option<ConversationRecord>>;

    /// Ids of conversations, of `chatbot` or of all, in their order and behind `after`, at most `limit`.
    fn conversations_after(
        &self,
        after: Option<ConversationId>,
        chatbot: Option<ChatbotId>,
        limit: usize,
    ) -> Answer<'_, Vec<ConversationId>>;

    /// Waiting conversations of all chatbots, longest first: the queue after a restart.
    fn waiting(&self) -> Answer<'_, Vec<WaitingRecord>>;

    // --- jobs --------------------------------------------------------------------------------------------------------------

    /// Claim up to `limit` pending jobs that are due at `now` and not claimed, until `now + claim`. Counts an attempt for each.
    fn claim_jobs(&self, now: UnixMillis, claim: Duration, limit: usize) -> Answer<'_, Vec<ClaimedJob>>;

    /// Claim the one job with this key until `until`, if it is pending, due at `now` and not claimed. Counts an attempt then. Of all
    /// who ask at once, one hears `true`.
    fn claim_job(&self, key: String, now: UnixMillis, until: UnixMillis) -> Answer<'_, bool>;

    /// Mark a job done; `outcome` says to whom it went, or why nobody was told. A job that is done already stays as it is.
    fn finish_job(&self, id: Uuid, outcome: String, now: UnixMillis) -> Answer<'_, ()>;

    /// Put a job back for `again_at`, or, with `None`, keep it as failed for the console.
    fn fail_job(&self, id: Uuid, error: String, again_at: Option<UnixMillis>) -> Answer<'_, ()>;

    /// Make a failed job pending again, due at `now`, with its attempts counted from zero. False when there is no such failed job.
    fn retry_job(&self, workspace: WorkspaceId, id: Uuid, now: UnixMillis) -> Answer<'_, bool>;

    fn jobs(&self, workspace: WorkspaceId, state: Option<JobState>, limit: usize) -> Answer<'_, Vec<JobRecord>>;

    /// When the next pending job is due or its claim expires; `None` when none is pending.
    fn next_job_at(&self) -> Answer<'_, Option<UnixMillis>>;

    // --- portal links ------------------------------------------------------------------------------------------------------

    fn add_link(&self, link: NewLink) -> Answer<'_, ()>;

    /// The link with this SHA-256 of its token, whether or not it is still valid.
    fn link(&self, token_hash: [u8; 32]) -> Answer<'_, Option<LinkRecord>>;

    fn links(&self, conversation: ConversationId) -> Answer<'_, Vec<LinkRecord>>;

    /// Revoke all links of a conversation.
    fn revoke_links(&self, conversation: ConversationId, now: UnixMillis) -> Answer<'_, ()>;

    // --- accounts ----------------------------------------------------------------------------------------------------------

    /// The first workspace of this installation, made (named "Baton") at the first call.
    fn first_workspace(&self) -> Answer<'_, WorkspaceRecord>;

    /// Give the first workspace its name and its owner. `false` when it has an owner already (nothing is written).
    fn set_up(&self, setup: SetUp) -> Answer<'_, bool>;

    /// Whether no owner exists yet.
    fn needs_set_up(&self) -> Answer<'_, bool>;

    fn agent(&self, id: AgentId) -> Answer<'_, Option<AgentRecord>>;

    /// E-mail addresses compare without case.
    fn agent_by_email(&self, email: String) -> Answer<'_, Option<AgentRecord>>;

    fn agents(&self, workspace: WorkspaceId) -> Answer<'_, Vec<AgentRecord>>;

    fn set_availability(&self, agent: AgentId, availability: AvailabilityRecord) -> Answer<'_, ()>;

    fn workspace(&self, id: WorkspaceId) -> Answer<'_, Option<WorkspaceRecord>>;

    /// Sessions of the console, kept by the SHA-256 of their cookie.
    fn add_session(&self, token_hash: [u8; 32], agent: AgentId, expires_at: UnixMillis) -> Answer<'_, ()>;

    /// The agent of a session that has not expired at `now`.
    fn session(&self, token_hash: [u8; 32], now: UnixMillis) -> Answer<'_, Option<AgentRecord>>;

    fn remove_session(&self, token_hash: [u8; 32]) -> Answer<'_, ()>;

    /// Forget up to `limit` sessions that have expired at `now`. How many those were.
    fn prune_sessions(&self, now: UnixMillis, limit: usize) -> Answer<'_, usize>;

    // --- chatbots and knowledge --------------------------------------------------------------------------------------------

    /// Add a chatbot; `false` when the id is taken.
    fn add_chatbot(&self, chatbot: ChatbotRecord) -> Answer<'_, bool>;

    /// Every chatbot of every workspace: the hub holds all settings in memory.
    fn chatbots(&self) -> Answer<'_, Vec<ChatbotRecord>>;

    fn set_settings(&self, chatbot: ChatbotId, settings: ChatbotSettings) -> Answer<'_, ()>;

    /// Documents of a chatbot, by name, with their text.
    fn documents(&self, chatbot: ChatbotId) -> Answer<'_, Vec<DocumentRecord>>;

    /// Documents of a chatbot, by name, without their text.
    fn document_heads(&self, chatbot: ChatbotId) -> Answer<'_, Vec<DocumentHead>>;

    fn document(&self, chatbot: ChatbotId, id: Uuid) -> Answer<'_, Option<DocumentRecord>>;

    /// Of every chatbot that has documents.
    fn knowledge_stamps(&self) -> Answer<'_, Vec<(ChatbotId, KnowledgeStamp)>>;

    /// Add a document; one of the same name is replaced and keeps its id. Its time is made later than those of the chatbot's other
    /// documents where it is not, so that every change has a stamp of its own, whatever nodes' clocks say.
    fn put_document(&self, document: DocumentRecord) -> Answer<'_, Uuid>;

    /// False when there is no such document in this chatbot.
    fn remove_document(&self, chatbot: ChatbotId, id: Uuid) -> Answer<'_, bool>;

    // --- what models cost --------------------------------------------------------------------------------------------------

    /// Count `tokens` for each of `scopes`, unless one of them has reached its limit: then `false`, and nothing is counted. Of all who
    /// ask at once, each sees what those before it have reserved.
    fn reserve_spend(&self, scopes: Vec<SpendScope>, tokens: u64, now: UnixMillis) -> Answer<'_, bool>;

    /// Count so many tokens more for each of `scopes`, or less when negative, though never below zero.
    fn add_spend(&self, scopes: Vec<String>, tokens: i64, now: UnixMillis) -> Answer<'_, ()>;

    /// What was counted for each of `scopes`, in their order; zero for one never named.
    fn spent(&self, scopes: Vec<String>) -> Answer<'_, Vec<u64>>;

    /// Forget up to `limit` scopes for which nothing was counted since `before`. How many those were.
    fn prune_spend(&self, before: UnixMillis, limit: usize) -> Answer<'_, usize>;

    // --- learning ----------------------------------------------------------------------------------------------------------

    /// Keep a proposal. False when this message of the conversation was proposed before, whatever became of it.
    fn propose(&self, proposal: Proposal) -> Answer<'_, bool>;

    /// Open proposals of a chatbot, oldest first, at most `limit`.
    fn proposals(&self, chatbot: ChatbotId, limit: usize) -> Answer<'_, Vec<Proposal>>;

    /// Settle an open proposal of a chatbot, and put what is approved into its document, in one transaction. False when there is no
    /// such open proposal: somebody else was faster.
    fn decide_proposal(&self, chatbot: ChatbotId, id: Uuid, verdict: Verdict, now: UnixMillis) -> Answer<'_, bool>;

    // --- secrets of the installation ---------------------------------------------------------------------------------------

    /// A random 32-byte secret of this installation under a name, made at the first call.
    fn secret(&self, name: &'static str) -> Answer<'_, [u8; 32]>;

    /// Whether the database can be written now: readiness.
    fn ping(&self) -> Answer<'_, ()>;

    /// Stop the writer after everything queued is durable. Later appends are [`Busy`].
    fn close(&self) -> Answer<'_, ()>;
}

/// The store that the configuration names.
///
/// # Errors
/// The file can't be opened or made; the server can't be reached or may not be trusted with messages; the data is of a newer version.
pub async fn open(data: &DataConfig) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match data.postgres() {
        Some(url) => postgres::PostgresStore::open(url).await?,
        None => sqlite::SqliteStore::open(&data.database())?,
    })
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{action}")]
    Database {
        action: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The log holds what this version can't read: written by a newer one, or damaged.
    #[error("event {seq} of conversation {conversation} can't be read")]
    Unreadable {
        conversation: ConversationId,
        seq: Seq,
        #[source]
        source: serde_json::Error,
    },
    #[error("the text is no cursor of the inbox")]
    NotACursor,
    #[error("the store is closed")]
    Closed,
}
