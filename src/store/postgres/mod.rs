//! [`Store`] on PostgreSQL, for several nodes on one database. Appends go through one queue ([`gather`]) to a few [`writer`]s, each
//! with a connection of its own; a batch is one call of `append_events` ([`batch`]). Everything else takes a connection from a small
//! [`pool`]. All of it runs on [`threads`] of the store's own.
//!
//! Which tenant may see what is not left to row security: that would need a setting per tenant and transaction, one round trip more
//! for each, and a batch holds many tenants. Instead each statement names its conversation, workspace or the hash of a token, and the
//! test `statements_name_their_tenant` reads the source for those that do not (S33).

mod accounts;
mod batch;
mod chatbots;
mod connection;
mod documents;
mod fault;
mod gather;
mod inbox;
mod jobs;
mod links;
mod log;
mod migrate;
mod pool;
mod proposals;
mod rows;
mod spend;
#[cfg(test)]
pub(in crate::store) mod tests;
mod threads;
mod writer;

use super::*;
use crate::config::Secret;
use fault::Fault;
use gather::Queue;
use pool::Work;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
pub(super) use threads::node_now;
use threads::{Threads, on};
use tokio::runtime::Handle;
use tokio::sync::watch;
use writer::{Crew, Writer};

/// What tests turn.
#[derive(Debug, Clone, Copy)]
struct Tuning {
    /// Appends that may wait for the writers; more are [`Busy`]. Above the number of conversations one node is meant for, each of
    /// which has one append under way.
    queue: usize,
    /// Transactions under way at once. On a quick disk one is nearly always enough (see [`gather`]); the others are for slow flushes.
    writers: usize,
    /// How many milliseconds the node's clock is ahead of the system's.
    clock: i64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { queue: 8_192, writers: 4, clock: 0 }
    }
}

pub struct PostgresStore {
    epoch: Uuid,
    queue: Arc<Queue>,
    crew: Arc<Crew>,
    pool: PgPool,
    handle: Handle,
    /// How many writers run.
    left: watch::Receiver<usize>,
    /// Last, so that everything else is gone when they are.
    _threads: Threads,
}

impl PostgresStore {
    /// Connect, check what the server promises, bring the schema up to date.
    ///
    /// # Errors
    /// The server can't be reached, does not flush what it acknowledges, or the schema is of a newer version.
    pub async fn open(url: &Secret) -> Result<Arc<Self>, StoreError> {
        Self::open_with(url, Tuning::default()).await
    }

    async fn open_with(url: &Secret, tuning: Tuning) -> Result<Arc<Self>, StoreError> {
        let options = connection::options(url)?;
        let threads = Threads::start(tuning.clock)?;
        let handle = threads.handle()?;
        let epoch = on(&handle, "open the database", prepare(options.clone())).await?;
        let queue = Arc::new(Queue::new(tuning.queue));
        let (crew, left) = Crew::new(tuning.writers);
        let crew = Arc::new(crew);
        for _ in 0..tuning.writers {
            handle.spawn(Writer::new(options.clone(), Arc::clone(&queue), Arc::clone(&crew)).run());
        }
        let pool = {
            let _inside = handle.enter();
            pool::pool(options)
        };
        Ok(Arc::new(Self { epoch, queue, crew, pool, handle, left, _threads: threads }))
    }

    /// Transactions of the writers since the start; the appends that share one share its flush.
    pub fn commits(&self) -> u64 {
        self.crew.commits.load(Ordering::Relaxed)
    }

    /// Started at once.
    fn read<A: Send + Sync + 'static, T: Send + 'static>(
        &self,
        action: &'static str,
        about: A,
        read: Work<A, T>,
    ) -> Answer<'static, T> {
        let pool = self.pool.clone();
        Box::pin(on(&self.handle, action, async move { pool::read(&pool, action, &about, read).await }))
    }

    /// Started at once, whether or not the answer is awaited. Never tried twice: its outcome may be unknown.
    fn write<A: Send + Sync + 'static, T: Send + 'static>(
        &self,
        action: &'static str,
        about: A,
        write: Work<A, T>,
    ) -> Answer<'static, T> {
        if self.queue.is_closed() {
            return Box::pin(std::future::ready(Err(StoreError::Closed)));
        }
        let pool = self.pool.clone();
        Box::pin(on(&self.handle, action, async move { pool::once(&pool, action, &about, write).await }))
    }
}

/// What is queued is still written.
impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.queue.close();
        // The last owner may be a completion.
        if threads::is_own() {
            return;
        }
        let (done, ended) = mpsc::channel();
        let mut left = self.left.clone();
        self.handle.spawn(async move {
            let _ended = left.wait_for(|left| *left == 0).await;
            let _ = done.send(());
        });
        let _ended = ended.recv();
    }
}

