//! Who waits and who could accept.
//!
//! Owns: the waiting conversations by chatbot, the agents connected to any node, handling times. Receives: conversations that begin
//! or end to wait, agents that come, go or choose, from this node and from others. Sends: positions to conversations of this node, the
//! team to its consoles, what moved here to other nodes. Ends when: the node stops. Invariants: QUEUE-1 nobody is forgotten: the list
//! is read from the store at start and whenever something may have been missed, and every conversation that is loaded says again
//! whether it waits. QUEUE-2 order is that of the start of the wait, ties by id: the same on every node. QUEUE-3 news about a
//! conversation that is older than what is known of it changes nothing, in whatever order nodes are heard.

use super::cluster::Heard;
use super::conversation::QueuePosition;
use super::hub::Hub;
use super::session::{SessionHandle, SessionId, ToSession, encode, some_moment_within};
use super::supervisor::TellLiving;
use crate::bus::{AgentFact, Fact, FactKey, Message as BusMessage, NodeId, Topic};
use crate::domain::conversation::AgentRef;
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, Seq, WorkspaceId};
use crate::domain::queue::HandlingTime;
use crate::domain::time::UnixMillis;
use crate::protocol::agent::{TeamMember, ToAgent};
use crate::protocol::codes::{self, CloseRow};
use crate::protocol::convert;
use crate::protocol::shared::TeamState;
use crate::store::{AvailabilityRecord, WaitingRecord};
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use bytestring::ByteString;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Where news comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Committed on this node: the others are told.
    Committed,
    /// Seen in the log by this node.
    Seen,
    OtherNode,
}

/// A conversation waits for a human, as of `seq` of its log.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Waiting {
    pub conversation: ConversationId,
    pub workspace: WorkspaceId,
    pub chatbot: ChatbotId,
    pub since: UnixMillis,
    pub seq: Seq,
    pub source: Source,
}

/// A conversation does not wait any more, as of `seq` of its log.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Left {
    pub conversation: ConversationId,
    pub workspace: WorkspaceId,
    pub chatbot: ChatbotId,
    pub seq: Seq,
    pub source: Source,
}

/// A human's part of a conversation is over.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Handled {
    pub workspace: WorkspaceId,
    pub chatbot: ChatbotId,
    pub seconds: u32,
    pub source: Source,
}

/// Another node states, or no longer states, that an agent is connected to it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AgentElsewhere {
    pub node: NodeId,
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub fact: Option<AgentFact>,
}

/// Something may have been missed: read who waits from the store.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Reread;

/// A sign-out or revocation may have been missed: every agent's socket looks whether what let it in still holds.
#[derive(Message)]
#[rtype(result = "()")]
pub struct RecheckPasses;

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

/// The node stops: send every agent elsewhere, one after another, within this time.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain {
    pub within: Duration,
}

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

pub struct Queue {
    hub: Hub,
    lines: HashMap<ChatbotId, Line>,
    /// Connected to this node.
    team: HashMap<AgentId, Member>,
    /// Connected to other nodes.
    elsewhere: HashMap<(NodeId, AgentId), (WorkspaceId, AgentFact)>,
    /// How new what is known of a conversation is; kept for those that left until the next reading of the store.
    known: HashMap<ConversationId, Seq>,
    /// Moved since the reading of the store began that is under way.
    moved: HashSet<ConversationId>,
}

/// An agent over all nodes.
struct Present {
    agent: AgentRef,
    availability: AvailabilityRecord,
    connected: bool,
    in_console: bool,
}

impl Present {
    fn online(&self) -> bool {
        self.connected && self.availability == AvailabilityRecord::Online
    }

    /// Could take any chat. Who came through the link of one conversation is there for that one alone.
    fn takes_chats(&self) -> bool {
        self.online() && self.in_console
    }
}

impl Queue {
    pub fn start_for(hub: Hub) -> Addr<Self> {
        Self {
            hub,
            lines: HashMap::new(),
            team: HashMap::new(),
            elsewhere: HashMap::new(),
            known: HashMap::new(),
            moved: HashSet::new(),
        }
        .start()
    }

