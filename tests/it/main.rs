//! One integration binary: a file per story.

mod protocol_fixtures;
