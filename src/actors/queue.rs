//! Who waits and who could accept.
//!
//! Owns: the waiting conversations of this node by chatbot, the agents connected here, handling times. Receives: conversations
//! that begin or end to wait, agents that come, go or choose. Sends: positions to conversations, the team to consoles.
//! Ends when: the node stops. Invariants: QUEUE-1 nobody is forgotten: the list is rebuilt from the store at start, and every
//! conversation that is loaded says again whether it waits. QUEUE-2 order is that of the start of the wait, ties by id.

use super::conversation::QueuePosition;
use super::hub::Hub;
use super::session::{SessionHandle, SessionId, ToSession, encode};
use super::supervisor::TellLiving;
use crate::domain::conversation::AgentRef;
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, WorkspaceId};
use crate::domain::queue::HandlingTime;
use crate::domain::time::UnixMillis;
use crate::protocol::agent::{TeamMember, ToAgent};
use crate::protocol::codes::{self, CloseRow};
use crate::protocol::convert;
use crate::protocol::shared::TeamState;
use crate::store::AvailabilityRecord;
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use bytestring::ByteString;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// A conversation waits for a human.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Waiting {
    pub conversation: ConversationId,
    pub workspace: WorkspaceId,
    pub chatbot: ChatbotId,
    pub since: UnixMillis,
}

/// A conversation does not wait any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Left {
    pub conversation: ConversationId,
    pub chatbot: ChatbotId,
}

/// A human's part of a conversation is over.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Handled {
    pub chatbot: ChatbotId,
    pub millis: i64,
}

/// An agent's socket has said hello.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AgentArrived {
    pub session: SessionHandle,
    pub workspace: WorkspaceId,
    pub agent: AgentRef,
    pub availability: AvailabilityRecord,
    pub entry: Entry,
}

/// What let a socket in; when that ends, so does the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A session cookie, by its SHA-256.
    Login([u8; 32]),
    /// A portal link to this conversation.
    Portal(ConversationId),
}

/// The portal links of a conversation were revoked: portals are closed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct LinksRevoked {
    pub conversation: ConversationId,
}

/// A console was signed out: its sockets are closed (S3).
#[derive(Message)]
#[rtype(result = "()")]
pub struct SignedOut {
    pub login: [u8; 32],
}

/// The node stops: send every agent elsewhere.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain;

#[derive(Message)]
#[rtype(result = "()")]
pub struct AgentGone {
    pub session: SessionId,
    pub agent: AgentId,
}

/// An agent chose online, away or offline.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AgentChose {
    pub agent: AgentId,
    pub availability: AvailabilityRecord,
}

#[derive(Default)]
struct Line {
    workspace: Option<WorkspaceId>,
    waiting: BTreeSet<(UnixMillis, ConversationId)>,
    since: HashMap<ConversationId, UnixMillis>,
    handling: HandlingTime,
}

struct Member {
    agent: AgentRef,
    workspace: WorkspaceId,
    availability: AvailabilityRecord,
    sessions: Vec<(SessionHandle, Entry)>,
    /// Counts absences, so that an old grace period doesn't end a new presence.
    absence: u32,
    /// Connected, or gone for less than the grace period.
    connected: bool,
    /// Has or had the console open, not only a portal.
    in_console: bool,
}

impl Member {
    fn online(&self) -> bool {
        self.connected && self.availability == AvailabilityRecord::Online
    }

    /// Could take any chat. Who came through the link of one conversation is there for that one alone.
    fn takes_chats(&self) -> bool {
        self.online() && self.in_console
    }
}

pub struct Queue {
    hub: Hub,
    lines: HashMap<ChatbotId, Line>,
    team: HashMap<AgentId, Member>,
}

impl Queue {
    pub fn start_for(hub: Hub) -> Addr<Self> {
        Self { hub, lines: HashMap::new(), team: HashMap::new() }.start()
    }

    fn agents_online(&self, workspace: WorkspaceId) -> u32 {
        let online = self.team.values().filter(|member| member.workspace == workspace && member.takes_chats()).count();
        u32::try_from(online).unwrap_or(u32::MAX)
    }

