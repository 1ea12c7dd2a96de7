//! Command line of the load generator.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Load generator for Baton and for the socket.io relay it is compared with.
#[derive(Debug, Parser)]
#[command(name = "load")]
pub(crate) struct Args {
    /// What to measure. Without it nothing is measured, so that `cargo test --all-targets` may run this binary.
    pub scenario: Option<Scenario>,
    /// The server binary.
    #[arg(long, default_value = env!("CARGO_BIN_EXE_baton"))]
    pub server: PathBuf,
    /// Folder of the socket.io relay, with its packages installed.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/socketio"))]
    pub peer: PathBuf,
    /// Folder on a real disk for the servers' data.
    #[arg(long, default_value = env!("CARGO_TARGET_TMPDIR"))]
    pub data: PathBuf,
    /// Measure only this system.
    #[arg(long)]
    pub only: Option<Only>,
    /// Conversations with one message in flight each, of `realistic` and `paced`.
    #[arg(long, default_value_t = 4_500)]
    pub conversations: usize,
    /// Conversations of `batched`.
    #[arg(long, default_value_t = 100)]
    pub batched_conversations: usize,
    /// Messages in flight in each conversation of `batched`.
    #[arg(long, default_value_t = 8)]
    pub window: u64,
    /// Messages per second of `paced`.
    #[arg(long, default_value_t = 5_000)]
    pub rate: u64,
    /// Sockets of `memory-idle`, visitors of `memory-live`.
    #[arg(long, default_value_t = 5_000)]
    pub sockets: usize,
    /// Conversations of `crossing`, on one node and across two in equal parts.
    #[arg(long, default_value_t = 1_000)]
    pub cluster_conversations: usize,
    /// Messages per second of `crossing`, over both parts.
    #[arg(long, default_value_t = 2_000)]
    pub cluster_rate: u64,
    /// Visitors of `herd` whose node dies.
    #[arg(long, default_value_t = 5_000)]
    pub herd: usize,
    /// Mebibytes that the slow reader is owed.
    #[arg(long, default_value_t = 200)]
    pub owed: u64,
    /// Characters of a message.
    #[arg(long, default_value_t = 100)]
    pub text: usize,
    /// How often both systems are measured, in turn; the medians count.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Seconds measured in each round.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Seconds before measuring.
    #[arg(long, default_value_t = 3)]
    pub warm_up: u64,
    #[arg(long, default_value_t = 0)]
    pub server_core: usize,
    #[arg(long, default_value_t = 1)]
    pub generator_core: usize,
    /// Also keep the table in this file.
    #[arg(long)]
    pub write: Option<PathBuf>,
    /// `cargo bench` adds it.
    #[arg(long, hide = true)]
    pub bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Many conversations, one message in flight each.
    Realistic,
    /// A few conversations with several messages in flight.
    Batched,
    /// A chosen rate; latency is what counts.
    Paced,
    /// Sockets that said hello and nothing more.
    MemoryIdle,
    /// Visitors in a conversation with a few messages, silent.
    MemoryLive,
    /// One participant stops reading while the other goes on sending.
    SlowReader,
    /// From the start of the process to the first answer, and memory then.
    ColdStart,
    All,
    /// Three nodes: delivery on one node and across two, at the same time.
    Crossing,
    /// Three nodes: one dies with all its sockets, and they come back to the others.
    Herd,
    /// What needs three nodes.
    Cluster,
}

impl Scenario {
    /// Several nodes, their database and Redis share the cores with the generator: nothing is pinned.
    pub(crate) fn is_of_cluster(self) -> bool {
        matches!(self, Self::Crossing | Self::Herd | Self::Cluster)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Only {
    Baton,
    SocketIo,
}
