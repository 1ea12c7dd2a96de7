//! `make cluster` does what it says: three nodes behind one address, a first login that works, and nothing left after Ctrl-C.

use crate::cluster::guarded::Guarded as _;
use crate::harness::http::Http;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

struct Script(Child);

impl Script {
    fn signal(&self) {
        kill_process(Pid::from_child(&self.0), Signal::INT).expect("signal");
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.signal();
            self.0.wait().expect("the script's end");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn make_cluster_starts_three_nodes_and_leaves_nothing() {
    let _alone = crate::one_at_a_time().await;
    // A shell can't trap what was ignored when it began, and whoever runs the tests in the background ignores Ctrl-C.
    let mut command = Command::new("env");
    command.args(["--default-signal=INT,HUP", concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/cluster.sh")]);
    command.env("BATON_BIN", env!("CARGO_BIN_EXE_baton")).stdin(Stdio::null()).guarded();
    let mut script = Script(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the script"));
    let mut lines = Vec::new();
    for line in BufReader::new(script.0.stdout.take().expect("output")).lines() {
        let line = line.expect("a line");
        let last = line.starts_with("Ctrl-C");
        lines.push(line);
        if last {
            break;
        }
    }
    if lines.is_empty() {
        let mut errors = String::new();
        script.0.stderr.take().expect("errors").read_to_string(&mut errors).expect("errors");
        panic!("it did not start: {errors}");
    }
    let after = |start: &str| {
        let found = lines.iter().find_map(|line| line.trim().strip_prefix(start));
        found.unwrap_or_else(|| panic!("no {start}: {lines:#?}")).trim().to_owned()
    };
    let url = after("Baton is running at http://");
    let address: SocketAddr = url.split('/').next().expect("an address").parse().expect("an address");
    let login = after("first login");
    let mut owner = Http::owner(address, Some(&login)).await;
    // The load balancer brings each to another node.
    for _ in 0..6 {
        let mut another = Http::with_cookie(address, owner.cookie());
        assert_eq!(another.get("/api/v1/chatbots").await.status, 200);
    }
    assert_eq!(owner.get("/readyz").await.body["bus"], "up");
    let logs = PathBuf::from(after("logs"));
    let folder = logs.parent().expect("a folder").to_owned();
    let nodes: Vec<SocketAddr> = (1..=3)
        .map(|number| {
            after(&format!("node {number}")).split(',').next().expect("an address").parse().expect("an address")
        })
        .collect();
    assert!(folder.is_dir() && nodes.iter().all(|node| TcpStream::connect(node).is_ok()));

    script.signal();
    let status = script.0.wait().expect("the script's end");
    assert!(status.success(), "{status}");
    assert!(!folder.exists(), "{} is still there", folder.display());
    assert!(nodes.iter().chain([&address]).all(|node| TcpStream::connect(node).is_err()), "something still listens");
}