    /// Tell everybody in a line where they stand. Conversations drop what they know already.
    fn tell_line(&self, chatbot: &ChatbotId) {
        let Some((line, workspace)) = self.lines.get(chatbot).and_then(|line| Some((line, line.workspace?))) else {
            return;
        };
        let agents = self.agents_online(workspace);
        for (ahead, (_, conversation)) in line.waiting.iter().enumerate() {
            let position = line.handling.position(u32::try_from(ahead).unwrap_or(u32::MAX), agents);
            // Only conversations with somebody to tell are in memory; the others say that they wait when they are loaded.
            if let Some(shard) = self.hub.shard_of(*conversation) {
                shard.do_send(TellLiving { conversation: *conversation, position: QueuePosition(position) });
            }
        }
    }

    /// The team of a workspace, or the length of its lines, changed.
    fn team_moved(&mut self, workspace: WorkspaceId) {
        let online = self.agents_online(workspace);
        let somebody_waits =
            self.lines.values().any(|line| line.workspace == Some(workspace) && !line.waiting.is_empty());
        let state = match (online, somebody_waits) {
            (0, _) => TeamState::Offline,
            (_, true) => TeamState::Busy,
            (_, false) => TeamState::Available,
        };
        let all_online: HashSet<AgentId> =
            self.team.iter().filter(|(_, member)| member.online()).map(|(id, _)| *id).collect();
        self.hub.board.set_agents_online(all_online);
        self.hub.board.set_team(workspace, state);
        self.hub.team_changed(workspace);
        self.tell_consoles(workspace);
    }

    fn members(&self, workspace: WorkspaceId) -> Vec<&Member> {
        let mut own: Vec<&Member> =
            self.team.values().filter(|member| member.workspace == workspace && member.in_console).collect();
        own.sort_by(|a, b| a.agent.name.cmp(&b.agent.name).then(a.agent.id.cmp(&b.agent.id)));
        own
    }

    fn team_frame(&self, workspace: WorkspaceId) -> ByteString {
        let agents = self
            .members(workspace)
            .iter()
            .map(|member| TeamMember {
                agent: convert::agent_view(&member.agent),
                availability: convert::availability(member.availability),
                connected: member.connected,
            })
            .collect();
        encode(&ToAgent::Team { agents })
    }

    fn tell_consoles(&self, workspace: WorkspaceId) {
        let frame = self.team_frame(workspace);
        for (session, _) in self.members(workspace).iter().flat_map(|member| &member.sessions) {
            session.send(ToSession::Frame(frame.clone()));
        }
    }

    fn tell_lines_of(&self, workspace: WorkspaceId) {
        let own = self.lines.iter().filter(|(_, line)| line.workspace == Some(workspace));
        let chatbots: Vec<ChatbotId> = own.map(|(chatbot, _)| chatbot.clone()).collect();
        for chatbot in chatbots {
            self.tell_line(&chatbot);
        }
    }
}

impl Actor for Queue {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(65_536);
        let store = Arc::clone(&self.hub.store);
        let read = async move { store.waiting().await };
        // QUEUE-1; nothing else is handled before the list is there.
        ctx.wait(read.into_actor(self).map(|waiting, _, ctx| match waiting {
            Ok(waiting) => {
                for row in waiting {
                    ctx.notify(Waiting {
                        conversation: row.conversation,
                        workspace: row.workspace,
                        chatbot: row.chatbot,
                        since: row.since,
                    });
                }
            }
            Err(error) => {
                tracing::error!(error = ?error, "the queue could not be read; it fills as conversations load")
            }
        }));
    }
}

impl Handler<Waiting> for Queue {
    type Result = ();

    fn handle(&mut self, waiting: Waiting, _: &mut Context<Self>) {
        let line = self.lines.entry(waiting.chatbot.clone()).or_default();
        line.workspace = Some(waiting.workspace);
        let was_empty = line.waiting.is_empty();
        if let Some(old) = line.since.insert(waiting.conversation, waiting.since) {
            line.waiting.remove(&(old, waiting.conversation));
        }
        line.waiting.insert((waiting.since, waiting.conversation));
        self.tell_line(&waiting.chatbot);
        if was_empty {
            self.team_moved(waiting.workspace);
        }
    }
}

impl Handler<Left> for Queue {
    type Result = ();

