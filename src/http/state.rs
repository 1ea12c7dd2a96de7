//! What every handler can reach.

use super::assets::Assets;
use super::passwords::HashPool;
use super::security::login_limit::LoginLimits;
use super::session::SessionHash;
use super::setup_gate::SetupGate;
use crate::ai::providers::Providers;
use crate::bus::Health;
use crate::config::{Config, PublicUrl};
use crate::directory::Directory;
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::notify::Outbox;
use crate::secrets::Sealer;
use crate::store::{Store, StoreError};
use futures_util::future::BoxFuture;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What routes need from the actors. Called after the change is durable; must not block.
pub trait HubPort: Send + Sync + 'static {
    /// The directory holds the new settings of `chatbot`: tell its open widgets and portals.
    fn settings_changed(&self, chatbot: &ChatbotId);

    /// Documents of `chatbot` were added, replaced or removed: its AI must read them again.
    fn knowledge_changed(&self, chatbot: &ChatbotId);

    /// `session` of `agent` was signed out: close the sockets that it opened (S3).
    fn session_ended(&self, agent: AgentId, session: SessionHash);

    /// All portal links of `conversation` were revoked: close the portals that they opened.
    fn links_revoked(&self, workspace: WorkspaceId, conversation: ConversationId);

    /// A job may be due now.
    fn job_due(&self);

    /// How the way to the other nodes is.
    fn bus_health(&self) -> Health;

    /// Those of `conversations` whose visitor is here now.
    fn online(&self, conversations: Vec<ConversationId>) -> BoxFuture<'_, HashSet<ConversationId>>;
}

/// Shared by all workers; cheap to clone the parts of, never cloned whole.
pub struct AppState {
    pub store: Arc<dyn Store>,
    pub config: Config,
    pub public_url: PublicUrl,
    pub chatbots: Arc<Directory>,
    pub hub: Arc<dyn HubPort>,
    /// Encrypts what owners entrust to Baton.
    pub sealer: Arc<Sealer>,
    /// The models of chatbots, and how they fare.
    pub providers: Arc<Providers>,
    /// Mail in the data folder.
    pub outbox: Outbox,
    /// Open exactly until the installation has an owner.
    pub setup: SetupGate,
    /// The demo site is served.
    pub demo: bool,
    pub(super) passwords: HashPool,
    pub(super) logins: LoginLimits,
    pub(super) assets: Assets,
    draining: AtomicBool,
    closing: AtomicBool,
}

impl AppState {
    /// Reads from the store whether setup is needed; the setup token, if one is made, is in `setup`.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn build(
        config: Config,
        store: Arc<dyn Store>,
        chatbots: Arc<Directory>,
        hub: Arc<dyn HubPort>,
        sealer: Arc<Sealer>,
        providers: Arc<Providers>,
    ) -> Result<Self, StoreError> {
        let public_url = match PublicUrl::parse(&config.server.public_url) {
            Ok(url) => url,
            Err(_) => PublicUrl::of_listener(config.server.listen),
        };
        let needed = store.needs_set_up().await?;
        let setup = SetupGate::new(needed.then(|| sealer.token(&format!("setup:{}", store.epoch()))));
        Ok(Self {
            outbox: Outbox::new(config.data.outbox()),
            passwords: HashPool::new(config.limits.password_checks),
            logins: LoginLimits::default(),
            assets: Assets::default(),
            demo: false,
            draining: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            store,
            config,
            public_url,
            chatbots,
            hub,
            sealer,
            providers,
            setup,
        })
    }

    /// From now on `/healthz` answers 404, so that a load balancer sends new clients elsewhere and leaves the old ones alone.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// From now on no socket is opened here any more.
    pub fn start_closing(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    pub(super) fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
