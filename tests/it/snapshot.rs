//! Snapshot + events = later snapshot, for either viewer (RELIABILITY.md I11).
//!
//! The golden copies in `tests/fixtures/snapshots/` are read by `web-shared/test/snapshots.test.ts`, which holds the TypeScript
//! reducer to the same data. `UPDATE_FIXTURES=1 cargo test --test it snapshot` writes them anew.

mod fold;
mod golden;

use crate::harness::TestHub;
use crate::harness::agent::Agent;
use crate::harness::visitor::{Opening, Visitor};
use baton::domain::conversation::Command;
use baton::domain::ids::Seq;
use baton::protocol::agent::{AgentFrame, ToAgent};
use baton::protocol::shared::*;
use baton::protocol::visitor::{Page, ToVisitor, VisitorFrame};
use fold::{Applied, apply};
use uuid::Uuid;

/// A snapshot, what came after it, and a later snapshot.
pub struct Step {
    pub before: Snapshot,
    pub entries: Vec<LogEntry>,
    pub after: Snapshot,
}

/// One conversation, followed by a visitor and an agent since before its first message.
struct Stage {
    hub: TestHub,
    visitor: Visitor,
    agent: Agent,
    colleague: Agent,
    /// Only takes snapshots.
    camera: Agent,
    seen: [Snapshot; 2],
}

impl Stage {
    async fn set(hub: TestHub) -> Self {
        let mut visitor = hub.visitor().await;
        let Opening::Snapshot(empty) = visitor.opening.clone() else { panic!("a new visitor has no cursor") };
        assert_eq!((empty.seq, empty.entries.len()), (0, 0), "before the first event");
        // Agents can open it from the first event on; the AI owes nothing after this one.
        visitor.request_human().await;
        let (mut agent, mut camera) = (hub.agent().await, hub.agent().await);
        let colleague = hub.another_agent("Lena").await;
        agent.open(visitor.conversation).await;
        let first = camera.open(visitor.conversation).await;
        Self { seen: [*empty, first], visitor, agent, camera, colleague, hub }
    }

    fn conversation(&self) -> Uuid {
        self.visitor.conversation
    }

    /// Take new snapshots and hold the entries since the last ones against them.
    async fn step(&mut self) -> [Step; 2] {
        let conversation = self.conversation();
        let Opening::Snapshot(for_visitor) = self.visitor.tab().await.opening else {
            panic!("a new tab has no cursor")
        };
        let for_agent = self.camera.open(conversation).await;
        while self.visitor.cursor().seq < for_visitor.seq {
            assert!(self.visitor.socket.next_new().await.is_some(), "closed");
        }
        while self.agent.shown(conversation).last().map_or(0, |entry| entry.seq) < for_agent.seq {
            assert!(self.agent.socket.next_new().await.is_some(), "closed");
        }
        let shown = [self.visitor.log(), self.agent.shown(conversation)];
        let after = [*for_visitor, for_agent];
        let mut shown = shown.into_iter();
        let steps = [0, 1].map(|who| {
            let (before, after) = (self.seen[who].clone(), after[who].clone());
            let entries = shown.next().into_iter().flatten();
            let entries = entries.filter(|entry| entry.seq > before.seq && entry.seq <= after.seq).collect();
            Step { before, entries, after }
        });
        self.seen = after;
        steps
    }

    async fn saw(&mut self, what: &str, pick: impl Fn(&LogEvent) -> bool) {
        self.agent.expect_entry(what, |event| pick(event).then_some(())).await;
    }

    async fn answered(&mut self) {
        self.saw("ai_message", |event| matches!(event, LogEvent::AiMessage { .. })).await;
    }
}

#[track_caller]
fn assert_same(name: &str, step: &Step) {
    if step.entries.is_empty() {
        return assert_eq!(step.before, step.after, "{name}: nothing happened");
    }
    let Applied::Later(applied) = apply(&step.before, &step.entries) else { panic!("{name}: not in step") };
    // A snapshot is cut to its newest entries, what was applied is not.
    let mut applied = applied;
    let surplus = applied.entries.len().saturating_sub(step.after.entries.len());
    applied.entries.drain(..surplus);
    applied.has_more = applied.entries.first().is_some_and(|first| first.seq > 1);
    assert_eq!(*applied, step.after, "{name}");
    assert_eq!(apply(&step.after, &step.entries), Applied::Ignored, "{name}: known entries change nothing");
    if step.entries.len() > 1 {
        assert_eq!(apply(&step.before, &step.entries[1..]), Applied::Gap, "{name}: a missing entry is noticed");
    }
}

