//! One agent's socket: the console, or the portal of one conversation.
//!
//! Owns: its outbox, its frame budget, the conversations it has open. Receives: frames from the browser, frames from
//! conversations, queue and inbox. Sends: commands to conversations. Ends when: the socket closes, nothing was heard for two
//! heartbeats, or the client breaks the rules. Invariants: AGENT-1 every conversation named in a frame is checked against the
//! workspace, or the portal's one conversation, before anything is done; what is not theirs does not exist. AGENT-2 who the agent is
//! comes from the session cookie or the portal link alone.

use super::conversation::{Attach, ConversationActor, Cursor, Detach, Execute, FetchHistory, Reply, SetTyping};
use super::hub::Hub;
use super::inbox::{Unwatch, Watch};
use super::pass::{Pass, valid_link};
use super::queue::{AgentArrived, AgentChose, AgentGone, Entry};
use super::session::{SessionHandle, Socket, SocketSession, ToSession, Verdict, encode};
use crate::bus::{Message as BusMessage, Topic};
use crate::domain::conversation::{AgentRef, Command, Party};
use crate::domain::ids::{AgentId, ClientMessageId, ConversationId, Seq, WorkspaceId};
use crate::protocol::PROTOCOL;
use crate::protocol::agent::{AgentFrame, Availability, PortalView, ToAgent};
use crate::protocol::codes::{self, RefusalCode};
use crate::protocol::convert::{self, Viewer};
use crate::protocol::shared::Refused;
use crate::store::{AgentRecord, AvailabilityRecord, LinkRecord};
use crate::transport::{HasOutbox, Incoming, Outbox};
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, StreamHandler, WrapFuture};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Conversations that one socket may have open.
const MAX_OPEN: usize = 64;

/// Who speaks, once the hello was taken.
#[derive(Debug, Clone)]
struct Identity {
    agent: AgentRef,
    workspace: WorkspaceId,
    /// For a portal: the one conversation.
    only: Option<ConversationId>,
    entry: Entry,
    pass: Pass,
}

pub struct AgentSession {
    hub: Hub,
    socket: Socket,
    /// The agent of the upgrade's session cookie, and the SHA-256 of the cookie.
    signed_in: Option<(AgentRecord, [u8; 32])>,
    identity: Option<Identity>,
    open: HashMap<ConversationId, Addr<ConversationActor>>,
}

/// Why a conversation can't be reached for this agent.
enum NoEntry {
    NotFound,
    Unavailable,
}

impl AgentSession {
    pub fn new(hub: Hub, socket: Socket, signed_in: Option<(AgentRecord, [u8; 32])>) -> Self {
        Self { hub, socket, signed_in, identity: None, open: HashMap::new() }
    }

    fn refuse(
        &mut self,
        command: &'static str,
        about: (Option<Uuid>, Option<Uuid>),
        code: RefusalCode,
        message: &str,
        ctx: &mut Context<Self>,
    ) {
        let (conversation, key) = about;
        let (command, message) = (command.to_owned(), message.to_owned());
        self.push(encode(&ToAgent::Refused(Refused { key, command, conversation, code, message, by: None })), ctx);
    }

    fn own_handle(&self, ctx: &mut Context<Self>) -> SessionHandle {
        SessionHandle::new(self.socket.id, ctx.address().recipient())
    }

    fn greet(&mut self, portal_token: Option<String>, ctx: &mut Context<Self>) {
        match (portal_token, self.signed_in.take()) {
            (Some(token), _) => self.greet_portal(&token, ctx),
            (None, Some((agent, login))) => self.welcome_agent(agent, login, ctx),
            (None, None) => self.close(&codes::UNAUTHENTICATED, ctx),
        }
    }

    fn welcome_agent(&mut self, record: AgentRecord, login: [u8; 32], ctx: &mut Context<Self>) {
        let agent = AgentRef { id: record.id, name: record.name };
        let (entry, pass) = (Entry::Login(login), Pass::Login(login));
        let identity = Identity { agent, workspace: record.workspace, only: None, entry, pass };
        self.welcome(identity, record.availability, None, ctx);
    }

