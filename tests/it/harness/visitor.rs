//! A visitor with a real socket.

use super::socket::{Socket, request};
use baton::protocol::PROTOCOL;
use baton::protocol::shared::*;
use baton::protocol::visitor::*;
use std::net::SocketAddr;
use uuid::Uuid;

pub struct Visitor {
    pub socket: Socket<ToVisitor>,
    pub address: SocketAddr,
    pub chatbot: String,
    pub token: String,
    pub conversation: Uuid,
    pub epoch: Uuid,
    /// The page that the widget is on; a new tab or a reload is on the same one.
    pub page: Page,
    /// What the socket was opened with.
    pub opening: Opening,
    /// The cursor's seq that it was opened at; zero without one.
    opened_at: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Opening {
    Snapshot(Box<Snapshot>),
    Resumed(Vec<LogEntry>),
}

impl Visitor {
    pub async fn connect(address: SocketAddr, chatbot: &str, token: Option<String>, cursor: Option<Cursor>) -> Self {
        let page = Page { url: "http://shop.test/bikes".into(), title: "Bikes".into(), ..Page::default() };
        Self::connect_from(address, chatbot, token, cursor, page).await
    }

    async fn connect_from(
        address: SocketAddr,
        chatbot: &str,
        token: Option<String>,
        cursor: Option<Cursor>,
        page: Page,
    ) -> Self {
        let opened_at = cursor.as_ref().map_or(0, |cursor| cursor.seq);
        let mut socket = Socket::<ToVisitor>::connect(request(address, "/ws/visitor", None)).await;
        let (protocol, chatbot) = (PROTOCOL.to_owned(), chatbot.to_owned());
        let hello = VisitorFrame::Hello { protocol, chatbot: chatbot.clone(), token, cursor, page: page.clone() };
        socket.send(&hello).await;
        let (token, conversation) = socket
            .expect("welcome", |frame| match frame {
                ToVisitor::Welcome { token, conversation, .. } => Some((token.clone(), *conversation)),
                _ => None,
            })
            .await;
        let (epoch, opening) = socket
            .expect("snapshot or resumed", |frame| match frame {
                ToVisitor::Snapshot { snapshot, .. } => {
                    Some((snapshot.epoch, Opening::Snapshot(Box::new(snapshot.clone()))))
                }
                ToVisitor::Resumed { epoch, entries, .. } => Some((*epoch, Opening::Resumed(entries.clone()))),
                _ => None,
            })
            .await;
        Self { socket, address, chatbot, token, conversation, epoch, page, opening, opened_at }
    }

    /// Send without waiting; the key names the message.
    pub async fn post(&mut self, text: &str) -> Uuid {
        let key = Uuid::new_v4();
        self.post_as(key, text).await;
        key
    }

    pub async fn post_as(&mut self, key: Uuid, text: &str) {
        self.socket.send(&VisitorFrame::Send { key, text: text.into() }).await;
    }

    /// Send and wait until it is durable.
    pub async fn say(&mut self, text: &str) -> u64 {
        let key = self.post(text).await;
        self.acked(key).await
    }

    pub async fn acked(&mut self, key: Uuid) -> u64 {
        self.socket
            .expect("ack", |frame| match frame {
                ToVisitor::Ack(ack) if ack.key == key => Some(ack.seq),
                ToVisitor::Refused(refused) if refused.key == Some(key) => panic!("refused: {refused:?}"),
                _ => None,
            })
            .await
    }

    pub async fn send(&mut self, frame: VisitorFrame) {
        self.socket.send(&frame).await;
    }

    /// One more tab of the same browser.
    pub async fn tab(&self) -> Self {
        let (token, page) = (self.token.clone(), self.page.clone());
        Self::connect_from(self.address, &self.chatbot, Some(token), None, page).await
    }

    /// Go to another page of a single-page app.
    pub async fn navigate(&mut self, page: Page) {
        self.page = page.clone();
        self.send(VisitorFrame::Navigate { page }).await;
    }

    /// Ask for a human with the button, and wait until it is in the log.
    pub async fn request_human(&mut self) {
        self.send(VisitorFrame::RequestHandoff).await;
        self.expect_entry("request", |event| matches!(event, LogEvent::HandoffRequested { .. }).then_some(())).await;
    }

    pub async fn expect_entry<T>(&mut self, what: &str, pick: impl Fn(&LogEvent) -> Option<T>) -> T {
        self.socket
            .expect(what, |frame| match frame {
                ToVisitor::Event { event, .. } => pick(event),
                _ => None,
            })
            .await
    }

    pub async fn refused(&mut self) -> Refused {
        self.socket
            .expect("refused", |frame| match frame {
                ToVisitor::Refused(refused) => Some(refused.clone()),
                _ => None,
            })
            .await
    }

    /// A pong marks that everything the server had to say before was said.
    pub async fn settle(&mut self) {
        let id = rand_id();
        self.socket.send(&VisitorFrame::Ping { id }).await;
        self.socket
            .expect("pong", |frame| matches!(frame, ToVisitor::Pong { id: got, .. } if *got == id).then_some(()))
            .await;
    }

    /// Everything of the log that this socket was told, in order of arrival.
    pub fn log(&self) -> Vec<LogEntry> {
        let mut log = match &self.opening {
            Opening::Snapshot(snapshot) => snapshot.entries.clone(),
            Opening::Resumed(entries) => entries.clone(),
        };
        log.extend(self.socket.seen.iter().filter_map(|frame| match frame {
            ToVisitor::Event { seq, at, event, .. } => Some(LogEntry { seq: *seq, at: *at, event: event.clone() }),
            _ => None,
        }));
        log
    }

    pub fn cursor(&self) -> Cursor {
        let opened_at = match &self.opening {
            Opening::Snapshot(snapshot) => snapshot.seq,
            Opening::Resumed(_) => self.opened_at,
        };
        let seq = self.log().last().map_or(opened_at, |entry| entry.seq).max(opened_at);
        Cursor { seq, epoch: self.epoch }
    }

    /// Lose the connection and come back at the cursor, to the same or another server.
    pub async fn resume_at(self, address: SocketAddr) -> Self {
        let cursor = self.cursor();
        let Self { socket, chatbot, token, page, .. } = self;
        socket.cut();
        Self::connect_from(address, &chatbot, Some(token), Some(cursor), page).await
    }

    pub async fn resume(self) -> Self {
        let address = self.address;
        self.resume_at(address).await
    }
}

pub fn rand_id() -> u32 {
    Uuid::new_v4().as_fields().0
}
