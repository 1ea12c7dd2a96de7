//! The log: order, conflicts, reading.

use super::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::sync::atomic::{AtomicUsize, Ordering};

fn script() -> Script {
    Script::new(WorkspaceId::generate(), "help")
}

fn seqs(events: &[Recorded]) -> Vec<u64> {
    events.iter().map(|recorded| recorded.seq.get()).collect()
}

pub(in crate::store) async fn append_then_read(store: Arc<dyn Store>) {
    let mut script = script();
    let first = script.start(1_000, "hello");
    let second = script.next(2_000, vec![said("more"), said("and more")]);
    let written: Vec<_> = first.events.iter().chain(&second.events).cloned().collect();

    assert_eq!(append(&*store, first.clone()).await.unwrap().events, first.events, "the events come back");
    assert_eq!(append(&*store, second.clone()).await.unwrap().events, second.events);

    assert_eq!(store.read_after(script.id, Seq::ZERO, 100).await.unwrap(), written);
    assert_eq!(store.read_after(script.id, Seq(1), 2).await.unwrap(), written[1..3]);
    assert_eq!(store.read_after(script.id, Seq(4), 100).await.unwrap(), []);
    assert_eq!(store.read_after(script.id, Seq(u64::MAX), usize::MAX).await.unwrap(), []);
    assert_eq!(store.read_before(script.id, Seq(4), 2).await.unwrap(), written[1..3]);
    assert_eq!(store.read_before(script.id, Seq(u64::MAX), usize::MAX).await.unwrap(), written);
    assert_eq!(store.read_before(script.id, Seq(1), 10).await.unwrap(), []);
    assert_eq!(store.read_before(script.id, Seq::ZERO, 10).await.unwrap(), []);
    assert_eq!(store.read_after(script.id, Seq::ZERO, 0).await.unwrap(), []);
}

pub(in crate::store) async fn first_append_needs_its_projection(store: Arc<dyn Store>) {
    let mut script = script();
    let mut first = script.start(1_000, "hello");
    first.projection = None;
    assert!(matches!(append(&*store, first).await, Err(AppendError::Failed(_))));
    assert_eq!(store.conversation(script.id).await.unwrap(), None);
}

pub(in crate::store) async fn malformed_appends_are_refused(store: Arc<dyn Store>) {
    let mut script = script();
    let good = script.start(1_000, "hello");
    let empty = Append { events: Vec::new(), ..good.clone() };
    assert!(matches!(append(&*store, empty).await, Err(AppendError::Failed(_))));
    let mut gap = good.clone();
    gap.events[1].seq = Seq(3);
    assert!(matches!(append(&*store, gap).await, Err(AppendError::Failed(_))));
    assert_eq!(store.conversation(script.id).await.unwrap(), None, "nothing of them was written");
    append(&*store, good).await.unwrap();
}

pub(in crate::store) async fn wrong_expected_is_a_conflict(store: Arc<dyn Store>) {
    let mut script = script();
    append(&*store, script.start(1_000, "hello")).await.unwrap();
    for (expected, events) in [(0, 1), (1, 1), (3, 2)] {
        let mut other = Script { seq: expected, ..script.clone() };
        let late = other.next(2_000, vec![said("late"); events]);
        let end = append(&*store, late).await;
        assert!(matches!(end, Err(AppendError::Conflict { actual: Seq(2) })), "expected {expected}: {end:?}");
    }
    assert_eq!(seqs(&store.read_after(script.id, Seq::ZERO, 100).await.unwrap()), [1, 2]);
    append(&*store, script.next(2_000, vec![said("in time")])).await.unwrap();
}

/// Not its events, not its projection, not its jobs.
pub(in crate::store) async fn conflict_writes_nothing(store: Arc<dyn Store>) {
    let mut script = script();
    append(&*store, script.start(1_000, "hello")).await.unwrap();
    let before = store.conversation(script.id).await.unwrap();
    let mut late = Script { seq: 1, ..script.clone() }.next(2_000, vec![said("late")]);
    late.projection = Some(Projection { status: Status::Ended, ..script.projection.clone() });
    assert!(append(&*store, late).await.is_err());
    assert_eq!(store.conversation(script.id).await.unwrap(), before);
}

pub(in crate::store) async fn conversation_that_does_not_exist(store: Arc<dyn Store>) {
    let mut script = Script { seq: 5, ..script() };
    assert_eq!(store.read_after(script.id, Seq::ZERO, 10).await.unwrap(), []);
    assert_eq!(store.read_before(script.id, Seq(10), 10).await.unwrap(), []);
    assert_eq!(store.conversation(script.id).await.unwrap(), None);
    let end = append(&*store, script.next(1_000, vec![said("hello")])).await;
    assert!(matches!(end, Err(AppendError::Conflict { actual: Seq::ZERO })), "{end:?}");
}

