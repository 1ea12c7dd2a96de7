//! The wire: `baton.v1`, JSON text frames over one WebSocket. `docs/protocol.md` explains it for people who write a front-end.
//!
//! One tagged enum per direction and role: [`visitor::VisitorFrame`] → server → [`visitor::ToVisitor`], and
//! [`agent::AgentFrame`] → server → [`agent::ToAgent`]. What both roles see is in [`shared`]; close and error codes in [`codes`].
//! Types only: TypeScript and JSON Schema are generated from them (`cargo run --example protocol-types`, drift-tested).

pub mod agent;
pub mod codes;
pub mod convert;
pub mod generate;
pub mod inbox_row;
pub mod shared;
pub mod visitor;

/// The subprotocol offered in `Sec-WebSocket-Protocol` and repeated in the hello.
pub const PROTOCOL: &str = "baton.v1";
