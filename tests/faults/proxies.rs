//! The load balancers' files in `config/`, with the real daemons: they are valid, they believe nothing that the outside says about
//! addresses (S10), a draining node says goodbye through them (I20), and clients leave a frozen node even behind the one that does not
//! notice it (I19).

use crate::cluster::proxy::{Haproxy, Nginx};
use crate::cluster::server::Launch;
use crate::cluster::{Cluster, Shape, free_port, sub_folder};
use crate::harness::client::Client;
use crate::harness::http::Http;
use crate::harness::socket::{Socket, request};
use crate::histories::checker::check;
use crate::histories::client::Manner;
use crate::histories::history::Happened;
use crate::histories::link::Cut;
use crate::histories::load::Load;
use crate::histories::random::Random;
use baton::protocol::PROTOCOL;
use baton::protocol::visitor::{Page, ToVisitor, VisitorFrame};
use rustix::process::Signal;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const VISITORS: usize = 20;
/// Long enough that the proxy's own patience does not decide, short enough for a test.
const HEARTBEAT: Duration = Duration::from_secs(8);
/// "The server restarts or hands its clients to another node": come back within a second.
const RESTART: u16 = 1012;

enum Proxy {
    Haproxy(Haproxy),
    Nginx(Nginx),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Haproxy,
    Nginx,
}

const BOTH: [Kind; 2] = [Kind::Haproxy, Kind::Nginx];

impl Proxy {
    /// In front of one node. nginx's file has two; the other one is a port where nobody listens.
    fn start(kind: Kind, folder: &Path, address: SocketAddr, node: SocketAddr) -> Self {
        let folder = sub_folder(folder, &format!("{kind:?}"));
        match kind {
            Kind::Haproxy => Self::Haproxy(Haproxy::start(&folder, address, [node].into_iter())),
            Kind::Nginx => Self::Nginx(Nginx::start(&folder, address, [node, free_address()])),
        }
    }

    fn address(&self) -> SocketAddr {
        match self {
            Self::Haproxy(proxy) => proxy.address,
            Self::Nginx(proxy) => proxy.address,
        }
    }

    async fn until_up(&self) {
        if let Self::Haproxy(proxy) = self {
            proxy.until_up(1).await;
        }
    }
}

fn free_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, free_port(Ipv4Addr::LOCALHOST)))
}

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("proxy").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("folder")
}

/// A node sees one address, the one that the proxy saw, whatever the client claims to be.
#[tokio::test]
async fn what_the_outside_says_about_addresses_is_dropped() {
    let _alone = crate::one_at_a_time().await;
    for kind in BOTH {
        let heads = Arc::new(Mutex::new(Vec::new()));
        let node = recorder(Arc::clone(&heads)).await;
        let folder = folder();
        let proxy = Proxy::start(kind, folder.path(), free_address(), node);
        proxy.until_up().await;
        let lies = [
            ("X-Forwarded-For", "1.2.3.4"),
            ("X-Forwarded-Host", "evil.test"),
            ("X-Forwarded-Proto", "https"),
            ("X-Real-IP", "1.2.3.4"),
            ("Forwarded", "for=1.2.3.4"),
        ];
        assert_eq!(Client::new(proxy.address()).send("GET", "/marker", &lies, b"").await.status, 200);
        let heads = heads.lock().expect("heads");
        let head = heads.iter().find(|head| head.starts_with("GET /marker ")).expect("the request").to_lowercase();
        assert!(!head.contains("1.2.3.4") && !head.contains("evil.test"), "{kind:?}: {head}");
        assert!(head.contains("\r\nx-forwarded-for: 127.0.0.1\r\n"), "{kind:?}: {head}");
        assert!(head.contains("\r\nx-forwarded-proto: http\r\n"), "{kind:?}: {head}");
    }
}

