//! Origins: scheme, host and port, compared exactly (S1).

use actix_web::http::Uri;
use std::fmt;
use std::net::SocketAddr;

/// Scheme, host and port of a web page's site.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    secure: bool,
    /// Lower case; an IPv6 address keeps its brackets.
    host: String,
    port: u16,
}

/// The text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "allowed is https:// or http://, a host and optionally a port, without a path, such as \"https://chat.example.com\""
)]
pub struct InvalidOrigin;

impl Origin {
    /// `https://chat.example.com`, `http://localhost:8080`. A single `/` at the end is let pass.
    ///
    /// # Errors
    /// [`InvalidOrigin`] for anything else, `null` included.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidOrigin),
        };
        let authority = uri.authority().ok_or(InvalidOrigin)?;
        let plain = authority.as_str();
        let bare = !plain.contains('@') && uri.path() == "/" && uri.query().is_none() && !text.contains(['#', '*']);
        let host = authority.host().to_ascii_lowercase();
        let port = match authority.port() {
            Some(port) => port.as_str().parse().map_err(|_| InvalidOrigin)?,
            None if plain.len() != authority.host().len() => return Err(InvalidOrigin),
            None => Self::usual_port(secure),
        };
        let host_fits = !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'[' | b']' | b':'));
        if bare && host_fits && port != 0 { Ok(Self { secure, host, port }) } else { Err(InvalidOrigin) }
    }

    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Lower case, without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A name of this machine itself.
    fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
    }

    fn usual_port(secure: bool) -> u16 {
        if secure { 443 } else { 80 }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secure, host, port } = self;
        write!(f, "{}://{host}", if *secure { "https" } else { "http" })?;
        if *port == Self::usual_port(*secure) { Ok(()) } else { write!(f, ":{port}") }
    }
}

/// Where browsers reach this installation: the base of every link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Origin);

impl PublicUrl {
    /// # Errors
    /// [`InvalidOrigin`] when the text is more or less than an origin.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        Origin::parse(text).map(Self)
    }

    /// What a browser on the same machine uses for a server that listens at `listen`.
    pub fn of_listener(listen: SocketAddr) -> Self {
        let host = match listen {
            SocketAddr::V4(v4) if !v4.ip().is_unspecified() => v4.ip().to_string(),
            SocketAddr::V6(v6) if !v6.ip().is_unspecified() => format!("[{}]", v6.ip()),
            _ => "localhost".into(),
        };
        Self(Origin { secure: false, host, port: listen.port() })
    }

    pub fn origin(&self) -> &Origin {
        &self.0
    }

    pub fn is_secure(&self) -> bool {
        self.0.is_secure()
    }

    /// The address of `path`, which starts with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Whether a page of `other` is a page of this installation. Exact, but `localhost` and `127.0.0.1` are one machine, so that
    /// both work out of the box.
    pub fn is_own(&self, other: &Origin) -> bool {
        let both_here = self.0.is_loopback() && other.is_loopback();
        self.0 == *other || (both_here && self.0.port == other.port && self.0.secure == other.secure)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_normalised() {
        for (text, shown) in [
            ("https://Chat.Example.com", "https://chat.example.com"),
            ("https://chat.example.com:443/", "https://chat.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_not_an_origin_is_refused() {
        for text in [
            "null",
            "",
            "*",
            "https://*.example.com",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://me@a",
            "https://a:",
            "https://a:0",
            "https://a:70000",
            "https://a b",
            "javascript:alert(1)",
            "https://a;b",
            "https://a'b",
            "//a",
        ] {
            assert_eq!(Origin::parse(text), Err(InvalidOrigin), "{text:?}");
        }
    }

    #[test]
    fn only_names_of_this_machine_stand_for_each_other() {
        let here = PublicUrl::parse("http://localhost:8080").unwrap();
        let there = PublicUrl::parse("https://chat.example.com").unwrap();
        for (public, other, own) in [
            (&here, "http://127.0.0.1:8080", true),
            (&here, "http://127.0.0.1:8081", false),
            (&here, "https://127.0.0.1:8080", false),
            (&there, "https://chat.example.com", true),
            (&there, "http://chat.example.com", false),
            (&there, "https://localhost", false),
        ] {
            assert_eq!(public.is_own(&Origin::parse(other).unwrap()), own, "{public} {other}");
        }
    }
}