    /// The agents of a workspace on all nodes, by name.
    fn present(&self, workspace: WorkspaceId) -> Vec<Present> {
        let here = self.team.values().filter(|member| member.workspace == workspace).map(|member| Present {
            agent: member.agent.clone(),
            availability: member.availability,
            connected: member.connected,
            in_console: member.in_console,
        });
        let mut all: HashMap<AgentId, Present> = here.map(|present| (present.agent.id, present)).collect();
        for ((_, id), (_, fact)) in self.elsewhere.iter().filter(|(_, (of, _))| *of == workspace) {
            let present = all.entry(*id).or_insert_with(|| Present {
                agent: AgentRef { id: *id, name: fact.name.clone() },
                availability: fact.availability,
                connected: true,
                in_console: false,
            });
            present.connected = true;
            present.in_console |= fact.in_console;
        }
        let mut all: Vec<Present> = all.into_values().collect();
        all.sort_by(|a, b| a.agent.name.cmp(&b.agent.name).then(a.agent.id.cmp(&b.agent.id)));
        all
    }

    fn agents_online(&self, workspace: WorkspaceId) -> u32 {
        let online = self.present(workspace).iter().filter(|present| present.takes_chats()).count();
        u32::try_from(online).unwrap_or(u32::MAX)
    }

    fn publish(&self, source: Source, workspace: WorkspaceId, message: BusMessage) {
        if source == Source::Committed {
            self.hub.bus.publish(Topic::Workspace(workspace), message);
        }
    }

    /// Whether news as of `seq` is new (QUEUE-3). Equal is: a conversation says again how it stands.
    fn is_news(&mut self, conversation: ConversationId, seq: Seq) -> bool {
        self.moved.insert(conversation);
        let known = self.known.entry(conversation).or_insert(seq);
        if *known > seq {
            return false;
        }
        *known = seq;
        true
    }

    /// Tell other nodes that an agent is here.
    fn state(&self, agent: AgentId) {
        let Some(member) = self.team.get(&agent) else { return };
        let fact = AgentFact {
            name: member.agent.name.clone(),
            availability: member.availability,
            in_console: member.in_console,
        };
        self.hub.bus.state(Fact::Agent(member.workspace, agent, fact));
    }

    /// Put a conversation into its line; false when it stands there already.
    fn enter(
        &mut self,
        chatbot: &ChatbotId,
        workspace: WorkspaceId,
        conversation: ConversationId,
        since: UnixMillis,
    ) -> bool {
        let line = self.lines.entry(chatbot.clone()).or_default();
        line.workspace = Some(workspace);
        let old = line.since.insert(conversation, since);
        if old == Some(since) {
            return false;
        }
        if let Some(old) = old {
            line.waiting.remove(&(old, conversation));
        }
        line.waiting.insert((since, conversation));
        true
    }

    /// Take a conversation out of its line; false when it does not stand there.
    fn leave(&mut self, chatbot: &ChatbotId, conversation: ConversationId) -> bool {
        let Some(line) = self.lines.get_mut(chatbot) else { return false };
        let Some(since) = line.since.remove(&conversation) else { return false };
        line.waiting.remove(&(since, conversation))
    }

    fn is_empty(&self, chatbot: &ChatbotId) -> bool {
        self.lines.get(chatbot).is_none_or(|line| line.waiting.is_empty())
    }

    /// Bring the lines to what the store says, but for conversations that moved while it was being read.
    fn set_waiting(&mut self, waiting: Vec<WaitingRecord>) {
        let moved = std::mem::take(&mut self.moved);
        let before: HashMap<ConversationId, ChatbotId> = self
            .lines
            .iter()
            .flat_map(|(chatbot, line)| line.since.keys().map(|conversation| (*conversation, chatbot.clone())))
            .collect();
        let mut changed: HashSet<ChatbotId> = HashSet::new();
        let still: HashSet<ConversationId> = waiting.iter().map(|row| row.conversation).collect();
        for (conversation, chatbot) in before {
            if !still.contains(&conversation) && !moved.contains(&conversation) && self.leave(&chatbot, conversation) {
                changed.insert(chatbot);
            }
        }
        for row in waiting.into_iter().filter(|row| !moved.contains(&row.conversation)) {
            if self.enter(&row.chatbot, row.workspace, row.conversation, row.since) {
                changed.insert(row.chatbot);
            }
        }
        let standing: HashSet<ConversationId> =
            self.lines.values().flat_map(|line| line.since.keys().copied()).collect();
        self.known.retain(|conversation, _| standing.contains(conversation) || moved.contains(conversation));
        let mut workspaces = HashSet::new();
        for chatbot in changed {
            self.tell_line(&chatbot);
            workspaces.extend(self.lines.get(&chatbot).and_then(|line| line.workspace));
        }
        workspaces.into_iter().for_each(|workspace| self.team_moved(workspace));
    }

