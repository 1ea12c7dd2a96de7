//! Faults of the network, made by the kernel: in a network namespace of the suite's own, a packet filter drops what the fault says
//! and a traffic class slows it down. The namespace ends with the suite, whatever happens.

use super::guarded::Guarded as _;
use super::own_address;
use super::program;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Set for the copy of the test that runs inside.
const INSIDE: &str = "BATON_FAULTS_INSIDE";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Both,
    /// Requests arrive, answers do not.
    Answers,
}

/// Whether this process has a network of its own.
pub fn is_own() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Run the named test once more in a network of its own; `Err` says why there can't be one.
pub fn run_inside(test: &str) -> Result<(), String> {
    let probe = "ip link set lo up && nft add table inet probe && tc qdisc add dev lo root handle 1: htb";
    let output = Command::new("unshare").args(["--net", "sh", "-c", probe]).output();
    let output = output.map_err(|error| format!("unshare: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let binary = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("unshare");
    command.args(["--net", "--"]).arg(binary).args(["--exact", test, "--nocapture", "--test-threads", "1"]);
    let status = command.env(INSIDE, "1").guarded().status().map_err(|error| error.to_string())?;
    assert!(status.success(), "{test} failed in its own network");
    Ok(())
}

/// Bring the loopback up; nothing else is there.
pub fn set_up() {
    run("ip", &["link", "set", "lo", "up"]);
    nft("add table inet faults\nadd chain inet faults out { type filter hook output priority 0; }");
}

/// Drop `percent` of the packets between a node and those who connect to it at `port`.
pub fn lose(node: usize, port: u16, direction: Direction, percent: u8) {
    let address = own_address(node);
    let chance = if percent == 100 { String::new() } else { format!("numgen random mod 100 < {percent} ") };
    nft(&format!("add rule inet faults out ip saddr {address} tcp sport {port} {chance}drop"));
    if direction == Direction::Both {
        nft(&format!("add rule inet faults out ip daddr {address} tcp dport {port} {chance}drop"));
    }
}

/// Everything to and from a node's address through 256 kbit/s.
pub fn slow(node: usize) {
    let address = format!("{}/32", own_address(node));
    run("tc", &["qdisc", "add", "dev", "lo", "root", "handle", "1:", "htb", "default", "1"]);
    run(
        "tc",
        &["class", "add", "dev", "lo", "parent", "1:", "classid", "1:1", "htb", "rate", "4gbit", "quantum", "60000"],
    );
    run(
        "tc",
        &["class", "add", "dev", "lo", "parent", "1:", "classid", "1:2", "htb", "rate", "256kbit", "burst", "4k"],
    );
    for end in ["dst", "src"] {
        let filter =
            ["filter", "add", "dev", "lo", "parent", "1:", "protocol", "ip", "u32", "match", "ip", end, &address];
        run("tc", &[&filter[..], &["flowid", "1:2"]].concat());
    }
}

pub fn heal() {
    nft("flush chain inet faults out");
    // There is none unless something was slowed down.
    let _none = Command::new(program("tc")).args(["qdisc", "del", "dev", "lo", "root"]).stderr(Stdio::null()).status();
}

fn nft(script: &str) {
    let mut child = Command::new(program("nft")).args(["-f", "-"]).stdin(Stdio::piped()).spawn().expect("nft");
    child.stdin.take().expect("stdin").write_all(script.as_bytes()).expect("nft's input");
    assert!(child.wait().expect("nft").success(), "nft: {script}");
}

fn run(name: &str, arguments: &[&str]) {
    let output = Command::new(program(name)).args(arguments).output().expect("a network tool");
    assert!(output.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
