//! Everything that lives: one actor per conversation and per socket, and the few there is one of per node.
//!
//! | actor | one per | owns |
//! | --- | --- | --- |
//! | [`supervisor`] | worker thread | the conversations of its shard: starts, restarts, forgets them |
//! | [`conversation`] | conversation with a participant here | the fold of its log; the only caller of `Store::append` for it |
//! | [`visitor_session`], [`agent_session`] | socket | its outbox and its limits |
//! | [`queue`] | node | who waits, who could accept, what the waiting are told |
//! | [`inbox`] | node | which console sees which changed rows |
//! | [`cluster`] | node | what may have been missed of other nodes |
//! | [`responder`] | node | AI turns in the making |
//! | [`job_worker`] | node | promises that are due |
//! | [`housekeeper`] | node | nothing: it removes what nobody reads any more |
//!
//! [`hub`] is the handle to all of them.

pub mod agent_session;
pub mod board;
pub mod cluster;
pub mod conversation;
pub mod housekeeper;
pub mod hub;
pub mod inbox;
pub mod job_worker;
pub mod neighbours;
mod pass;
pub mod queue;
pub mod responder;
pub mod session;
pub mod supervisor;
pub mod visitor_session;
pub mod visitor_token;
