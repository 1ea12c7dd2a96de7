//! What stories are told with: a real server, real sockets, a real mail server.

pub mod agent;
pub mod chaos;
pub mod client;
pub mod cluster;
#[path = "../../support/guarded.rs"]
pub mod guarded;
pub mod http;
pub mod hub;
pub mod inside;
pub mod model;
pub mod outbox;
#[path = "../../support/postgres.rs"]
pub mod postgres;
pub mod raw;
pub mod reaction;
pub mod redis;
pub mod server;
pub mod settings;
pub mod smtp;
pub mod socket;
pub mod stage;
pub mod tenant;
pub mod visitor;

pub use hub::{CHATBOT, TestHub};
