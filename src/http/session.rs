//! Sessions of the console: a random token in a cookie, its SHA-256 in the store.

use super::state::AppState;
use crate::config::PublicUrl;
use crate::domain::ids::AgentId;
use crate::store::StoreError;
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

const LIFETIME_DAYS: i64 = 30;

/// SHA-256 of a session's token: names the session without being able to use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionHash(pub [u8; 32]);

/// 256 bits from the operating system, as base64url.
pub(crate) fn random_token() -> String {
    let mut bytes = [0; 32];
    // The generator fails only where the system has none at all; a guessable token must not be the answer to that.
    getrandom::fill(&mut bytes).expect("TOKEN-1: the system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn sha256(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Begin a session. Always a new token, so that one planted before the sign-in is worth nothing (S23).
pub(super) async fn begin(state: &AppState, agent: AgentId) -> Result<Cookie<'static>, StoreError> {
    let token = random_token();
    let expires_at = state.now().plus_millis(LIFETIME_DAYS * 24 * 60 * 60 * 1000);
    state.store.add_session(sha256(&token), agent, expires_at).await?;
    Ok(cookie(&state.public_url, token, Duration::days(LIFETIME_DAYS)))
}

/// The cookie that ends a session in the browser.
pub(super) fn expired_cookie(public_url: &PublicUrl) -> Cookie<'static> {
    cookie(public_url, String::new(), Duration::ZERO)
}

/// The session that a request names, whether or not it is valid.
pub(super) fn named_by(request: &HttpRequest, public_url: &PublicUrl) -> Option<SessionHash> {
    let cookie = request.cookie(cookie_name(public_url))?;
    Some(SessionHash(sha256(cookie.value())))
}

fn cookie(public_url: &PublicUrl, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build(cookie_name(public_url), value)
        .path("/")
        .http_only(true)
        .secure(public_url.is_secure())
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}

/// The prefix makes browsers refuse a cookie of that name from a sibling domain or without encryption.
fn cookie_name(public_url: &PublicUrl) -> &'static str {
    if public_url.is_secure() { "__Host-baton_session" } else { "baton_session" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn tokens_are_long_and_differ() {
        let tokens: HashSet<_> = (0..10_000).map(|_| random_token()).collect();
        assert_eq!(tokens.len(), 10_000);
        assert!(tokens.iter().all(|token| token.len() == 43));
    }

    #[test]
    fn cookies_say_who_may_see_them() {
        for (url, expected) in [
            ("https://chat.example.com", "__Host-baton_session=t; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"),
            ("http://localhost:8080", "baton_session=t; HttpOnly; SameSite=Lax; Path=/; Max-Age=60"),
        ] {
            let url = PublicUrl::parse(url).unwrap();
            assert_eq!(cookie(&url, "t".into(), Duration::seconds(60)).to_string(), expected);
        }
    }
}
