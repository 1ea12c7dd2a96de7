//! A client's connection, which may be cut at any moment. What both roles hear is brought to one form here.

use crate::harness::socket::request;
use baton::protocol::agent::ToAgent;
use baton::protocol::shared::{Ack, LogEntry, Refused};
use baton::protocol::visitor::ToVisitor;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

/// The connection is gone. Nothing is known about what was under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server said goodbye, with this close code.
    Closed(u16),
    /// Nobody said goodbye.
    Broken,
    /// The client gave a silent server up.
    Silent,
}

pub enum Heard {
    Welcome { epoch: Option<Uuid>, visitor: Option<(String, Uuid)>, heartbeat: Duration },
    Snapshot { conversation: Uuid, epoch: Uuid, seq: u64, entries: Vec<LogEntry> },
    Resumed { conversation: Uuid, epoch: Uuid, entries: Vec<LogEntry> },
    Entry { conversation: Uuid, entry: LogEntry },
    History { conversation: Uuid, entries: Vec<LogEntry>, has_more: bool },
    Ack(Ack),
    Refused(Refused),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Visitor,
    Agent,
}

pub struct Link {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    side: Side,
}

impl Link {
    pub async fn open(address: SocketAddr, side: Side, cookie: Option<&str>) -> Result<Self, Cut> {
        let path = match side {
            Side::Visitor => "/ws/visitor",
            Side::Agent => "/ws/agent",
        };
        let (stream, _) =
            tokio_tungstenite::connect_async(request(address, path, cookie)).await.map_err(|_| Cut::Broken)?;
        Ok(Self { stream, side })
    }

    /// Hand frames to the kernel together: they arrive pipelined.
    pub async fn send_all<F: Serialize>(&mut self, frames: impl IntoIterator<Item = F>) -> Result<(), Cut> {
        for frame in frames {
            let text = serde_json::to_string(&frame).expect("frame");
            self.stream.feed(Message::text(text)).await.map_err(|_| Cut::Broken)?;
        }
        self.stream.flush().await.map_err(|_| Cut::Broken)
    }

    pub async fn next(&mut self) -> Result<Heard, Cut> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(self.read(&text)),
                Some(Ok(Message::Close(frame))) => {
                    return Err(Cut::Closed(frame.map_or(1005, |frame| frame.code.into())));
                }
                Some(Err(_)) | None => return Err(Cut::Broken),
                Some(Ok(_)) => {}
            }
        }
    }

    fn read(&self, text: &str) -> Heard {
        match self.side {
            Side::Visitor => match serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")) {
                ToVisitor::Welcome { token, conversation, heartbeat_seconds, .. } => Heard::Welcome {
                    epoch: None,
                    visitor: Some((token, conversation)),
                    heartbeat: Duration::from_secs(heartbeat_seconds.into()),
                },
                ToVisitor::Snapshot { conversation, snapshot } => Heard::Snapshot {
                    conversation,
                    epoch: snapshot.epoch,
                    seq: snapshot.seq,
                    entries: snapshot.entries,
                },
                ToVisitor::Resumed { conversation, epoch, entries } => Heard::Resumed { conversation, epoch, entries },
                ToVisitor::Event { conversation, seq, at, event } => {
                    Heard::Entry { conversation, entry: LogEntry { seq, at, event } }
                }
                ToVisitor::Ack(ack) => Heard::Ack(ack),
                ToVisitor::Refused(refused) => Heard::Refused(refused),
                _ => Heard::Other,
            },
            Side::Agent => match serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")) {
                ToAgent::Welcome { epoch, heartbeat_seconds, .. } => Heard::Welcome {
                    epoch: Some(epoch),
                    visitor: None,
                    heartbeat: Duration::from_secs(heartbeat_seconds.into()),
                },
                ToAgent::Snapshot { conversation, snapshot } => Heard::Snapshot {
                    conversation,
                    epoch: snapshot.epoch,
                    seq: snapshot.seq,
                    entries: snapshot.entries,
                },
                ToAgent::Resumed { conversation, epoch, entries } => Heard::Resumed { conversation, epoch, entries },
                ToAgent::Event { conversation, seq, at, event } => {
                    Heard::Entry { conversation, entry: LogEntry { seq, at, event } }
                }
                ToAgent::History { conversation, entries, has_more } => {
                    Heard::History { conversation, entries, has_more }
                }
                ToAgent::Ack(ack) => Heard::Ack(ack),
                ToAgent::Refused(refused) => Heard::Refused(refused),
                _ => Heard::Other,
            },
        }
    }
}
