//! [`Store`] on one SQLite file: one writer thread ([`writer`]), a few reader threads ([`reader`]), the log in [`appender`] and
//! [`log`]. Why the log has no index is told in `migrations/sqlite/0001_log.sql`.

mod accounts;
mod appender;
mod backup;
mod chatbots;
mod connection;
mod fault;
mod inbox;
mod jobs;
mod links;
mod log;
mod proposals;
mod queue;
mod reader;
mod rows;
mod spend;
#[cfg(test)]
mod tests;
mod writer;

pub(in crate::store) use backup::open_alone;
pub use backup::{new_epoch, restore};

use super::*;
use fault::{Fault, database};
use reader::Readers;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;
use writer::{Counters, Write, Writer, WriterQueue};

/// Appends that may wait for the writer; more are [`Busy`]. Above the number of conversations one node is meant for, each of
/// which has one append under way.
const QUEUE: usize = 8_192;

pub struct SqliteStore {
    path: PathBuf,
    epoch: Uuid,
    queue: Arc<WriterQueue>,
    counters: Arc<Counters>,
    readers: Readers,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Open or create the database at `path`, with its directory.
    ///
    /// # Errors
    /// The file can't be made, is no database, or was written by a newer version.
    pub fn open(path: &Path) -> Result<Arc<Self>, StoreError> {
        Self::open_with(path, QUEUE)
    }

    fn open_with(path: &Path, queue: usize) -> Result<Arc<Self>, StoreError> {
        let epoch = connection::prepare(path)?;
        let connection = connection::writer(path)?;
        let readers = Readers::start(path)?;
        let queue = Arc::new(WriterQueue::new(queue));
        let counters = Arc::new(Counters::default());
        let writer = Writer::new(path.to_owned(), connection, Arc::clone(&queue), Arc::clone(&counters));
        let thread = thread::Builder::new()
            .name("store-write".into())
            .spawn(move || writer.run())
            .map_err(|error| database("start the writer", error))?;
        let writer = Mutex::new(Some(thread));
        Ok(Arc::new(Self { path: path.to_owned(), epoch, queue, counters, readers, writer }))
    }

    /// Copy the database to the new file `to`, as it is at one moment, while everything goes on.
    pub fn backup(&self, to: PathBuf) -> Answer<'static, ()> {
        let (reply, answer) = oneshot::channel();
        let from = self.path.clone();
        // A thread of its own: it may take minutes, and both readers have other things to do.
        let spawned = thread::Builder::new().name("store-backup".into()).spawn(move || {
            let _ = reply.send(backup::backup(&from, &to));
        });
        Box::pin(async move {
            spawned.map_err(|error| database("start a backup", error))?;
            answer.await.unwrap_or(Err(StoreError::Closed))
        })
    }

    /// Transactions since the start; the appends that share one share its flush.
    pub fn commits(&self) -> u64 {
        self.counters.commits.load(Ordering::Relaxed)
    }

    fn read<T: Send + 'static>(
        &self,
        action: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(self.readers.run(action, read))
    }

    /// Queued at once, in order with the appends, whether or not the answer is awaited.
    fn write<T: Send + 'static>(
        &self,
        action: &'static str,
        run: impl FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Answer<'_, T> {
        let (reply, answer) = oneshot::channel();
        self.queue.push_write(Box::new(Task { action, run, made: None, reply }));
        Box::pin(async move { answer.await.unwrap_or(Err(StoreError::Closed)) })
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.queue.close();
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The last owner may be a completion, on the writer's own thread.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// A write other than an append, with who waits for it.
struct Task<T, F> {
    action: &'static str,
    run: F,
    made: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnMut(&Connection) -> Result<T, Fault> + Send> Write for Task<T, F> {
    fn run(&mut self, tx: &Connection) -> Result<(), Fault> {
        self.made = Some((self.run)(tx)?);
        Ok(())
    }

    fn action(&self) -> &'static str {
        self.action
    }

    fn finish(self: Box<Self>, end: Result<(), StoreError>) {
        let Self { made, reply, .. } = *self;
        // Nobody may be waiting any more.
        let _ = reply.send(end.and_then(|()| made.ok_or(StoreError::Closed)));
    }
}

impl Store for SqliteStore {
    fn epoch(&self) -> Uuid {
        self.epoch
    }

    fn append(&self, append: Append, done: Completion) -> Result<(), Box<Busy>> {
        self.queue.push_append((append, done)).map_err(|(append, done)| Box::new(Busy { append, done }))
    }

