//! AI turns in the making.
//!
//! Owns: nothing that lasts; each turn is a task of its own. Receives: `Answer` from conversations. Sends: streamed text and the
//! settled turn to the conversation that asked. Ends when: the node stops; turns that were under way are owed by their job rows.
//! Invariants: RESP-1 every turn that was asked is settled or its job stays pending. RESP-2 searching never runs on an actor's thread.

use super::conversation::{Execute, Reply, StreamText};
use crate::ai;
use crate::ai::retrieval::KnowledgeIndex;
use crate::directory::Chatbot;
use crate::domain::conversation::{Command, TurnOutcome};
use crate::domain::ids::Seq;
use actix::{Actor, Addr, Context, Handler, Message};
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
    pub conversation: Addr<super::conversation::ConversationActor>,
    pub chatbot: Arc<Chatbot>,
    pub turn: Seq,
    pub question: String,
    pub previous_question: Option<String>,
    /// What agents told the AI for this answer, oldest first.
    pub hints: Vec<String>,
}

pub struct Responder;

impl Actor for Responder {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(65_536);
    }
}

impl Handler<Answer> for Responder {
    type Result = ();

    fn handle(&mut self, answer: Answer, _: &mut Context<Self>) {
        actix_rt::spawn(give(answer));
    }
}

async fn give(asked: Answer) {
    let Answer { conversation, chatbot, turn, question, previous_question, hints } = asked;
    let threshold = chatbot.settings.confidence_threshold;
    let search = move || {
        hints
            .iter()
            .rev()
            .find_map(|hint| hinted(&chatbot.knowledge, &question, hint, threshold))
            .unwrap_or_else(|| ai::answer::answer(&chatbot.knowledge, &question, previous_question.as_deref()))
    };
    let outcome = match actix_rt::task::spawn_blocking(search).await {
        Ok(answer) if answer.confidence >= threshold => {
            if !stream(&conversation, turn, &answer.text).await {
                return;
            }
            TurnOutcome::Answered { text: answer.text, sources: answer.sources }
        }
        Ok(_) => TurnOutcome::Unsure,
        Err(panicked) => {
            tracing::error!(error = %panicked, "the embedded responder failed");
            TurnOutcome::Failed
        }
    };
    let command = Command::SettleTurn { turn, outcome };
    // If the conversation is gone, its job row still owes this answer.
    let _settled = conversation.send(Execute { command, reply: Reply::Nobody }).await;
}

/// The answer that a hint points to. The embedded responder never repeats a hint, which was not written for the visitor's eyes:
/// it gives the passage of the knowledge base that the hint names, alone or together with the question.
fn hinted(knowledge: &KnowledgeIndex, question: &str, hint: &str, threshold: f32) -> Option<ai::answer::Answer> {
    [hint.to_owned(), format!("{question}\n{hint}")]
        .iter()
        .map(|query| ai::answer::answer(knowledge, query, None))
        .find(|answer| answer.confidence >= threshold && !answer.sources.is_empty())
}

/// Show the answer as it grows. False when it is not wanted any more.
async fn stream(conversation: &Addr<super::conversation::ConversationActor>, turn: Seq, text: &str) -> bool {
    let pieces: Vec<&str> = ai::answer::stream_chunks(text).collect();
    let mut from = 0_u32;
    for group in pieces.chunks(pieces.len().div_ceil(STREAM_FRAMES).max(1)) {
        let text = group.concat();
        let length = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
        if !matches!(conversation.send(StreamText { turn, from, text }).await, Ok(true)) {
            return false;
        }
        from = from.saturating_add(length);
        tokio::time::sleep(STREAM_PAUSE).await;
    }
    true
}
