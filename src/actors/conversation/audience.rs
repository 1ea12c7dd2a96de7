//! Who listens to a conversation on this node, and telling them.

use super::commit::CommandError;
use super::{ConversationActor, SettingsChanged, TeamChanged};
use crate::actors::session::{SessionHandle, SessionId, ToSession, encode};
use crate::bus::TypingBy;
use crate::domain::conversation::{AgentRef, Recorded, Refusal};
use crate::domain::ids::{ClientMessageId, ConversationId, Seq, VisitorId};
use crate::protocol::agent::ToAgent;
use crate::protocol::codes::{CloseRow, RefusalCode};
use crate::protocol::convert::{self, Viewer};
use crate::protocol::shared::{Ack, Refused, Typist};
use crate::protocol::visitor::ToVisitor;
use actix::{AsyncContext, Context, Handler, Message};
use bytestring::ByteString;
use std::collections::HashSet;

/// A participant's or onlooker's socket.
pub(super) struct Listener {
    pub(super) session: SessionHandle,
    pub(super) viewer: Viewer,
    /// Who looks, for agents.
    pub(super) agent: Option<AgentRef>,
    /// While its snapshot or its missed events are being read, what comes meanwhile waits here.
    pub(super) catching_up: Option<Vec<ByteString>>,
    typing: bool,
}

#[derive(Default)]
pub(super) struct Audience {
    listeners: Vec<Listener>,
    visitor_here: bool,
    /// The visitor is gone, and the dot waits for a while before it says so.
    grace_runs: bool,
    /// Counts absences of the visitor, so that the end of an old grace period is not taken for that of a new one.
    absence: u32,
}

/// A participant types, or stopped.
#[derive(Message)]
#[rtype(result = "()")]
pub struct SetTyping {
    pub session: SessionId,
    pub active: bool,
}

impl Audience {
    pub(super) fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    pub(super) fn add(&mut self, session: SessionHandle, viewer: Viewer, agent: Option<AgentRef>) {
        self.listeners.retain(|listener| listener.session.id != session.id);
        // One visitor and perhaps one agent: the four places that a first push makes would mostly stay empty.
        self.listeners.reserve_exact(1);
        self.listeners.push(Listener { session, viewer, agent, catching_up: Some(Vec::new()), typing: false });
    }

    pub(super) fn remove(&mut self, session: SessionId) -> Option<Listener> {
        let index = self.listeners.iter().position(|listener| listener.session.id == session)?;
        Some(self.listeners.swap_remove(index))
    }

    pub(super) fn get(&self, session: SessionId) -> Option<&Listener> {
        self.listeners.iter().find(|listener| listener.session.id == session)
    }

    /// End the catching-up of a session: first `opening`, then what came meanwhile.
    pub(super) fn caught_up(&mut self, session: SessionId, opening: Vec<ByteString>) {
        let Some(listener) = self.listeners.iter_mut().find(|listener| listener.session.id == session) else { return };
        let waiting = listener.catching_up.take().unwrap_or_default();
        for frame in opening.into_iter().chain(waiting) {
            if !listener.session.send(ToSession::Frame(frame)) {
                break;
            }
        }
    }

    /// A frame for one listener, in its place among the others.
    pub(super) fn send_to(&mut self, session: SessionId, frame: ByteString) {
        if let Some(listener) = self.listeners.iter_mut().find(|listener| listener.session.id == session) {
            hand_over(listener, frame);
        }
    }

    pub(super) fn tell_visitors(&mut self, frame: &ToVisitor) {
        self.deliver(Viewer::Visitor, |_| true, || encode(frame));
    }

    pub(super) fn tell_agents(&mut self, frame: &ToAgent) {
        self.deliver(Viewer::Agent, |_| true, || encode(frame));
    }

    pub(super) fn tell_everyone(&mut self, visitors: &ToVisitor, agents: &ToAgent) {
        self.tell_visitors(visitors);
        self.tell_agents(agents);
    }

    /// Typing of one side is news to everybody but the typist's own socket.
    pub(super) fn send_typing(&mut self, conversation: ConversationId, by: &Typist, active: bool) {
        self.tell_visitors(&ToVisitor::Typing { conversation: conversation.0, by: by.clone(), active });
        self.tell_agents(&ToAgent::Typing { conversation: conversation.0, by: by.clone(), active });
    }

    /// The visitor types: news to agents.
    pub(super) fn tell_visitor_typing(&mut self, conversation: ConversationId, active: bool) {
        self.tell_agents(&ToAgent::Typing { conversation: conversation.0, by: Typist::Visitor, active });
    }

    pub(super) fn forget_typing_of_visitor(&mut self) {
        for listener in self.listeners.iter_mut().filter(|listener| listener.viewer == Viewer::Visitor) {
            listener.typing = false;
        }
    }

    pub(super) fn close_all(&mut self, row: &'static CloseRow) {
        for listener in self.listeners.drain(..) {
            listener.session.send(ToSession::Close(row));
        }
    }

