//! The one integration binary: a file per part or user story.

mod transport;