    fn greet_portal(&mut self, token: &str, ctx: &mut Context<Self>) {
        let token_hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let hub = self.hub.clone();
        let look_up = async move {
            let link = valid_link(&hub, token_hash).await?;
            let conversation = hub.store.conversation(link.conversation).await.ok()??;
            Some((link, conversation))
        };
        ctx.wait(look_up.into_actor(self).map(move |found, session, ctx| {
            let Some((link, record)) = found else { return session.close(&codes::NOT_FOUND, ctx) };
            let Some(chatbot) = session.hub.directory.get(&record.chatbot) else {
                return session.close(&codes::NOT_FOUND, ctx);
            };
            let LinkRecord { agent, conversation, expires_at, .. } = link;
            let portal = PortalView {
                conversation: conversation.0,
                chatbot: convert::public_chatbot(&chatbot.id, &chatbot.settings),
                expires_at: expires_at.0,
            };
            let identity = Identity {
                agent,
                workspace: record.workspace,
                only: Some(conversation),
                entry: Entry::Portal(conversation),
                pass: Pass::Link(token_hash),
            };
            let remaining = u64::try_from(expires_at.since(session.hub.now())).unwrap_or_default();
            ctx.run_later(Duration::from_millis(remaining), |session, ctx| session.close(&codes::NOT_FOUND, ctx));
            session.welcome(identity, AvailabilityRecord::Online, Some(portal), ctx);
        }));
    }

    fn welcome(
        &mut self,
        identity: Identity,
        availability: AvailabilityRecord,
        portal: Option<PortalView>,
        ctx: &mut Context<Self>,
    ) {
        let welcome = ToAgent::Welcome {
            protocol: PROTOCOL.to_owned(),
            me: convert::agent_view(&identity.agent),
            availability: convert::availability(availability),
            heartbeat_seconds: u16::try_from(self.hub.settings.heartbeat.as_secs()).unwrap_or(u16::MAX),
            epoch: self.hub.store.epoch(),
            portal,
        };
        let arrived = self.hub.queue().map(|queue| {
            queue.send(AgentArrived {
                session: self.own_handle(ctx),
                workspace: identity.workspace,
                agent: identity.agent.clone(),
                availability,
                entry: identity.entry,
            })
        });
        let pass = identity.pass;
        self.identity = Some(identity);
        let hub = self.hub.clone();
        let check = async move {
            // Frames wait until the arrival is known: else an agent who accepts at once would show to the visitor as absent.
            if let Some(arrived) = arrived {
                let _unreachable_only_while_stopping = arrived.await;
            }
            // From then on a sign-out or a revocation finds this socket. One that came between upgrade and hello did not, so
            // what let the socket in is looked at once more before anything is told.
            pass.still_holds(&hub).await
        };
        ctx.wait(check.into_actor(self).map(move |holds, session, ctx| {
            if holds { session.push(encode(&welcome), ctx) } else { session.close(pass.close_row(), ctx) }
        }));
    }

    /// A sign-out or a revocation on another node may have gone unheard.
    fn recheck(&mut self, ctx: &mut Context<Self>) {
        let Some(pass) = self.identity.as_ref().map(|identity| identity.pass) else { return };
        let hub = self.hub.clone();
        let check = async move { pass.has_ended(&hub).await };
        ctx.spawn(check.into_actor(self).map(move |ended, session, ctx| {
            if ended {
                session.close(pass.close_row(), ctx);
            }
        }));
    }

    fn on_frame(&mut self, frame: AgentFrame, identity: Identity, ctx: &mut Context<Self>) {
        let (name, conversation, key) = about(&frame);
        let Some(conversation) = conversation.map(ConversationId) else {
            return self.on_own_frame(frame, &identity, ctx);
        };
        if identity.only.is_some_and(|only| only != conversation) {
            return self.refuse(name, (Some(conversation.0), key), RefusalCode::NotFound, "no such conversation", ctx);
        }
        let known = self.open.get(&conversation).cloned();
        match (frame, known) {
            (AgentFrame::Leave { .. }, Some(address)) => {
                self.open.remove(&conversation);
                address.do_send(Detach { session: self.socket.id });
            }
            (AgentFrame::Leave { .. }, None) => {}
            (frame, Some(address)) if address.connected() && !matches!(frame, AgentFrame::Open { .. }) => {
                self.forward(frame, &identity, conversation, address, ctx);
            }
            (frame, _) => self.reach(frame, identity, conversation, ctx),
        }
    }

