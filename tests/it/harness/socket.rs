//! A client socket that keeps what it received and waits for a state with a deadline, never for time.

use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Nothing in these tests takes longer than this on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(10);

pub struct Socket<In> {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Received, not yet asked for.
    pub waiting: VecDeque<In>,
    /// Everything received, in order.
    pub seen: Vec<In>,
    pub closed_with: Option<u16>,
    /// How long to wait for a state; more for what takes its time by design.
    pub patience: Duration,
}

pub fn request(address: SocketAddr, path: &str, cookie: Option<&str>) -> Request {
    let mut request = format!("ws://{address}{path}").into_client_request().expect("request");
    let headers = request.headers_mut();
    headers.insert("origin", format!("http://{address}").parse().expect("origin"));
    headers.insert("sec-websocket-protocol", "baton.v1".parse().expect("protocol"));
    if let Some(cookie) = cookie {
        headers.insert("cookie", cookie.parse().expect("cookie"));
    }
    request
}

impl<In: DeserializeOwned + Clone + std::fmt::Debug> Socket<In> {
    pub async fn connect(request: Request) -> Self {
        let (stream, _) = tokio_tungstenite::connect_async(request).await.expect("upgrade");
        Self { stream, waiting: VecDeque::new(), seen: Vec::new(), closed_with: None, patience: DEADLINE }
    }

    pub async fn send(&mut self, frame: &impl Serialize) {
        self.send_text(serde_json::to_string(frame).expect("frame")).await;
    }

    pub async fn send_text(&mut self, text: String) {
        self.stream.send(Message::text(text)).await.expect("send");
    }

    /// A frame that has not been received before; it stays for later questions.
    pub async fn next_new(&mut self) -> Option<In> {
        let frame = self.read().await?;
        self.waiting.push_back(frame.clone());
        Some(frame)
    }

    async fn read(&mut self) -> Option<In> {
        loop {
            let patience = self.patience;
            let message = tokio::time::timeout(patience, self.stream.next())
                .await
                .unwrap_or_else(|_| panic!("nothing was received for {patience:?}; seen so far: {:#?}", self.seen));
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame: In = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
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

    /// The first frame, among those not asked for yet, that `pick` wants. Frames before it stay for later questions.
    pub async fn expect<T>(&mut self, what: &str, pick: impl Fn(&In) -> Option<T>) -> T {
        for index in 0..self.waiting.len() {
            if let Some(found) = pick(&self.waiting[index]) {
                self.waiting.remove(index);
                return found;
            }
        }
        let begun = tokio::time::Instant::now();
        loop {
            assert!(begun.elapsed() < self.patience, "no {what} within {:?}; seen: {:#?}", self.patience, self.seen);
            let Some(frame) = self.read().await else {
                panic!("closed with {:?} while waiting for {what}; seen: {:#?}", self.closed_with, self.seen);
            };
            match pick(&frame) {
                Some(found) => return found,
                None => self.waiting.push_back(frame),
            }
        }
    }

    /// The code with which the server closes.
    pub async fn expect_close(&mut self) -> u16 {
        while self.read().await.is_some() {}
        self.closed_with.expect("closed")
    }

    /// Cut the connection without a word.
    pub fn cut(self) {
        drop(self.stream);
    }
}
