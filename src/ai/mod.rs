//! The AI responder.