    /// Frames that are about no conversation.
    fn on_own_frame(&mut self, frame: AgentFrame, identity: &Identity, ctx: &mut Context<Self>) {
        match frame {
            AgentFrame::Ping { id } => self.push(encode(&ToAgent::Pong { id }), ctx),
            AgentFrame::Hello { .. } => {
                self.refuse("hello", (None, None), RefusalCode::NotAllowed, "this connection has said hello", ctx);
            }
            AgentFrame::Watch { .. } | AgentFrame::SetAvailability { .. } if identity.only.is_some() => {
                let (name, ..) = about(&frame);
                self.refuse(name, (None, None), RefusalCode::NotAllowed, "a portal shows one conversation", ctx);
            }
            AgentFrame::Watch { chatbot } => {
                let chatbot = match chatbot.map(|id| id.parse()) {
                    None => None,
                    Some(Ok(chatbot)) => Some(chatbot),
                    Some(Err(_)) => {
                        return self.refuse("watch", (None, None), RefusalCode::NotFound, "no such chatbot", ctx);
                    }
                };
                if let Some(inbox) = self.hub.inbox() {
                    inbox.do_send(Watch { session: self.own_handle(ctx), workspace: identity.workspace, chatbot });
                }
            }
            AgentFrame::Unwatch => {
                if let Some(inbox) = self.hub.inbox() {
                    inbox.do_send(Unwatch { session: self.socket.id });
                }
            }
            AgentFrame::SetAvailability { availability } => self.choose(identity, availability, ctx),
            _ => {}
        }
    }

    fn choose(&mut self, identity: &Identity, availability: Availability, ctx: &mut Context<Self>) {
        let (agent, workspace) = (identity.agent.id, identity.workspace);
        let availability = convert::availability_record(availability);
        let hub = self.hub.clone();
        let stored = async move { hub.store.set_availability(agent, availability).await };
        ctx.spawn(stored.into_actor(self).map(move |stored, session, ctx| match (stored, session.hub.queue()) {
            (Ok(()), Some(queue)) => {
                queue.do_send(AgentChose { agent, availability });
                session.hub.bus.publish(Topic::Workspace(workspace), BusMessage::Chose { agent });
            }
            _ => session.refuse(
                "set_availability",
                (None, None),
                RefusalCode::Unavailable,
                "your choice could not be stored; try again",
                ctx,
            ),
        }));
    }

    /// A frame about a conversation that this session has not open: check that it is theirs, find its actor, go on (AGENT-1).
    /// Later frames of this socket wait, so order is kept.
    fn reach(&mut self, frame: AgentFrame, identity: Identity, conversation: ConversationId, ctx: &mut Context<Self>) {
        let hub = self.hub.clone();
        let (agent, workspace) = (identity.agent.clone(), identity.workspace);
        let cursor = match &frame {
            AgentFrame::Open { cursor, .. } => {
                Some(cursor.as_ref().map(|cursor| Cursor { seq: Seq(cursor.seq), epoch: cursor.epoch }))
            }
            _ => None,
        };
        let session = self.own_handle(ctx);
        let room = self.open.len() < MAX_OPEN || self.open.contains_key(&conversation);
        let look_up = async move {
            match hub.store.conversation(conversation).await {
                Ok(Some(record)) if record.workspace == workspace => {}
                Ok(_) => return Err(NoEntry::NotFound),
                Err(_) => return Err(NoEntry::Unavailable),
            }
            for _ in 0..3 {
                let address = hub.locate(conversation).await.map_err(|_| NoEntry::Unavailable)?;
                let Some(cursor) = cursor else { return Ok(address) };
                if !room {
                    return Err(NoEntry::Unavailable);
                }
                let (taken, answer) = oneshot::channel();
                let attach = Attach {
                    session: session.clone(),
                    viewer: Viewer::Agent,
                    agent: Some(agent.clone()),
                    cursor,
                    visitor: None,
                    taken,
                };
                if address.send(attach).await.is_ok() && answer.await.is_ok() {
                    return Ok(address);
                }
            }
            Err(NoEntry::Unavailable)
        };
        ctx.wait(look_up.into_actor(self).map(move |found, session, ctx| {
            let (name, _, key) = about(&frame);
            let about = (Some(conversation.0), key);
            match found {
                Ok(address) if matches!(frame, AgentFrame::Open { .. }) => {
                    session.open.insert(conversation, address);
                }
                Ok(address) => session.forward(frame, &identity, conversation, address, ctx),
                Err(NoEntry::NotFound) => {
                    session.refuse(name, about, RefusalCode::NotFound, "no such conversation", ctx);
                }
                Err(NoEntry::Unavailable) => {
                    session.refuse(name, about, RefusalCode::Unavailable, "the server is busy; try again", ctx);
                }
            }
        }));
    }

