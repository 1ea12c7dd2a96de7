//! `[limits]`: how much one client may take.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// WebSockets open at once from one address (an IPv6 /64 counts as one).
    pub sockets_per_address: usize,
    /// WebSockets open at once on this server.
    pub sockets: usize,
    /// A socket that has not said hello within so many milliseconds is closed.
    pub hello_deadline_ms: u64,
    /// Silence after which a side asks for a sign of life; after twice as long it gives the connection up. Must be shorter than the
    /// idle time-out of any proxy in between.
    pub heartbeat_seconds: u16,
    /// Frames a client may send per second, in the long run.
    pub frames_per_second: u32,
    /// Frames a client may send at once after being quiet.
    pub frames_burst: u32,
    /// Largest WebSocket message in bytes; a larger one closes the socket with 1009.
    pub frame_bytes: usize,
    /// Bytes owed to a client that does not read; past it the socket is closed and the client resumes later.
    pub outbox_bytes: usize,
    /// Largest JSON body of the HTTP API, knowledge documents apart.
    pub json_bytes: usize,
    /// Largest knowledge document.
    pub document_bytes: usize,
    /// Password checks that run at once. Each takes 19 MiB and some 20 ms (S28).
    pub password_checks: usize,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            sockets_per_address: 100,
            sockets: 20_000,
            hello_deadline_ms: 10_000,
            heartbeat_seconds: 25,
            frames_per_second: 20,
            frames_burst: 60,
            frame_bytes: 64 * 1024,
            outbox_bytes: 1024 * 1024,
            json_bytes: 256 * 1024,
            document_bytes: 4 * 1024 * 1024,
            password_checks: 2,
        }
    }
}

impl LimitsConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        let within = |key: &str, value: usize, low: usize, high: usize| match (low..=high).contains(&value) {
            true => Ok(()),
            false => Err(format!("`limits.{key}` is {value}, allowed are {low} to {high}")),
        };
        within("sockets_per_address", self.sockets_per_address, 1, 1_000_000)?;
        within("sockets", self.sockets, 1, 10_000_000)?;
        // docs/protocol.md promises clients 10 s; less is for tests and for a server under attack.
        if !(10..=10_000).contains(&self.hello_deadline_ms) {
            return Err(format!("`limits.hello_deadline_ms` is {}, allowed are 10 to 10000", self.hello_deadline_ms));
        }
        within("heartbeat_seconds", self.heartbeat_seconds.into(), 1, 300)?;
        within("frames_per_second", self.frames_per_second as usize, 1, 100_000)?;
        within("frames_burst", self.frames_burst as usize, 1, 1_000_000)?;
        // A message of 8,000 characters must fit, escaped.
        within("frame_bytes", self.frame_bytes, 48 * 1024, 16 * 1024 * 1024)?;
        within("outbox_bytes", self.outbox_bytes, 64 * 1024, 256 * 1024 * 1024)?;
        within("json_bytes", self.json_bytes, 16 * 1024, 16 * 1024 * 1024)?;
        within("document_bytes", self.document_bytes, 1024, 64 * 1024 * 1024)?;
        within("password_checks", self.password_checks, 1, 64)
    }
}
