//! Portal links: who holds one may act in one conversation, for a week.

use crate::config::PublicUrl;
use crate::domain::conversation::AgentRef;
use crate::domain::ids::{AgentId, ConversationId, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::store::NewLink;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::fmt;
use uuid::Uuid;

pub const LINK_LIFETIME_DAYS: i64 = 7;

/// A link as it goes into one mail. Its token exists nowhere else: the store keeps the hash (S12).
pub struct PortalLink {
    token: String,
    /// What the store keeps.
    pub record: NewLink,
}

impl PortalLink {
    /// A link for whoever reads the mail to `address`, who acts as `agent`.
    pub fn new(conversation: ConversationId, agent: AgentRef, address: &str, now: UnixMillis) -> Self {
        let mut bytes = [0; 24];
        // A guessable token must not be the answer to a system without random bytes.
        getrandom::fill(&mut bytes).expect("TOKEN-1: the system gives random bytes");
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let record = NewLink {
            id: Uuid::now_v7(),
            token_hash: hash_token(&token),
            conversation,
            agent,
            address: address.to_owned(),
            created_at: now,
            expires_at: now.plus_millis(LINK_LIFETIME_DAYS * 24 * 60 * 60 * 1000),
        };
        Self { token, record }
    }

    /// The token is in the fragment: no server, log or `Referer` sees it (S16).
    pub fn url(&self, public_url: &PublicUrl) -> String {
        public_url.join(&format!("/portal/agent#{}", self.token))
    }
}

impl fmt::Debug for PortalLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalLink").field("id", &self.record.id).finish_non_exhaustive()
    }
}

/// What [`crate::store::Store::link`] looks a token up by.
pub fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// An agent for an address that no account of the workspace has: named by the part before the `@`, with an id that derives from
/// workspace and address, so that one reader is one agent over many mails, and another one in another workspace.
pub(super) fn guest(workspace: WorkspaceId, address: &str) -> AgentRef {
    let name = format!("{workspace}/mailto:{}", address.to_lowercase());
    AgentRef { id: AgentId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())), name: name_of(address) }
}

/// "ana.lopez+chat@example.com" becomes "Ana Lopez".
fn name_of(address: &str) -> String {
    let local = address.split(['@', '+']).next().unwrap_or_default();
    let words = local.split(['.', '_', '-']).filter(|word| !word.is_empty()).map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    let name = words.collect::<Vec<_>>().join(" ");
    if name.is_empty() { "Team".into() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn link() -> PortalLink {
        let agent = guest(WorkspaceId::generate(), "ana@example.com");
        PortalLink::new(ConversationId::generate(), agent, "ana@example.com", UnixMillis(5))
    }

    #[test]
    fn tokens_are_long_differ_and_fit_an_address() {
        let tokens: HashSet<String> = (0..100_000).map(|_| link().token).collect();
        assert_eq!(tokens.len(), 100_000);
        // 32 characters of 6 bits: 192 bits.
        assert!(tokens.iter().all(
            |token| token.len() == 32 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        ));
    }

    #[test]
    fn the_token_is_in_the_fragment_and_nowhere_else() {
        let link = link();
        let url = link.url(&PublicUrl::parse("https://chat.example.com").unwrap());
        let (page, token) = url.split_once('#').unwrap();
        assert_eq!(page, "https://chat.example.com/portal/agent");
        assert_eq!(hash_token(token), link.record.token_hash);
        assert!(!format!("{link:?} {:?}", link.record).contains(token));
        assert_eq!(link.record.expires_at, UnixMillis(5 + 7 * 86_400_000));
    }

    #[test]
    fn an_address_gives_a_name_and_a_lasting_id() {
        assert_eq!(name_of("ana.lopez+chat@example.com"), "Ana Lopez");
        assert_eq!(name_of("@"), "Team");
        let (one, other) = (WorkspaceId::generate(), WorkspaceId::generate());
        assert_eq!(guest(one, "Ana@example.com").id, guest(one, "ana@example.com").id);
        assert_ne!(guest(one, "ana@example.com").id, guest(one, "eve@example.com").id);
        assert_ne!(guest(one, "ana@example.com").id, guest(other, "ana@example.com").id);
    }
}
