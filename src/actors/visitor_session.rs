//! One visitor's socket: a widget or a hosted chat page.
//!
//! Owns: its outbox, its frame budget. Receives: frames from the browser, frames from its conversation. Sends: commands to its
//! conversation. Ends when: the socket closes, nothing was heard for two heartbeats, or the client breaks the rules.
//! Invariants: VIS-1 nothing but a hello is taken before a hello, and no second one. VIS-2 who the visitor is comes from the
//! token alone; a frame can't name another visitor or conversation.

use super::conversation::{Attach, ConversationActor, Cursor, Detach, Execute, FetchHistory, Reply, SetTyping};
use super::hub::Hub;
use super::session::{SessionHandle, Socket, SocketSession, ToSession, Verdict, encode};
use crate::domain::conversation::{Command, Party, Signals, VisitorContext};
use crate::domain::ids::{ChatbotId, ClientMessageId, ConversationId, Seq, VisitorId};
use crate::protocol::PROTOCOL;
use crate::protocol::codes::{self, RefusalCode};
use crate::protocol::convert::{self, Viewer};
use crate::protocol::shared::Refused;
use crate::protocol::visitor::{Page, ToVisitor, VisitorFrame};
use crate::transport::{HasOutbox, Incoming, Outbox};
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, StreamHandler, WrapFuture};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Characters kept of each text of a page.
const PAGE_TEXT_CHARS: usize = 2_000;
/// A client's back-off goes from one to the other (`docs/protocol.md`).
const SHORTEST_BACK_OFF_MS: u32 = 500;
const LONGEST_BACK_OFF_MS: u32 = 30_000;

/// What the upgrade request told.
#[derive(Debug, Clone)]
pub struct Peer {
    pub ip: String,
    pub country: String,
    pub user_agent: String,
}

/// The chatbot that a hello names admits this page; decided by the rim, which knows the origin.
pub type Admits = Box<dyn Fn(&crate::domain::settings::ChatbotSettings) -> bool + Send>;

struct Greeted {
    chatbot: ChatbotId,
    visitor: VisitorId,
    conversation: ConversationId,
    context: Arc<VisitorContext>,
    /// `None` until the conversation is attached to.
    address: Option<Addr<ConversationActor>>,
}

pub struct VisitorSession {
    hub: Hub,
    socket: Socket,
    peer: Peer,
    admits: Admits,
    greeted: Option<Greeted>,
}

impl VisitorSession {
    pub fn new(hub: Hub, socket: Socket, peer: Peer, admits: Admits) -> Self {
        Self { hub, socket, peer, admits, greeted: None }
    }

    fn refuse(
        &mut self,
        command: &str,
        key: Option<ClientMessageId>,
        code: RefusalCode,
        message: &str,
        ctx: &mut Context<Self>,
    ) {
        let refused = Refused {
            key: key.map(|key| key.0),
            command: command.to_owned(),
            conversation: self.greeted.as_ref().map(|greeted| greeted.conversation.0),
            code,
            message: message.to_owned(),
            by: None,
        };
        self.push(encode(&ToVisitor::Refused(refused)), ctx);
    }

    fn greet(
        &mut self,
        chatbot: &str,
        token: Option<&str>,
        cursor: Option<Cursor>,
        page: Page,
        ctx: &mut Context<Self>,
    ) {
        let Some(chatbot) = chatbot.parse().ok().and_then(|id: ChatbotId| self.hub.directory.get(&id)) else {
            return self.close(&codes::NOT_FOUND, ctx);
        };
        if !(self.admits)(&chatbot.settings) {
            return self.close(&codes::FORBIDDEN, ctx);
        }
        let visitor = match token.map(|token| self.hub.tokens.verify(&chatbot.id, token)) {
            Some(Some(visitor)) => visitor,
            Some(None) => return self.close(&codes::UNAUTHENTICATED, ctx),
            None => VisitorId::generate(),
        };
        let conversation = ConversationId::of_visitor(&chatbot.id, visitor);
        let welcome = ToVisitor::Welcome {
            protocol: PROTOCOL.to_owned(),
            token: self.hub.tokens.sign(&chatbot.id, visitor),
            conversation: conversation.0,
            chatbot: convert::public_chatbot(&chatbot.id, &chatbot.settings),
            heartbeat_seconds: u16::try_from(self.hub.settings.heartbeat.as_secs()).unwrap_or(u16::MAX),
            reconnect_within_ms: self.reconnect_within_ms(),
            team: self.hub.board.team(chatbot.workspace),
        };
        self.push(encode(&welcome), ctx);
        let context = self.context(page);
        self.greeted = Some(Greeted { chatbot: chatbot.id.clone(), visitor, conversation, context, address: None });
        self.attach(cursor, ctx);
    }

