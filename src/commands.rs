//! What the command line does beside `serve`.

pub mod detect;
pub mod knowledge;
