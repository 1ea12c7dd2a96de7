//! The rules of Baton, pure: no I/O, no clock, no serde. Time is an argument.
//!
//! `conversation` is the state machine, `settings` what an owner may choose, `queue` who is next and how long it takes, `hidden` which
//! characters a reader can't see, `language` what a text is written in.

pub mod conversation;
pub mod hidden;
pub mod ids;
pub mod language;
pub mod queue;
pub mod settings;
pub mod time;
