//! Baton: a live chat hub for AI-to-human handoff.
//!
//! Layers, each knows only those to its right: `http` → `actors` → `store`, `bus`, `ai`, `notify` → `domain`.
//! `protocol` (wire types) is known by `http` and `actors` only; `transport` is WebSocket framing without meaning.

pub mod actors;
pub mod ai;
pub mod bus;
pub mod commands;
pub mod config;
pub mod demo;
pub mod directory;
pub mod domain;
pub mod egress;
pub mod geo;
pub mod http;
pub mod library;
pub mod notify;
pub mod protocol;
pub mod secrets;
pub mod startup;
pub mod store;
pub mod telemetry;
pub mod transport;
