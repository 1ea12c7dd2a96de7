//! What the command line does beside `serve`.

pub mod knowledge;
