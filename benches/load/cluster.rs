//! Three nodes with PostgreSQL, Redis and HAProxy on this machine, as the fault suite runs them, and what they cost together.

use crate::args::Args;
use crate::baton::Site;
use crate::installation::{self, Shape};
use crate::probe::busy_time;
use crate::process::{own_processor_time, processor_time_of, resident};
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::time::Duration;

/// Limits that don't measure themselves, and times as they are in use.
const SETTINGS: [(&str, &str); 6] = [
    // One worker per core, as installed.
    ("SERVER__WORKERS", "0"),
    ("LIMITS__HEARTBEAT_SECONDS", "25"),
    ("LIMITS__SOCKETS", "100000"),
    ("LIMITS__SOCKETS_PER_ADDRESS", "100000"),
    ("CONVERSATION__PASSIVATE_AFTER_SECONDS", "60"),
    ("LOG__FILTER", "info"),
];

pub(crate) struct Cluster {
    running: installation::Cluster,
    /// Through HAProxy.
    pub front: Site,
}

/// What everybody has used so far.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub publishes: u64,
    pub transactions: u64,
    /// Bytes of PostgreSQL's tables and indexes, and of the log that it writes ahead.
    pub tables: u64,
    pub written_ahead: u64,
    pub nodes: Duration,
    pub redis: Duration,
    pub generator: Duration,
    pub all: Duration,
}

impl Cluster {
    pub(crate) async fn start(args: &Args) -> Result<Self> {
        let running = installation::Cluster::start_with(&args.data, Shape::Three, &SETTINGS).await;
        let token = running.setup_link.split_once('#').context("a link without a token")?.1.to_owned();
        let front = Site::set_up(running.address(), &token).await?;
        Ok(Self { running, front })
    }

    /// A node's own address, past HAProxy.
    pub(crate) fn node(&self, node: usize) -> Site {
        self.front.through(self.address(node))
    }

    pub(crate) fn address(&self, node: usize) -> SocketAddr {
        self.running.launches[node].address
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self, node: usize) -> Result<()> {
        self.running.nodes[node].take().context("the node is down already")?.kill();
        Ok(())
    }

    /// Resident memory of all nodes in bytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        self.processes().map(resident).sum()
    }

    /// Resident memory of one node in bytes.
    pub(crate) fn resident_of(&self, node: usize) -> Result<u64> {
        resident(self.running.node(node).id())
    }

    pub(crate) fn processor_time_of(&self, node: usize) -> Result<Duration> {
        processor_time_of(self.running.node(node).id())
    }

    fn processes(&self) -> impl Iterator<Item = u32> {
        self.running.nodes.iter().flatten().map(installation::server::Server::id)
    }

    pub(crate) fn spent(&mut self) -> Result<Spent> {
        let stats = redis_info(self.running.redis(), "commandstats")?;
        let publishes = match figure(&stats, "cmdstat_publish:calls=") {
            Some(calls) => calls as u64,
            None => 0,
        };
        let cpu = redis_info(self.running.redis(), "cpu")?;
        let redis = figure(&cpu, "used_cpu_sys:").context("no used_cpu_sys")?
            + figure(&cpu, "used_cpu_user:").context("no used_cpu_user")?;
        Ok(Spent {
            publishes,
            transactions: self.transactions()?,
            tables: self.running.sql("SELECT pg_database_size(current_database())").parse()?,
            written_ahead: self.running.sql("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").parse()?,
            nodes: self.processes().map(processor_time_of).sum::<Result<_>>()?,
            redis: Duration::from_secs_f64(redis),
            generator: own_processor_time()?,
            all: busy_time()?,
        })
    }

    /// What PostgreSQL has counted; a query outside of a batch is one, too. A back end that is busy tells its count once a second.
    pub(crate) fn transactions(&mut self) -> Result<u64> {
        let query = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()";
        Ok(self.running.sql(query).parse()?)
    }
}

fn redis_info(redis: &installation::redis::RedisServer, section: &str) -> Result<String> {
    Ok(redis::from_redis_value(redis.command(&["INFO", section]))?)
}

/// The number after `name`.
fn figure(info: &str, name: &str) -> Option<f64> {
    let rest = info.split_once(name)?.1;
    rest[..rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?].parse().ok()
}

pub(crate) fn method(args: &Args) -> String {
    format!(
        "**Method:** release build; three nodes with one worker per core, PostgreSQL, Redis, HAProxy with `config/haproxy.cfg` and the \
         generator share this machine's cores, loopback, fresh data on the disk named above. `crossing`: {} conversations of two \
         sockets, half of them with both on one node, half with one on each of two, all at the same time, {} messages/s of {} \
         characters together; {} rounds of {} s after {} s of warm-up, figures are medians of the rounds, ratios the median of the \
         ratio of each round. Latency runs from the moment a message was due until its event is at the other socket. `herd`: {} \
         visitors on one node, each with a message and the AI's answer; the node is killed with SIGKILL and they come back through \
         HAProxy with the widget's back-off; bystanders talk across the other two nodes.",
        args.cluster_conversations, args.cluster_rate, args.text, args.rounds, args.seconds, args.warm_up, args.herd,
    )
}