/// Give a database that was restored by other means than Baton's an identity that no client has seen (I27). No node may run: it would
/// go on with the old one.
///
/// # Errors
/// As for [`PostgresStore::open`].
pub async fn new_epoch(url: &Secret) -> Result<Uuid, StoreError> {
    let options = connection::options(url)?;
    let stamp = async {
        let mut connection = connection::open(&options).await?;
        migrate::migrate(&mut connection).await?;
        let epoch = migrate::stamp_epoch(&mut connection).await?;
        let _closed = connection.close().await;
        Ok(epoch)
    };
    stamp.await.map_err(|fault: Fault| fault.during("give the database a new epoch"))
}

/// A connection without limits of time to a database with a schema and nothing else.
pub(super) async fn open_empty(url: &Secret) -> Result<PgConnection, StoreError> {
    let options = connection::options(url)?;
    let opening = async {
        let mut connection = connection::open(&options).await?;
        connection::without_limits(&mut connection).await?;
        migrate::migrate(&mut connection).await?;
        Ok(connection)
    };
    opening.await.map_err(|fault: Fault| fault.during("open the database"))
}

async fn prepare(options: PgConnectOptions) -> Result<Uuid, Fault> {
    let mut connection = connection::open(&options).await?;
    migrate::migrate(&mut connection).await?;
    let epoch = migrate::epoch(&mut connection).await?;
    let _closed = connection.close().await;
    Ok(epoch)
}

impl Store for PostgresStore {
    fn epoch(&self) -> Uuid {
        self.epoch
    }

    fn append(&self, append: Append, done: Completion) -> Result<(), Box<Busy>> {
        self.queue.push(append, done).map_err(|queued| {
            let (append, done) = *queued;
            Box::new(Busy { append, done })
        })
    }

