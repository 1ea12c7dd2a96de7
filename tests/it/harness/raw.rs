//! A socket that does what a browser would not: any origin, any bytes, or no reading at all.

use super::socket::DEADLINE;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

pub struct Raw {
    stream: WebSocketStream<TcpStream>,
    /// Every frame that came, in order.
    pub seen: Vec<Value>,
    pub closed_with: Option<u16>,
}

/// What goes into the upgrade request beside what every client sends.
#[derive(Debug, Clone, Default)]
pub struct Upgrade<'a> {
    pub origin: Option<&'a str>,
    pub cookie: Option<&'a str>,
}

impl Raw {
    /// The socket, or the HTTP status that refused it.
    pub async fn open(address: SocketAddr, path: &str, upgrade: Upgrade<'_>) -> Result<Self, u16> {
        let mut request = format!("ws://{address}{path}").into_client_request().expect("request");
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "baton.v1".parse().expect("protocol"));
        for (name, value) in [("origin", upgrade.origin), ("cookie", upgrade.cookie)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().expect("header"));
            }
        }
        let socket = TcpSocket::new_v4().expect("socket");
        // What the kernel would buffer for a client that does not read is not what these tests are about.
        socket.set_recv_buffer_size(8 * 1024).expect("small buffer");
        let tcp = socket.connect(address).await.expect("connect");
        match tokio_tungstenite::client_async(request, tcp).await {
            Ok((stream, _)) => Ok(Self { stream, seen: Vec::new(), closed_with: None }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("upgrade: {error}"),
        }
    }

    /// A socket from a page of the installation itself.
    pub async fn own_page(address: SocketAddr, path: &str, cookie: Option<&str>) -> Self {
        let origin = format!("http://{address}");
        Self::open(address, path, Upgrade { origin: Some(&origin), cookie }).await.expect("upgrade")
    }

    /// A socket to `/ws/visitor` whose hello was taken.
    pub async fn visitor(address: SocketAddr, chatbot: &str) -> Self {
        let mut raw = Self::own_page(address, "/ws/visitor", None).await;
        raw.send(&hello(chatbot)).await;
        raw.expect("snapshot", |frame| frame["type"] == "snapshot").await;
        raw
    }

    /// A socket to `/ws/agent` whose hello was taken: a console with a cookie, or a portal with a token.
    pub async fn agent(address: SocketAddr, cookie: Option<&str>, portal_token: Option<&str>) -> Self {
        let mut raw = Self::own_page(address, "/ws/agent", cookie).await;
        raw.send(&serde_json::json!({ "type": "hello", "protocol": "baton.v1", "portal_token": portal_token })).await;
        raw.expect("welcome", |frame| frame["type"] == "welcome").await;
        raw
    }

    pub async fn send(&mut self, frame: &Value) {
        self.send_message(Message::text(frame.to_string())).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        self.stream.send(message).await.expect("send");
    }

    /// Send although the server may be closing: then it is not sent.
    pub async fn try_send(&mut self, message: Message) -> bool {
        self.stream.send(message).await.is_ok()
    }

    /// The next frame, or `None` when the server closed.
    pub async fn read(&mut self) -> Option<Value> {
        loop {
            let message = tokio::time::timeout(DEADLINE, self.stream.next())
                .await
                .unwrap_or_else(|_| panic!("nothing was received for {DEADLINE:?}; seen so far: {:#?}", self.seen));
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    self.seen.push(frame.clone());
                    return Some(frame);
                }
                Some(Ok(Message::Close(frame))) => {
                    // The end of the connection follows, up to two seconds later.
                    self.closed_with = Some(frame.map_or(1005, |frame| frame.code.into()));
                    return None;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.closed_with.get_or_insert(1006);
                    return None;
                }
            }
        }
    }

    /// The next frame that `pick` wants; those before it are in `seen`.
    pub async fn expect(&mut self, what: &str, pick: impl Fn(&Value) -> bool) -> Value {
        loop {
            let Some(frame) = self.read().await else {
                panic!("closed with {:?} while waiting for {what}; seen: {:#?}", self.closed_with, self.seen);
            };
            if pick(&frame) {
                return frame;
            }
        }
    }

    pub async fn refusal(&mut self) -> String {
        let refused = self.expect("a refusal", |frame| frame["type"] == "refused").await;
        refused["code"].as_str().expect("code").to_owned()
    }

    /// Everything that came until the answer to a ping: what was to be said before it has been said.
    pub async fn settle(&mut self) -> Vec<Value> {
        let from = self.seen.len();
        let id = super::visitor::rand_id();
        self.send(&serde_json::json!({ "type": "ping", "id": id })).await;
        self.expect("pong", |frame| frame["type"] == "pong" && frame["id"] == id).await;
        self.seen[from..self.seen.len() - 1].to_vec()
    }

    /// The code with which the server closes.
    pub async fn expect_close(&mut self) -> u16 {
        while self.read().await.is_some() {}
        self.closed_with.expect("closed")
    }
}

pub fn hello(chatbot: &str) -> Value {
    let page = serde_json::json!({ "url": "http://shop.test/", "title": "Shop", "referrer": "", "language": "en" });
    serde_json::json!({
        "type": "hello", "protocol": "baton.v1", "chatbot": chatbot, "token": null, "cursor": null, "page": page
    })
}
