//! The worker that keeps promises.
//!
//! Owns: nothing that lasts; what is owed is in the store. Receives: the job bell. Sends: questions to conversations, mail.
//! Ends when: the node stops; claims of a dead node expire and another worker takes over. Invariants: JOB-1 whether a job is still
//! wanted is asked when it runs, not when it was written. JOB-2 each attempt ends as done, as due again, or as failed for the console.

use super::conversation::ResumeTurn;
use super::hub::Hub;
use crate::ai;
use crate::domain::conversation::{Conversation, Phase, Recorded, evolve};
use crate::domain::ids::{ConversationId, Seq};
use crate::notify::{Handoff, Notifier, Outcome, retry_after};
use crate::protocol::convert::visitor_name;
use crate::store::{ClaimedJob, JobKind, Proposal, StoreError};
use actix::{Actor, AsyncContext, Context, WrapFuture};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// A worker that does not finish within this time is taken for dead.
const CLAIM: Duration = Duration::from_secs(60);
/// Jobs of other nodes, and those due later, are looked for this often.
const LOOK: Duration = Duration::from_secs(1);
/// Events read at once.
const PAGE: usize = 2_000;

pub struct JobWorker {
    hub: Hub,
    notifier: Arc<Notifier>,
}

/// How an attempt ended, to be written down.
enum End {
    Done(String),
    /// Still owed, and somebody is at it; looked at again when the claim expires.
    Underway,
    Failed {
        error: String,
        again: bool,
    },
}

impl JobWorker {
    pub fn new(hub: Hub, notifier: Notifier) -> Self {
        Self { hub, notifier: Arc::new(notifier) }
    }
}

impl Actor for JobWorker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let (hub, notifier) = (Arc::clone(&self.hub), Arc::clone(&self.notifier));
        ctx.spawn(work(hub, notifier).into_actor(self));
    }
}

async fn work(hub: Hub, notifier: Arc<Notifier>) {
    hub.ready().await;
    let places = Arc::clone(&hub.job_places);
    loop {
        let free = places.available_permits();
        let claimed = match free {
            0 => Ok(Vec::new()),
            free => hub.store.claim_jobs(hub.now(), CLAIM, free).await,
        };
        match claimed {
            Ok(jobs) if !jobs.is_empty() => {
                for job in jobs {
                    let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                    let (hub, notifier) = (Arc::clone(&hub), Arc::clone(&notifier));
                    actix_rt::spawn(async move {
                        run(hub, notifier, job).await;
                        drop(place);
                    });
                }
                continue;
            }
            Ok(_) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(error = ?error, "jobs can't be read now"),
        }
        // Woken early by the bell.
        let _elapsed = tokio::time::timeout(LOOK, hub.job_bell.notified()).await;
    }
}

async fn run(hub: Hub, notifier: Arc<Notifier>, job: ClaimedJob) {
    let end = match job.kind {
        JobKind::AiAnswer => answer(&hub, &job).await,
        JobKind::HandoffEmail => mail(&hub, &notifier, &job).await,
        JobKind::Learn => learn(&hub, &job).await,
    };
    let now = hub.now();
    let written = match end {
        End::Underway => Ok(()),
        End::Done(outcome) => hub.store.finish_job(job.id, outcome, now).await,
        End::Failed { error, again } => {
            let pause = again.then(|| retry_after(job.attempts)).flatten();
            let again_at = pause.map(|pause| now.plus_millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)));
            // The error may name an address, so it goes into the row and not into the log.
            tracing::warn!(job.id = %job.id, job.kind = job.kind.as_str(), attempts = job.attempts, last = again_at.is_none(), "job failed");
            hub.store.fail_job(job.id, error, again_at).await
        }
    };
    if let Err(error) = written {
        // The claim expires and the job runs again; a repeated mail keeps its Message-ID.
        tracing::warn!(job.id = %job.id, error = ?error, "the end of a job could not be written");
    }
}

