//! An agent with a real socket.

use super::socket::{Socket, request};
use super::visitor::{Opening, rand_id};
use baton::protocol::PROTOCOL;
use baton::protocol::agent::*;
use baton::protocol::shared::*;
use std::net::SocketAddr;
use uuid::Uuid;

pub struct Agent {
    pub socket: Socket<ToAgent>,
    pub me: AgentView,
    pub epoch: Uuid,
}

impl Agent {
    /// A console, signed in by cookie.
    pub async fn connect(address: SocketAddr, cookie: &str) -> Self {
        let socket = Socket::connect(request(address, "/ws/agent", Some(cookie))).await;
        Self::greet(socket, None).await
    }

    /// The portal behind a link.
    pub async fn portal(address: SocketAddr, token: &str) -> Self {
        let socket = Socket::connect(request(address, "/ws/agent", None)).await;
        Self::greet(socket, Some(token.to_owned())).await
    }

    async fn greet(mut socket: Socket<ToAgent>, portal_token: Option<String>) -> Self {
        socket.send(&AgentFrame::Hello { protocol: PROTOCOL.into(), portal_token }).await;
        let (me, epoch) = socket
            .expect("welcome", |frame| match frame {
                ToAgent::Welcome { me, epoch, .. } => Some((me.clone(), *epoch)),
                _ => None,
            })
            .await;
        Self { socket, me, epoch }
    }

    pub async fn send(&mut self, frame: AgentFrame) {
        self.socket.send(&frame).await;
    }

    /// Open a conversation without a cursor.
    pub async fn open(&mut self, conversation: Uuid) -> Snapshot {
        match self.open_at(conversation, None).await {
            Opening::Snapshot(snapshot) => *snapshot,
            Opening::Resumed(entries) => panic!("resumed without a cursor: {entries:?}"),
        }
    }

    pub async fn open_at(&mut self, conversation: Uuid, cursor: Option<Cursor>) -> Opening {
        self.send(AgentFrame::Open { conversation, cursor }).await;
        self.socket
            .expect("snapshot or resumed", |frame| match frame {
                ToAgent::Snapshot { conversation: of, snapshot } if *of == conversation => {
                    Some(Opening::Snapshot(Box::new(snapshot.clone())))
                }
                ToAgent::Resumed { conversation: of, entries, .. } if *of == conversation => {
                    Some(Opening::Resumed(entries.clone()))
                }
                _ => None,
            })
            .await
    }

    /// Everything of a log that this socket was told, in order of arrival.
    pub fn shown(&self, conversation: Uuid) -> Vec<LogEntry> {
        let mut shown = Vec::new();
        for frame in &self.socket.seen {
            match frame {
                ToAgent::Snapshot { conversation: of, snapshot } if *of == conversation => {
                    shown.extend(snapshot.entries.iter().cloned());
                }
                ToAgent::Resumed { conversation: of, entries, .. } if *of == conversation => {
                    shown.extend(entries.iter().cloned());
                }
                ToAgent::Event { conversation: of, seq, at, event } if *of == conversation => {
                    shown.push(LogEntry { seq: *seq, at: *at, event: event.clone() });
                }
                _ => {}
            }
        }
        shown
    }

    pub async fn accept(&mut self, conversation: Uuid) {
        self.send(AgentFrame::Accept { conversation }).await;
        let me = self.me.id;
        self.expect_entry("agent_joined", |event| {
            matches!(event, LogEvent::AgentJoined { agent } if agent.id == me).then_some(())
        })
        .await;
    }

    pub async fn say(&mut self, conversation: Uuid, text: &str) -> u64 {
        let key = Uuid::new_v4();
        self.send(AgentFrame::Send { conversation, key, text: text.into() }).await;
        self.acked(key).await
    }

    /// Send without waiting for each, in portions that the server takes; the seq of the last one.
    pub async fn say_many(&mut self, conversation: Uuid, count: usize) -> u64 {
        let mut last = 0;
        for portion in vec![(); count].chunks(200) {
            let keys: Vec<Uuid> = portion.iter().map(|()| Uuid::new_v4()).collect();
            for key in &keys {
                self.send(AgentFrame::Send { conversation, key: *key, text: "one of many".into() }).await;
            }
            for key in keys {
                last = self.acked(key).await;
            }
        }
        last
    }

    pub async fn note(&mut self, conversation: Uuid, text: &str) -> u64 {
        let key = Uuid::new_v4();
        self.send(AgentFrame::Note { conversation, key, text: text.into() }).await;
        self.acked(key).await
    }

    pub async fn acked(&mut self, key: Uuid) -> u64 {
        self.socket
            .expect("ack", |frame| match frame {
                ToAgent::Ack(ack) if ack.key == key => Some(ack.seq),
                ToAgent::Refused(refused) if refused.key == Some(key) => panic!("refused: {refused:?}"),
                _ => None,
            })
            .await
    }

    pub async fn expect_entry<T>(&mut self, what: &str, pick: impl Fn(&LogEvent) -> Option<T>) -> T {
        self.socket
            .expect(what, |frame| match frame {
                ToAgent::Event { event, .. } => pick(event),
                _ => None,
            })
            .await
    }

    pub async fn expect_row(&mut self, what: &str, pick: impl Fn(&InboxRow) -> bool) -> InboxRow {
        self.socket
            .expect(what, |frame| match frame {
                ToAgent::Inbox { rows } => rows.iter().find(|row| pick(row)).cloned(),
                _ => None,
            })
            .await
    }

    pub async fn refused(&mut self) -> Refused {
        self.socket
            .expect("refused", |frame| match frame {
                ToAgent::Refused(refused) => Some(refused.clone()),
                _ => None,
            })
            .await
    }

    pub async fn settle(&mut self) {
        let id = rand_id();
        self.socket.send(&AgentFrame::Ping { id }).await;
        self.socket
            .expect("pong", |frame| matches!(frame, ToAgent::Pong { id: got } if *got == id).then_some(()))
            .await;
    }
}