    /// Their sessions say good-bye themselves: until then they are here.
    pub(super) fn close_visitors(&mut self, row: &'static CloseRow) {
        for listener in self.listeners.iter().filter(|listener| listener.viewer == Viewer::Visitor) {
            listener.session.send(ToSession::Close(row));
        }
    }

    /// The agents who look, each once.
    fn viewers(&self) -> Vec<AgentRef> {
        let mut seen = HashSet::new();
        let agents = self.listeners.iter().filter_map(|listener| listener.agent.as_ref());
        agents.filter(|agent| seen.insert(agent.id)).cloned().collect()
    }

    fn counts_visitor(&self) -> bool {
        self.listeners.iter().any(|listener| listener.viewer == Viewer::Visitor)
    }

    /// Frames are made when the first listener needs them. Who can't take one is no longer listened for: it is closing.
    fn deliver(&mut self, viewer: Viewer, wanted: impl Fn(&Listener) -> bool, frame: impl FnOnce() -> ByteString) {
        let mut made: Option<ByteString> = None;
        let mut frame = Some(frame);
        self.listeners.retain_mut(|listener| {
            if listener.viewer != viewer || !wanted(listener) {
                return true;
            }
            let frame = made.get_or_insert_with(|| frame.take().map(|make| make()).unwrap_or_default()).clone();
            hand_over(listener, frame)
        });
    }
}

/// False when the session is lost.
fn hand_over(listener: &mut Listener, frame: ByteString) -> bool {
    match &mut listener.catching_up {
        Some(waiting) => {
            waiting.push(frame);
            true
        }
        None => listener.session.send(ToSession::Frame(frame)),
    }
}

impl ConversationActor {
    /// Tell committed events to all listeners, each encoded once per role, or once for all where both see the same.
    pub(super) fn tell(&mut self, events: &[Recorded]) {
        let Some((_, visitor)) = self.state.identity() else { return };
        let visitor = *visitor;
        for recorded in events {
            let for_visitor = event_frame(self.id, recorded, visitor, Viewer::Visitor);
            let for_agent = if convert::same_for_everyone(&recorded.event) {
                for_visitor.clone()
            } else {
                event_frame(self.id, recorded, visitor, Viewer::Agent)
            };
            self.audience.listeners.retain_mut(|listener| {
                let frame = match listener.viewer {
                    Viewer::Visitor => &for_visitor,
                    Viewer::Agent => &for_agent,
                };
                hand_over(listener, frame.clone())
            });
        }
    }

    /// After a replay: tell what those who listen have not been told.
    pub(super) fn tell_those_behind(&mut self, events: &[Recorded]) {
        if self.audience.is_empty() {
            return;
        }
        let told: Seq = self.told;
        let behind: Vec<Recorded> = events.iter().filter(|recorded| recorded.seq > told).cloned().collect();
        self.tell(&behind);
        if let Some(last) = behind.last() {
            self.told = last.seq;
        }
    }

    /// Presence after somebody came or went. Red only after the grace period: a page reload is no absence (I15).
    pub(super) fn presence_moved(&mut self, ctx: &mut Context<Self>) {
        let here = self.audience.counts_visitor();
        if here {
            self.audience.grace_runs = false;
            if !self.audience.visitor_here {
                self.set_visitor_here(true);
            }
        } else if self.audience.visitor_here && !self.audience.grace_runs {
            // Somebody else who leaves meanwhile does not start the grace anew.
            self.audience.grace_runs = true;
            self.audience.absence += 1;
            let absence = self.audience.absence;
            ctx.run_later(self.hub.settings.presence_grace, move |actor, _| {
                if actor.audience.grace_runs && actor.audience.absence == absence {
                    actor.audience.grace_runs = false;
                    actor.set_visitor_here(false);
                }
            });
        }
    }

    fn set_visitor_here(&mut self, here: bool) {
        self.audience.visitor_here = here;
        self.announce_visitor();
    }

    /// Tell board, other nodes and agents whether the visitor is here; a conversation that has not started is nobody's business yet.
    pub(super) fn announce_visitor(&mut self) {
        if !self.state.exists() {
            return;
        }
        let here = self.audience.visitor_here;
        self.hub.board.set_visitor_here(self.id, here);
        self.state_visitor(here);
        self.tell_dot();
    }

    /// Whether the visitor is here or on another node.
    pub(super) fn visitor_online(&self) -> bool {
        self.audience.visitor_here || self.hub.board.visitor_elsewhere(self.id)
    }

    /// The visitor's dot, when it changed.
    pub(super) fn tell_dot(&mut self) {
        let online = self.visitor_online();
        if self.state.exists() && self.dot.replace(online) != Some(online) {
            self.audience.tell_agents(&ToAgent::Presence { conversation: self.id.0, online });
            self.tell_inbox();
        }
    }

