//! Real servers as child processes on free ports and in a folder of their own: Baton itself and what stands before it.

pub mod daemon;
#[path = "../support/guarded.rs"]
pub mod guarded;
pub mod network;
#[path = "../support/postgres.rs"]
pub mod postgres;
pub mod proxy;
#[path = "../it/harness/redis.rs"]
pub mod redis;
pub mod server;

use postgres::PostgresServer;
use proxy::Haproxy;
use redis::RedisServer;
use server::{Launch, Server};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// Short, so that a row of the matrix is over in seconds. Every wait of the suite is counted in it.
pub const HEARTBEAT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One node with SQLite.
    One,
    /// Three nodes with PostgreSQL and Redis.
    Three,
}

impl Shape {
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "one node, SQLite",
            Self::Three => "three nodes, PostgreSQL, Redis",
        }
    }

    fn nodes(self) -> usize {
        match self {
            Self::One => 1,
            Self::Three => 3,
        }
    }
}

/// What several nodes share.
struct Shared {
    postgres: PostgresServer,
    redis: RedisServer,
}

const DATABASE: &str = "baton";

/// Nodes behind HAProxy. Dropped, all of it ends.
pub struct Cluster {
    pub haproxy: Haproxy,
    pub launches: Vec<Launch>,
    /// `None` while a node is down.
    pub nodes: Vec<Option<Server>>,
    pub setup_link: String,
    shared: Option<Shared>,
    folder: TempDir,
}

/// Every node has an address of its own, and reaches PostgreSQL and Redis under it too, so that a packet filter can cut off one node.
pub fn own_address(node: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 77, node as u8 + 1)
}

impl Cluster {
    pub async fn start(at: &Path, shape: Shape) -> Self {
        Self::start_with(at, shape, &[]).await
    }

    /// With settings of the caller's own (names without `BATON__`), which win.
    pub async fn start_with(at: &Path, shape: Shape, own: &[(&str, &str)]) -> Self {
        let shared = (shape == Shape::Three).then(|| {
            let postgres = PostgresServer::start();
            postgres.sql("postgres", &format!("CREATE DATABASE {DATABASE}"));
            Shared { postgres, redis: RedisServer::start() }
        });
        let count = shape.nodes();
        let folder = tempfile::Builder::new().prefix("cluster").tempdir_in(at).expect("folder");
        let haproxy_at = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port(Ipv4Addr::LOCALHOST)));
        let launches: Vec<Launch> = (0..count)
            .map(|node| {
                let data = folder.path().join(format!("node-{}", node + 1));
                std::fs::create_dir(&data).expect("folder");
                let address = own_address(node);
                let mut launch = Launch::new(&data);
                launch.address = SocketAddr::from((address, free_port(address)));
                launch.settings = settings(node, haproxy_at, shared.as_ref());
                launch.settings.extend(own.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
                launch
            })
            .collect();
        let addresses = launches.iter().map(|launch| launch.address);
        let haproxy = Haproxy::start(&sub_folder(folder.path(), "haproxy"), haproxy_at, addresses);
        let nodes = launches.iter().map(|_| None).collect();
        let mut cluster = Self { haproxy, nodes, launches, setup_link: String::new(), shared, folder };
        // The first one makes the demo and prints the link to sign up with.
        cluster.up(0).await;
        cluster.setup_link = cluster.node(0).setup_link().await;
        for node in 1..count {
            cluster.up(node).await;
        }
        cluster.haproxy.until_up(count).await;
        cluster
    }

    fn shared(&mut self) -> &mut Shared {
        self.shared.as_mut().expect("a cluster of several nodes")
    }

    pub fn postgres(&mut self) -> &PostgresServer {
        &self.shared().postgres
    }

    /// What the database's own people see, whatever is cut.
    pub fn sql(&mut self, sql: &str) -> String {
        self.postgres().sql(DATABASE, sql)
    }

    pub fn redis(&mut self) -> &mut RedisServer {
        &mut self.shared().redis
    }

    /// Where a node, or the test itself, finds the database.
    pub fn database_url(&mut self) -> String {
        self.postgres().url(DATABASE)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn address(&self) -> SocketAddr {
        self.haproxy.address
    }

    /// Start a node that is down; back when it answers.
    pub async fn up(&mut self, node: usize) {
        let mut server = self.launches[node].spawn();
        server.answers().await;
        self.nodes[node] = Some(server);
    }

    pub fn node(&self, node: usize) -> &Server {
        self.nodes[node].as_ref().expect("a node that is up")
    }

    /// The end of every node's log, for a failure.
    pub fn logs(&self) -> String {
        let tail = |(index, node): (usize, &Option<Server>)| {
            let log = node.as_ref().map(Server::log).unwrap_or_default();
            let start = log.lines().count().saturating_sub(12);
            let lines: Vec<&str> = log.lines().skip(start).collect();
            format!("--- node {}\n{}\n", index + 1, lines.join("\n"))
        };
        self.nodes.iter().enumerate().map(tail).collect()
    }
}

fn settings(node: usize, haproxy: SocketAddr, shared: Option<&Shared>) -> Vec<(String, String)> {
    let mut settings = vec![
        ("SERVER__PUBLIC_URL", format!("http://{haproxy}")),
        ("SERVER__TRUSTED_PROXIES", "127.0.0.0/8".into()),
        ("LIMITS__HEARTBEAT_SECONDS", HEARTBEAT.as_secs().to_string()),
    ];
    if let Some(Shared { postgres, redis }) = shared {
        let address = own_address(node);
        settings.push(("DATA__URL", format!("postgres://baton@{address}:{}/{DATABASE}", postgres.port())));
        settings.push(("CLUSTER__REDIS_URL", format!("redis://{address}:{}", redis.address.port())));
        settings.push(("CLUSTER__NODE", format!("node-{}", node + 1)));
        // One key for all, so that each can open what another sealed.
        settings.push(("SECRETS__KEYS", "5a".repeat(32)));
    }
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub fn sub_folder(parent: &Path, name: &str) -> PathBuf {
    let folder = parent.join(name);
    std::fs::create_dir(&folder).expect("folder of a service");
    folder
}

/// A free port below the range that the kernel gives to outgoing connections: a client that knocks on a dead server's port must not
/// be given that very port and talk to itself. Never the same one twice in a process.
pub fn free_port(address: Ipv4Addr) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 10_000 + (std::process::id() % 18_000) as u16;
    loop {
        let port = start + NEXT.fetch_add(1, Ordering::Relaxed) % 4_000;
        if std::net::TcpListener::bind((address, port)).is_ok() {
            return port;
        }
    }
}

/// Where a program of Debian's packages lies, also when it is not on the path of a plain user.
pub fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|program| program.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed; `scripts/tools.sh test` installs it"))
}