    /// Attach to the conversation; frames that come meanwhile wait in the socket, so order is kept.
    fn attach(&mut self, cursor: Option<Cursor>, ctx: &mut Context<Self>) {
        let Some(greeted) = &self.greeted else { return };
        let session = SessionHandle::new(self.socket.id, ctx.address().recipient());
        let visitor = (greeted.chatbot.clone(), greeted.visitor, Arc::clone(&greeted.context));
        let (hub, conversation) = (self.hub.clone(), greeted.conversation);
        let attaching = async move {
            // An actor that is just leaving memory drops the request; its successor takes it.
            for _ in 0..3 {
                let address = hub.locate(conversation).await.ok()?;
                let (taken, answer) = oneshot::channel();
                let attach = Attach {
                    session: session.clone(),
                    viewer: Viewer::Visitor,
                    agent: None,
                    cursor,
                    visitor: Some(visitor.clone()),
                    taken,
                };
                if address.send(attach).await.is_ok() && answer.await.is_ok() {
                    return Some(address);
                }
            }
            None
        };
        ctx.wait(attaching.into_actor(self).map(|address, session, ctx| match (address, &mut session.greeted) {
            (Some(address), Some(greeted)) => greeted.address = Some(address),
            _ => session.close(&codes::INTERNAL, ctx),
        }));
    }

    /// Over which time this node's visitors should come back if they lose it now: never less than a client's first back-off, and
    /// never more than its last.
    fn reconnect_within_ms(&self) -> u32 {
        let spread = self.hub.sockets.spread().as_millis();
        u32::try_from(spread)
            .map_or(LONGEST_BACK_OFF_MS, |spread| spread.clamp(SHORTEST_BACK_OFF_MS, LONGEST_BACK_OFF_MS))
    }

    /// What agents see of this visitor on `page`.
    fn context(&self, page: Page) -> Arc<VisitorContext> {
        let Page { url: page_url, title: page_title, referrer, language } = cut(page);
        let Peer { ip, country, user_agent } = self.peer.clone();
        Arc::new(VisitorContext { page_url, page_title, referrer, language, user_agent, ip, country })
    }

    fn forward(&mut self, frame: VisitorFrame, ctx: &mut Context<Self>) {
        let (name, key) = name_of(&frame);
        let Some(Greeted { chatbot, visitor, context, address: Some(address), .. }) = &self.greeted else { return };
        let (chatbot, visitor) = (chatbot.clone(), *visitor);
        let sent = match frame {
            VisitorFrame::Typing { active } => address.try_send(SetTyping { session: self.socket.id, active }).is_ok(),
            VisitorFrame::History { before, limit } => {
                let limit = usize::from(limit.clamp(1, 200));
                address.try_send(FetchHistory { session: self.socket.id, before: Seq(before), limit }).is_ok()
            }
            frame => {
                let command = match frame {
                    VisitorFrame::Send { key, text } => Command::VisitorPost {
                        chatbot,
                        visitor,
                        context: Arc::clone(context),
                        key: ClientMessageId(key),
                        text,
                        signals: Signals::default(),
                    },
                    VisitorFrame::Read { seq } => Command::MarkRead { by: Party::Visitor, seq: Seq(seq) },
                    VisitorFrame::RequestHandoff => {
                        Command::RequestHandoff { chatbot, visitor, context: Arc::clone(context) }
                    }
                    VisitorFrame::DeclineHandoff => Command::DeclineHandoff,
                    VisitorFrame::CancelHandoff => Command::CancelHandoff,
                    VisitorFrame::End => Command::EndByVisitor,
                    VisitorFrame::Navigate { page } => {
                        let context = self.context(page);
                        let address = address.clone();
                        if let Some(greeted) = &mut self.greeted {
                            greeted.context = Arc::clone(&context);
                        }
                        let command = Command::NoteVisitor { context };
                        // A page that could not be noted is noted with the next one.
                        let _noted = address.try_send(Execute { command, reply: Reply::Nobody });
                        return;
                    }
                    VisitorFrame::Hello { .. }
                    | VisitorFrame::Ping { .. }
                    | VisitorFrame::Typing { .. }
                    | VisitorFrame::History { .. } => return,
                };
                let reply = Reply::Listener { session: self.socket.id, frame: name, key };
                address.try_send(Execute { command, reply }).is_ok()
            }
        };
        if sent {
            return;
        }
        if address.connected() {
            self.refuse(name, key, RefusalCode::Unavailable, "the server is busy; send it again", ctx);
        } else {
            // The conversation restarts from its log; the client resumes from its cursor and sends again what was not acknowledged.
            self.close(&codes::INTERNAL, ctx);
        }
    }
}

