//! What happens to people while parts of an installation fail (I1, I5 to I9, I12, I14 to I16, I19, I20, I25; see
//! `docs/planted-bugs/faults.md`). Real processes from their real packages, real clients behind HAProxy, one fault at a time; then a
//! checker judges what every client was told against what the log holds.
//!
//! `BATON_FAULTS=all` runs every row (`make faults`), a name runs that row, nothing the short form. `BATON_FAULTS_TABLE` names a file for the
//! table. `BATON_FAULTS_NETWORK=required` turns a machine that can't cut a network (no root, no namespaces) into a failure.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's allowance for tests does not reach the helpers of an integration test"
)]

#[path = "../cluster/mod.rs"]
mod cluster;
mod dots;
mod fault;
mod full_disk;
#[path = "../it/harness"]
#[allow(dead_code, reason = "the stories' harness; only its requests and its sign-up are needed here")]
mod harness {
    pub mod client;
    pub mod http;
    pub mod socket;
}
#[path = "../histories/mod.rs"]
#[allow(dead_code, reason = "shared with the kill suite")]
mod histories;
mod leftovers;
mod make_cluster;
mod matrix;
mod proxies;
mod table;

/// Say it even when the test passes: past libtest's capture.
fn say(text: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr().lock(), "{text}").expect("stderr");
}

/// A proof that this machine can't give is never silent, and fails where it was asked for.
fn could_not_run(what: &str, reason: &str) {
    let text = format!("{what} COULD NOT RUN, so its promise is not proved here: {reason}");
    assert!(std::env::var("BATON_FAULTS_NETWORK").as_deref() != Ok("required"), "{text}");
    say(&format!("*** {text}"));
}

/// Each test loads the machine: one at a time.
async fn one_at_a_time() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}
