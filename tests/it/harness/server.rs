//! The HTTP surface on a free port, over a real SQLite file. The hub is a recorder: it notes what routes tell it.

use super::client::Client;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use baton::ai::embedding::{KnowledgeReader, ModelStatus};
use baton::ai::providers::Providers;
use baton::bus::Health;
use baton::config::Config;
use baton::directory::Directory;
use baton::domain::ids::{AgentId, ChatbotId, ConversationId, WorkspaceId};
use baton::egress::Reach;
use baton::http::{AppState, HubPort, SessionHash, configure, guard};
use baton::secrets::Sealer;
use baton::store::Store;
use baton::store::sqlite::SqliteStore;
use futures_util::future::BoxFuture;
use std::collections::{HashMap, HashSet};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What routes told the actors, in order.
#[derive(Default)]
pub struct Told(Mutex<Vec<String>>);

impl Told {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }
}

impl HubPort for Told {
    fn settings_changed(&self, chatbot: &ChatbotId) {
        self.note(format!("settings of {chatbot}"));
    }
    fn knowledge_changed(&self, chatbot: &ChatbotId) {
        self.note(format!("knowledge of {chatbot}"));
    }
    fn session_ended(&self, agent: AgentId, _: SessionHash) {
        self.note(format!("session of {agent}"));
    }
    fn links_revoked(&self, _: WorkspaceId, conversation: ConversationId) {
        self.note(format!("links of {conversation}"));
    }
    fn job_due(&self) {
        self.note("job".into());
    }
    fn bus_health(&self) -> Health {
        Health::Local
    }
    fn online(&self, _: Vec<ConversationId>) -> BoxFuture<'_, HashSet<ConversationId>> {
        Box::pin(async { HashSet::new() })
    }
}

pub struct TestServer {
    pub address: SocketAddr,
    pub state: web::Data<AppState>,
    pub told: Arc<Told>,
    pub setup_token: String,
    handle: ServerHandle,
    _data: TempDir,
}

pub const PASSWORD: &str = "correct horse battery";

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With environment variables, such as `BATON__SERVER__PUBLIC_URL`.
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut variables = HashMap::from([
            ("BATON__DATA__DIR".to_owned(), data.path().display().to_string()),
            ("BATON__SERVER__PUBLIC_URL".to_owned(), format!("http://{address}")),
        ]);
        variables.extend(environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let config = Config::from_sources("", variables).unwrap();
        let store: Arc<dyn Store> = SqliteStore::open(&config.data.database()).unwrap();
        let told = Arc::new(Told::default());
        let chatbots =
            Arc::new(Directory::load(Arc::clone(&store), KnowledgeReader::without(ModelStatus::Off)).await.unwrap());
        let hub: Arc<dyn HubPort> = told.clone();
        let sealer = Arc::new(Sealer::open(&config.secrets.keys, &config.data.secret_key()).unwrap());
        let providers = Arc::new(Providers::new(Arc::clone(&sealer), Reach::Public));
        let mut state = AppState::build(config, store, chatbots, hub, sealer, providers).await.unwrap();
        state.demo = true;
        let setup_token = state.setup.take_token().unwrap();
        let state = web::Data::new(state);
        let served = state.clone();
        let server = HttpServer::new(move || {
            App::new().wrap(from_fn(guard)).configure(|config| configure(config, served.clone()))
        })
        .workers(1)
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { address, state, told, setup_token, handle, _data: data }
    }

    /// A browser that has no cookie yet.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// The owner, signed in after the setup.
    pub async fn owner(&self) -> Client {
        let mut client = self.client();
        let answer = client.post("/api/v1/setup", &self.setup_form()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        client
    }

    pub fn setup_form(&self) -> serde_json::Value {
        serde_json::json!({
            "token": self.setup_token, "workspace": "Shop", "name": "Ana", "email": "ana@example.com", "password": PASSWORD,
        })
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // The runtime ends with the test; the server only has to stop listening.
        drop(self.handle.stop(false));
    }
}
