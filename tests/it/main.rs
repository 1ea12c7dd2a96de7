//! One integration binary: a file per story.

#![allow(
    clippy::unwrap_used,
    reason = "clippy's allowance for tests does not reach the helpers of an integration test"
)]

mod protocol_fixtures;
