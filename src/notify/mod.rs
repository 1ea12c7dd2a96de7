//! Telling people who are not looking: the e-mail about a handoff.
//!
//! `mail` words it, `delivery` sends it or leaves it in the `outbox`, `links` makes the link in it, `backoff` says when to try
//! again, `handoff` ties them together for the worker that claims the jobs.

mod backoff;
mod delivery;
mod handoff;
mod links;
mod mail;
mod outbox;

pub use backoff::retry_after;
pub use delivery::{Delivery, DeliveryError};
pub use handoff::{Handoff, Notifier, Outcome, SendError};
pub use links::{LINK_LIFETIME_DAYS, PortalLink, hash_token};
pub use mail::{HandoffMail, MailError};
pub use outbox::{Outbox, StoredMail};
