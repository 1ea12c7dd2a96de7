//! What follows from events: the jobs written with them, and after the commit the AI, the queue and the inbox.

use super::ConversationActor;
use super::commit::{ChatbotNow, Execute, Reply, Work};
use crate::actors::inbox::RowChanged;
use crate::actors::queue::{Handled, Left, Source, Waiting};
use crate::actors::responder::{About, Answer, Summarise};
use crate::bus::{Message as BusMessage, TypingBy};
use crate::domain::conversation::{Command, Event, Phase, Recorded, TurnOutcome};
use crate::domain::ids::{ChatbotId, ConversationId, Seq, VisitorId};
use crate::domain::queue::Position;
use crate::domain::settings::Provider;
use crate::domain::time::UnixMillis;
use crate::protocol::agent::{InboxRow, ToAgent};
use crate::protocol::convert;
use crate::protocol::shared::{AiText, Typist};
use crate::protocol::visitor::ToVisitor;
use crate::store::{Append, JobKind, NewJob, Projection};
use actix::{ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The node that owes an AI answer renews its claim twice in this time, or any worker takes the job up.
const ANSWER_CLAIM: Duration = Duration::from_secs(8);
const ANSWER_CLAIM_MILLIS: i64 = ANSWER_CLAIM.as_millis() as i64;
/// A turn that was asked and is not settled after so long, beyond the time-out of a model, is left to the workers.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The visitor's place in the queue.
#[derive(Message)]
#[rtype(result = "()")]
pub struct QueuePosition(pub Position);

/// More of a streamed AI text. False: the turn is over, stop.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct StreamText {
    pub turn: Seq,
    /// UTF-16 code units sent before.
    pub from: u32,
    pub text: String,
}

/// Whether the AI still owes the answer to `turn`.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct StillOwed {
    pub turn: Seq,
}

/// A job worker found the answer to this turn still owed. False: it is not.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct ResumeTurn {
    pub turn: Seq,
}

/// The job that owes an AI answer to `turn`.
pub(super) fn answer_job_key(conversation: ConversationId, turn: Seq) -> String {
    format!("ai_answer:{conversation}:{turn}")
}

impl ConversationActor {
    /// Chatbot and visitor, from the log or, before its first event, from the visitor's socket.
    pub(super) fn identity(&self) -> Option<&(ChatbotId, VisitorId)> {
        self.state.identity().or(self.announced.as_ref())
    }

    pub(super) fn chatbot(&self) -> Option<ChatbotNow> {
        let (chatbot, _) = self.identity()?;
        self.hub.directory.get(chatbot)
    }

    /// The chatbot a command is for: the conversation's, or the one a first message names.
    pub(super) fn chatbot_for(&self, command: &Command) -> Option<ChatbotNow> {
        match command {
            Command::VisitorPost { chatbot, .. } | Command::RequestHandoff { chatbot, .. } => {
                self.hub.directory.get(chatbot)
            }
            _ => self.chatbot(),
        }
    }

    fn ai_answers_now(&self, chatbot: &ChatbotNow) -> bool {
        match self.state.phase() {
            Phase::Unrequested => true,
            Phase::Unassigned { .. } => chatbot.settings.handoff.ai_answers_while_waiting,
            Phase::Open { .. } | Phase::Ended => false,
        }
    }

    /// The turn that the AI owes an answer to as things stand; none while it is silent.
    pub(super) fn owed_turn(&self) -> Option<Seq> {
        let turn = self.state.turn()?;
        self.ai_answers_now(&self.chatbot()?).then_some(turn)
    }

