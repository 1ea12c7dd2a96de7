//! The load balancers, with the very files of `config/`.

use super::daemon::{Daemon, PATIENCE};
use super::program;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

pub const HAPROXY_CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/haproxy.cfg");
pub const NGINX_CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/nginx.conf");

pub struct Haproxy {
    pub address: SocketAddr,
    socket: PathBuf,
    _daemon: Daemon,
}

impl Haproxy {
    pub fn start(folder: &Path, address: SocketAddr, nodes: impl Iterator<Item = SocketAddr>) -> Self {
        let socket = folder.join("admin");
        // The administration socket is the suite's: it asks who is up.
        let own = folder.join("own.cfg");
        let text = format!("global\n    stats socket {} level admin\n", socket.display());
        std::fs::write(&own, text).expect("configuration");
        let mut command = Command::new(program("haproxy"));
        command.args(["-db", "-f"]).arg(HAPROXY_CONFIG).arg("-f").arg(&own);
        command.env("BATON_BIND", address.to_string());
        for (number, node) in nodes.enumerate() {
            command.env(format!("BATON_NODE_{}", number + 1), node.to_string());
        }
        let mut daemon = Daemon::start("HAProxy", command, folder);
        daemon.until("listening", || std::net::TcpStream::connect(address).is_ok());
        Self { address, socket, _daemon: daemon }
    }

    /// How each node stands: UP, DOWN, NOLB, with the share of the checks that went well.
    pub fn states(&self) -> Vec<String> {
        let mut stream = UnixStream::connect(&self.socket).expect("HAProxy's socket");
        stream.write_all(b"show stat nodes 4 -1\n").expect("ask HAProxy");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("HAProxy's answer");
        let field = |line: &str| line.split(',').nth(17).unwrap_or_default().to_owned();
        answer.lines().filter(|line| line.starts_with("nodes,")).map(field).collect()
    }

    pub async fn until_up(&self, nodes: usize) {
        let begun = Instant::now();
        while self.states().iter().filter(|state| *state == "UP").count() < nodes {
            assert!(begun.elapsed() < PATIENCE, "HAProxy sees {:?}", self.states());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// nginx with the shipped file, whose addresses are replaced.
pub struct Nginx {
    pub address: SocketAddr,
    _daemon: Daemon,
}

impl Nginx {
    pub fn start(folder: &Path, address: SocketAddr, nodes: [SocketAddr; 2]) -> Self {
        let shipped = std::fs::read_to_string(NGINX_CONFIG).expect("config/nginx.conf");
        let mut text = shipped.clone();
        for (from, to) in [("127.0.0.1:8080", address), ("127.0.0.1:8081", nodes[0]), ("127.0.0.1:8082", nodes[1])] {
            assert!(text.contains(from), "{from} is not in config/nginx.conf");
            text = text.replace(from, &to.to_string());
        }
        let file = folder.join("nginx.conf");
        std::fs::write(&file, text).expect("configuration");
        let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
        let mut command = Command::new(program("nginx"));
        command.arg("-p").arg(folder).arg("-c").arg(&file).arg("-e").arg(folder.join("errors"));
        command.args(["-g", &format!("daemon off; pid nginx.pid; {user}")]);
        let mut daemon = Daemon::start("nginx", command, folder);
        daemon.until("listening", || std::net::TcpStream::connect(address).is_ok());
        Self { address, _daemon: daemon }
    }
}
