//! What this node may have missed of the others.
//!
//! Owns: when the store was last compared with. Receives: hints that something was missed, and changes that must be read from the
//! store. Sends: tails to conversations that are behind, a reread to queue and inbox. Ends when: the node stops. Invariants:
//! CLUSTER-1 whatever is lost on the bus shows up by a look into the store: at once after a gap, every [`ANXIOUS`] while messages may be
//! missing, every [`CALM`] always (I9). CLUSTER-2 one query for all conversations.

use super::hub::Hub;
use super::inbox::RereadRows;
use super::queue::{AgentChose, RecheckPasses, Reread};
use super::supervisor::Everywhere;
use crate::domain::ids::{AgentId, ChatbotId, ConversationId};
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Looks while messages may be missing right now.
pub const ANXIOUS: Duration = Duration::from_millis(1_500);
/// Looks all the same.
pub const CALM: Duration = Duration::from_secs(15);
/// How often is decided whether to look.
const TICK: Duration = Duration::from_millis(250);
/// Doubts that come together are looked up together.
const GATHER: Duration = Duration::from_millis(20);
/// Conversations per query.
const AT_ONCE: usize = 5_000;

/// Something may have been missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub enum Missed {
    /// About the doubtful conversations.
    Some,
    Anything,
}

/// Another node changed what the store knows better.
#[derive(Message)]
#[rtype(result = "()")]
pub enum Heard {
    Chose(AgentId),
    SettingsChanged(ChatbotId),
    KnowledgeChanged(ChatbotId),
}

pub struct Cluster {
    hub: Hub,
    looked_at: Instant,
    /// A look at doubtful conversations, or at everything, is due.
    due: Option<Missed>,
    looking: bool,
}

impl Cluster {
    pub fn start_for(hub: Hub) -> Addr<Self> {
        Self { hub, looked_at: Instant::now(), due: None, looking: false }.start()
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        let pause = if self.hub.bus.unsure() { ANXIOUS } else { CALM };
        if self.looked_at.elapsed() >= pause {
            self.due = Some(Missed::Anything);
        }
        self.look_if_due(ctx);
    }

    fn look_if_due(&mut self, ctx: &mut Context<Self>) {
        if self.looking {
            return;
        }
        let conversations = match self.due.take() {
            None => return,
            Some(Missed::Some) => self.hub.neighbours.take_doubtful(),
            Some(Missed::Anything) => {
                self.looked_at = Instant::now();
                drop(self.hub.neighbours.take_doubtful());
                self.look_beyond_conversations(ctx);
                self.hub.neighbours.all()
            }
        };
        self.looking = true;
        let hub = Arc::clone(&self.hub);
        ctx.spawn(async move { look(&hub, conversations).await }.into_actor(self).map(|found, cluster, ctx| {
            cluster.looking = false;
            if let Err(failed) = found {
                tracing::warn!(error = ?failed, "the tails of the log can't be read now");
                cluster.due = Some(Missed::Anything);
                return;
            }
            cluster.look_if_due(ctx);
        }));
    }

    fn look_beyond_conversations(&mut self, ctx: &mut Context<Self>) {
        if let (Some(queue), Some(inbox)) = (self.hub.queue(), self.hub.inbox()) {
            queue.do_send(Reread);
            queue.do_send(RecheckPasses);
            inbox.do_send(RereadRows);
        }
        let hub = Arc::clone(&self.hub);
        ctx.spawn(
            async move {
                match hub.directory.refresh().await {
                    Ok(changed) => {
                        changed.into_iter().for_each(|chatbot| hub.tell_all(Everywhere::SettingsChanged(chatbot)));
                    }
                    Err(error) => tracing::warn!(error = ?error, "chatbots can't be read now"),
                }
            }
            .into_actor(self),
        );
    }
}

/// Compare the logs with what actors know.
async fn look(hub: &Hub, conversations: Vec<ConversationId>) -> Result<(), crate::store::StoreError> {
    let mut behind = 0;
    for chunk in conversations.chunks(AT_ONCE) {
        for (conversation, tail) in hub.store.tails(chunk.to_vec()).await? {
            behind += usize::from(hub.neighbours.compare(conversation, tail));
        }
    }
    if behind > 0 {
        tracing::info!(looked_at = conversations.len(), behind, "conversations were behind their logs");
    }
    Ok(())
}

impl Actor for Cluster {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(65_536);
        ctx.run_interval(TICK, Self::tick);
    }
}

impl Handler<Missed> for Cluster {
    type Result = ();

    fn handle(&mut self, missed: Missed, ctx: &mut Context<Self>) {
        if self.due != Some(Missed::Anything) {
            self.due = Some(missed);
        }
        ctx.run_later(GATHER, Self::look_if_due);
    }
}

impl Handler<Heard> for Cluster {
    type Result = ();

    fn handle(&mut self, heard: Heard, ctx: &mut Context<Self>) {
        let hub = Arc::clone(&self.hub);
        let follow = async move {
            let read = match &heard {
                Heard::Chose(agent) => match hub.store.agent(*agent).await {
                    Ok(record) => {
                        if let (Some(record), Some(queue)) = (record, hub.queue()) {
                            queue.do_send(AgentChose { agent: *agent, availability: record.availability });
                        }
                        Ok(())
                    }
                    Err(error) => Err(error),
                },
                Heard::SettingsChanged(_) => hub.directory.refresh().await.map(|changed| {
                    changed.into_iter().for_each(|chatbot| hub.tell_all(Everywhere::SettingsChanged(chatbot)));
                }),
                Heard::KnowledgeChanged(chatbot) => hub.directory.reload_knowledge(chatbot).await,
            };
            if let Err(error) = read {
                tracing::warn!(error = ?error, "what another node changed can't be read now");
            }
        };
        ctx.spawn(follow.into_actor(self));
    }
}
