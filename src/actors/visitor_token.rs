//! The token that is a visitor. Made by us, kept by the browser, signed, so that nothing is stored for people who only look.

use crate::domain::ids::{ChatbotId, VisitorId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// Signs and checks visitor tokens: `v1.<visitor>.<HMAC-SHA256 over chatbot and visitor>`, base64url.
#[derive(Clone)]
pub struct VisitorTokens {
    key: [u8; 32],
}

impl VisitorTokens {
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    pub fn sign(&self, chatbot: &ChatbotId, visitor: VisitorId) -> String {
        let tag = self.mac(chatbot, visitor).finalize().into_bytes();
        format!("v1.{}.{}", URL_SAFE_NO_PAD.encode(visitor.0.as_bytes()), URL_SAFE_NO_PAD.encode(tag))
    }

    /// The visitor, when the token is ours and for this chatbot. Compared in constant time.
    pub fn verify(&self, chatbot: &ChatbotId, token: &str) -> Option<VisitorId> {
        let (visitor, tag) = token.strip_prefix("v1.")?.split_once('.')?;
        let visitor: [u8; 16] = URL_SAFE_NO_PAD.decode(visitor).ok()?.try_into().ok()?;
        let visitor = VisitorId(Uuid::from_bytes(visitor));
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        self.mac(chatbot, visitor).verify_slice(&tag).ok()?;
        Some(visitor)
    }

    fn mac(&self, chatbot: &ChatbotId, visitor: VisitorId) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(chatbot.as_str().as_bytes());
        mac.update(b"/");
        mac.update(visitor.0.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_chatbot_only_and_only_unchanged() {
        let tokens = VisitorTokens::new([7; 32]);
        let (shop, other): (ChatbotId, ChatbotId) = ("shop".parse().unwrap(), "other".parse().unwrap());
        let visitor = VisitorId::generate();
        let token = tokens.sign(&shop, visitor);
        assert_eq!(tokens.verify(&shop, &token), Some(visitor));
        assert_eq!(tokens.verify(&other, &token), None);
        assert_eq!(VisitorTokens::new([8; 32]).verify(&shop, &token), None);
        let mut forged = token.into_bytes();
        forged[5] ^= 1;
        assert_eq!(tokens.verify(&shop, std::str::from_utf8(&forged).unwrap()), None);
    }
}
