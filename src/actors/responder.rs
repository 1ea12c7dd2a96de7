//! AI turns in the making.
//!
//! Owns: nothing that lasts; each turn is a task of its own. Receives: `Answer` and `Summarise` from conversations. Sends: streamed
//! text and the settled turn to the conversation that asked. Ends when: the node stops; turns that were under way are owed by their
//! job rows. Invariants: RESP-1 every turn that was asked is settled or its job stays pending. RESP-2 searching never runs on an
//! actor's thread. RESP-3 a model that fails, is too slow or too dear is replaced by the embedded answer, never by silence.

mod modelled;
mod spend;

use super::conversation::{ConversationActor, Execute, Reply, StreamText};
use super::hub::Hub;
use crate::ai;
use crate::directory::Chatbot;
use crate::domain::conversation::{Command, TurnOutcome};
use crate::domain::ids::{ConversationId, Seq, VisitorId};
use actix::{Actor, Addr, Context, Handler, Message};
use modelled::Modelled;
use std::sync::Arc;
use std::time::Duration;

/// Pause between two pieces of streamed text: reads as typing, and a whole answer takes about a second.
const STREAM_PAUSE: Duration = Duration::from_millis(25);
/// Words are gathered into about this many frames, whatever the answer's length.
const STREAM_FRAMES: usize = 24;

/// Answer a visitor's question.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Answer {
    pub conversation: Addr<ConversationActor>,
    pub chatbot: Arc<Chatbot>,
    pub about: About,
    pub turn: Seq,
    pub question: String,
    pub previous_question: Option<String>,
    /// What agents told the AI for this answer, oldest first.
    pub hints: Vec<String>,
}

/// Whose conversation it is.
#[derive(Clone, Copy)]
pub struct About {
    pub conversation: ConversationId,
    pub visitor: VisitorId,
    /// Where it started or was last reopened: from there on its tokens are counted.
    pub opened: Seq,
}

/// Have a model sum up the handoff at `handoff` for the team. Nobody waits for it, and nothing is owed: the brief is there.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Summarise {
    pub conversation: Addr<ConversationActor>,
    pub chatbot: Arc<Chatbot>,
    pub about: About,
    pub handoff: Seq,
}

pub struct Responder {
    hub: Hub,
}

impl Responder {
    pub(super) fn new(hub: Hub) -> Self {
        Self { hub }
    }
}

impl Actor for Responder {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(65_536);
    }
}

impl Handler<Answer> for Responder {
    type Result = ();

    fn handle(&mut self, answer: Answer, _: &mut Context<Self>) {
        actix_rt::spawn(give(Arc::clone(&self.hub), answer));
    }
}

impl Handler<Summarise> for Responder {
    type Result = ();

    fn handle(&mut self, asked: Summarise, _: &mut Context<Self>) {
        actix_rt::spawn(modelled::summarise(Arc::clone(&self.hub), asked));
    }
}

async fn give(hub: Hub, asked: Answer) {
    let outcome = match modelled::answer(&hub, &asked).await {
        Modelled::Answered { text, sources } => TurnOutcome::Answered { text, sources },
        Modelled::DoesNotKnow => TurnOutcome::Unsure,
        Modelled::Unwanted => return,
        Modelled::NotAsked => match embedded(&hub, &asked).await {
            Some(outcome) => outcome,
            None => return,
        },
        // What the knowledge base says for sure is better than an apology.
        Modelled::Failed => match embedded(&hub, &asked).await {
            Some(TurnOutcome::Unsure) => TurnOutcome::Failed,
            Some(outcome) => outcome,
            None => return,
        },
    };
    let command = Command::SettleTurn { turn: asked.turn, outcome };
    // If the conversation is gone, its job row still owes this answer.
    let _settled = asked.conversation.send(Execute { command, reply: Reply::Nobody }).await;
}

/// The answer of the knowledge base, shown as it is found. `None` when it is not wanted any more.
async fn embedded(hub: &Hub, asked: &Answer) -> Option<TurnOutcome> {
    let threshold = asked.chatbot.settings.confidence_threshold;
    let knowledge = Arc::clone(&asked.chatbot.knowledge);
    let (question, previous_question, hints) =
        (asked.question.clone(), asked.previous_question.clone(), asked.hints.clone());
    let search = move || ai::answer::outcome(&knowledge, &question, previous_question.as_deref(), &hints, threshold);
    // Never closed. Waiting costs a task, not a thread.
    let _place = hub.search_places.acquire().await.ok()?;
    match actix_rt::task::spawn_blocking(search).await {
        Ok(TurnOutcome::Answered { text, sources }) => {
            let shown = stream(&asked.conversation, asked.turn, &text).await;
            shown.then_some(TurnOutcome::Answered { text, sources })
        }
        Ok(outcome) => Some(outcome),
        Err(panicked) => {
            tracing::error!(error = %panicked, "the embedded responder failed");
            Some(TurnOutcome::Failed)
        }
    }
}

/// Show the answer as it grows. False when it is not wanted any more.
async fn stream(conversation: &Addr<ConversationActor>, turn: Seq, text: &str) -> bool {
    let pieces: Vec<&str> = ai::answer::stream_chunks(text).collect();
    let mut from = 0_u32;
    for group in pieces.chunks(pieces.len().div_ceil(STREAM_FRAMES).max(1)) {
        let text = group.concat();
        let length = utf16_length(&text);
        if !matches!(conversation.send(StreamText { turn, from, text }).await, Ok(true)) {
            return false;
        }
        from = from.saturating_add(length);
        tokio::time::sleep(STREAM_PAUSE).await;
    }
    true
}

fn utf16_length(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}