    fn forward(
        &mut self,
        frame: AgentFrame,
        identity: &Identity,
        conversation: ConversationId,
        address: Addr<ConversationActor>,
        ctx: &mut Context<Self>,
    ) {
        let (name, _, key) = about(&frame);
        let agent = identity.agent.clone();
        let command = match frame {
            AgentFrame::Typing { active, .. } => {
                // The next one comes in three seconds.
                let _sent = address.try_send(SetTyping { session: self.socket.id, active });
                return;
            }
            AgentFrame::History { before, limit, .. } => {
                let limit = usize::from(limit.clamp(1, 200));
                let _sent = address.try_send(FetchHistory { session: self.socket.id, before: Seq(before), limit });
                return;
            }
            AgentFrame::Transfer { agent: to, .. } => {
                return self.transfer(identity.clone(), AgentId(to), conversation, address, ctx);
            }
            AgentFrame::Send { key, text, .. } => Command::AgentPost { agent, key: ClientMessageId(key), text },
            AgentFrame::Note { key, text, .. } => Command::WriteNote { agent, key: ClientMessageId(key), text },
            AgentFrame::Interject { key, text, .. } => Command::Interject { agent, key: ClientMessageId(key), text },
            AgentFrame::Whisper { key, text, .. } => Command::Whisper { agent, key: ClientMessageId(key), text },
            AgentFrame::Read { seq, .. } => Command::MarkRead { by: Party::Agent, seq: Seq(seq) },
            AgentFrame::Accept { .. } => Command::Accept { agent },
            AgentFrame::TakeOver { .. } => Command::TakeOver { agent },
            AgentFrame::HandBack { .. } => Command::HandBack { agent },
            AgentFrame::End { .. } => Command::EndByAgent { agent },
            _ => return,
        };
        self.execute(command, name, key, conversation, &address, ctx);
    }

    fn execute(
        &mut self,
        command: Command,
        frame: &'static str,
        key: Option<Uuid>,
        conversation: ConversationId,
        address: &Addr<ConversationActor>,
        ctx: &mut Context<Self>,
    ) {
        let client_key = key.map(ClientMessageId);
        let reply = if self.open.contains_key(&conversation) {
            Reply::Listener { session: self.socket.id, frame, key: client_key }
        } else {
            Reply::Session { session: self.own_handle(ctx), frame, key: client_key }
        };
        if address.try_send(Execute { command, reply }).is_err() {
            if address.connected() {
                let message = "the server is busy; send it again";
                self.refuse(frame, (Some(conversation.0), key), RefusalCode::Unavailable, message, ctx);
            } else {
                self.close(&codes::INTERNAL, ctx);
            }
        }
    }

    fn transfer(
        &mut self,
        identity: Identity,
        to: AgentId,
        conversation: ConversationId,
        address: Addr<ConversationActor>,
        ctx: &mut Context<Self>,
    ) {
        let store = Arc::clone(&self.hub.store);
        let look_up = async move { store.agent(to).await };
        ctx.wait(look_up.into_actor(self).map(move |found, session, ctx| match found {
            Ok(Some(record)) if record.workspace == identity.workspace => {
                let to = AgentRef { id: record.id, name: record.name };
                let command = Command::Transfer { agent: identity.agent, to };
                session.execute(command, "transfer", None, conversation, &address, ctx);
            }
            Ok(_) => {
                session.refuse("transfer", (Some(conversation.0), None), RefusalCode::NotFound, "no such agent", ctx);
            }
            Err(_) => {
                let message = "the server is busy; try again";
                session.refuse("transfer", (Some(conversation.0), None), RefusalCode::Unavailable, message, ctx);
            }
        }));
    }
}

impl Actor for AgentSession {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.begin(ctx);
    }

    fn stopped(&mut self, _: &mut Context<Self>) {
        let session = self.socket.id;
        for address in self.open.values() {
            address.do_send(Detach { session });
        }
        if let (Some(identity), Some(queue), Some(inbox)) = (&self.identity, self.hub.queue(), self.hub.inbox()) {
            queue.do_send(AgentGone { session, agent: identity.agent.id });
            inbox.do_send(Unwatch { session });
        }
    }
}

