//! What stories are told with: a real server, real sockets.

pub mod agent;
pub mod http;
pub mod hub;
pub mod inside;
pub mod socket;
pub mod visitor;

pub use hub::{CHATBOT, TestHub};