    fn read_after(&self, conversation: ConversationId, after: Seq, limit: usize) -> Answer<'_, Vec<Recorded>> {
        self.read("read the log", move |c| log::read_after(c, conversation, after, limit))
    }

    fn read_before(&self, conversation: ConversationId, before: Seq, limit: usize) -> Answer<'_, Vec<Recorded>> {
        self.read("read the log", move |c| log::read_before(c, conversation, before, limit))
    }

    fn tails(&self, conversations: Vec<ConversationId>) -> Answer<'_, Vec<(ConversationId, Seq)>> {
        self.read("read the ends of logs", move |c| log::tails(c, &conversations))
    }

    fn inbox(&self, workspace: WorkspaceId, query: InboxQuery) -> Answer<'_, InboxPage> {
        self.read("read the inbox", move |c| inbox::page(c, workspace, &query))
    }

    fn conversation(&self, id: ConversationId) -> Answer<'_, Option<ConversationRecord>> {
        self.read("read a conversation", move |c| inbox::conversation(c, id))
    }

    fn conversations_after(
        &self,
        after: Option<ConversationId>,
        chatbot: Option<ChatbotId>,
        limit: usize,
    ) -> Answer<'_, Vec<ConversationId>> {
        self.read("list conversations", move |c| inbox::conversations_after(c, after, chatbot.as_ref(), limit))
    }

    fn waiting(&self) -> Answer<'_, Vec<WaitingRecord>> {
        self.read("read the queue", inbox::waiting)
    }

    fn claim_jobs(&self, now: UnixMillis, claim: Duration, limit: usize) -> Answer<'_, Vec<ClaimedJob>> {
        self.write("claim jobs", move |tx| jobs::claim(tx, now, claim, limit))
    }

    fn claim_job(&self, key: String, now: UnixMillis, until: UnixMillis) -> Answer<'_, bool> {
        self.write("claim a job", move |tx| jobs::claim_one(tx, &key, now, until))
    }

    fn finish_job(&self, id: Uuid, outcome: String, _now: UnixMillis) -> Answer<'_, ()> {
        self.write("finish a job", move |tx| jobs::finish(tx, id, &outcome))
    }

    fn fail_job(&self, id: Uuid, error: String, again_at: Option<UnixMillis>) -> Answer<'_, ()> {
        self.write("put a job back", move |tx| jobs::fail(tx, id, &error, again_at))
    }

    fn retry_job(&self, workspace: WorkspaceId, id: Uuid, now: UnixMillis) -> Answer<'_, bool> {
        self.write("retry a job", move |tx| jobs::retry(tx, workspace, id, now))
    }

    fn jobs(&self, workspace: WorkspaceId, state: Option<JobState>, limit: usize) -> Answer<'_, Vec<JobRecord>> {
        self.read("list jobs", move |c| jobs::list(c, workspace, state, limit))
    }

    fn next_job_at(&self) -> Answer<'_, Option<UnixMillis>> {
        self.read("find the next job", jobs::next_at)
    }

    fn add_link(&self, link: NewLink) -> Answer<'_, ()> {
        self.write("add a link", move |tx| links::add(tx, &link))
    }

    fn link(&self, token_hash: [u8; 32]) -> Answer<'_, Option<LinkRecord>> {
        self.read("find a link", move |c| links::by_token(c, &token_hash))
    }

    fn links(&self, conversation: ConversationId) -> Answer<'_, Vec<LinkRecord>> {
        self.read("list links", move |c| links::of_conversation(c, conversation))
    }

    fn revoke_links(&self, conversation: ConversationId, now: UnixMillis) -> Answer<'_, ()> {
        self.write("revoke links", move |tx| links::revoke(tx, conversation, now))
    }

    fn reserve_spend(&self, scopes: Vec<SpendScope>, tokens: u64, now: UnixMillis) -> Answer<'_, bool> {
        self.write("reserve tokens", move |tx| spend::reserve(tx, &scopes, tokens, now))
    }

    fn add_spend(&self, scopes: Vec<String>, tokens: i64, now: UnixMillis) -> Answer<'_, ()> {
        self.write("count tokens", move |tx| spend::add(tx, &scopes, tokens, now))
    }

    fn spent(&self, scopes: Vec<String>) -> Answer<'_, Vec<u64>> {
        self.read("read spent tokens", move |c| spend::of(c, &scopes))
    }

    fn prune_spend(&self, before: UnixMillis, limit: usize) -> Answer<'_, usize> {
        self.write("forget old counts of tokens", move |tx| spend::prune(tx, before, limit))
    }

    fn first_workspace(&self) -> Answer<'_, WorkspaceRecord> {
        self.write("find the first workspace", accounts::first_workspace)
    }

    fn set_up(&self, setup: SetUp) -> Answer<'_, bool> {
        self.write("set up", move |tx| accounts::set_up(tx, &setup))
    }

    fn needs_set_up(&self) -> Answer<'_, bool> {
        self.read("look for an owner", accounts::needs_set_up)
    }

    fn agent(&self, id: AgentId) -> Answer<'_, Option<AgentRecord>> {
        self.read("find an agent", move |c| accounts::agent(c, id))
    }

    fn agent_by_email(&self, email: String) -> Answer<'_, Option<AgentRecord>> {
        self.read("find an agent", move |c| accounts::agent_by_email(c, &email))
    }

    fn agents(&self, workspace: WorkspaceId) -> Answer<'_, Vec<AgentRecord>> {
        self.read("list agents", move |c| accounts::agents(c, workspace))
    }

    fn set_availability(&self, agent: AgentId, availability: AvailabilityRecord) -> Answer<'_, ()> {
        self.write("set availability", move |tx| accounts::set_availability(tx, agent, availability))
    }

    fn workspace(&self, id: WorkspaceId) -> Answer<'_, Option<WorkspaceRecord>> {
        self.read("find a workspace", move |c| accounts::workspace(c, id))
    }

    fn add_session(&self, token_hash: [u8; 32], agent: AgentId, expires_at: UnixMillis) -> Answer<'_, ()> {
        self.write("add a session", move |tx| accounts::add_session(tx, &token_hash, agent, expires_at))
    }

    fn session(&self, token_hash: [u8; 32], now: UnixMillis) -> Answer<'_, Option<AgentRecord>> {
        self.read("find a session", move |c| accounts::session(c, &token_hash, now))
    }

    fn remove_session(&self, token_hash: [u8; 32]) -> Answer<'_, ()> {
        self.write("remove a session", move |tx| accounts::remove_session(tx, &token_hash))
    }

    fn prune_sessions(&self, now: UnixMillis, limit: usize) -> Answer<'_, usize> {
        self.write("forget expired sessions", move |tx| accounts::prune_sessions(tx, now, limit))
    }

    fn add_chatbot(&self, chatbot: ChatbotRecord) -> Answer<'_, bool> {
        self.write("add a chatbot", move |tx| chatbots::add(tx, &chatbot))
    }

    fn chatbots(&self) -> Answer<'_, Vec<ChatbotRecord>> {
        self.read("list chatbots", chatbots::all)
    }

    fn set_settings(&self, chatbot: ChatbotId, settings: ChatbotSettings) -> Answer<'_, ()> {
        self.write("change settings", move |tx| chatbots::set_settings(tx, &chatbot, &settings))
    }

    fn documents(&self, chatbot: ChatbotId) -> Answer<'_, Vec<DocumentRecord>> {
        self.read("list documents", move |c| chatbots::documents(c, &chatbot))
    }

    fn document_heads(&self, chatbot: ChatbotId) -> Answer<'_, Vec<DocumentHead>> {
        self.read("list documents", move |c| chatbots::document_heads(c, &chatbot))
    }

    fn document(&self, chatbot: ChatbotId, id: Uuid) -> Answer<'_, Option<DocumentRecord>> {
        self.read("read a document", move |c| chatbots::document(c, &chatbot, id))
    }

    fn knowledge_stamps(&self) -> Answer<'_, Vec<(ChatbotId, KnowledgeStamp)>> {
        self.read("look for changed documents", chatbots::knowledge_stamps)
    }

    fn put_document(&self, document: DocumentRecord) -> Answer<'_, Uuid> {
        self.write("put a document", move |tx| chatbots::put_document(tx, &document))
    }

    fn remove_document(&self, chatbot: ChatbotId, id: Uuid) -> Answer<'_, bool> {
        self.write("remove a document", move |tx| chatbots::remove_document(tx, &chatbot, id))
    }

    fn propose(&self, proposal: Proposal) -> Answer<'_, bool> {
        self.write("keep a proposal", move |tx| proposals::add(tx, &proposal))
    }

    fn proposals(&self, chatbot: ChatbotId, limit: usize) -> Answer<'_, Vec<Proposal>> {
        self.read("list proposals", move |c| proposals::open(c, &chatbot, limit))
    }

    fn decide_proposal(&self, chatbot: ChatbotId, id: Uuid, verdict: Verdict, now: UnixMillis) -> Answer<'_, bool> {
        self.write("decide a proposal", move |tx| proposals::decide(tx, &chatbot, id, &verdict, now))
    }

    fn secret(&self, name: &'static str) -> Answer<'_, [u8; 32]> {
        self.write("make a secret", move |tx| chatbots::secret(tx, name))
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.write("ping", chatbots::ping)
    }

    fn close(&self) -> Answer<'_, ()> {
        // In the queue behind everything that must be durable before it.
        let flushed = self.write("close", |_| Ok(()));
        self.queue.close();
        Box::pin(async move {
            match flushed.await {
                Ok(()) | Err(StoreError::Closed) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }
}
