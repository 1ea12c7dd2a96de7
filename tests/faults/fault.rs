//! The faults: how each is made, and how it is mended.

use crate::cluster::network::{self, Direction};
use crate::cluster::{Cluster, Shape};
use crate::histories::history::{Happened, History, Line, Logs, Sight};
use crate::histories::link::Cut;
use crate::histories::load::Load;
use baton::protocol::shared::LogEntry;
use rustix::process::Signal;
use std::path::PathBuf;
use std::time::Duration;

/// The node that it happens to.
const NODE: usize = 0;

/// Until everything that was said last is answered, by the AI, too.
const HUSH: Duration = Duration::from_millis(1_500);

/// Restart and going away: a client that hears one comes back at once.
const GOODBYES: [u16; 2] = [1012, 1001];

/// Every connection of the nodes, not the one that this is asked on.
const END_ALL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE datname = 'baton' AND pid <> pg_backend_pid()";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    KillNode,
    DrainNode,
    /// One after the other.
    RollNodes,
    FreezeNode,
    CutBalancer,
    OneWayBalancer,
    LossBalancer,
    SlowNode,
    ClockForward,
    ClockBack,
    KillRedis,
    KillSubscribers,
    FlushRedis,
    FreezeRedis,
    DenyPublish,
    CutRedis,
    KillPostgres,
    TerminateBackends,
    ReadOnlyPostgres,
    CutPostgres,
    OneWayPostgres,
}

/// Every row, in the order of the table.
pub const ONE: &[Fault] = &[
    Fault::None,
    Fault::KillNode,
    Fault::DrainNode,
    Fault::FreezeNode,
    Fault::CutBalancer,
    Fault::OneWayBalancer,
    Fault::LossBalancer,
    Fault::SlowNode,
    Fault::ClockForward,
    Fault::ClockBack,
];

pub const THREE: &[Fault] = &[
    Fault::None,
    Fault::KillNode,
    Fault::DrainNode,
    Fault::RollNodes,
    Fault::FreezeNode,
    Fault::CutBalancer,
    Fault::OneWayBalancer,
    Fault::LossBalancer,
    Fault::SlowNode,
    Fault::ClockForward,
    Fault::ClockBack,
    Fault::KillRedis,
    Fault::KillSubscribers,
    Fault::FlushRedis,
    Fault::FreezeRedis,
    Fault::DenyPublish,
    Fault::CutRedis,
    Fault::KillPostgres,
    Fault::TerminateBackends,
    Fault::ReadOnlyPostgres,
    Fault::CutPostgres,
    Fault::OneWayPostgres,
];

/// In `make test`. A single node is killed by `tests/kill`, and drained by `proxies`.
pub const SHORT_ONE: &[Fault] = &[Fault::CutBalancer];
pub const SHORT_THREE: &[Fault] = &[Fault::KillNode, Fault::RollNodes, Fault::KillRedis, Fault::KillPostgres];