impl Actor for VisitorSession {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.begin(ctx);
    }

    fn stopped(&mut self, _: &mut Context<Self>) {
        if let Some(Greeted { address: Some(address), .. }) = &self.greeted {
            address.do_send(Detach { session: self.socket.id });
        }
    }
}

impl HasOutbox for VisitorSession {
    fn outbox(&mut self) -> &mut Outbox {
        &mut self.socket.outbox
    }
}

impl SocketSession for VisitorSession {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    fn has_greeted(&self) -> bool {
        self.greeted.is_some()
    }

    fn on_text(&mut self, text: &str, ctx: &mut Context<Self>) {
        let verdict = self.socket.spend();
        if verdict == Verdict::Close {
            return self.close(&codes::TOO_FAST, ctx);
        }
        let frame = match serde_json::from_str::<VisitorFrame>(text) {
            Ok(frame) => frame,
            Err(_) if self.greeted.is_none() => return self.close(&codes::BAD_HELLO, ctx),
            Err(error) => return self.refuse("", None, RefusalCode::Malformed, &error.to_string(), ctx),
        };
        if verdict == Verdict::Refuse {
            let (name, key) = name_of(&frame);
            return self.refuse(name, key, RefusalCode::TooFast, "too many messages at once; wait a moment", ctx);
        }
        match (frame, self.greeted.is_some()) {
            (VisitorFrame::Hello { protocol, chatbot, token, cursor, page }, false) => {
                if protocol != PROTOCOL {
                    return self.close(&codes::BAD_HELLO, ctx);
                }
                let cursor = cursor.map(|cursor| Cursor { seq: Seq(cursor.seq), epoch: cursor.epoch });
                self.greet(&chatbot, token.as_deref(), cursor, page, ctx);
            }
            (_, false) => self.close(&codes::BAD_HELLO, ctx),
            (VisitorFrame::Hello { .. }, true) => {
                self.refuse("hello", None, RefusalCode::NotAllowed, "this connection has said hello", ctx);
            }
            (VisitorFrame::Ping { id }, true) => {
                let pong = ToVisitor::Pong { id, reconnect_within_ms: self.reconnect_within_ms() };
                self.push(encode(&pong), ctx);
            }
            (frame, true) => self.forward(frame, ctx),
        }
    }

    fn on_binary(&mut self, ctx: &mut Context<Self>) {
        match (self.socket.spend(), self.has_greeted()) {
            (_, false) => self.close(&codes::BAD_HELLO, ctx),
            (Verdict::Close, true) => self.close(&codes::TOO_FAST, ctx),
            _ => self.refuse("", None, RefusalCode::Malformed, "baton.v1 has no binary frames", ctx),
        }
    }
}

impl StreamHandler<Incoming> for VisitorSession {
    fn handle(&mut self, incoming: Incoming, ctx: &mut Context<Self>) {
        self.receive(incoming, ctx);
    }
}

impl Handler<ToSession> for VisitorSession {
    type Result = ();

    fn handle(&mut self, what: ToSession, ctx: &mut Context<Self>) {
        match what {
            ToSession::Frame(frame) => self.push(frame, ctx),
            ToSession::Close(row) => self.close(row, ctx),
            // A visitor's token can't be revoked.
            ToSession::Recheck => {}
        }
    }
}

fn name_of(frame: &VisitorFrame) -> (&'static str, Option<ClientMessageId>) {
    match frame {
        VisitorFrame::Hello { .. } => ("hello", None),
        VisitorFrame::Send { key, .. } => ("send", Some(ClientMessageId(*key))),
        VisitorFrame::Typing { .. } => ("typing", None),
        VisitorFrame::Read { .. } => ("read", None),
        VisitorFrame::RequestHandoff => ("request_handoff", None),
        VisitorFrame::DeclineHandoff => ("decline_handoff", None),
        VisitorFrame::CancelHandoff => ("cancel_handoff", None),
        VisitorFrame::End => ("end", None),
        VisitorFrame::Navigate { .. } => ("navigate", None),
        VisitorFrame::History { .. } => ("history", None),
        VisitorFrame::Ping { .. } => ("ping", None),
    }
}

fn cut(page: Page) -> Page {
    let cut =
        |text: String| if text.len() > PAGE_TEXT_CHARS { text.chars().take(PAGE_TEXT_CHARS).collect() } else { text };
    Page { url: cut(page.url), title: cut(page.title), referrer: cut(page.referrer), language: cut(page.language) }
}
