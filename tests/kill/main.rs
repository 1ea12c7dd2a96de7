//! The proof of I1, I2 and I30 (see `docs/planted-bugs/kill.md`) on the real binary: it is killed at random moments, or loses its
//! power, while real clients write to it, and then a checker judges what every client was told against what the log holds.
//!
//! `BATON_KILLS` says how often to kill (25), `BATON_KILL_SEED` repeats a seed, `BATON_POWER_CUT=required` turns a machine that
//! can't cut the power (no root, no loop devices) into a failure.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's allowance for tests does not reach the helpers of an integration test"
)]

mod campaign;
mod first_start;
#[path = "../support/guarded.rs"]
mod guarded;
#[path = "../cluster/server.rs"]
#[allow(dead_code, reason = "shared with the fault suite")]
mod server;
#[path = "../it/harness"]
#[allow(dead_code, reason = "the stories' harness; only its requests and its sign-up are needed here")]
mod harness {
    pub mod client;
    pub mod http;
    pub mod socket;
}
#[path = "../histories/mod.rs"]
#[allow(dead_code, reason = "shared with the fault suite")]
mod histories;
mod power_cut;
mod sync_order;

/// Say it even when the test passes: past libtest's capture.
fn say(text: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr().lock(), "{text}").expect("stderr");
}

/// A proof that this machine can't give is never silent, and fails where it was asked for.
fn could_not_run(what: &str, reason: &str) {
    let text = format!("{what} COULD NOT RUN, so its promise is not proved here: {reason}");
    assert!(std::env::var("BATON_POWER_CUT").as_deref() != Ok("required"), "{text}");
    say(&format!("*** {text}"));
}

/// Each test loads the machine and takes a port: one at a time.
async fn one_at_a_time() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}
