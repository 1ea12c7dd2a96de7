//! The one integration binary: a file per part or user story.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's allowance for tests does not reach the helpers of an integration test, which has no outside"
)]

mod harness;

mod bus;
mod claims;
mod cluster;
mod cluster_faults;
mod cluster_presence;
mod delivery;
mod handoff;
mod handoff_mail;
mod http;
mod http_security;
mod injection;
mod knowledge;
mod limits;
mod mail;
mod pace;
mod portal;
mod postgres;
mod presence;
mod protocol_fixtures;
mod providers;
mod replay;
mod restart;
mod resume;
mod search_model;
mod snapshot;
mod sockets;
mod spend;
mod transport;
mod triggers;