    /// Tell everybody in a line where they stand. Conversations drop what they know already.
    fn tell_line(&self, chatbot: &ChatbotId) {
        self.tell_places(chatbot, |_| true);
    }

    fn tell_place(&self, chatbot: &ChatbotId, conversation: ConversationId) {
        self.tell_places(chatbot, |one| one == conversation);
    }

    fn tell_places(&self, chatbot: &ChatbotId, to: impl Fn(ConversationId) -> bool) {
        let Some((line, workspace)) = self.lines.get(chatbot).and_then(|line| Some((line, line.workspace?))) else {
            return;
        };
        let agents = self.agents_online(workspace);
        for (ahead, (_, conversation)) in line.waiting.iter().enumerate().filter(|(_, (_, one))| to(*one)) {
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
        let here =
            self.team.values().filter(|member| member.connected).map(|member| (member.agent.id, member.availability));
        let elsewhere = self.elsewhere.iter().map(|((_, id), (_, fact))| {
            (*id, self.team.get(id).map_or(fact.availability, |member| member.availability))
        });
        let all_online: HashSet<AgentId> = here
            .chain(elsewhere)
            .filter(|(_, availability)| *availability == AvailabilityRecord::Online)
            .map(|(id, _)| id)
            .collect();
        self.hub.board.set_agents_online(all_online);
        self.hub.board.set_team(workspace, state);
        self.hub.team_changed(workspace);
        self.tell_consoles(workspace);
    }

    fn team_frame(&self, workspace: WorkspaceId) -> ByteString {
        let agents = self
            .present(workspace)
            .iter()
            .filter(|present| present.in_console)
            .map(|present| TeamMember {
                agent: convert::agent_view(&present.agent),
                availability: convert::availability(present.availability),
                connected: present.connected,
            })
            .collect();
        encode(&ToAgent::Team { agents })
    }

    fn tell_consoles(&self, workspace: WorkspaceId) {
        let frame = self.team_frame(workspace);
        let members = self.team.values().filter(|member| member.workspace == workspace && member.in_console);
        // Who came through the link of one conversation has no business with the team.
        let sessions = members.flat_map(|member| &member.sessions);
        for (session, _) in sessions.filter(|(_, entry)| matches!(entry, Entry::Login(_))) {
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
        ctx.wait(read.into_actor(self).map(|waiting, queue, _| match waiting {
            Ok(waiting) => queue.set_waiting(waiting),
            Err(error) => {
                tracing::error!(error = ?error, "the queue could not be read; it fills as conversations load");
            }
        }));
    }
}

impl Handler<Reread> for Queue {
    type Result = ();

    fn handle(&mut self, _: Reread, ctx: &mut Context<Self>) {
        self.moved.clear();
        let store = Arc::clone(&self.hub.store);
        let read = async move { store.waiting().await };
        ctx.spawn(read.into_actor(self).map(|waiting, queue, _| match waiting {
            Ok(waiting) => queue.set_waiting(waiting),
            Err(error) => tracing::warn!(error = ?error, "the queue can't be read now"),
        }));
    }
}

impl Handler<Waiting> for Queue {
    type Result = ();

    fn handle(&mut self, waiting: Waiting, _: &mut Context<Self>) {
        let Waiting { conversation, workspace, chatbot, since, seq, source } = waiting;
        let told = BusMessage::Waiting { conversation, chatbot: chatbot.clone(), since, seq };
        self.publish(source, workspace, told);
        let was_empty = self.is_empty(&chatbot);
        if self.is_news(conversation, seq) && self.enter(&chatbot, workspace, conversation, since) {
            self.tell_line(&chatbot);
            if was_empty {
                self.team_moved(workspace);
            }
        } else {
            // It may have come into memory just now, and knows no place yet. The others in the line know theirs: telling them again
            // would cost a herd that comes back the square of its size.
            self.tell_place(&chatbot, conversation);
        }
    }
}

impl Handler<Left> for Queue {
    type Result = ();

    fn handle(&mut self, left: Left, _: &mut Context<Self>) {
        let Left { conversation, workspace, chatbot, seq, source } = left;
        self.publish(source, workspace, BusMessage::Left { conversation, chatbot: chatbot.clone(), seq });
        if self.is_news(conversation, seq) && self.leave(&chatbot, conversation) {
            self.tell_line(&chatbot);
            if self.is_empty(&chatbot) {
                self.team_moved(workspace);
            }
        }
    }
}

impl Handler<Handled> for Queue {
    type Result = ();

    fn handle(&mut self, handled: Handled, _: &mut Context<Self>) {
        let Handled { workspace, chatbot, seconds, source } = handled;
        self.publish(source, workspace, BusMessage::Handled { chatbot: chatbot.clone(), seconds });
        self.lines.entry(chatbot.clone()).or_default().handling.observe(seconds);
        self.tell_line(&chatbot);
    }
}

impl Handler<AgentElsewhere> for Queue {
    type Result = ();

    fn handle(&mut self, change: AgentElsewhere, _: &mut Context<Self>) {
        let AgentElsewhere { node, workspace, agent, fact } = change;
        let key = (node, agent);
        let differs = match &fact {
            Some(fact) => self.team.get(&agent).is_some_and(|member| member.availability != fact.availability),
            None => false,
        };
        let before = match fact {
            Some(fact) => self.elsewhere.insert(key, (workspace, fact)),
            None => self.elsewhere.remove(&key),
        };
        if differs && let Some(cluster) = self.hub.cluster() {
            // One of the two nodes has not heard what the agent chose; the store knows.
            cluster.do_send(Heard::Chose(agent));
        }
        if before.as_ref() != self.elsewhere.get(&key) {
            self.team_moved(workspace);
            self.tell_lines_of(workspace);
        }
    }
}

impl Handler<RecheckPasses> for Queue {
    type Result = ();

    fn handle(&mut self, _: RecheckPasses, _: &mut Context<Self>) {
        for (session, _) in self.team.values().flat_map(|member| &member.sessions) {
            session.send(ToSession::Recheck);
        }
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
        let id = member.agent.id;
        self.state(id);
        if news {
            self.team_moved(workspace);
            self.tell_lines_of(workspace);
        } else if in_console {
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
                queue.hub.bus.withdraw(FactKey::Agent(workspace, gone.agent));
                queue.team_moved(workspace);
                queue.tell_lines_of(workspace);
            }
        });
    }
}

impl Handler<AgentChose> for Queue {
    type Result = ();

    fn handle(&mut self, chose: AgentChose, _: &mut Context<Self>) {
        let AgentChose { agent, availability } = chose;
        let mut moved = None;
        if let Some(member) = self.team.get_mut(&agent)
            && member.availability != availability
        {
            member.availability = availability;
            moved = Some(member.workspace);
        }
        for ((_, id), (workspace, fact)) in &mut self.elsewhere {
            if *id == agent && fact.availability != availability {
                fact.availability = availability;
                moved = Some(*workspace);
            }
        }
        if let Some(workspace) = moved {
            self.state(agent);
            self.team_moved(workspace);
            self.tell_lines_of(workspace);
        }
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

    fn handle(&mut self, Drain { within }: Drain, ctx: &mut Context<Self>) {
        for (session, _) in self.team.values().flat_map(|member| &member.sessions) {
            let session = session.clone();
            ctx.run_later(some_moment_within(within), move |_, _| {
                session.send(ToSession::Close(&codes::RESTART));
            });
        }
    }
}
