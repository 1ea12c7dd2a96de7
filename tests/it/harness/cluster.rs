//! Several nodes with one store and one Redis. Each has a proxy of its own before Redis, so that it can be cut off alone.
//!
//! The store is one SQLite file that every node opens, or a PostgreSQL database with `BATON_TEST_STORE=postgres`: all that nodes share
//! through it is what the `Store` contract promises, and the seq check in the append's transaction holds between processes too.

use super::agent::Agent;
use super::chaos::{ChaosProxy, Mode};
use super::hub::{CHATBOT, Data, TestHub, new_database};
use super::redis::RedisServer;
use super::visitor::Visitor;
use baton::bus::Health;
use baton::config::{Config, Secret};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

pub struct TestCluster {
    pub nodes: Vec<TestHub>,
    pub proxies: Vec<ChaosProxy>,
    pub redis: RedisServer,
    data: Data,
    database: Secret,
}

/// Longer than it takes any part of the bus to notice and to heal.
pub const HEALING: Duration = Duration::from_secs(30);

impl TestCluster {
    pub async fn start(count: usize) -> Self {
        Self::start_with(count, |_| {}).await
    }

    pub async fn start_with(count: usize, change: impl Fn(&mut Config)) -> Self {
        let redis = RedisServer::start();
        let data = Data::new(TempDir::new().expect("temporary folder"));
        let mut cluster = Self { nodes: Vec::new(), proxies: Vec::new(), redis, data, database: new_database() };
        for _ in 0..count {
            cluster.add(&change).await;
        }
        cluster.settle().await;
        cluster
    }

    /// One more node.
    pub async fn add(&mut self, change: impl Fn(&mut Config)) {
        let proxy = ChaosProxy::start(self.redis.address).await;
        let node = TestHub::builder()
            .without_rate_limit()
            .on(Data::clone(&self.data))
            .config(|config| {
                config.cluster.redis_url = Secret::new(format!("redis://{}", proxy.address));
                config.cluster.drain_notice_ms = 0;
                config.data.url = self.database.clone();
                // A link, a cookie and an Origin are good on every node.
                change(config);
            })
            .start()
            .await;
        self.nodes.push(node);
        self.proxies.push(proxy);
    }

    /// Until every node hears itself through Redis.
    pub async fn settle(&self) {
        let begun = Instant::now();
        while self.nodes.iter().any(|node| node.hub.bus.health() != Health::Up) {
            assert!(begun.elapsed() < HEALING, "the bus does not come up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn set(&self, node: usize, mode: Mode) {
        self.proxies[node].set(mode);
    }

    pub async fn visitor(&self, node: usize) -> Visitor {
        Visitor::connect(self.nodes[node].address, CHATBOT, None, None).await
    }

    /// The console of a new account on this node.
    pub async fn agent(&self, node: usize, name: &str) -> Agent {
        self.nodes[node].another_agent(name).await
    }
}
