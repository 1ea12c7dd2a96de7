//! Who waits and who could accept (`team`).
//!
//! Owns: the waiting conversations by chatbot, the agents connected to any node, handling times. Receives: conversations that begin
//! or end to wait, agents that come, go or choose, from this node and from others. Sends: positions to conversations of this node, the
//! team to its consoles, what moved here to other nodes. Ends when: the node stops. Invariants: QUEUE-1 nobody is forgotten: the list
//! is read from the store at start and whenever something may have been missed, and every conversation that is loaded says again
//! whether it waits. QUEUE-2 order is that of the start of the wait, ties by id: the same on every node. QUEUE-3 news about a
//! conversation that is older than what is known of it changes nothing, in whatever order nodes are heard.

mod team;

use super::conversation::QueuePosition;
use super::hub::Hub;
use super::supervisor::TellLiving;
use crate::bus::{AgentFact, Message as BusMessage, NodeId, Topic};
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, Seq, WorkspaceId};
use crate::domain::queue::HandlingTime;
use crate::domain::time::UnixMillis;
use crate::store::WaitingRecord;
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use team::Member;
pub use team::{
    AgentArrived, AgentChose, AgentElsewhere, AgentGone, Drain, Entry, LinksRevoked, RecheckPasses, SignedOut,
};

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

/// Something may have been missed: read who waits from the store.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Reread;

#[derive(Default)]
struct Line {
    workspace: Option<WorkspaceId>,
    waiting: BTreeSet<(UnixMillis, ConversationId)>,
    since: HashMap<ConversationId, UnixMillis>,
    handling: HandlingTime,
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