    /// The append for `events`, with the row they move and the jobs they owe and fulfil.
    pub(super) fn owe(&mut self, events: Vec<Recorded>, owed_before: Option<Seq>) -> Append {
        let mut jobs = Vec::new();
        let mut settles = Vec::new();
        let mut row_moves = false;
        let owed_now = self.owed_turn();
        if owed_before != owed_now {
            settles.extend(owed_before.map(|turn| answer_job_key(self.id, turn)));
            if let Some(turn) = owed_now {
                let now = self.hub.now();
                jobs.push(NewJob {
                    key: answer_job_key(self.id, turn),
                    kind: JobKind::AiAnswer,
                    run_at: now,
                    claimed_until: Some(now.plus_millis(ANSWER_CLAIM_MILLIS)),
                    about: turn,
                });
            }
        }
        for recorded in &events {
            match &recorded.event {
                Event::HandoffRequested { .. } => {
                    row_moves = true;
                    jobs.push(NewJob {
                        key: format!("handoff_email:{}:{}", self.id, recorded.seq),
                        kind: JobKind::HandoffEmail,
                        run_at: recorded.at,
                        claimed_until: None,
                        about: recorded.seq,
                    });
                }
                Event::HandedBack { .. } | Event::Ended { .. } => {
                    row_moves = true;
                    if self.state.had_agent()
                        && self.chatbot().is_some_and(|chatbot| chatbot.settings.ai.learn_from_agents)
                    {
                        jobs.push(NewJob {
                            key: format!("learn:{}:{}", self.id, recorded.seq),
                            kind: JobKind::Learn,
                            run_at: recorded.at,
                            claimed_until: None,
                            about: recorded.seq,
                        });
                    }
                }
                Event::Started { .. }
                | Event::VisitorSeen { .. }
                | Event::HandoffCancelled
                | Event::AgentJoined { .. }
                | Event::Transferred { .. }
                | Event::Reopened { .. } => row_moves = true,
                _ => {}
            }
        }
        let expected = Seq(self.state.seq().get() - events.len() as u64);
        let projection = if row_moves { self.chatbot().and_then(|chatbot| self.projection(&chatbot)) } else { None };
        Append { conversation: self.id, expected, events, projection, jobs, settles }
    }

    fn projection(&self, chatbot: &ChatbotNow) -> Option<Projection> {
        let (id, visitor) = self.state.identity()?;
        Some(Projection {
            workspace: chatbot.workspace,
            chatbot: id.clone(),
            visitor: *visitor,
            status: self.state.status(),
            assignee: self.state.assignee().cloned(),
            waiting_since: self.state.waiting_since(),
            escalated: self.state.escalated(),
            started_at: self.state.started_at(),
            country: self.state.context().country.clone(),
        })
    }

    /// Everything that may happen only now that the events are durable.
    pub(super) fn after_commit(&mut self, events: &[Recorded], ctx: &mut Context<Self>) {
        let mut status_moved = false;
        for recorded in events {
            match &recorded.event {
                Event::HandoffRequested { .. } => {
                    status_moved = true;
                    self.hub.job_bell.notify_one();
                    self.have_summed_up(recorded.seq, ctx);
                }
                Event::Started { .. } => self.announce_visitor(),
                Event::HandedBack { .. } | Event::Ended { .. } => {
                    status_moved = true;
                    self.hub.job_bell.notify_one();
                    self.tell_handling_time();
                }
                Event::AgentJoined { .. }
                | Event::HandoffCancelled
                | Event::Transferred { .. }
                | Event::Reopened { .. } => status_moved = true,
                Event::VisitorWrote { .. } => self.audience.forget_typing_of_visitor(),
                _ => {}
            }
        }
        if status_moved {
            self.announce_waiting(Source::Committed);
            self.tell_team();
        }
        self.ask_ai_if_owed(ctx);
        self.tell_inbox();
    }

    /// Tell the queue whether this conversation waits. Repeating it is harmless.
    pub(super) fn announce_waiting(&mut self, source: Source) {
        let (Some(queue), Some(chatbot)) = (self.hub.queue(), self.chatbot()) else { return };
        let (conversation, workspace, seq) = (self.id, chatbot.workspace, self.state.seq());
        let chatbot = chatbot.id.clone();
        match self.state.waiting_since() {
            Some(since) => queue.do_send(Waiting { conversation, workspace, chatbot, since, seq, source }),
            None => {
                self.position = None;
                queue.do_send(Left { conversation, workspace, chatbot, seq, source });
            }
        }
    }