    /// Who looks, on this node and on others.
    pub(super) fn tell_viewers(&mut self) {
        let mut viewers = self.audience.viewers();
        self.state_viewers(&viewers);
        for agent in self.hub.board.viewers_elsewhere(self.id) {
            if viewers.iter().all(|known| known.id != agent.id) {
                viewers.push(agent);
            }
        }
        let agents = viewers.iter().map(convert::agent_view).collect();
        self.audience.tell_agents(&ToAgent::Viewers { conversation: self.id.0, agents });
    }

    /// An agent types: news to their colleagues, and to the visitor when the agent holds the chat. One who only looks at somebody
    /// else's chat, or writes a note, is not announced to the visitor.
    pub(super) fn tell_agent_typing(&mut self, agent: &AgentRef, active: bool) {
        let id = self.id.0;
        let by = Typist::Agent { agent: convert::agent_view(agent) };
        if self.state.assignee().is_some_and(|holder| holder.id == agent.id) {
            self.audience.tell_visitors(&ToVisitor::Typing { conversation: id, by: by.clone(), active });
        }
        let frame = ToAgent::Typing { conversation: id, by, active };
        self.audience.deliver(
            Viewer::Agent,
            |other| other.agent.as_ref().is_none_or(|them| them.id != agent.id),
            || encode(&frame),
        );
    }

    /// The dots that visitors see, when they changed.
    pub(super) fn tell_team(&mut self) {
        let Some(chatbot) = self.chatbot() else { return };
        let team = self.hub.board.team(chatbot.workspace);
        let assignee_online = self.state.assignee().map(|agent| self.hub.board.agent_online(agent.id));
        if self.last_team.replace((team, assignee_online)) != Some((team, assignee_online)) {
            self.audience.tell_visitors(&ToVisitor::Team { team, assignee_online });
        }
    }
}

impl Handler<SetTyping> for ConversationActor {
    type Result = ();

    fn handle(&mut self, SetTyping { session, active }: SetTyping, _: &mut Context<Self>) {
        let Some(listener) = self.audience.listeners.iter_mut().find(|listener| listener.session.id == session) else {
            return;
        };
        listener.typing = active;
        let by = match (listener.viewer, listener.agent.clone()) {
            (Viewer::Visitor, _) => {
                self.audience.tell_visitor_typing(self.id, active);
                TypingBy::Visitor
            }
            (Viewer::Agent, Some(agent)) => {
                self.tell_agent_typing(&agent, active);
                TypingBy::Agent(agent)
            }
            (Viewer::Agent, None) => return,
        };
        self.publish(|| crate::bus::Message::Typing { by, active });
    }
}

impl Handler<SettingsChanged> for ConversationActor {
    type Result = ();

    fn handle(&mut self, SettingsChanged(changed): SettingsChanged, ctx: &mut Context<Self>) {
        if self.identity().is_none_or(|(chatbot, _)| chatbot != &changed) {
            return;
        }
        if let Some(chatbot) = self.hub.directory.get(&changed) {
            let chatbot = convert::public_chatbot(&chatbot.id, &chatbot.settings);
            self.audience.tell_visitors(&ToVisitor::Settings { chatbot });
        }
        self.take_up_turn(ctx);
    }
}

impl Handler<TeamChanged> for ConversationActor {
    type Result = ();

    fn handle(&mut self, TeamChanged(workspace): TeamChanged, _: &mut Context<Self>) {
        if self.chatbot().is_some_and(|chatbot| chatbot.workspace == workspace) {
            self.tell_team();
        }
    }
}

fn event_frame(id: ConversationId, recorded: &Recorded, visitor: VisitorId, viewer: Viewer) -> ByteString {
    let entry = convert::entry(recorded, visitor, viewer);
    // `ToAgent::Event` encodes to the same bytes; a fixture test holds the two together.
    encode(&ToVisitor::Event { conversation: id.0, seq: entry.seq, at: entry.at, event: entry.event })
}

/// The frame that answers a command, or none when there is nothing to say.
pub(super) fn outcome_frame(
    conversation: ConversationId,
    frame: &'static str,
    key: Option<ClientMessageId>,
    outcome: Result<Seq, CommandError>,
) -> Option<ByteString> {
    let error = match (outcome, key) {
        (Ok(seq) | Err(CommandError::Refused(Refusal::Duplicate { seq })), Some(key)) => {
            return Some(encode(&ToVisitor::Ack(Ack { key: key.0, conversation: conversation.0, seq: seq.get() })));
        }
        (Ok(_), None) => return None,
        (Err(error), _) => error,
    };
    let message = error.to_string();
    let (code, by) = match &error {
        CommandError::Refused(refusal) => convert::refusal(refusal),
        CommandError::Unavailable => (RefusalCode::Unavailable, None),
    };
    // A read marker or an address that changed nothing is no news.
    if code == RefusalCode::NoChange && frame == "read" {
        return None;
    }
    Some(encode(&ToVisitor::Refused(Refused {
        key: key.map(|key| key.0),
        command: frame.to_owned(),
        conversation: Some(conversation.0),
        code,
        message,
        by,
    })))
}
