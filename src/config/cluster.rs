//! `[cluster]`: several nodes that share one store.

use super::Secret;
use serde::Deserialize;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterConfig {
    /// `redis://…` of the Redis that the nodes share. Empty: one node alone.
    pub redis_url: Secret,
    /// Name of this node in logs; empty makes one up.
    pub node: String,
    /// Before every key and channel in Redis, for installations that share one.
    pub prefix: String,
    /// When told to stop: how long load balancers get to notice before clients are sent away. Without Redis there is no other node
    /// to notice for, and no wait.
    pub drain_notice_ms: u64,
    /// Sockets are closed one after another within this time, so that the other nodes don't get everybody at once.
    pub drain_spread_ms: u64,
    /// Whatever is not finished by then is cut off.
    pub drain_limit_ms: u64,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            redis_url: Secret::default(),
            node: String::new(),
            prefix: "baton:".into(),
            drain_notice_ms: 3_000,
            drain_spread_ms: 5_000,
            drain_limit_ms: 15_000,
        }
    }
}

impl ClusterConfig {
    /// The URL of the shared Redis, when there is one.
    pub fn redis(&self) -> Option<&str> {
        Some(self.redis_url.reveal()).filter(|url| !url.is_empty())
    }

    pub fn drain_notice(&self) -> Duration {
        if self.redis().is_some() { Duration::from_millis(self.drain_notice_ms) } else { Duration::ZERO }
    }

    pub fn drain_spread(&self) -> Duration {
        Duration::from_millis(self.drain_spread_ms)
    }

    pub fn drain_limit(&self) -> Duration {
        Duration::from_millis(self.drain_limit_ms)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let url = self.redis_url.reveal();
        if !url.is_empty() && !["redis://", "unix://", "redis+unix://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err("`cluster.redis_url` must begin with redis:// or unix://".into());
        }
        if self.prefix.len() > 64 || self.prefix.contains(['*', '?', '[', ']', '\\', ' ', '\n']) {
            return Err("`cluster.prefix` is at most 64 bytes without *, ?, [, ], \\ and spaces".into());
        }
        let Self { drain_notice_ms: notice, drain_spread_ms: spread, drain_limit_ms: limit, .. } = self;
        if notice.saturating_add(*spread) >= *limit || *limit > 600_000 {
            return Err(format!(
                "`cluster.drain_limit_ms` is {limit}; it must be more than `drain_notice_ms` and `drain_spread_ms` together \
                 and at most 600000"
            ));
        }
        Ok(())
    }
}
