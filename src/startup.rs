//! The order of starting and stopping, in one place.
//!
//! Start: store, directory, bus, node actors, workers (each with its shard of conversations), sockets. Stop: tell load balancers and
//! wait until they have noticed, send clients elsewhere one after another, finish jobs, leave the bus, let the store finish, end the
//! workers. A kill at any point loses nothing that was acknowledged.

use crate::actors::hub::{Hub, HubSettings, JOB_PLACES, Shared};
use crate::actors::job_worker::JobWorker;
use crate::actors::queue::{Drain, LinksRevoked, SignedOut};
use crate::actors::supervisor::Everywhere;
use crate::actors::visitor_token::VisitorTokens;
use crate::ai::embedding::{KnowledgeReader, Model, ModelError, ModelStatus};
use crate::ai::providers::Providers;
use crate::bus::local::LocalBus;
use crate::bus::redis::{RedisBus, RedisSettings};
use crate::bus::{Bus, Health, Message, NodeId, Topic};
use crate::config::{ClusterConfig, Config, SearchModel};
use crate::demo;
use crate::directory::Directory;
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, WorkspaceId};
use crate::egress::Reach;
use crate::geo::Countries;
use crate::http::{self, AppState, HubPort, SessionHash};
use crate::notify::{Delivery, Notifier};
use crate::secrets::Sealer;
use crate::store;
use crate::transport::{self, ServerSettings};
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, web};
use futures_util::future::BoxFuture;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How often is looked whether somebody else changed documents: `baton knowledge`, or another node.
const KNOWLEDGE_LOOK: Duration = Duration::from_secs(2);
/// How long clients that were sent away get to leave, and how often is looked whether they have.
const LEAVE: Duration = Duration::from_millis(1_500);
const DRAIN_LOOK: Duration = Duration::from_millis(20);

/// What `serve` was asked for beside the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Make the demo chatbot with its knowledge and serve the demo site.
    pub demo: bool,
}

/// A server that accepts connections.
pub struct Running {
    pub address: SocketAddr,
    pub public_url: String,
    /// Where the first owner signs up, while there is none. Shown once.
    pub setup_link: Option<String>,
    pub hub: Hub,
    state: web::Data<AppState>,
    server: ServerHandle,
    watcher: actix_rt::task::JoinHandle<()>,
    finished: actix_rt::task::JoinHandle<std::io::Result<()>>,
}

