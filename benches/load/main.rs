//! Load generator: visitors and agents over real WebSockets against Baton, and the same frames against a socket.io relay.
//!
//! Both servers get one core, the generator the other, and both are driven by the same code in turn. Figures of a run in
//! which a message was lost, repeated, swapped or refused, or a connection ended, are not printed: the run fails.
//! `make bench` runs `all`, `make bench-cluster` runs `cluster`; `cargo bench --bench load -- --help` shows the rest.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the table is what this program is for")]

mod args;
mod baton;
mod cluster;
mod connection;
mod crossing;
mod dialect;
mod flow;
mod frame;
mod herd;
mod http;
#[path = "../../tests/cluster/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "the fault suite's; only starting and killing is needed here"
)]
mod installation;
mod memory;
mod probe;
mod process;
mod report;
mod slow_reader;
mod socketio;
mod system;
mod traffic;

use anyhow::{Context, Result};
use args::{Args, Scenario};
use clap::Parser;
use flow::Load;
use report::Report;
use std::process::ExitCode;
use std::time::Duration;

/// Beside the sockets of a scenario: those that come and go while it is set up, files, the runtime.
const SPARE_DESCRIPTORS: usize = 1_000;

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let Some(scenario) = args.scenario else {
        println!("no scenario chosen; --help lists them");
        return Ok(ExitCode::SUCCESS);
    };
    let sockets = (2 * args.conversations)
        .max(2 * args.herd)
        .max(2 * args.batched_conversations)
        .max(args.sockets + memory::WARM_UP);
    process::raise_descriptor_limit((sockets + SPARE_DESCRIPTORS) as u64)?;
    std::fs::create_dir_all(&args.data).with_context(|| format!("make {}", args.data.display()))?;
    probe::refuse_ram_disk(&args.data)?;
    if !scenario.is_of_cluster() {
        process::pin(args.generator_core)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build_local(Default::default())?;
    let report = runtime.block_on(run(&args, scenario))?;

    println!("{}\n\n{}", probe::machine(&args.data), report.table());
    if let Some(path) = &args.write {
        let method = if scenario.is_of_cluster() { cluster::method(&args) } else { method(&args) };
        report.keep(path, &probe::machine(&args.data), &method)?;
    }
    Ok(if report.missed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(args: &Args, scenario: Scenario) -> Result<Report> {
    let wants = |one: Scenario| scenario == one || (scenario == Scenario::All && !one.is_of_cluster());
    let wants_of_cluster = |one: Scenario| scenario == one || scenario == Scenario::Cluster;
    let mut report = Report::default();
    let flushes = probe::flushes_per_second(&args.data, Duration::from_secs(2))?;
    report.told("disk", "flushes of one 4 KiB block after the other", format!("{flushes:.0}/s"));
    if wants(Scenario::ColdStart) {
        memory::cold_start(args, &mut report).await?;
    }
    if wants(Scenario::MemoryIdle) {
        memory::idle_sockets(args, &mut report).await?;
    }
    if wants(Scenario::MemoryLive) {
        memory::live_conversations(args, &mut report).await?;
    }
    if wants(Scenario::SlowReader) {
        slow_reader::run(args, &mut report).await?;
    }
    if wants(Scenario::Realistic) {
        let compared = flow::compare("realistic", args, args.conversations, Load::Window(1)).await?;
        compared.tell_throughput("realistic", &mut report, Some(1.1));
    }
    if wants(Scenario::Batched) {
        let compared = flow::compare("batched", args, args.batched_conversations, Load::Window(args.window)).await?;
        let rate = compared.tell_throughput("batched", &mut report, None);
        if !compared.baton.is_empty() {
            report.judged("batched", "durable messages", format!("{rate:.0}/s"), "≥ 40,000/s", rate >= 40_000.0);
            let ratio = compared.per_flush();
            report.judged("batched", "messages per flush of the disk", format!("{ratio:.1}"), "≥ 5", ratio >= 5.0);
        }
    }
    if wants(Scenario::Paced) {
        let compared = flow::compare("paced", args, args.conversations, Load::Rate(args.rate)).await?;
        compared.tell_latency("paced", &mut report);
    }
    if wants_of_cluster(Scenario::Crossing) {
        crossing::run(args, &mut report).await?;
    }
    if wants_of_cluster(Scenario::Herd) {
        herd::run(args, &mut report).await?;
    }
    Ok(report)
}

fn method(args: &Args) -> String {
    format!(
        "**Method:** release build; the server on core {} with one worker, the generator on core {}, loopback, fresh data on the \
         disk named above. Baton and a socket.io 4.8 relay of the same frames (`benches/peers/socketio`, Node {}, stores nothing) \
         are measured in turn, {} rounds of {} s after {} s of warm-up each; figures are medians of the rounds, ratios the median \
         of the ratio of each round. A message is {} characters; it counts when its acknowledgement reached the sender and its \
         event the other side, in order, each once. Latency runs from the moment a message was due, so a late generator counts \
         against the server. `realistic`: {} conversations on {} sockets, one message in flight each. `batched`: {} conversations, \
         {} in flight each. `paced`: {} messages/s, whatever becomes of them, over {} conversations.",
        args.server_core,
        args.generator_core,
        probe::node_version(),
        args.rounds,
        args.seconds,
        args.warm_up,
        args.text,
        args.conversations,
        2 * args.conversations,
        args.batched_conversations,
        args.window,
        args.rate,
        args.conversations,
    )
}
