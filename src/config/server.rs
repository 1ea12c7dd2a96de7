//! `[server]`: where Baton listens and how the world sees it.

use super::list::from_list_or_text;
use ipnet::IpNet;
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port of the HTTP server.
    pub listen: SocketAddr,
    /// Threads that serve; 0 takes one per core.
    pub workers: usize,
    /// Where browsers reach Baton, such as `https://chat.example.com`. Links, cookies and the Origin check rest on it; `Host`
    /// headers never do (S18). Empty means `http://` and `listen`, which suits one machine only.
    pub public_url: String,
    /// Networks of proxies whose `X-Forwarded-For` is believed (S10). Others' is ignored.
    #[serde(deserialize_with = "from_list_or_text")]
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: 0,
            public_url: String::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl ServerConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.workers > 1024 {
            return Err(format!("`server.workers` is {}, allowed are 0 to 1024", self.workers));
        }
        if self.public_url.is_empty() {
            return Ok(());
        }
        super::PublicUrl::parse(&self.public_url)
            .map(drop)
            .map_err(|error| format!("`server.public_url` is {:?}: {error}", self.public_url))
    }
}
