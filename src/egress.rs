//! Requests to addresses that an owner named: only to public ones, and only to the address that was checked (S42 to S47).
//!
//! A name is resolved once, every address of it is checked, and the connection goes to one of those: a second look-up could give
//! another answer. Redirects are not followed, proxies of the environment not asked.

use rustls::{ClientConfig, RootCertStore};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use url::{Host, Url};

/// Where owners may send this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, by https, on its usual ports.
    Public,
    /// The operator has allowed private addresses too.
    Anywhere,
}

#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    #[error("the address must start with https://")]
    Scheme,
    #[error("the port {0} is not open to chatbots")]
    Port(u16),
    #[error("the name could not be resolved")]
    Unresolved,
    #[error("the address is private; the operator allows such with ai.allow_private_endpoints")]
    Private,
    #[error("the connection could not be prepared")]
    Client,
}

static TLS: LazyLock<ClientConfig> = LazyLock::new(|| {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("EGRESS-1: ring speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
});

/// A client that can reach `url` and nothing else.
///
/// # Errors
/// [`EgressError`] when the address is not allowed.
pub async fn client_for(url: &Url, reach: Reach, connect_timeout: Duration) -> Result<reqwest::Client, EgressError> {
    let port = url.port_or_known_default().ok_or(EgressError::Scheme)?;
    if reach == Reach::Public {
        if url.scheme() != "https" {
            return Err(EgressError::Scheme);
        }
        if !matches!(port, 443 | 8443) {
            return Err(EgressError::Port(port));
        }
    }
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(TLS.clone())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(connect_timeout)
        .user_agent(concat!("Baton/", env!("CARGO_PKG_VERSION")));
    let addresses: Vec<SocketAddr> = match url.host().ok_or(EgressError::Scheme)? {
        Host::Ipv4(ip) => vec![SocketAddr::new(ip.into(), port)],
        Host::Ipv6(ip) => vec![SocketAddr::new(ip.into(), port)],
        Host::Domain(name) => {
            let found = tokio::net::lookup_host((name, port)).await.map_err(|_| EgressError::Unresolved)?;
            let found: Vec<SocketAddr> = found.collect();
            builder = builder.resolve_to_addrs(name, &found);
            found
        }
    };
    if addresses.is_empty() {
        return Err(EgressError::Unresolved);
    }
    // One private address among public ones is enough: which of them is tried first is not ours to say.
    if reach == Reach::Public && !addresses.iter().all(|address| is_public(address.ip())) {
        return Err(EgressError::Private);
    }
    builder.build().map_err(|_| EgressError::Client)
}

/// Whether `ip` is an address of the public internet; also what it embeds, for the forms that carry another address.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || ip.is_broadcast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || (a == 192 && b == 0 && c == 0);
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(inner) = ip.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = ip.segments();
    let [high, low] = [segments[6], segments[7]].map(u16::to_be_bytes);
    match segments {
        [0, 0, 0, 0, 0, 0, ..] => false,
        // NAT64 and 6to4 carry an IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(Ipv4Addr::new(high[0], high[1], low[0], low[1])),
        [0x2002, a, b, ..] => {
            let ([a, b], [c, d]) = (a.to_be_bytes(), b.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        [0x2001, 0xdb8, ..] | [0x2001, 0, ..] => false,
        // Global unicast is 2000::/3.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refusal(url: &str) -> Option<EgressError> {
        let url: Url = url.parse().expect("an address");
        client_for(&url, Reach::Public, Duration::from_secs(1)).await.err()
    }

    #[tokio::test]
    async fn private_addresses_are_refused_however_they_are_written() {
        for url in [
            "https://127.0.0.1/v1",
            "https://0x7f.1/v1",
            "https://2130706433/v1",
            "https://0177.0.0.1/v1",
            "https://127.1/v1",
            "https://127。0。0。1/v1",
            "https://[::1]/v1",
            "https://[::]/v1",
            "https://[::ffff:127.0.0.1]/v1",
            "https://[::ffff:a9fe:a9fe]/v1",
            "https://[64:ff9b::7f00:1]/v1",
            "https://[2002:7f00:1::]/v1",
            "https://[fd00::1]/v1",
            "https://[fe80::1]/v1",
            "https://[ff02::1]/v1",
            "https://169.254.169.254/latest",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://172.31.255.255/",
            "https://192.168.1.1/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://localhost/",
            "https://localhost./",
        ] {
            let refused = refusal(url).await;
            assert!(matches!(refused, Some(EgressError::Private | EgressError::Unresolved)), "{url}: {refused:?}");
        }
        assert!(matches!(refusal("https://127.0.0.1/").await, Some(EgressError::Private)), "not only unresolved");
    }

    #[tokio::test]
    async fn other_schemes_and_ports_are_refused_and_public_addresses_are_not() {
        assert!(matches!(refusal("http://203.1.1.1/").await, Some(EgressError::Scheme)));
        assert!(matches!(refusal("https://8.8.8.8:22/").await, Some(EgressError::Port(22))));
        for url in ["https://8.8.8.8/v1", "https://[2606:4700::1111]/v1", "https://172.32.0.1/", "https://100.128.0.1/"]
        {
            assert!(refusal(url).await.is_none(), "{url}");
        }
        let private: Url = "http://127.0.0.1:11434/v1".parse().expect("an address");
        assert!(client_for(&private, Reach::Anywhere, Duration::from_secs(1)).await.is_ok());
    }
}
