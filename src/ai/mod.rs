//! The embedded responder's brain: what it knows, what it finds, what it says, and what it reads between the lines.
//!
//! All but `providers` is pure: no network, no actor, no clock. `knowledge` turns files into passages, `retrieval` ranks passages for a question,
//! `answer` words a reply with its sources and a confidence, `detect` reads the visitor's mood and wish for a human,
//! `listen` when that matters. `replay` plays a stored conversation under the settings of now.
//! `providers` asks a model in the owner's name; `prompt` says what it is told, `safety` what of its words may be shown.

pub mod answer;
pub mod detect;
pub mod embedding;
pub mod knowledge;
pub mod learn;
pub mod listen;
pub mod prompt;
pub mod providers;
pub mod replay;
pub mod retrieval;
pub mod safety;
mod text;
