//! A PostgreSQL server for tests, from the system's package: a data folder of its own, a free port, stopped and removed when the test
//! process ends, however it ends. PostgreSQL refuses to run as root; as root it runs as the user `postgres`.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part of this")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const MISSING: &str = "PostgreSQL is not installed: `scripts/tools.sh test` installs it as root on Debian (package postgresql); \
                       or set BATON_POSTGRES_BIN to the folder of initdb and pg_ctl";

/// The last three are for the nodes of a cluster, each of which can be cut off alone.
const LISTEN: &str = "127.0.0.1,127.0.77.1,127.0.77.2,127.0.77.3";

/// One server. A test that kills or reconfigures it starts its own; the others share one and take a database each.
pub struct PostgresServer {
    bin: PathBuf,
    user: Option<(u32, u32)>,
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    /// Ends the server when this process does: it waits for the end of its standard input.
    guard: Child,
}

impl PostgresServer {
    /// The server of this test process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    pub fn start() -> Self {
        Self::start_with(
            "initdb",
            &["-D", "data", "-U", "baton", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        )
    }

    /// A standby that follows the server behind `port`, and writes nothing until it is promoted.
    pub fn standby_of(port: u16) -> Self {
        let source = format!("host=127.0.0.1 port={port} user=baton");
        Self::start_with("pg_basebackup", &["-D", "data", "-d", &source, "-c", "fast", "--no-sync", "-R"])
    }

    /// On the folder that `program` makes.
    fn start_with(program: &str, arguments: &[&str]) -> Self {
        let bin = bin();
        let user = user();
        let folder = TempDir::with_prefix("baton-pg-").expect("a temporary folder").keep();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).expect("give the folder to the user postgres");
        }
        let mut make = command(&bin, user, &folder, program);
        expect_success(make.args(arguments));
        let script = r#"cat >/dev/null; "$1" stop -D data -m immediate -s >/dev/null 2>&1; rm -rf "$2""#;
        let mut guard = Command::new("sh");
        guard.args(["-c", script, "guard"]).arg(bin.join("pg_ctl")).arg(&folder).current_dir(&folder);
        as_user(&mut guard, user);
        let guard = guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start sh");
        let mut server = Self { bin, user, folder, port: 0, databases: AtomicU32::new(0), guard };
        // Somebody may take the port between looking and binding.
        for _ in 0..10 {
            server.port = free_port();
            if server.launch() {
                return server;
            }
        }
        panic!("PostgreSQL did not start:\n{}", server.log());
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://baton@127.0.0.1:{}/{database}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Run SQL with psql and give what it prints, unaligned.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.try_sql(database, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = command(&self.bin, self.user, &self.folder, "psql");
        psql.args(["-h", "127.0.0.1", "-U", "baton", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"]);
        psql.args(["-p", &self.port.to_string(), "-d", database, "-c", sql]);
        let output = psql.output().expect("run psql");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// kill -9 of the postmaster and of every back end, as a crash of the machine would look to clients.
    pub fn kill(&self) {
        let all = self.signal_all("-9");
        let deadline = Instant::now() + Duration::from_secs(30);
        while all.iter().any(|pid| is_running(*pid)) {
            assert!(Instant::now() < deadline, "PostgreSQL survived kill -9");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Every process of it stands still until [`Self::thaw`].
    pub fn freeze(&self) {
        self.signal_all("-STOP");
    }

    pub fn thaw(&self) {
        self.signal_all("-CONT");
    }

    /// A standby becomes the server that writes.
    pub fn promote(&self) {
        let mut promote = command(&self.bin, self.user, &self.folder, "pg_ctl");
        expect_success(promote.args(["promote", "-D", "data", "-w", "-t", "60", "-s"]));
    }

    /// Start it again after [`Self::kill`] or [`Self::stop`], with the same data and port.
    pub fn restart(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.launch() {
            assert!(Instant::now() < deadline, "PostgreSQL did not come back:\n{}", self.log());
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Set a setting of the whole server and have it read.
    pub fn configure(&self, setting: &str) {
        self.sql("postgres", &format!("ALTER SYSTEM SET {setting}"));
        self.sql("postgres", "SELECT pg_reload_conf()");
    }

    fn launch(&self) -> bool {
        let options = format!(
            "-p {} -c listen_addresses={LISTEN} -c unix_socket_directories= -c max_connections=300 -c shared_buffers=64MB",
            self.port
        );
        let mut start = command(&self.bin, self.user, &self.folder, "pg_ctl");
        start.args(["start", "-D", "data", "-w", "-t", "60", "-s", "-l", "log", "-o", &options]);
        start.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("run pg_ctl").success()
    }

    fn signal_all(&self, signal: &str) -> Vec<u32> {
        let postmaster = self.postmaster().expect("it runs");
        let send = |signal: &str, pid: u32| {
            let _gone = Command::new("kill").args([signal, &pid.to_string()]).stderr(Stdio::null()).status();
        };
        // So that it starts nothing new while its children are counted, which lose their parent when it dies.
        send("-STOP", postmaster);
        let mut all = children(postmaster);
        all.insert(0, postmaster);
        all.iter().for_each(|pid| send(signal, *pid));
        all
    }

    fn postmaster(&self) -> Option<u32> {
        let text = fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ended = self.guard.wait();
    }
}

fn bin() -> PathBuf {
    if let Some(folder) = std::env::var_os("BATON_POSTGRES_BIN") {
        return folder.into();
    }
    // Debian keeps one folder per major version and none of them in the path.
    let version = |path: &Path| path.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    found.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    found.retain(|path| path.join("initdb").exists());
    found.sort_by_key(|path| version(path));
    found.pop().expect(MISSING)
}

/// Who runs the server: nobody else unless this process is root's.
fn user() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").expect("/proc").uid() != 0 {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let line = passwd.lines().find(|line| line.starts_with("postgres:")).expect(MISSING);
    let mut fields = line.split(':').skip(2).map(|field| field.parse().expect("a number"));
    Some((fields.next().expect("a user id"), fields.next().expect("a group id")))
}

fn command(bin: &Path, user: Option<(u32, u32)>, folder: &Path, program: &str) -> Command {
    let mut command = Command::new(bin.join(program));
    command.current_dir(folder).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    as_user(&mut command, user);
    command
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
}

fn expect_success(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; {MISSING}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn children(parent: u32) -> Vec<u32> {
    let stat = |pid: u32| fs::read_to_string(format!("/proc/{pid}/stat")).ok();
    let parent_of = |pid: u32| stat(pid)?.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok();
    let pids =
        fs::read_dir("/proc").expect("/proc").flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| parent_of(*pid) == Some(parent)).collect()
}

/// A zombie has ended, though nobody has asked for its end yet.
pub fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