/// Start everything. Must run inside an actix system.
///
/// # Errors
/// When the data can't be opened, a setting names something unusable, or the address is taken.
pub async fn build(config: Config, options: Options) -> anyhow::Result<Running> {
    let store = store::open(&config.data).await?;
    let directory = Arc::new(Directory::load(Arc::clone(&store), knowledge_reader(&config).await?).await?);
    if options.demo {
        demo::prepare(store.as_ref(), &directory).await?;
    }
    let sealer = Arc::new(Sealer::open(&config.secrets.keys, &config.data.secret_key())?);
    let reach = if config.ai.allow_private_endpoints { Reach::Anywhere } else { Reach::Public };
    let providers = Arc::new(Providers::new(Arc::clone(&sealer), reach));
    let tokens = VisitorTokens::new(store.secret("visitor_tokens").await?);
    let countries = web::Data::new(Countries::open(config.geo.database.as_deref())?);
    let workers = match config.server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let settings = HubSettings {
        passivate_after: config.conversation.passivate_after(),
        presence_grace: config.conversation.presence_grace(),
        hello_deadline: Duration::from_millis(config.limits.hello_deadline_ms),
        heartbeat: Duration::from_secs(config.limits.heartbeat_seconds.into()),
        outbox_bytes: config.limits.outbox_bytes,
        frames_per_second: config.limits.frames_per_second,
        frame_burst: config.limits.frames_burst,
        sockets: config.limits.sockets,
        sockets_per_address: config.limits.sockets_per_address,
    };
    let bus = open_bus(&config.cluster)?;
    if bus.is_shared() {
        // Another node may have made the demo at the same time.
        directory.refresh().await?;
    }
    let hub =
        Shared::new(Arc::clone(&store), Arc::clone(&directory), bus, tokens, Arc::clone(&providers), settings, workers);

    let listener = std::net::TcpListener::bind(config.server.listen)
        .map_err(|error| anyhow::anyhow!("can't listen on {}: {error}", config.server.listen))?;
    let address = listener.local_addr()?;
    let mut config = config;
    // Port 0 asks for any free one; links and the Origin check need the one that was given.
    config.server.listen = address;
    let mut state =
        AppState::build(config, store, directory, Arc::new(Port(Arc::clone(&hub))), sealer, providers).await?;
    state.demo = options.demo;
    let state = web::Data::new(state);
    let notifier = Notifier::new(
        Arc::clone(&state.store),
        Delivery::new(&state.config.mail, state.outbox.clone())?,
        state.public_url.clone(),
        state.config.mail.from.parse()?,
    );
    hub.start_node_actors(JobWorker::new(Arc::clone(&hub), notifier));

    let server_settings = ServerSettings {
        workers,
        max_connections: state.config.limits.sockets + 1_000,
        request_timeout: Duration::from_secs(10),
        shutdown_timeout: Duration::from_secs(2),
    };
    let server = transport::serve(listener, server_settings, {
        let (hub, state) = (Arc::clone(&hub), state.clone());
        move || {
            hub.start_shard();
            let (hub, state, countries) = (Arc::clone(&hub), state.clone(), countries.clone());
            move || {
                let state = state.clone();
                App::new()
                    .wrap(from_fn(http::guard))
                    .app_data(web::Data::from(Arc::clone(&hub)))
                    .app_data(countries.clone())
                    .route("/ws/visitor", web::get().to(http::ws::visitor))
                    .route("/ws/agent", web::get().to(http::ws::agent))
                    .configure(|services| http::configure(services, state))
            }
        }
    })?;
    let handle = server.handle();
    let finished = actix_rt::spawn(server);
    hub.ready().await;
    let watcher = actix_rt::spawn(watch_knowledge(Arc::clone(&hub)));

    let public_url = state.public_url.join("/");
    let setup_link = state.setup.take_token().map(|token| state.public_url.join(&format!("/setup#{token}")));
    Ok(Running { address, public_url, setup_link, hub, state, server: handle, watcher, finished })
}

/// The way to other nodes, if there can be any.
fn open_bus(cluster: &ClusterConfig) -> anyhow::Result<Arc<dyn Bus>> {
    let Some(url) = cluster.redis() else { return Ok(Arc::new(LocalBus)) };
    let node = NodeId::generate();
    let name = if cluster.node.is_empty() { node.to_string() } else { cluster.node.clone() };
    tracing::info!(node.name = name, node.id = %node, "one of several nodes");
    let settings = RedisSettings { url: url.to_owned(), prefix: cluster.prefix.clone() };
    Ok(Arc::new(RedisBus::start(settings, node)?))
}

/// The part that searches by meaning, as far as it is wanted and there.
async fn knowledge_reader(config: &Config) -> anyhow::Result<KnowledgeReader> {
    let wanted = config.ai.search_model;
    if wanted == SearchModel::Off {
        tracing::info!("knowledge is searched by words alone, as configured");
        return Ok(KnowledgeReader::without(ModelStatus::Off));
    }
    let folder = config.ai.search_model_dir();
    let open = move || {
        let model = Model::open(&folder.ok_or(ModelError::NoFolder)?)?;
        if wanted == SearchModel::Required {
            model.question("ready?")?;
        }
        Ok(model)
    };
    match actix_rt::task::spawn_blocking(open).await? {
        Ok(model) => {
            tracing::info!("knowledge is searched by words and by meaning");
            Ok(KnowledgeReader::start(model, config.data.vectors())?)
        }
        Err::<_, ModelError>(error) if wanted == SearchModel::Required => Err(error.into()),
        Err(error) => {
            tracing::warn!(error = %error, "knowledge is searched by words alone, which finds less");
            Ok(KnowledgeReader::without(ModelStatus::Unavailable(error.to_string())))
        }
    }
}

