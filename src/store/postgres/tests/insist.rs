//! Who sends until it is acknowledged, through whatever happens, and what must be true afterwards.

use super::*;
use crate::domain::conversation::Event;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use tokio::task::JoinHandle;

pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Try until it is written; the seq it was acknowledged with.
pub(super) async fn insist(store: &PostgresStore, script: &mut Script, event: Event) -> u64 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match append(store, Script { ..script.clone() }.next(2, vec![event.clone()])).await {
            Ok(appended) => {
                script.seq = appended.events[0].seq.get();
                return script.seq;
            }
            Err(AppendError::Conflict { actual }) => {
                // What the actor does: read what is new, and find the key if the lost outcome was a commit (I3).
                let log = store.read_after(script.id, Seq(script.seq), 1_000).await.unwrap();
                script.seq = actual.get();
                if let Some(found) = log.iter().find(|recorded| recorded.event == event) {
                    return found.seq.get();
                }
            }
            Err(AppendError::Failed(error)) => {
                assert!(Instant::now() < deadline, "it did not recover: {error:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

pub(super) async fn until_well(store: &PostgresStore) {
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = store.ping().await {
        assert!(Instant::now() < deadline, "it did not recover: {error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The first append of a conversation, whose outcome may be lost as well.
async fn insist_first(store: &PostgresStore, script: &mut Script, event: Event) {
    loop {
        match append(store, script.clone().next(1, vec![event.clone()])).await {
            Ok(_) | Err(AppendError::Conflict { actual: Seq(1) }) => break script.seq = 1,
            Err(AppendError::Failed(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("{error:?}"),
        }
    }
}

type Acknowledged = Vec<(u64, Event)>;

/// Eight who send one message after another, each in a conversation of its own, spread over the nodes.
pub(super) struct Senders {
    stop: Arc<AtomicBool>,
    reader: Arc<PostgresStore>,
    tasks: Vec<JoinHandle<(ConversationId, Acknowledged)>>,
}

impl Senders {
    pub(super) fn start(nodes: &[Arc<PostgresStore>]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let send = |number: usize| {
            let (store, stop) = (nodes[number % nodes.len()].clone(), stop.clone());
            tokio::spawn(async move {
                let mut script = script();
                let mut acknowledged = Vec::new();
                let started = script.started();
                insist_first(&store, &mut script, started).await;
                while !stop.load(Ordering::Relaxed) {
                    let event = said("x");
                    acknowledged.push((insist(&store, &mut script, event.clone()).await, event));
                }
                (script.id, acknowledged)
            })
        };
        let tasks = (0..8).map(send).collect();
        Self { stop, reader: nodes[0].clone(), tasks }
    }

    /// I1, I5: everything acknowledged is there once, under its seq, no seq is missing, and nothing else is there.
    pub(super) async fn stop_and_check(self, server: &PostgresServer, url: &str) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            let (id, acknowledged) = task.await.unwrap();
            assert!(acknowledged.len() > 10, "too little went through to show anything: {}", acknowledged.len());
            let log = self.reader.read_after(id, Seq::ZERO, usize::MAX).await.unwrap();
            assert_eq!(seqs_in(server, url, id), (1..=log.len() as u64).collect::<Vec<_>>());
            let by_seq: HashMap<u64, &Event> = log.iter().map(|found| (found.seq.get(), &found.event)).collect();
            for (seq, event) in &acknowledged {
                assert_eq!(by_seq.get(seq), Some(&event), "acknowledged as {seq}");
            }
            let distinct: HashSet<u64> = acknowledged.iter().map(|(seq, _)| *seq).collect();
            assert_eq!(distinct.len(), acknowledged.len());
            assert_eq!(log.len(), acknowledged.len() + 1, "nothing that was not sent, nothing twice");
        }
    }
}
