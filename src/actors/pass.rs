//! What lets an agent's socket in, and whether it still does.

use super::hub::Hub;
use crate::protocol::codes::{self, CloseRow};
use crate::store::LinkRecord;

/// By the SHA-256 of its secret.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pass {
    /// The session cookie of the console.
    Login([u8; 32]),
    /// The token of a portal link.
    Link([u8; 32]),
}

impl Pass {
    /// A store that can't be read lets nobody in.
    pub(super) async fn still_holds(self, hub: &Hub) -> bool {
        match self {
            Self::Login(login) => matches!(hub.store.session(login, hub.now()).await, Ok(Some(_))),
            Self::Link(token_hash) => valid_link(hub, token_hash).await.is_some(),
        }
    }

    /// Whether it is known to have ended. A store that can't be read now ends nobody's session.
    pub(super) async fn has_ended(self, hub: &Hub) -> bool {
        match self {
            Self::Login(login) => matches!(hub.store.session(login, hub.now()).await, Ok(None)),
            Self::Link(token_hash) => match hub.store.link(token_hash).await {
                Ok(link) => link.is_none_or(|link| link.revoked_at.is_some()),
                Err(_) => false,
            },
        }
    }

    /// How a socket whose pass has ended is closed.
    pub(super) fn close_row(self) -> &'static CloseRow {
        match self {
            Self::Login(_) => &codes::UNAUTHENTICATED,
            Self::Link(_) => &codes::NOT_FOUND,
        }
    }
}

/// The link with this hash, if it works now.
pub(super) async fn valid_link(hub: &Hub, token_hash: [u8; 32]) -> Option<LinkRecord> {
    let link = hub.store.link(token_hash).await.ok()??;
    (link.revoked_at.is_none() && hub.now() < link.expires_at).then_some(link)
}