    /// A human's part ended: how long it took is what the next in line want to know.
    fn tell_handling_time(&mut self) {
        if let (Some(millis), Some(chatbot), Some(queue)) =
            (self.glance.handled_millis.take(), self.chatbot(), self.hub.queue())
        {
            let seconds = u32::try_from(millis / 1_000).unwrap_or(u32::MAX);
            let (workspace, chatbot) = (chatbot.workspace, chatbot.id.clone());
            queue.do_send(Handled { workspace, chatbot, seconds, source: Source::Committed });
        }
    }

    /// An answer is owed and was not asked for here: by a node that died, or by this one before a restart. Where there are other
    /// nodes, one of them may be at it, so the job is claimed first; that this conversation came into memory here is no reason.
    pub(super) fn take_up_turn(&mut self, ctx: &mut Context<Self>) {
        let Some(turn) = self.owed_turn() else { return };
        if !self.hub.bus.is_shared() || self.resume.take() == Some(turn) {
            return self.ask_ai_if_owed(ctx);
        }
        if self.asked == Some(turn) {
            return;
        }
        let (store, key, now) = (Arc::clone(&self.hub.store), answer_job_key(self.id, turn), self.hub.now());
        let claim = async move { store.claim_job(key, now, now.plus_millis(ANSWER_CLAIM_MILLIS)).await };
        ctx.spawn(claim.into_actor(self).map(move |claimed, actor, ctx| {
            // A store that can't be written leaves it to the workers.
            if matches!(claimed, Ok(true)) && actor.owed_turn() == Some(turn) {
                actor.ask_ai_if_owed(ctx);
            }
        }));
    }

    /// As long as an answer is being made here, other nodes leave it alone.
    fn renew_claim_later(&self, turn: Seq, asked_at: Instant, ctx: &mut Context<Self>) {
        ctx.run_later(ANSWER_CLAIM / 2, move |actor, ctx| {
            let at_it = actor.asked == Some(turn) && actor.owed_turn() == Some(turn);
            if !at_it || asked_at.elapsed() > actor.answer_limit() {
                return;
            }
            let (store, key) = (Arc::clone(&actor.hub.store), answer_job_key(actor.id, turn));
            // Claimed anew as of the end of the present claim.
            let until = actor.hub.now().plus_millis(ANSWER_CLAIM_MILLIS);
            let renew = async move { store.claim_job(key, until, until).await };
            ctx.spawn(renew.into_actor(actor).map(move |_, actor, ctx| actor.renew_claim_later(turn, asked_at, ctx)));
        });
    }

    pub(super) fn ask_ai_if_owed(&mut self, ctx: &mut Context<Self>) {
        let (Some(turn), Some(chatbot), Some(responder)) = (self.owed_turn(), self.chatbot(), self.hub.responder())
        else {
            return;
        };
        if self.asked == Some(turn) {
            return;
        }
        let Some(about) = self.about() else { return };
        self.asked = Some(turn);
        if self.state.looping() {
            // Nobody is asked, so that a loop costs nothing.
            let command = Command::SettleTurn { turn, outcome: TurnOutcome::Paused };
            return self.enqueue(Work::Command(Execute { command, reply: Reply::Nobody }), ctx);
        }
        self.audience.send_typing(self.id, &Typist::Ai, true);
        self.publish(|| BusMessage::Typing { by: TypingBy::Ai, active: true });
        self.renew_claim_later(turn, Instant::now(), ctx);
        responder.do_send(Answer {
            conversation: ctx.address(),
            chatbot,
            about,
            turn,
            question: self.glance.asked.question().to_owned(),
            previous_question: self.glance.asked.previous_question().map(str::to_owned),
            hints: self.glance.asked.hints().to_vec(),
        });
    }

    fn answer_limit(&self) -> Duration {
        let ai =
            self.chatbot().map(|chatbot| chatbot.settings.ai.clone()).filter(|ai| ai.provider != Provider::Embedded);
        ANSWER_LIMIT + ai.map_or(Duration::ZERO, |ai| Duration::from_secs(ai.timeout_seconds.into()))
    }