impl Fault {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::KillNode => "kill -9 a node, start it again",
            Self::DrainNode => "SIGTERM a node, start it again",
            Self::RollNodes => "SIGTERM every node in turn, start it again",
            Self::FreezeNode => "SIGSTOP a node, later SIGCONT",
            Self::CutBalancer => "cut node and load balancer",
            Self::OneWayBalancer => "cut node and load balancer, one way",
            Self::LossBalancer => "30 % loss between node and load balancer",
            Self::SlowNode => "256 kbit/s to and from a node",
            Self::ClockForward => "clock of a node + 1 day",
            Self::ClockBack => "clock of a node - 1 hour",
            Self::KillRedis => "kill -9 Redis, start it again",
            Self::KillSubscribers => "Redis CLIENT KILL TYPE pubsub",
            Self::FlushRedis => "Redis FLUSHALL",
            Self::FreezeRedis => "SIGSTOP Redis, later SIGCONT",
            Self::DenyPublish => "Redis refuses PUBLISH",
            Self::CutRedis => "cut node and Redis",
            Self::KillPostgres => "kill -9 PostgreSQL, start it again",
            Self::TerminateBackends => "PostgreSQL ends every connection",
            Self::ReadOnlyPostgres => "PostgreSQL read-only",
            Self::CutPostgres => "cut node and PostgreSQL",
            Self::OneWayPostgres => "cut node and PostgreSQL, one way",
        }
    }

    /// How long it lasts.
    fn span(self, thorough: bool) -> Duration {
        let seconds = match self {
            Self::FreezeNode if thorough => 30,
            Self::CutBalancer | Self::OneWayBalancer | Self::CutRedis | Self::CutPostgres | Self::OneWayPostgres
                if thorough =>
            {
                12
            }
            Self::FreezeNode | Self::CutBalancer => 8,
            _ => 4,
        };
        Duration::from_secs(seconds)
    }

    pub fn needs_own_network(self) -> bool {
        matches!(
            self,
            Self::CutBalancer
                | Self::OneWayBalancer
                | Self::LossBalancer
                | Self::SlowNode
                | Self::CutRedis
                | Self::CutPostgres
                | Self::OneWayPostgres
        )
    }

    fn turns_clock(self) -> Option<&'static str> {
        match self {
            Self::ClockForward => Some("+1d"),
            Self::ClockBack => Some("-1h"),
            _ => None,
        }
    }

    /// What must be so before the load begins.
    pub async fn prepare(self, cluster: &mut Cluster) {
        if self.turns_clock().is_none() {
            return;
        }
        // The node's clock follows a file from now on; the clock that only measures spans is left alone, as a time service leaves it.
        let file = clock_file(cluster);
        std::fs::write(&file, "+0").expect("clock");
        stop(cluster).await;
        cluster.launches[NODE].environment = [
            ("LD_PRELOAD", faketime().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("DONT_FAKE_MONOTONIC", "1".into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        cluster.up(NODE).await;
        cluster.haproxy.until_up(cluster.launches.len()).await;
    }

    /// While it lasts nodes don't hear each other, and Redis does not keep what they say.
    pub fn mutes_the_bus(self) -> bool {
        matches!(self, Self::KillRedis | Self::FreezeRedis | Self::DenyPublish | Self::CutRedis)
    }

    /// Make it, let it last, mend it; `hushed` falls silent before it is mended. Back when it is mended, not when everybody has
    /// recovered.
    pub async fn happen(self, cluster: &mut Cluster, shape: Shape, thorough: bool, hushed: Option<&Load>) {
        let last = async || {
            tokio::time::sleep(self.span(thorough)).await;
            if let Some(load) = hushed {
                load.hush();
                tokio::time::sleep(HUSH).await;
            }
        };
        let node_port = cluster.launches[NODE].address.port();
        match self {
            Self::None => last().await,
            Self::KillNode => {
                cluster.nodes[NODE].take().expect("a node").kill();
                away(shape).await;
                cluster.up(NODE).await;
            }
            Self::DrainNode => {
                stop(cluster).await;
                away(shape).await;
                cluster.up(NODE).await;
            }
            Self::RollNodes => {
                for node in 0..cluster.launches.len() {
                    let status = cluster.nodes[node].take().expect("a node").terminate().await;
                    assert!(status.success(), "node {} ended with {status}", node + 1);
                    cluster.up(node).await;
                    cluster.haproxy.until_up(cluster.launches.len()).await;
                }
            }
            Self::FreezeNode => {
                cluster.node(NODE).signal(Signal::STOP);
                last().await;
                cluster.node(NODE).signal(Signal::CONT);
            }
            Self::CutBalancer | Self::OneWayBalancer | Self::LossBalancer => {
                let (direction, percent) = match self {
                    Self::OneWayBalancer => (Direction::Answers, 100),
                    Self::LossBalancer => (Direction::Both, 30),
                    _ => (Direction::Both, 100),
                };
                network::lose(NODE, node_port, direction, percent);
                last().await;
                network::heal();
            }
            Self::SlowNode => {
                network::slow(NODE);
                last().await;
                network::heal();
            }
            Self::ClockForward | Self::ClockBack => {
                std::fs::write(clock_file(cluster), self.turns_clock().expect("a clock")).expect("clock");
                last().await;
                std::fs::write(clock_file(cluster), "+0").expect("clock");
            }
            Self::KillRedis => {
                cluster.redis().kill();
                last().await;
                cluster.redis().restart();
            }
            Self::KillSubscribers => {
                for _ in 0..4 {
                    cluster.redis().command(&["CLIENT", "KILL", "TYPE", "pubsub"]);
                    tokio::time::sleep(Duration::from_millis(700)).await;
                }
            }
            Self::FlushRedis => {
                for _ in 0..4 {
                    cluster.redis().command(&["FLUSHALL"]);
                    tokio::time::sleep(Duration::from_millis(700)).await;
                }
            }
            Self::FreezeRedis => {
                cluster.redis().pause();
                last().await;
                cluster.redis().resume();
            }
            Self::DenyPublish => {
                cluster.redis().command(&["ACL", "SETUSER", "default", "-publish"]);
                last().await;
                cluster.redis().command(&["ACL", "SETUSER", "default", "+publish"]);
            }
            Self::CutRedis => {
                let port = cluster.redis().address.port();
                network::lose(NODE, port, Direction::Both, 100);
                last().await;
                network::heal();
            }
            Self::KillPostgres => {
                cluster.postgres().kill();
                last().await;
                cluster.postgres().restart();
            }
            Self::TerminateBackends => {
                for _ in 0..4 {
                    cluster.sql(END_ALL);
                    tokio::time::sleep(Duration::from_millis(700)).await;
                }
            }
            Self::ReadOnlyPostgres => {
                cluster.sql("ALTER DATABASE baton SET default_transaction_read_only = on");
                // Of the connections that there are, too: they come anew.
                cluster.sql(END_ALL);
                last().await;
                // From another database, where one may write.
                cluster.postgres().sql("postgres", "ALTER DATABASE baton RESET default_transaction_read_only");
                cluster.sql(END_ALL);
            }
            Self::CutPostgres | Self::OneWayPostgres => {
                let port = cluster.postgres().port();
                let direction = if self == Self::CutPostgres { Direction::Both } else { Direction::Answers };
                network::lose(NODE, port, direction, 100);
                last().await;
                network::heal();
            }
        }
    }
}

impl Fault {
    /// A clock that did not jump proves nothing: the log's own times say whether it did.
    pub fn assert_happened(self, logs: &Logs) {
        let (hours, forward) = match self {
            Self::ClockForward => (20, true),
            Self::ClockBack => (1, false),
            _ => return,
        };
        let jumps = logs.values().filter(|log| {
            let times: Vec<i64> = log.iter().filter_map(time_of).collect();
            let jump = |pair: &[i64]| (pair[1] - pair[0]) * if forward { 1 } else { -1 };
            times.windows(2).map(jump).max().is_some_and(|most| most > hours * 3_600_000 - 60_000)
        });
        assert!(jumps.count() > 0, "the clock did not jump");
    }
}

impl Fault {
    /// A node that is asked to stop sends everybody away with a code that says so (I20).
    pub fn assert_goodbyes(self, histories: &[History]) {
        if !matches!(self, Self::DrainNode | Self::RollNodes) {
            return;
        }
        let mut goodbyes = 0;
        for History { client, happened, .. } in histories {
            for happened in happened {
                let Happened::Ended(cut) = happened else { continue };
                assert!(matches!(cut, Cut::Closed(code) if GOODBYES.contains(code)), "{client}: {cut:?}");
                goodbyes += 1;
            }
        }
        assert!(goodbyes > 0, "nobody was sent away");
    }
}

/// In milliseconds, as the log has it.
fn time_of(line: &Line) -> Option<i64> {
    let (Sight::Open(json) | Sight::TeamOnly(json) | Sight::Partly { team: json, .. }) = &line.sight else {
        return None;
    };
    serde_json::from_str::<LogEntry>(json).ok().map(|entry| entry.at)
}

/// How long a node stays away. Alone, it is waited for.
async fn away(shape: Shape) {
    if shape == Shape::Three {
        tokio::time::sleep(Duration::from_secs(4)).await;
    }
}

async fn stop(cluster: &mut Cluster) {
    let status = cluster.nodes[NODE].take().expect("a node").terminate().await;
    assert!(status.success(), "a drained node ended with {status}");
}

fn clock_file(cluster: &Cluster) -> PathBuf {
    cluster.folder().join("clock")
}

fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found = folders.map(|folder| folder.path().join("faketime/libfaketime.so.1")).find(|library| library.is_file());
    found.expect("libfaketime is not installed; `scripts/tools.sh test` installs it")
}
