//! The real server as a process of its own, on the same port and data at each start.

use super::guarded::Guarded as _;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A start or a stop is given up after this; before, it is a slow one, not a dead one.
const PATIENCE: Duration = Duration::from_secs(60);

/// How to start it. `wrapper` is put before the command line, for a run under a tracer. `settings` (without `BATON__`) come in
/// addition and win, `environment` is handed on as it is.
pub struct Launch {
    pub data: PathBuf,
    pub address: SocketAddr,
    pub wrapper: Vec<String>,
    pub settings: Vec<(String, String)>,
    pub environment: Vec<(String, String)>,
}

pub struct Server {
    child: Child,
    address: SocketAddr,
    begun: Instant,
    log: PathBuf,
    /// Where the output of earlier lives ends.
    log_from: usize,
}

impl Launch {
    pub fn new(data: &Path) -> Self {
        let (wrapper, settings, environment) = (Vec::new(), Vec::new(), Vec::new());
        Self { data: data.to_owned(), address: free_address(), wrapper, settings, environment }
    }

    /// Begin to start; the server answers some time later, or is killed before.
    pub fn spawn(&self) -> Server {
        let log = self.data.join("server.log");
        let open = || OpenOptions::new().create(true).append(true).open(&log).expect("server log");
        let mut command = match self.wrapper.split_first() {
            None => Command::new(env!("CARGO_BIN_EXE_baton")),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(env!("CARGO_BIN_EXE_baton"));
                command
            }
        };
        command.args(["serve", "--demo"]);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BATON_")) {
            command.env_remove(name);
        }
        let settings = [
            ("SERVER__LISTEN", self.address.to_string()),
            ("SERVER__WORKERS", "2".into()),
            ("AI__SEARCH_MODEL", "off".into()),
            ("DATA__DIR", self.data.join("data").display().to_string()),
            ("LIMITS__FRAMES_PER_SECOND", "100000".into()),
            ("LIMITS__FRAMES_BURST", "1000000".into()),
            ("LIMITS__SOCKETS_PER_ADDRESS", "1000".into()),
            // Conversations also leave memory and come back while they are used.
            ("CONVERSATION__PASSIVATE_AFTER_SECONDS", "1".into()),
            ("LOG__FILTER", "warn".into()),
        ];
        command.envs(settings.map(|(name, value)| (format!("BATON__{name}"), value)));
        command.envs(self.settings.iter().map(|(name, value)| (format!("BATON__{name}"), value)));
        command.envs(self.environment.iter().cloned());
        // Away from a configuration file that happens to lie in the working folder.
        command.current_dir(&self.data).stdin(Stdio::null()).stdout(open()).stderr(open()).guarded();
        let log_from = std::fs::read(&log).map_or(0, |bytes| bytes.len());
        let begun = Instant::now();
        let child = command.spawn().expect("start the server");
        Server { child, address: self.address, begun, log, log_from }
    }

    pub fn database(&self) -> PathBuf {
        self.data.join("data/baton.sqlite3")
    }
}

impl Server {
    /// Until it answers; how long that took since it was started.
    pub async fn answers(&mut self) -> Duration {
        while !self.is_healthy() {
            if let Some(status) = self.child.try_wait().expect("server process") {
                panic!("the server ended by itself ({status}): {}", self.log());
            }
            assert!(self.begun.elapsed() < PATIENCE, "no answer within {PATIENCE:?}: {}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.begun.elapsed()
    }

    fn is_healthy(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_millis(200))?;
            stream.set_read_timeout(Some(Duration::from_secs(2)))?;
            write!(stream, "GET /healthz HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// SIGKILL: no handler runs, nothing is flushed by the process.
    pub fn kill(mut self) {
        self.end();
    }

    /// Ask it to stop; the status once it has.
    pub async fn terminate(mut self) -> std::process::ExitStatus {
        let process = Pid::from_raw(self.child.id() as i32).expect("process id");
        kill_process(process, Signal::TERM).expect("SIGTERM");
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("server process") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "no end within {PATIENCE:?} of SIGTERM: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("server process").is_none()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id() as i32).expect("process id"), signal).expect("signal");
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn end(&mut self) {
        // It may have ended by itself; what matters is that it is gone.
        let _ended = self.child.kill();
        self.child.wait().expect("wait for the killed server");
    }

    /// What it wrote since it was started.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(self.log_from..).unwrap_or_default()).into_owned()
    }

    /// The link to sign up with, printed soon after a server without an owner answers.
    pub async fn setup_link(&self) -> String {
        loop {
            let log = self.log();
            // Only a line with its end is whole.
            let lines = log.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            if let Some(link) = lines.filter_map(|line| line.trim().strip_prefix("first login ")).next_back() {
                return link.trim().to_owned();
            }
            assert!(self.begun.elapsed() < PATIENCE, "no link to sign up with: {log}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// A free port below the range that the kernel gives to outgoing connections: a client that knocks on a dead server's port must not
/// be given that very port and talk to itself.
fn free_address() -> SocketAddr {
    let start = 20_000 + (std::process::id() % 9_000) as u16;
    let free = (start..32_000)
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .find(|address| TcpListener::bind(address).is_ok());
    free.expect("a free port")
}