    fn about(&self) -> Option<About> {
        let (_, visitor) = self.state.identity()?;
        Some(About { conversation: self.id, visitor: *visitor, opened: self.state.opened() })
    }

    /// The brief is told already; a model may word its summary better, when it comes to it.
    fn have_summed_up(&self, handoff: Seq, ctx: &mut Context<Self>) {
        let (Some(about), Some(chatbot), Some(responder)) = (self.about(), self.chatbot(), self.hub.responder()) else {
            return;
        };
        if chatbot.settings.ai.provider != Provider::Embedded {
            responder.do_send(Summarise { conversation: ctx.address(), chatbot, about, handoff });
        }
    }

    /// The row of this conversation changed; only worth saying when somebody looks at an inbox.
    pub(super) fn tell_inbox(&self) {
        let (Some(inbox), Some(chatbot)) = (self.hub.inbox(), self.chatbot()) else { return };
        if !self.hub.board.inbox_watched(chatbot.workspace) {
            return;
        }
        let Some(row) = self.row() else { return };
        inbox.do_send(RowChanged { workspace: chatbot.workspace, row });
    }

    fn row(&self) -> Option<InboxRow> {
        let (chatbot, visitor) = self.state.identity()?;
        Some(InboxRow {
            conversation: self.id.0,
            chatbot: chatbot.to_string(),
            visitor_name: convert::visitor_name(*visitor),
            country: self.state.context().country.clone(),
            status: convert::status(self.state.status()),
            assignee: self.state.assignee().map(convert::agent_view),
            waiting_since: self.state.waiting_since().map(|UnixMillis(at)| at),
            escalated: self.state.escalated(),
            started_at: self.state.started_at().0,
            last_at: self.state.last_at().0,
            seq: self.state.seq().get(),
            preview: self.glance.preview.clone(),
            preview_by: self.glance.by,
            unread: self.glance.unread(),
            online: self.visitor_online(),
        })
    }
}

impl Handler<QueuePosition> for ConversationActor {
    type Result = ();

    fn handle(&mut self, QueuePosition(position): QueuePosition, _: &mut Context<Self>) {
        if self.state.waiting_since().is_none() || self.position == Some(position) {
            return;
        }
        self.position = Some(position);
        self.audience.tell_visitors(&ToVisitor::Queue { ahead: position.ahead, eta_seconds: position.eta_seconds });
    }
}

impl Handler<StreamText> for ConversationActor {
    type Result = bool;

    fn handle(&mut self, StreamText { turn, from, text }: StreamText, _: &mut Context<Self>) -> bool {
        let wanted = self.state.turn() == Some(turn);
        if wanted {
            self.publish(|| BusMessage::AiText { turn, from, text: text.clone() });
            let text = AiText { conversation: self.id.0, turn: turn.get(), from, text };
            self.audience.tell_everyone(&ToVisitor::AiText(text.clone()), &ToAgent::AiText(text));
        }
        wanted
    }
}

impl Handler<StillOwed> for ConversationActor {
    type Result = bool;

    fn handle(&mut self, StillOwed { turn }: StillOwed, _: &mut Context<Self>) -> bool {
        // While the log is read again nobody knows; what comes too late is refused in the end.
        !self.loaded || self.owed_turn() == Some(turn)
    }
}

impl Handler<ResumeTurn> for ConversationActor {
    type Result = bool;

    fn handle(&mut self, ResumeTurn { turn }: ResumeTurn, ctx: &mut Context<Self>) -> bool {
        // While the log is being read the answer is not known; it is taken up when that is done.
        if !self.loaded {
            self.resume = Some(turn);
            return true;
        }
        let owed =
            self.state.turn() == Some(turn) && self.chatbot().is_some_and(|chatbot| self.ai_answers_now(&chatbot));
        if owed {
            self.asked = None;
            self.ask_ai_if_owed(ctx);
        }
        owed
    }
}