impl HasOutbox for AgentSession {
    fn outbox(&mut self) -> &mut Outbox {
        &mut self.socket.outbox
    }
}

impl SocketSession for AgentSession {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    fn has_greeted(&self) -> bool {
        self.identity.is_some()
    }

    fn on_text(&mut self, text: &str, ctx: &mut Context<Self>) {
        let verdict = self.socket.spend();
        if verdict == Verdict::Close {
            return self.close(&codes::TOO_FAST, ctx);
        }
        let frame = match serde_json::from_str::<AgentFrame>(text) {
            Ok(frame) => frame,
            Err(_) if self.identity.is_none() => return self.close(&codes::BAD_HELLO, ctx),
            Err(error) => return self.refuse("", (None, None), RefusalCode::Malformed, &error.to_string(), ctx),
        };
        if verdict == Verdict::Refuse {
            let (name, conversation, key) = about(&frame);
            let message = "too many messages at once; wait a moment";
            return self.refuse(name, (conversation, key), RefusalCode::TooFast, message, ctx);
        }
        match (frame, self.identity.clone()) {
            (AgentFrame::Hello { protocol, portal_token }, None) if protocol == PROTOCOL => {
                self.greet(portal_token, ctx);
            }
            (_, None) => self.close(&codes::BAD_HELLO, ctx),
            (frame, Some(identity)) => self.on_frame(frame, identity, ctx),
        }
    }

    fn on_binary(&mut self, ctx: &mut Context<Self>) {
        match (self.socket.spend(), self.has_greeted()) {
            (_, false) => self.close(&codes::BAD_HELLO, ctx),
            (Verdict::Close, true) => self.close(&codes::TOO_FAST, ctx),
            _ => self.refuse("", (None, None), RefusalCode::Malformed, "baton.v1 has no binary frames", ctx),
        }
    }
}

impl StreamHandler<Incoming> for AgentSession {
    fn handle(&mut self, incoming: Incoming, ctx: &mut Context<Self>) {
        self.receive(incoming, ctx);
    }
}

impl Handler<ToSession> for AgentSession {
    type Result = ();

    fn handle(&mut self, what: ToSession, ctx: &mut Context<Self>) {
        match what {
            ToSession::Frame(frame) => self.push(frame, ctx),
            ToSession::Close(row) => self.close(row, ctx),
            ToSession::Recheck => self.recheck(ctx),
        }
    }
}

/// The frame's type, and what it is about: conversation and client key.
fn about(frame: &AgentFrame) -> (&'static str, Option<Uuid>, Option<Uuid>) {
    match frame {
        AgentFrame::Hello { .. } => ("hello", None, None),
        AgentFrame::Watch { .. } => ("watch", None, None),
        AgentFrame::Unwatch => ("unwatch", None, None),
        AgentFrame::SetAvailability { .. } => ("set_availability", None, None),
        AgentFrame::Ping { .. } => ("ping", None, None),
        AgentFrame::Open { conversation, .. } => ("open", Some(*conversation), None),
        AgentFrame::Leave { conversation } => ("leave", Some(*conversation), None),
        AgentFrame::Send { conversation, key, .. } => ("send", Some(*conversation), Some(*key)),
        AgentFrame::Note { conversation, key, .. } => ("note", Some(*conversation), Some(*key)),
        AgentFrame::Interject { conversation, key, .. } => ("interject", Some(*conversation), Some(*key)),
        AgentFrame::Whisper { conversation, key, .. } => ("whisper", Some(*conversation), Some(*key)),
        AgentFrame::Typing { conversation, .. } => ("typing", Some(*conversation), None),
        AgentFrame::Read { conversation, .. } => ("read", Some(*conversation), None),
        AgentFrame::Accept { conversation } => ("accept", Some(*conversation), None),
        AgentFrame::TakeOver { conversation } => ("take_over", Some(*conversation), None),
        AgentFrame::HandBack { conversation } => ("hand_back", Some(*conversation), None),
        AgentFrame::Transfer { conversation, .. } => ("transfer", Some(*conversation), None),
        AgentFrame::End { conversation } => ("end", Some(*conversation), None),
        AgentFrame::History { conversation, .. } => ("history", Some(*conversation), None),
    }
}
