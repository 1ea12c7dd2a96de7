//! Which pages may open a WebSocket. Cookies travel with an upgrade from any site, SameSite or not, so the exact origin decides (S1).

use crate::config::{Origin, PublicUrl};
use actix_web::http::header::{self, HeaderMap};

/// Whose pages may open a socket.
#[derive(Debug, Clone, Copy)]
pub enum SocketOrigins<'a> {
    /// `/ws/agent`: pages of this installation.
    Own,
    /// `/ws/visitor`: pages of this installation, and of the chatbot's allowed origins; of every site when none are listed. No
    /// cookie counts there: the visitor's token is in the hello.
    OwnOr(&'a [String]),
}

/// The upgrade is answered with 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginRefused {
    /// A browser always sends one.
    #[error("the Origin header is missing")]
    Missing,
    #[error("the Origin header names no site")]
    Unreadable,
    #[error("the page's site is not allowed")]
    Foreign,
}

impl SocketOrigins<'_> {
    /// The page's origin, when it may open the socket.
    ///
    /// # Errors
    /// [`OriginRefused`] says why not.
    pub fn check(self, headers: &HeaderMap, public_url: &PublicUrl) -> Result<Origin, OriginRefused> {
        if !headers.contains_key(header::ORIGIN) {
            return Err(OriginRefused::Missing);
        }
        let page = page(headers).ok_or(OriginRefused::Unreadable)?;
        if self.admits(&page, public_url) { Ok(page) } else { Err(OriginRefused::Foreign) }
    }

    /// Whether pages of `page` may open the socket.
    pub fn admits(self, page: &Origin, public_url: &PublicUrl) -> bool {
        match self {
            _ if public_url.is_own(page) => true,
            Self::Own => false,
            Self::OwnOr([]) => true,
            Self::OwnOr(listed) => listed.iter().any(|text| Origin::parse(text).is_ok_and(|origin| origin == *page)),
        }
    }
}

/// The origin that a request names, when it names exactly one.
pub(super) fn page(headers: &HeaderMap) -> Option<Origin> {
    let mut values = headers.get_all(header::ORIGIN);
    let only = values.next().filter(|_| values.next().is_none())?;
    Origin::parse(only.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use OriginRefused::{Foreign, Missing, Unreadable};
    use actix_web::http::header::HeaderValue;

    fn check(public: &str, rule: SocketOrigins<'_>, origins: &[&str]) -> Result<(), OriginRefused> {
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        rule.check(&headers, &PublicUrl::parse(public).unwrap()).map(drop)
    }

    #[test]
    fn the_agent_socket_opens_for_own_pages_only() {
        for (origins, expected) in [
            (vec!["https://app.test"], Ok(())),
            (vec!["https://APP.test:443"], Ok(())),
            (vec![], Err(Missing)),
            (vec!["null"], Err(Unreadable)),
            (vec![""], Err(Unreadable)),
            (vec!["https://app.test https://app.test"], Err(Unreadable)),
            (vec!["https://app.test", "https://app.test"], Err(Unreadable)),
            (vec!["https://app.test.evil.example"], Err(Foreign)),
            (vec!["https://evilapp.test"], Err(Foreign)),
            (vec!["https://app.test:8443"], Err(Foreign)),
            (vec!["http://app.test"], Err(Foreign)),
            (vec!["https://www.app.test"], Err(Foreign)),
            (vec!["https://app.test."], Err(Foreign)),
        ] {
            assert_eq!(check("https://app.test", SocketOrigins::Own, &origins), expected, "{origins:?}");
        }
    }

    #[test]
    fn the_visitor_socket_opens_for_listed_sites_too() {
        let shop = ["https://shop.example".to_owned()];
        for (rule, origin, expected) in [
            (SocketOrigins::OwnOr(&shop), "https://app.test", Ok(())),
            (SocketOrigins::OwnOr(&shop), "https://shop.example", Ok(())),
            (SocketOrigins::OwnOr(&shop), "https://shop.example:444", Err(Foreign)),
            (SocketOrigins::OwnOr(&shop), "https://sub.shop.example", Err(Foreign)),
            (SocketOrigins::OwnOr(&shop), "null", Err(Unreadable)),
            (SocketOrigins::OwnOr(&[]), "https://any.example", Ok(())),
            (SocketOrigins::OwnOr(&[]), "null", Err(Unreadable)),
        ] {
            assert_eq!(check("https://app.test", rule, &[origin]), expected, "{origin:?}");
        }
        assert_eq!(check("https://app.test", SocketOrigins::OwnOr(&[]), &[]), Err(Missing));
    }
}
