//! The one integration binary: a file per part or user story.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's allowance for tests does not reach the helpers of an integration test"
)]

mod protocol_fixtures;
mod transport;