    fn handle(&mut self, left: Left, _: &mut Context<Self>) {
        let Some(line) = self.lines.get_mut(&left.chatbot) else { return };
        let Some(since) = line.since.remove(&left.conversation) else { return };
        line.waiting.remove(&(since, left.conversation));
        let (emptied, workspace) = (line.waiting.is_empty(), line.workspace);
        self.tell_line(&left.chatbot);
        if let (true, Some(workspace)) = (emptied, workspace) {
            self.team_moved(workspace);
        }
    }
}

impl Handler<Handled> for Queue {
    type Result = ();

    fn handle(&mut self, handled: Handled, _: &mut Context<Self>) {
        let line = self.lines.entry(handled.chatbot.clone()).or_default();
        line.handling.observe(u32::try_from(handled.millis / 1_000).unwrap_or(u32::MAX));
        self.tell_line(&handled.chatbot);
    }
}

impl Handler<AgentArrived> for Queue {
    type Result = ();

    fn handle(&mut self, arrived: AgentArrived, _: &mut Context<Self>) {
        let AgentArrived { session, workspace, agent, availability, entry } = arrived;
        let member = self.team.entry(agent.id).or_insert_with(|| Member {
            agent: agent.clone(),
            workspace,
            availability,
            sessions: Vec::new(),
            absence: 0,
            connected: false,
            in_console: false,
        });
        let in_console = matches!(entry, Entry::Login(_));
        let news = !member.connected || member.agent != agent || (in_console && !member.in_console);
        member.in_console |= in_console;
        member.agent = agent;
        member.availability = if member.sessions.is_empty() { availability } else { member.availability };
        member.connected = true;
        member.absence += 1;
        member.sessions.push((session.clone(), entry));
        if news {
            self.team_moved(workspace);
            self.tell_lines_of(workspace);
        } else {
            // Only the newcomer lacks the list.
            session.send(ToSession::Frame(self.team_frame(workspace)));
        }
    }
}

impl Handler<AgentGone> for Queue {
    type Result = ();

    fn handle(&mut self, gone: AgentGone, ctx: &mut Context<Self>) {
        let Some(member) = self.team.get_mut(&gone.agent) else { return };
        member.sessions.retain(|(session, _)| session.id != gone.session);
        if !member.sessions.is_empty() {
            return;
        }
        member.absence += 1;
        let absence = member.absence;
        ctx.run_later(self.hub.settings.presence_grace, move |queue, _| {
            let Some(member) = queue.team.get_mut(&gone.agent) else { return };
            if member.absence == absence && member.sessions.is_empty() {
                let workspace = member.workspace;
                queue.team.remove(&gone.agent);
                queue.team_moved(workspace);
                queue.tell_lines_of(workspace);
            }
        });
    }
}

impl Handler<AgentChose> for Queue {
    type Result = ();

    fn handle(&mut self, chose: AgentChose, _: &mut Context<Self>) {
        let Some(member) = self.team.get_mut(&chose.agent) else { return };
        if member.availability == chose.availability {
            return;
        }
        member.availability = chose.availability;
        let workspace = member.workspace;
        self.team_moved(workspace);
        self.tell_lines_of(workspace);
    }
}

impl Queue {
    fn close_those_let_in_by(&self, gone: Entry, row: &'static CloseRow) {
        let all = self.team.values().flat_map(|member| &member.sessions);
        for (session, _) in all.filter(|(_, entry)| *entry == gone) {
            session.send(ToSession::Close(row));
        }
    }
}

impl Handler<SignedOut> for Queue {
    type Result = ();

    fn handle(&mut self, out: SignedOut, _: &mut Context<Self>) {
        self.close_those_let_in_by(Entry::Login(out.login), &codes::UNAUTHENTICATED);
    }
}

impl Handler<LinksRevoked> for Queue {
    type Result = ();

    fn handle(&mut self, revoked: LinksRevoked, _: &mut Context<Self>) {
        self.close_those_let_in_by(Entry::Portal(revoked.conversation), &codes::NOT_FOUND);
    }
}

impl Handler<Drain> for Queue {
    type Result = ();

    fn handle(&mut self, _: Drain, _: &mut Context<Self>) {
        for (session, _) in self.team.values().flat_map(|member| &member.sessions) {
            session.send(ToSession::Close(&codes::RESTART));
        }
    }
}