/// I5: fifty writers on one log who retry what they lost. Each message is there once, the seqs are 1 to n in order.
pub(in crate::store) async fn concurrent_appenders_leave_no_gap(store: Arc<dyn Store>) {
    const WRITERS: usize = 50;
    const EACH: usize = 10;
    let mut script = script();
    append(&*store, script.start(1_000, "hello")).await.unwrap();
    let conflicts = Arc::new(AtomicUsize::new(0));
    let writers = (0..WRITERS).map(|writer| {
        let (store, conflicts, script) = (store.clone(), conflicts.clone(), script.clone());
        async move {
            let mut seq = 2;
            for number in 0..EACH {
                loop {
                    let text = format!("{writer}/{number}");
                    match append(&*store, Script { seq, ..script.clone() }.next(2_000, vec![said(&text)])).await {
                        Ok(appended) => break seq = appended.events[0].seq.get(),
                        Err(AppendError::Conflict { actual }) => {
                            assert!(actual.get() > seq, "somebody else wrote");
                            conflicts.fetch_add(1, Ordering::Relaxed);
                            seq = actual.get();
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
            }
        }
    });
    futures_util::future::join_all(writers).await;
    let log = store.read_after(script.id, Seq::ZERO, usize::MAX).await.unwrap();
    assert_eq!(seqs(&log), (1..=2 + (WRITERS * EACH) as u64).collect::<Vec<_>>());
    let mut texts: Vec<_> = log
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::VisitorWrote { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 1 + WRITERS * EACH);
    assert!(conflicts.load(Ordering::Relaxed) > 0, "the writers never met: the case shows nothing");
}

/// Reading starts anywhere in a log of thousands, also one that is interleaved with another.
pub(in crate::store) async fn long_logs_are_read_in_pages(store: Arc<dyn Store>) {
    const EVENTS: u64 = 2_000;
    let (mut one, mut two) = (script(), script());
    append(&*store, one.start(1_000, "hello")).await.unwrap();
    append(&*store, two.start(1_000, "hello")).await.unwrap();
    while one.seq < EVENTS {
        let events: Vec<_> = (one.seq + 1..=(one.seq + 37).min(EVENTS)).map(|seq| said(&format!("{seq}"))).collect();
        append(&*store, one.next(2_000, events)).await.unwrap();
        append(&*store, two.next(2_000, vec![said("between")])).await.unwrap();
    }
    let all = store.read_after(one.id, Seq::ZERO, usize::MAX).await.unwrap();
    assert_eq!(seqs(&all), (1..=EVENTS).collect::<Vec<_>>());
    for recorded in &all[2..] {
        let Event::VisitorWrote { text, .. } = &recorded.event else { panic!("{recorded:?}") };
        assert_eq!(*text, recorded.seq.to_string(), "each event is in its place");
    }
    for after in [0, 1, 254, 255, 256, 257, 1_000, EVENTS - 1, EVENTS] {
        let page = store.read_after(one.id, Seq(after), 100).await.unwrap();
        assert_eq!(page, all[after as usize..(after as usize + 100).min(all.len())], "after {after}");
        let page = store.read_before(one.id, Seq(after + 1), 100).await.unwrap();
        assert_eq!(page, all[(after as usize).saturating_sub(100)..after as usize], "before {after} + 1");
    }
}

/// What is replayed is what was decided.
pub(in crate::store) async fn every_kind_of_event_survives(store: Arc<dyn Store>) {
    let mut runner = TestRunner::deterministic();
    let mut script = script();
    let mut written = Vec::new();
    let mut kinds = std::collections::HashSet::new();
    for at in 0..60 {
        let events: Vec<_> = (0..5).map(|_| any_event().new_tree(&mut runner).unwrap().current()).collect();
        kinds.extend(events.iter().map(std::mem::discriminant));
        let next = script.next(at, events);
        written.extend(next.events.clone());
        append(&*store, next).await.unwrap();
    }
    assert_eq!(kinds.len(), 19, "the strategy makes every kind");
    assert_eq!(store.read_after(script.id, Seq::ZERO, usize::MAX).await.unwrap(), written);
}

/// A read that starts after the completion sees the write.
pub(in crate::store) async fn completion_sees_its_own_write(store: Arc<dyn Store>) {
    let mut script = script();
    append(&*store, script.start(1_000, "hello")).await.unwrap();
    for _ in 0..100 {
        append(&*store, script.next(2_000, vec![said("more")])).await.unwrap();
        let newest = store.read_before(script.id, Seq(u64::MAX), 1).await.unwrap();
        assert_eq!(seqs(&newest), [script.seq]);
        assert_eq!(store.conversation(script.id).await.unwrap().unwrap().last_seq, Seq(script.seq));
    }
}

/// What was queued before is durable and answered; what comes later is refused, never swallowed.
pub(in crate::store) async fn closed_store_takes_nothing(store: Arc<dyn Store>) {
    let called = Arc::new(AtomicUsize::new(0));
    let mut script = script();
    for at in 0..100 {
        let events = if at == 0 { vec![script.started()] } else { vec![said("more")] };
        let called = called.clone();
        let done: Completion = Box::new(move |end| {
            assert!(end.is_ok());
            called.fetch_add(1, Ordering::Relaxed);
        });
        store.append(script.next(at, events), done).unwrap();
    }
    store.close().await.unwrap();
    assert_eq!(called.load(Ordering::Relaxed), 100);
    assert!(store.append(script.next(200, vec![said("late")]), Box::new(|_| {})).is_err());
    assert!(matches!(store.ping().await, Err(StoreError::Closed)));
    store.close().await.unwrap();
}

/// More than one statement may have parameters; twice the same, and what does not exist.
pub(in crate::store) async fn tails_of_many(store: Arc<dyn Store>) {
    assert_eq!(store.tails(Vec::new()).await.unwrap(), []);
    let mut scripts: Vec<_> = (0..5).map(|_| script()).collect();
    for script in &mut scripts {
        append(&*store, script.start(1_000, "hello")).await.unwrap();
    }
    append(&*store, scripts[1].next(2_000, vec![said("more"); 3])).await.unwrap();
    let strangers = (0..40_000).map(|_| ConversationId::of_visitor(&"help".parse().unwrap(), VisitorId::generate()));
    let wanted = scripts[..4].iter().map(|script| script.id).chain(strangers).collect();
    let mut tails = store.tails(wanted).await.unwrap();
    tails.sort();
    let mut expected: Vec<_> = scripts[..4].iter().map(|script| (script.id, Seq(script.seq))).collect();
    expected.sort();
    assert_eq!(tails, expected);
}