/// The node that took the visitor's message did not answer in time: have it answered here, if it is still owed.
async fn answer(hub: &Hub, job: &ClaimedJob) -> End {
    let asked = match hub.locate(job.conversation).await {
        Ok(conversation) => conversation.send(ResumeTurn { turn: job.about }).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match asked {
        Ok(true) => End::Underway,
        Ok(false) => End::Done("not owed any more".into()),
        Err(error) => End::Failed { error, again: true },
    }
}

async fn mail(hub: &Hub, notifier: &Notifier, job: &ClaimedJob) -> End {
    let (state, events) = match replay(hub, job.conversation).await {
        Ok(found) => found,
        Err(error) => return End::Failed { error: error.to_string(), again: true },
    };
    let Some((chatbot, visitor)) = state.identity() else {
        return End::Done("the conversation is gone".into());
    };
    // JOB-1: the wait that the mail is about must be the present one.
    let still_waits = matches!(state.phase(), Phase::Unassigned { .. }) && latest_request(&events) == Some(job.about);
    if !still_waits {
        return End::Done("nobody was told: the visitor no longer waits".into());
    }
    let Some(chatbot) = hub.directory.get(chatbot) else {
        return End::Done("nobody was told: the chatbot is gone".into());
    };
    let handoff = Handoff {
        job,
        chatbot: &chatbot,
        conversation: job.conversation,
        visitor_name: &visitor_name(*visitor),
        context: state.context(),
        events: &events,
        now: hub.now(),
    };
    match notifier.send_handoff(handoff).await {
        Ok(Outcome::Nobody) => End::Done("nobody was told: the chatbot has no notification address".into()),
        Ok(Outcome::Sent { to, refused }) if refused.is_empty() => End::Done(format!("sent to {}", to.join(", "))),
        Ok(Outcome::Sent { to, refused }) => {
            End::Done(format!("sent to {}; refused by {}", to.join(", "), refused.join(", ")))
        }
        Err(error) => End::Failed { again: error.temporary, error: error.message },
    }
}

/// Propose what the agent answered as knowledge.
async fn learn(hub: &Hub, job: &ClaimedJob) -> End {
    let failed = |error: StoreError| End::Failed { error: error.to_string(), again: true };
    let (state, events) = match replay(hub, job.conversation).await {
        Ok(found) => found,
        Err(error) => return failed(error),
    };
    let Some(chatbot) = state.identity().and_then(|(chatbot, _)| hub.directory.get(chatbot)) else {
        return End::Done("the chatbot is gone".into());
    };
    if !chatbot.settings.ai.learn_from_agents {
        return End::Done("nothing proposed: switched off".into());
    }
    let Some(lesson) = ai::learn::lesson(&events, job.about) else {
        return End::Done("nothing proposed: no question with an answer".into());
    };
    let proposal = Proposal {
        id: Uuid::now_v7(),
        chatbot: chatbot.id.clone(),
        conversation: job.conversation,
        asked: lesson.asked,
        question: lesson.question,
        answer: lesson.answer,
        agent_name: lesson.agent_name,
        made_at: hub.now(),
    };
    match hub.store.propose(proposal).await {
        Ok(true) => End::Done("proposed as knowledge".into()),
        Ok(false) => End::Done("nothing proposed: it was already".into()),
        Err(error) => failed(error),
    }
}

async fn replay(hub: &Hub, conversation: ConversationId) -> Result<(Conversation, Vec<Recorded>), StoreError> {
    let mut state = Conversation::default();
    let mut events: Vec<Recorded> = Vec::new();
    loop {
        let page = hub.store.read_after(conversation, state.seq(), PAGE).await?;
        page.iter().for_each(|recorded| evolve(&mut state, recorded));
        let last = page.len() < PAGE;
        events.extend(page);
        if last {
            return Ok((state, events));
        }
    }
}

fn latest_request(events: &[Recorded]) -> Option<Seq> {
    use crate::domain::conversation::Event;
    let request = events.iter().rev().find(|recorded| matches!(recorded.event, Event::HandoffRequested { .. }));
    request.map(|recorded| recorded.seq)
}