/// Every kind of event in a story, with the golden copies.
#[tokio::test]
async fn each_kind_of_event_changes_the_old_snapshot_into_the_new_one() {
    let mut stage = Stage::set(TestHub::builder().without_rate_limit().start().await).await;
    let conversation = stage.conversation();
    let mut story: Vec<(&str, [Step; 2])> = Vec::new();

    stage.visitor.send(VisitorFrame::CancelHandoff).await;
    stage.saw("cancelled", |event| *event == LogEvent::HandoffCancelled).await;
    story.push(("the wait is cancelled", stage.step().await));
    stage.visitor.say("How long does delivery take?").await;
    stage.answered().await;
    story.push(("a question and its answer", stage.step().await));
    stage.visitor.say("Can I talk to a real person please?").await;
    story.push(("the AI offers a human", stage.step().await));
    stage.visitor.send(VisitorFrame::DeclineHandoff).await;
    stage.saw("declined", |event| matches!(event, LogEvent::HandoffDeclined { .. })).await;
    story.push(("the offer is declined", stage.step().await));
    stage.visitor.request_human().await;
    story.push(("a human is asked for", stage.step().await));
    let handoff = stage.visitor.cursor().seq;
    stage
        .hub
        .command(conversation, Command::Summarise { handoff: Seq(handoff), summary: "Wants news of a parcel.".into() })
        .await;
    stage.saw("summary", |event| matches!(event, LogEvent::HandoffSummarised { .. })).await;
    story.push(("a model sums it up", stage.step().await));
    stage.agent.accept(conversation).await;
    story.push(("an agent accepts", stage.step().await));
    stage.visitor.say("My parcel is late").await;
    story.push(("the visitor writes to the agent", stage.step().await));
    let seq = stage.agent.say(conversation, "Let me look").await;
    story.push(("the agent writes", stage.step().await));
    stage.visitor.send(VisitorFrame::Read { seq }).await;
    stage.saw("read", |event| matches!(event, LogEvent::Read { by: Side::Visitor, .. })).await;
    story.push(("the visitor reads", stage.step().await));
    let seq = stage.visitor.say("Take your time").await;
    stage.agent.send(AgentFrame::Read { conversation, seq }).await;
    stage.saw("read", |event| matches!(event, LogEvent::Read { by: Side::Agent, .. })).await;
    story.push(("the agent reads", stage.step().await));
    stage.agent.note(conversation, "A regular customer").await;
    story.push(("a note that the visitor can't see", stage.step().await));
    let page = Page { url: "http://shop.test/checkout".into(), title: "Checkout".into(), ..Page::default() };
    stage.visitor.navigate(page).await;
    stage.saw("visitor_seen", |event| matches!(event, LogEvent::VisitorSeen { .. })).await;
    story.push(("the visitor goes to another page", stage.step().await));
    stage.colleague.send(AgentFrame::TakeOver { conversation }).await;
    stage.saw("take-over", |event| matches!(event, LogEvent::Transferred { .. })).await;
    story.push(("a colleague takes over", stage.step().await));
    let me = stage.agent.me.id;
    stage.colleague.send(AgentFrame::Transfer { conversation, agent: me }).await;
    stage.saw("transfer", |event| matches!(event, LogEvent::Transferred { to, .. } if to.id == me)).await;
    story.push(("the colleague gives it back", stage.step().await));
    stage.agent.send(AgentFrame::HandBack { conversation }).await;
    stage.saw("handed back", |event| matches!(event, LogEvent::HandedBack { .. })).await;
    story.push(("the agent hands back to the AI", stage.step().await));
    stage
        .agent
        .send(AgentFrame::Whisper { conversation, key: Uuid::new_v4(), text: "Say it comes today".into() })
        .await;
    stage.saw("hint", |event| matches!(event, LogEvent::Hint { .. })).await;
    story.push(("the agent whispers to the AI", stage.step().await));
    stage.agent.send(AgentFrame::Interject { conversation, key: Uuid::new_v4(), text: "Still here".into() }).await;
    stage.saw("put in", |event| matches!(event, LogEvent::AgentMessage { text, .. } if text == "Still here")).await;
    story.push(("the agent puts in a message", stage.step().await));
    let again = "How long does delivery take?";
    stage.visitor.say(again).await;
    stage.answered().await;
    stage.visitor.say(again).await;
    stage.saw("offer", |event| matches!(event, LogEvent::HandoffOffered { reason: Reason::Frustration, .. })).await;
    for _ in 0..2 {
        stage.visitor.say(again).await;
        stage.answered().await;
    }
    stage.visitor.say(again).await;
    stage.saw("paused", |event| matches!(event, LogEvent::AiPaused { .. })).await;
    story.push(("a machine answers every answer", stage.step().await));
    stage.visitor.post("Can I return a bike?").await;
    stage.visitor.send(VisitorFrame::End).await;
    stage.saw("ended", |event| matches!(event, LogEvent::Ended { by: Side::Visitor, .. })).await;
    story.push(("the visitor ends it with a question open", stage.step().await));
    stage.agent.accept(conversation).await;
    story.push(("the agent reopens it", stage.step().await));
    stage.agent.send(AgentFrame::End { conversation }).await;
    stage.saw("ended", |event| matches!(event, LogEvent::Ended { by: Side::Agent, .. })).await;
    story.push(("the agent ends it", stage.step().await));
    stage.visitor.say("How long does delivery take?").await;
    stage.answered().await;
    story.push(("the visitor reopens it", stage.step().await));

    for (name, steps) in &story {
        steps.iter().for_each(|step| assert_same(name, step));
    }
    golden::every_kind_is_told(&story);
    golden::compare(&story);
    drop(stage.hub);
}

