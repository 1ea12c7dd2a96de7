//! Clients that write down all they are told, and a checker that decides from it and from the log whether every promise was kept.
//! `tests/kill` puts them on one node that is killed, `tests/faults` on a cluster with parts that fail.

pub mod checker;
mod checker_tests;
pub mod client;
pub mod history;
pub mod link;
pub mod load;
pub mod logs;
pub mod random;
pub mod role;

/// The chatbot of `serve --demo`.
pub const CHATBOT: &str = "demo";
