//! Which agents are here, on this node and on others, and what follows for the team's dot, the consoles and their sockets.

use super::Queue;
use crate::actors::cluster::Heard;
use crate::actors::session::{SessionHandle, SessionId, ToSession, encode, some_moment_within};
use crate::bus::{AgentFact, Fact, FactKey, NodeId};
use crate::domain::conversation::AgentRef;
use crate::domain::ids::{AgentId, ConversationId, WorkspaceId};
use crate::protocol::agent::{TeamMember, ToAgent};
use crate::protocol::codes::{self, CloseRow};
use crate::protocol::convert;
use crate::protocol::shared::TeamState;
use crate::store::AvailabilityRecord;
use actix::{AsyncContext, Context, Handler, Message};
use bytestring::ByteString;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Another node states, or no longer states, that an agent is connected to it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AgentElsewhere {
    pub node: NodeId,
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub fact: Option<AgentFact>,
}

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

pub(super) struct Member {
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

    pub(super) fn agents_online(&self, workspace: WorkspaceId) -> u32 {
        let online = self.present(workspace).iter().filter(|present| present.takes_chats()).count();
        u32::try_from(online).unwrap_or(u32::MAX)
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

    /// The team of a workspace, or the length of its lines, changed.
    pub(super) fn team_moved(&mut self, workspace: WorkspaceId) {
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

    fn close_those_let_in_by(&self, gone: Entry, row: &'static CloseRow) {
        let all = self.team.values().flat_map(|member| &member.sessions);
        for (session, _) in all.filter(|(_, entry)| *entry == gone) {
            session.send(ToSession::Close(row));
        }
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