/// A small generator with a seed that a failing run names.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Anything anybody may do at any time; what the rules refuse is no event.
async fn act(stage: &mut Stage, dice: &mut Dice) {
    let conversation = stage.conversation();
    let (me, lena) = (stage.agent.me.id, stage.colleague.me.id);
    let text =
        ["How long does delivery take?", "Can I talk to a human?", "yes", "no thanks", "this is useless!!!", "ok"]
            [dice.roll(6) as usize]
            .to_owned();
    let key = Uuid::new_v4();
    let seq = 1 + dice.roll(80);
    match dice.roll(16) {
        0..=3 => stage.visitor.send(VisitorFrame::Send { key, text }).await,
        4 => stage.visitor.send(VisitorFrame::RequestHandoff).await,
        5 => stage.visitor.send(VisitorFrame::DeclineHandoff).await,
        6 => stage.visitor.send(VisitorFrame::CancelHandoff).await,
        7 => stage.visitor.send(VisitorFrame::Read { seq }).await,
        8 => stage.visitor.send(VisitorFrame::End).await,
        9 => stage.agent.send(AgentFrame::Accept { conversation }).await,
        10 => stage.agent.send(AgentFrame::Send { conversation, key, text }).await,
        11 => stage.agent.send(AgentFrame::Note { conversation, key, text }).await,
        12 => stage.agent.send(AgentFrame::Read { conversation, seq }).await,
        13 => stage.colleague.send(AgentFrame::TakeOver { conversation }).await,
        14 => stage.colleague.send(AgentFrame::Transfer { conversation, agent: me }).await,
        _ => {
            stage.agent.send(AgentFrame::Transfer { conversation, agent: lena }).await;
            stage.colleague.send(AgentFrame::HandBack { conversation }).await;
        }
    }
}

/// The AI answers whenever it is ready, so snapshots fall between any two events.
#[tokio::test]
async fn random_actions_in_any_order_keep_old_snapshots_in_step() {
    let mut hub = TestHub::builder().without_rate_limit().start().await;
    for seed in [0x5eed, Uuid::new_v4().as_u64_pair().0 | 1] {
        let mut dice = Dice(seed);
        let mut stage = Stage::set(hub).await;
        let oldest = [stage.seen[0].clone(), stage.seen[1].clone()];
        for round in 0..25 {
            for _ in 0..=dice.roll(4) {
                act(&mut stage, &mut dice).await;
            }
            stage.visitor.settle().await;
            stage.agent.settle().await;
            let name = format!("seed {seed:#x}, round {round}");
            stage.step().await.iter().for_each(|step| assert_same(&name, step));
        }
        // And the very first snapshots with everything since.
        let shown = [stage.visitor.log(), stage.agent.shown(stage.conversation())];
        for ((before, entries), after) in oldest.into_iter().zip(shown).zip(stage.seen.clone()) {
            let entries: Vec<LogEntry> =
                entries.into_iter().filter(|entry| entry.seq > before.seq && entry.seq <= after.seq).collect();
            assert!(entries.len() > 10, "seed {seed:#x} did too little");
            assert_same(&format!("seed {seed:#x}, as a whole"), &Step { before, entries, after });
        }
        assert!(!stage.visitor.socket.seen.iter().any(|frame| matches!(
            frame,
            ToVisitor::Event { event: LogEvent::Note { .. } | LogEvent::VisitorSeen { .. }, .. }
        )));
        assert!(
            !stage
                .agent
                .socket
                .seen
                .iter()
                .any(|frame| matches!(frame, ToAgent::Event { event: LogEvent::Hidden, .. }))
        );
        hub = stage.hub;
    }
}
