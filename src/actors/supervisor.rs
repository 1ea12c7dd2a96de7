//! The supervisor of one shard: one per worker thread.
//!
//! Owns: the addresses of the shard's conversations. Receives: `Locate`, `Exited`, `Everywhere`. Sends: what is for everywhere.
//! Ends when: the worker thread ends. Invariants: SUP-1 at most one living actor per conversation on this node. SUP-2 a
//! conversation that panicked is rebuilt from the log, at most `MAX_RESTARTS` times within `RESTART_WINDOW`, then refused for a while.

use super::conversation::{ConversationActor, DrainVisitors, QueuePosition, SettingsChanged, Stop, TeamChanged};
use super::hub::Hub;
use crate::domain::ids::{ChatbotId, ConversationId, WorkspaceId};
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const MAX_RESTARTS: u32 = 5;
const RESTART_WINDOW: Duration = Duration::from_secs(60);

/// The actor of a conversation, started when needed. `None` while the conversation keeps crashing.
#[derive(Message)]
#[rtype(result = "Option<Addr<ConversationActor>>")]
pub struct Locate {
    pub conversation: ConversationId,
}

/// A conversation's own report of its end, from `stopped`.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Exited {
    pub conversation: ConversationId,
    pub generation: u64,
    pub panicked: bool,
}

/// For all conversations in memory.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub enum Everywhere {
    SettingsChanged(ChatbotId),
    TeamChanged(WorkspaceId),
    /// Send visitors elsewhere, one after another, within this time.
    Drain(Duration),
    Stop,
}

/// A place in the queue, for a conversation if it is in memory.
#[derive(Message)]
#[rtype(result = "()")]
pub struct TellLiving {
    pub conversation: ConversationId,
    pub position: QueuePosition,
}

/// How many conversations are in memory here.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct CountLive;

struct Living {
    address: Addr<ConversationActor>,
    generation: u64,
}

struct Crashes {
    count: u32,
    since: Instant,
}

pub struct Supervisor {
    hub: Hub,
    shard: usize,
    living: HashMap<ConversationId, Living>,
    crashes: HashMap<ConversationId, Crashes>,
    next_generation: u64,
}

impl Supervisor {
    pub fn start_for(hub: Hub, shard: usize) -> Addr<Self> {
        Self { hub, shard, living: HashMap::new(), crashes: HashMap::new(), next_generation: 0 }.start()
    }

    fn crashes_too_often(&mut self, conversation: ConversationId) -> bool {
        self.crashes.retain(|_, crashes| crashes.since.elapsed() < RESTART_WINDOW);
        self.crashes.get(&conversation).is_some_and(|crashes| crashes.count > MAX_RESTARTS)
    }
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        // Thousands of sockets reconnect at once after a restart of their node; each needs one answer from here.
        ctx.set_mailbox_capacity(65_536);
        tracing::debug!(shard = self.shard, "supervisor started");
    }
}

impl Handler<Locate> for Supervisor {
    type Result = Option<Addr<ConversationActor>>;

    fn handle(&mut self, Locate { conversation }: Locate, ctx: &mut Context<Self>) -> Self::Result {
        if let Some(living) = self.living.get(&conversation)
            && living.address.connected()
        {
            return Some(living.address.clone());
        }
        if self.crashes_too_often(conversation) {
            return None;
        }
        self.next_generation += 1;
        let generation = self.next_generation;
        let actor = ConversationActor::new(conversation, generation, self.hub.clone(), ctx.address());
        let address = actor.start();
        self.living.insert(conversation, Living { address: address.clone(), generation });
        Some(address)
    }
}

impl Handler<Exited> for Supervisor {
    type Result = ();

    fn handle(&mut self, exited: Exited, _: &mut Context<Self>) {
        // A report of an old generation must not take down the entry of its successor.
        if self.living.get(&exited.conversation).is_some_and(|living| living.generation == exited.generation) {
            self.living.remove(&exited.conversation);
        }
        if exited.panicked {
            tracing::error!(conversation.id = %exited.conversation, "conversation actor panicked; it restarts from the log");
            let crashes =
                self.crashes.entry(exited.conversation).or_insert(Crashes { count: 0, since: Instant::now() });
            crashes.count += 1;
        }
    }
}

impl Handler<Everywhere> for Supervisor {
    type Result = ();

    fn handle(&mut self, what: Everywhere, _: &mut Context<Self>) {
        for living in self.living.values() {
            match &what {
                Everywhere::SettingsChanged(chatbot) => living.address.do_send(SettingsChanged(chatbot.clone())),
                Everywhere::TeamChanged(workspace) => living.address.do_send(TeamChanged(*workspace)),
                Everywhere::Drain(within) => living.address.do_send(DrainVisitors { within: *within }),
                Everywhere::Stop => living.address.do_send(Stop),
            }
        }
    }
}

impl Handler<TellLiving> for Supervisor {
    type Result = ();

    fn handle(&mut self, tell: TellLiving, _: &mut Context<Self>) {
        if let Some(living) = self.living.get(&tell.conversation) {
            living.address.do_send(tell.position);
        }
    }
}

impl Handler<CountLive> for Supervisor {
    type Result = usize;

    fn handle(&mut self, _: CountLive, _: &mut Context<Self>) -> usize {
        self.living.len()
    }
}
