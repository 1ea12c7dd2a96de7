//! What a page may load and who may frame it.

use crate::config::Origin;
use actix_web::http::header::{self, HeaderName};

/// Nothing inline, nothing from elsewhere; sockets to this site only.
const BASE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                    font-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'";

/// Kinds of pages, by who may see them where.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) enum PagePolicy<'a> {
    /// Console, portal, hosted chat page: never in a frame.
    Alone,
    /// The chat frame: in pages of these origins; any page when there are none.
    FramedBy(&'a [String]),
    /// The demo site, which shows the widget: its own pages may be framed and hold the loader and the chat frame.
    Demo,
}

impl PagePolicy<'_> {
    pub(in crate::http) fn headers(self) -> Vec<(HeaderName, String)> {
        let csp = |rest: String| (header::CONTENT_SECURITY_POLICY, format!("{BASE}; {rest}"));
        match self {
            Self::Alone => {
                vec![csp("frame-ancestors 'none'".into()), (header::X_FRAME_OPTIONS, "DENY".into())]
            }
            Self::FramedBy(origins) => vec![
                csp(format!("frame-ancestors {}", ancestors(origins))),
                // The host page may isolate itself; the frame is made to be held by other sites.
                (header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin".into()),
                (header::CROSS_ORIGIN_OPENER_POLICY, "unsafe-none".into()),
            ],
            Self::Demo => vec![csp("frame-src 'self'; frame-ancestors 'self'".into())],
        }
    }
}

/// Origins were checked when they were saved; they are parsed again here, so that nothing else can enter the header.
fn ancestors(origins: &[String]) -> String {
    if origins.is_empty() {
        return "*".into();
    }
    let listed: Vec<String> =
        origins.iter().filter_map(|text| Origin::parse(text).ok()).map(|o| o.to_string()).collect();
    if listed.is_empty() { "'none'".into() } else { listed.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_are_the_allowed_origins() {
        for (origins, expected) in [
            (vec![], "*"),
            (vec!["https://shop.example", "http://localhost:3000"], "https://shop.example http://localhost:3000"),
            (vec!["https://shop.example; script-src *"], "'none'"),
        ] {
            let origins: Vec<String> = origins.into_iter().map(Into::into).collect();
            assert_eq!(ancestors(&origins), expected);
        }
    }
}
