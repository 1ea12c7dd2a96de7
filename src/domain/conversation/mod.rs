//! The conversation: a log of events, the state that is their fold, and the rules that admit new ones.
//!
//! `decide(state, command, policy)` says which events a command makes, or refuses; `evolve(state, event)` folds one event in.
//! Both are pure. Replay and live use the same `evolve`, so a restarted conversation is the conversation.
//!
//! Invariants: CONV-1 seq has no gaps. CONV-2 the AI speaks only to the turn it was asked, never while a human holds the
//! conversation. CONV-3 a client message id enters the log once. CONV-4 at most one agent holds the conversation.

mod asked;
mod brief;
mod command;
mod decide;
mod event;
mod evolve;
mod pace;
mod rehearse;
mod state;
#[cfg(test)]
mod tests;

pub use asked::Asked;
pub use brief::{BriefBy, HandoffBrief, Tried};
pub use command::{Assent, Command, Refusal, Signals, TurnOutcome};
pub use decide::decide;
pub use event::{AgentRef, Event, HandoffReason, Party, Recorded, Source, VisitorContext};
pub use evolve::evolve;
pub use rehearse::{HandoffStep, Rehearsal, Said, WouldHandOff, rehearse};
pub use state::{Conversation, Offer, Phase, Requested, Status};