impl Running {
    /// Until a signal asks to stop; then stop in order.
    ///
    /// # Errors
    /// When the server ended by itself.
    pub async fn until_stopped(self) -> anyhow::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        self.stop().await
    }

    /// Send clients elsewhere, finish what was begun, end.
    ///
    /// # Errors
    /// When the server ended by itself.
    pub async fn stop(self) -> anyhow::Result<()> {
        tracing::info!("draining");
        let cluster = &self.state.config.cluster;
        let limit = tokio::time::Instant::now() + cluster.drain_limit();
        self.state.start_draining();
        tokio::time::sleep(cluster.drain_notice()).await;
        self.state.start_closing();
        // Few sockets need not be sent away over the whole time that many get.
        let within = cluster.drain_spread().min(self.hub.sockets.spread());
        self.watcher.abort();
        if let Some(queue) = self.hub.queue() {
            queue.do_send(Drain { within });
        }
        self.hub.tell_all(Everywhere::Drain(within));
        let gone = async {
            while self.hub.sockets.open() > 0 {
                tokio::time::sleep(DRAIN_LOOK).await;
            }
        };
        // Who has not left by then is cut off, and resumes from its cursor elsewhere.
        let _in_time = tokio::time::timeout_at(limit, tokio::time::timeout(within + LEAVE, gone)).await;
        self.hub.tell_all(Everywhere::Stop);
        let places = u32::try_from(JOB_PLACES).unwrap_or(u32::MAX);
        if tokio::time::timeout_at(limit, self.hub.job_places.acquire_many(places)).await.is_err() {
            tracing::warn!("jobs are still under way; another node takes them up when their claims expire");
        }
        self.hub.bus.close();
        self.hub.store.close().await?;
        self.server.stop(true).await;
        self.finished.await??;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Index what others have changed in the store.
async fn watch_knowledge(hub: Hub) {
    loop {
        tokio::time::sleep(KNOWLEDGE_LOOK).await;
        match hub.directory.outdated_knowledge().await {
            Ok(outdated) => outdated.iter().for_each(|chatbot| reload_knowledge(&hub, chatbot)),
            Err(error) => tracing::warn!(error = ?error, "documents can't be looked for now"),
        }
    }
}

fn reload_knowledge(hub: &Hub, chatbot: &ChatbotId) {
    let (hub, chatbot) = (Arc::clone(hub), chatbot.clone());
    actix_rt::spawn(async move {
        if let Err(error) = hub.directory.reload_knowledge(&chatbot).await {
            tracing::error!(chatbot.id = %chatbot, error = ?error, "knowledge could not be read again");
        }
    });
}

/// What routes may ask of the actors.
struct Port(Hub);

impl Port {
    fn publish_about(&self, chatbot: &ChatbotId, message: Message) {
        if let Some(chatbot) = self.0.directory.get(chatbot) {
            self.0.bus.publish(Topic::Workspace(chatbot.workspace), message);
        }
    }
}

impl HubPort for Port {
    fn settings_changed(&self, chatbot: &ChatbotId) {
        self.publish_about(chatbot, Message::SettingsChanged { chatbot: chatbot.clone() });
        self.0.tell_all(Everywhere::SettingsChanged(chatbot.clone()));
    }

    fn knowledge_changed(&self, chatbot: &ChatbotId) {
        self.publish_about(chatbot, Message::KnowledgeChanged { chatbot: chatbot.clone() });
        reload_knowledge(&self.0, chatbot);
    }

    fn links_revoked(&self, workspace: WorkspaceId, conversation: ConversationId) {
        if let Some(queue) = self.0.queue() {
            queue.do_send(LinksRevoked { conversation });
        }
        self.0.bus.publish(Topic::Workspace(workspace), Message::LinksRevoked { conversation });
    }

    fn session_ended(&self, _: AgentId, session: SessionHash) {
        if let Some(queue) = self.0.queue() {
            queue.do_send(SignedOut { login: session.0 });
        }
        self.0.bus.publish(Topic::Everyone, Message::SignedOut { login: session.0 });
    }

    fn job_due(&self) {
        self.0.job_bell.notify_one();
    }

    fn bus_health(&self) -> Health {
        self.0.bus.health()
    }

    fn online(&self, conversations: Vec<ConversationId>) -> BoxFuture<'_, HashSet<ConversationId>> {
        let here = conversations.into_iter().filter(|id| self.0.board.visitor_here(*id)).collect();
        Box::pin(std::future::ready(here))
    }
}
