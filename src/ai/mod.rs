//! The embedded responder's brain: what it knows, what it finds, what it says, and what it reads between the lines.
//!
//! Pure: no network, no actor, no clock. `knowledge` turns files into passages, `retrieval` ranks passages for a question,
//! `answer` words a reply with its sources and a confidence, `detect` reads the visitor's mood and wish for a human.
//! A language-model provider sits beside `answer` and takes the same hits as its context.

pub mod answer;
pub mod detect;
pub mod knowledge;
pub mod retrieval;
mod text;
