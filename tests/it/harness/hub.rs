//! A real server on a free port with its own data folder, on its own thread.

use super::agent::Agent;
use super::http::Http;
use super::postgres::PostgresServer;
use super::visitor::Visitor;
use baton::actors::hub::Hub;
use baton::config::{Config, SearchModel, Secret};
use baton::startup::{self, Options};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// The chatbot that every test hub has.
pub const CHATBOT: &str = "demo";

pub struct TestHub {
    pub address: SocketAddr,
    pub hub: Hub,
    setup_link: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<anyhow::Result<()>>>,
    data: Option<Data>,
    config: Config,
}

/// The folder of a server, its own or shared with the other nodes of a cluster.
pub type Data = std::sync::Arc<TempDir>;

/// The URL of an empty database when the stories are to run on PostgreSQL, else the empty one of SQLite.
pub fn new_database() -> Secret {
    match std::env::var("BATON_TEST_STORE").as_deref() {
        Ok("postgres") => Secret::new(PostgresServer::shared().database()),
        Ok(other) => panic!("BATON_TEST_STORE is {other:?}; it may be postgres"),
        Err(_) => Secret::default(),
    }
}

/// What a test may want to be different.
pub struct TestHubBuilder {
    config: Config,
    data: Option<Data>,
}

impl TestHubBuilder {
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// For stories that send faster than people type.
    pub fn without_rate_limit(self) -> Self {
        self.config(|config| {
            config.limits.frames_per_second = 100_000;
            config.limits.frames_burst = 1_000_000;
            config.limits.sockets_per_address = 10_000;
        })
    }

    /// On a folder that others use too.
    pub fn on(mut self, data: Data) -> Self {
        self.data = Some(data);
        self
    }

    pub async fn start(self) -> TestHub {
        let data = self.data.unwrap_or_else(|| Data::new(TempDir::new().expect("temporary folder")));
        let mut config = self.config;
        config.data.dir = data.path().to_owned();
        if config.data.postgres().is_none() {
            config.data.url = new_database();
        }
        config.server.listen = "127.0.0.1:0".parse().expect("address");
        config.server.workers = 2;
        let (started, has_started) = oneshot::channel();
        let (stop, stopping) = oneshot::channel();
        let thread = std::thread::spawn({
            let config = config.clone();
            move || {
                actix_web::rt::System::new().block_on(async move {
                    let mut running = startup::build(config, Options { demo: true }).await?;
                    let link = running.setup_link.take();
                    let _sent = started.send((running.address, running.hub.clone(), link));
                    // Stopped by the test, or by the test's end.
                    let _asked = stopping.await;
                    running.stop().await
                })
            }
        });
        let (address, hub, setup_link) = match has_started.await {
            Ok(started) => started,
            Err(_) => panic!("the server did not start: {:?}", thread.join().expect("server thread")),
        };
        TestHub { address, hub, setup_link, stop: Some(stop), thread: Some(thread), data: Some(data), config }
    }
}

impl TestHub {
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn builder() -> TestHubBuilder {
        let mut config = Config::default();
        config.conversation.presence_grace_ms = 300;
        // Stories about the search model ask for it.
        config.ai.search_model = SearchModel::Off;
        TestHubBuilder { config, data: None }
    }

    pub fn data_folder(&self) -> &Path {
        self.data.as_ref().expect("running").path()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where mails go without an SMTP server.
    pub fn outbox(&self) -> PathBuf {
        self.data_folder().join("outbox")
    }

    /// A new visitor, greeted.
    pub async fn visitor(&self) -> Visitor {
        Visitor::connect(self.address, CHATBOT, None, None).await
    }

    /// The owner, signed up with the set-up link at the first call, with an open console.
    pub async fn agent(&self) -> Agent {
        let http = self.owner().await;
        Agent::connect(self.address, http.cookie()).await
    }

    /// The owner's HTTP session.
    pub async fn owner(&self) -> Http {
        Http::owner(self.address, self.setup_link.as_deref()).await
    }

    /// As printed at the start.
    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Stop in order and start again on the same data.
    pub async fn restart(self) -> Self {
        self.restart_after(|_| {}).await
    }

    /// Stop in order, let `meddle` have the database file while no server has it open, and start again.
    pub async fn restart_after(mut self, meddle: impl FnOnce(&Path)) -> Self {
        self.stop_now().expect("orderly stop");
        let (config, data) = (self.config.clone(), self.data.take());
        // The test's own handle to the hub keeps the store, and with it the file, open.
        drop(self);
        meddle(&config.data.database());
        TestHubBuilder { config, data }.start().await
    }

    fn stop_now(&mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        match self.thread.take() {
            Some(thread) => thread.join().expect("server thread"),
            None => Ok(()),
        }
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        let stopped = self.stop_now();
        if !std::thread::panicking() {
            stopped.expect("the server stops in order");
        }
    }
}