    fn read_after(&self, conversation: ConversationId, after: Seq, limit: usize) -> Answer<'_, Vec<Recorded>> {
        self.read("read the log", (conversation, after, limit), |c, (conversation, after, limit)| {
            Box::pin(log::read_after(c, *conversation, *after, *limit))
        })
    }

    fn read_before(&self, conversation: ConversationId, before: Seq, limit: usize) -> Answer<'_, Vec<Recorded>> {
        self.read("read the log", (conversation, before, limit), |c, (conversation, before, limit)| {
            Box::pin(log::read_before(c, *conversation, *before, *limit))
        })
    }

    fn tails(&self, conversations: Vec<ConversationId>) -> Answer<'_, Vec<(ConversationId, Seq)>> {
        self.read("read the ends of logs", conversations, |c, conversations| Box::pin(log::tails(c, conversations)))
    }

    fn inbox(&self, workspace: WorkspaceId, query: InboxQuery) -> Answer<'_, InboxPage> {
        self.read("read the inbox", (workspace, query), |c, (workspace, query)| {
            Box::pin(inbox::page(c, *workspace, query))
        })
    }

    fn conversation(&self, id: ConversationId) -> Answer<'_, Option<ConversationRecord>> {
        self.read("read a conversation", id, |c, id| Box::pin(inbox::conversation(c, *id)))
    }

    fn conversations_after(
        &self,
        after: Option<ConversationId>,
        chatbot: Option<ChatbotId>,
        limit: usize,
    ) -> Answer<'_, Vec<ConversationId>> {
        self.read("list conversations", (after, chatbot, limit), |c, (after, chatbot, limit)| {
            Box::pin(inbox::conversations_after(c, *after, chatbot.as_ref(), *limit))
        })
    }

    fn waiting(&self) -> Answer<'_, Vec<WaitingRecord>> {
        self.read("read the queue", (), |c, ()| Box::pin(inbox::waiting(c)))
    }

    fn claim_jobs(&self, now: UnixMillis, claim: Duration, limit: usize) -> Answer<'_, Vec<ClaimedJob>> {
        self.write("claim jobs", (now, claim, limit), |c, (now, claim, limit)| {
            Box::pin(jobs::claim(c, *now, *claim, *limit))
        })
    }

    fn claim_job(&self, key: String, now: UnixMillis, until: UnixMillis) -> Answer<'_, bool> {
        self.write("claim a job", (key, now, until), |c, (key, now, until)| {
            Box::pin(jobs::claim_one(c, key, *now, *until))
        })
    }

    fn finish_job(&self, id: Uuid, outcome: String, _now: UnixMillis) -> Answer<'_, ()> {
        self.write("finish a job", (id, outcome), |c, (id, outcome)| Box::pin(jobs::finish(c, *id, outcome)))
    }

    fn fail_job(&self, id: Uuid, error: String, again_at: Option<UnixMillis>) -> Answer<'_, ()> {
        self.write("put a job back", (id, error, again_at), |c, (id, error, again_at)| {
            Box::pin(jobs::fail(c, *id, error, *again_at))
        })
    }

    fn retry_job(&self, workspace: WorkspaceId, id: Uuid, now: UnixMillis) -> Answer<'_, bool> {
        self.write("retry a job", (workspace, id, now), |c, (workspace, id, now)| {
            Box::pin(jobs::retry(c, *workspace, *id, *now))
        })
    }

    fn jobs(&self, workspace: WorkspaceId, state: Option<JobState>, limit: usize) -> Answer<'_, Vec<JobRecord>> {
        self.read("list jobs", (workspace, state, limit), |c, (workspace, state, limit)| {
            Box::pin(jobs::list(c, *workspace, *state, *limit))
        })
    }

    fn next_job_at(&self) -> Answer<'_, Option<UnixMillis>> {
        self.read("find the next job", (), |c, ()| Box::pin(jobs::next_at(c)))
    }

    fn add_link(&self, link: NewLink) -> Answer<'_, ()> {
        self.write("add a link", link, |c, link| Box::pin(links::add(c, link)))
    }

    fn link(&self, token_hash: [u8; 32]) -> Answer<'_, Option<LinkRecord>> {
        self.read("find a link", token_hash, |c, token_hash| Box::pin(links::by_token(c, token_hash)))
    }

    fn links(&self, conversation: ConversationId) -> Answer<'_, Vec<LinkRecord>> {
        self.read("list links", conversation, |c, conversation| Box::pin(links::of_conversation(c, *conversation)))
    }

    fn revoke_links(&self, conversation: ConversationId, now: UnixMillis) -> Answer<'_, ()> {
        self.write("revoke links", (conversation, now), |c, (conversation, now)| {
            Box::pin(links::revoke(c, *conversation, *now))
        })
    }

    fn first_workspace(&self) -> Answer<'_, WorkspaceRecord> {
        self.write("find the first workspace", (), |c, ()| Box::pin(accounts::first_workspace(c)))
    }

    fn set_up(&self, setup: SetUp) -> Answer<'_, bool> {
        self.write("set up", setup, |c, setup| Box::pin(accounts::set_up(c, setup)))
    }

    fn needs_set_up(&self) -> Answer<'_, bool> {
        self.read("look for an owner", (), |c, ()| Box::pin(accounts::needs_set_up(c)))
    }

    fn agent(&self, id: AgentId) -> Answer<'_, Option<AgentRecord>> {
        self.read("find an agent", id, |c, id| Box::pin(accounts::agent(c, *id)))
    }

    fn agent_by_email(&self, email: String) -> Answer<'_, Option<AgentRecord>> {
        self.read("find an agent", email, |c, email| Box::pin(accounts::agent_by_email(c, email)))
    }

    fn agents(&self, workspace: WorkspaceId) -> Answer<'_, Vec<AgentRecord>> {
        self.read("list agents", workspace, |c, workspace| Box::pin(accounts::agents(c, *workspace)))
    }

    fn set_availability(&self, agent: AgentId, availability: AvailabilityRecord) -> Answer<'_, ()> {
        self.write("set availability", (agent, availability), |c, (agent, availability)| {
            Box::pin(accounts::set_availability(c, *agent, *availability))
        })
    }

    fn workspace(&self, id: WorkspaceId) -> Answer<'_, Option<WorkspaceRecord>> {
        self.read("find a workspace", id, |c, id| Box::pin(accounts::workspace(c, *id)))
    }

    fn add_session(&self, token_hash: [u8; 32], agent: AgentId, expires_at: UnixMillis) -> Answer<'_, ()> {
        self.write("add a session", (token_hash, agent, expires_at), |c, (token_hash, agent, expires_at)| {
            Box::pin(accounts::add_session(c, token_hash, *agent, *expires_at))
        })
    }

    fn session(&self, token_hash: [u8; 32], now: UnixMillis) -> Answer<'_, Option<AgentRecord>> {
        self.read("find a session", (token_hash, now), |c, (token_hash, now)| {
            Box::pin(accounts::session(c, token_hash, *now))
        })
    }

    fn remove_session(&self, token_hash: [u8; 32]) -> Answer<'_, ()> {
        self.write("remove a session", token_hash, |c, token_hash| Box::pin(accounts::remove_session(c, token_hash)))
    }

    fn prune_sessions(&self, now: UnixMillis, limit: usize) -> Answer<'_, usize> {
        self.write("forget expired sessions", (now, limit), |c, (now, limit)| {
            Box::pin(accounts::prune_sessions(c, *now, *limit))
        })
    }

    fn add_chatbot(&self, chatbot: ChatbotRecord) -> Answer<'_, bool> {
        self.write("add a chatbot", chatbot, |c, chatbot| Box::pin(chatbots::add(c, chatbot)))
    }

    fn chatbots(&self) -> Answer<'_, Vec<ChatbotRecord>> {
        self.read("list chatbots", (), |c, ()| Box::pin(chatbots::all(c)))
    }

    fn set_settings(&self, chatbot: ChatbotId, settings: ChatbotSettings) -> Answer<'_, ()> {
        self.write("change settings", (chatbot, settings), |c, (chatbot, settings)| {
            Box::pin(chatbots::set_settings(c, chatbot, settings))
        })
    }

    fn documents(&self, chatbot: ChatbotId) -> Answer<'_, Vec<DocumentRecord>> {
        self.read("list documents", chatbot, |c, chatbot| Box::pin(documents::all(c, chatbot)))
    }

    fn document_heads(&self, chatbot: ChatbotId) -> Answer<'_, Vec<DocumentHead>> {
        self.read("list documents", chatbot, |c, chatbot| Box::pin(documents::heads(c, chatbot)))
    }

    fn document(&self, chatbot: ChatbotId, id: Uuid) -> Answer<'_, Option<DocumentRecord>> {
        self.read("read a document", (chatbot, id), |c, (chatbot, id)| Box::pin(documents::one(c, chatbot, *id)))
    }

    fn knowledge_stamps(&self) -> Answer<'_, Vec<(ChatbotId, KnowledgeStamp)>> {
        self.read("look for changed documents", (), |c, ()| Box::pin(documents::stamps(c)))
    }

    fn put_document(&self, document: DocumentRecord) -> Answer<'_, Uuid> {
        self.write("put a document", document, |c, document| Box::pin(documents::put(c, document)))
    }

    fn remove_document(&self, chatbot: ChatbotId, id: Uuid) -> Answer<'_, bool> {
        self.write("remove a document", (chatbot, id), |c, (chatbot, id)| Box::pin(documents::remove(c, chatbot, *id)))
    }

    fn reserve_spend(&self, scopes: Vec<SpendScope>, tokens: u64, now: UnixMillis) -> Answer<'_, bool> {
        self.write("reserve tokens", (scopes, tokens, now), |c, (scopes, tokens, now)| {
            Box::pin(spend::reserve(c, scopes, *tokens, *now))
        })
    }

    fn add_spend(&self, scopes: Vec<String>, tokens: i64, now: UnixMillis) -> Answer<'_, ()> {
        self.write("count tokens", (scopes, tokens, now), |c, (scopes, tokens, now)| {
            Box::pin(spend::add(c, scopes, *tokens, *now))
        })
    }

    fn spent(&self, scopes: Vec<String>) -> Answer<'_, Vec<u64>> {
        self.read("read spent tokens", scopes, |c, scopes| Box::pin(spend::of(c, scopes)))
    }

    fn prune_spend(&self, before: UnixMillis, limit: usize) -> Answer<'_, usize> {
        self.write("forget old counts of tokens", (before, limit), |c, (before, limit)| {
            Box::pin(spend::prune(c, *before, *limit))
        })
    }

    fn propose(&self, proposal: Proposal) -> Answer<'_, bool> {
        self.write("keep a proposal", proposal, |c, proposal| Box::pin(proposals::add(c, proposal)))
    }

    fn proposals(&self, chatbot: ChatbotId, limit: usize) -> Answer<'_, Vec<Proposal>> {
        self.read("list proposals", (chatbot, limit), |c, (chatbot, limit)| {
            Box::pin(proposals::open(c, chatbot, *limit))
        })
    }

    fn decide_proposal(&self, chatbot: ChatbotId, id: Uuid, verdict: Verdict, now: UnixMillis) -> Answer<'_, bool> {
        self.write("decide a proposal", (chatbot, id, verdict, now), |c, (chatbot, id, verdict, now)| {
            Box::pin(proposals::decide(c, chatbot, *id, verdict, *now))
        })
    }

    fn secret(&self, name: &'static str) -> Answer<'_, [u8; 32]> {
        self.write("make a secret", name, |c, name| Box::pin(chatbots::secret(c, name)))
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.write("ping", (), |c, ()| Box::pin(chatbots::ping(c)))
    }

    fn close(&self) -> Answer<'_, ()> {
        self.queue.close();
        let mut left = self.left.clone();
        Box::pin(async move {
            // Fails when the last writer has ended and with it the sender.
            let _ended = left.wait_for(|left| *left == 0).await;
            Ok(())
        })
    }
}
