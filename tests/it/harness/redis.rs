//! A real Redis on a free port, in a folder of its own. Killed when dropped.

use super::guarded::Guarded as _;
use rustix::process::{Pid, Signal, kill_process};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The last three are for the nodes of a cluster, each of which can be cut off alone.
const LISTEN: [&str; 4] = ["127.0.0.1", "127.0.77.1", "127.0.77.2", "127.0.77.3"];

pub struct RedisServer {
    pub address: SocketAddr,
    folder: TempDir,
    process: Option<Child>,
}

impl RedisServer {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("temporary folder");
        for _ in 0..10 {
            // Somebody else may take the port in between; then the next one is tried.
            let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("free port");
            if let Some(process) = spawn(address, &folder) {
                return Self { address, folder, process: Some(process) };
            }
        }
        panic!("no redis-server could be started (scripts/tools.sh test installs it)");
    }

    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("kill");
            process.wait().expect("wait");
        }
    }

    /// On the same port, empty.
    pub fn restart(&mut self) {
        self.kill();
        let begun = Instant::now();
        while self.process.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not start again");
            self.process = spawn(self.address, &self.folder);
        }
    }

    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("running");
        kill_process(Pid::from_child(process), signal).expect("signal");
    }

    /// A command of an operator.
    pub fn command(&self, words: &[&str]) -> redis::Value {
        let client = redis::Client::open(format!("redis://{}", self.address)).expect("client");
        let mut connection = client.get_connection().expect("connection");
        let (name, arguments) = words.split_first().expect("a command");
        redis::cmd(name).arg(arguments).query(&mut connection).expect("answer")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(address: SocketAddr, folder: &TempDir) -> Option<Child> {
    let mut process = Command::new("redis-server")
        .arg("--bind")
        .args(LISTEN)
        .args(["--save", "", "--appendonly", "no", "--port", &address.port().to_string()])
        .arg("--dir")
        .arg(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .guarded()
        .spawn()
        .expect("redis-server is installed (scripts/tools.sh test)");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        if process.try_wait().expect("process").is_some() {
            return None;
        }
        if TcpStream::connect(address).is_ok() {
            return Some(process);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    process.kill().expect("kill");
    process.wait().expect("wait");
    None
}