/// Answers 200 to whatever comes and keeps the head of each request.
async fn recorder(heads: Arc<Mutex<Vec<String>>>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("listen");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let heads = Arc::clone(&heads);
            tokio::spawn(async move {
                let mut head = vec![0; 8192];
                let length = stream.read(&mut head).await.unwrap_or_default();
                heads.lock().expect("heads").push(String::from_utf8_lossy(&head[..length]).into_owned());
                let _gone =
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            });
        }
    });
    address
}

/// A node that is asked to stop tells every client to come back, and no client sees a cut connection.
#[tokio::test]
async fn a_draining_node_says_goodbye_through_the_proxy() {
    let _alone = crate::one_at_a_time().await;
    for kind in BOTH {
        let folder = folder();
        let address = free_address();
        let mut launch = Launch::new(folder.path());
        launch.settings = vec![
            ("SERVER__PUBLIC_URL".into(), format!("http://{address}")),
            ("SERVER__TRUSTED_PROXIES".into(), "127.0.0.0/8".into()),
        ];
        let mut server = launch.spawn();
        server.answers().await;
        let proxy = Proxy::start(kind, folder.path(), address, launch.address);
        proxy.until_up().await;
        let mut visitors = Vec::new();
        for _ in 0..VISITORS {
            let mut socket: Socket<ToVisitor> = Socket::connect(request(proxy.address(), "/ws/visitor", None)).await;
            let page = Page { url: "http://shop.test/".into(), ..Page::default() };
            let (protocol, chatbot) = (PROTOCOL.into(), crate::histories::CHATBOT.into());
            socket.send(&VisitorFrame::Hello { protocol, chatbot, token: None, cursor: None, page }).await;
            socket.expect("welcome", |frame| matches!(frame, ToVisitor::Welcome { .. }).then_some(())).await;
            visitors.push(socket);
        }
        let ended = tokio::spawn(server.terminate());
        for visitor in &mut visitors {
            assert_eq!(visitor.expect_close().await, RESTART, "{kind:?}");
        }
        let status = ended.await.expect("the server's end");
        assert!(status.success(), "{kind:?}: {status}");
    }
}

/// A node with half of the clients, more or less, stops to run. nginx keeps them there; they leave by themselves, and no new connection gets
/// stuck on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_leave_a_frozen_node_behind_nginx() {
    let _alone = crate::one_at_a_time().await;
    let at = free_address();
    let settings = [
        ("SERVER__PUBLIC_URL", format!("http://{at}")),
        ("LIMITS__HEARTBEAT_SECONDS", HEARTBEAT.as_secs().to_string()),
    ];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let cluster = Cluster::start_with(Path::new(env!("CARGO_TARGET_TMPDIR")), Shape::Three, &settings).await;
    let nodes = [0, 1].map(|node| cluster.launches[node].address);
    let nginx = Nginx::start(&sub_folder(cluster.folder(), "nginx"), at, nodes);
    let owner = Http::owner(nginx.address, Some(&cluster.setup_link)).await;
    let random = Random::new(std::process::id().into());
    let mut load = Load::signed_in(nginx.address, owner.cookie(), random, Manner::PATIENT);
    for _ in 0..VISITORS {
        load.add_visitor();
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    cluster.node(0).signal(Signal::STOP);
    tokio::time::sleep(HEARTBEAT * 2).await;
    let served = load.settle(Duration::from_secs(5)).await.unwrap_or_else(|| panic!("no logs: {}", cluster.logs()));
    let histories = load.finish().await;

    let left = histories.iter().filter(|history| history.happened.contains(&Happened::Ended(Cut::Silent))).count();
    // The next message of whoever is there is due within a blink; so it waits for as long as its writer needs to get away.
    let longest = histories.iter().map(|history| history.longest_gap).max().expect("histories");
    crate::say(&format!("{left} of {} left a frozen node within {:.1} s", histories.len(), longest.as_secs_f64()));
    assert!(left > 0, "nobody was on the frozen node");
    assert!(longest < HEARTBEAT * 2, "somebody needed {longest:?}");
    assert_eq!(check(&histories, &served, &served), []);
}
