//! Clients under load on one address, over any number of lives of the server behind it.

use super::client::{Client, Manner, Phase, Shared};
use super::history::{History, Logs};
use super::logs;
use super::random::Random;
use super::role::Role;
use crate::harness::http::Http;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

pub struct Load {
    address: SocketAddr,
    cookie: String,
    random: Random,
    manner: Manner,
    shared: Shared,
    phase: watch::Sender<Phase>,
    clients: Vec<JoinHandle<History>>,
}

impl Load {
    /// One agent; visitors come with [`Self::add_visitor`]. The server must answer.
    pub async fn start(address: SocketAddr, setup_link: &str, random: Random, manner: Manner) -> Self {
        let http = Http::owner(address, Some(setup_link)).await;
        Self::signed_in(address, http.cookie(), random, manner)
    }

    /// The same with a session that there is already.
    pub fn signed_in(address: SocketAddr, cookie: &str, random: Random, manner: Manner) -> Self {
        let (phase, _) = watch::channel(Phase::Load);
        let (cookie, shared, clients) = (cookie.to_owned(), Shared::default(), Vec::new());
        let mut load = Self { address, cookie, random, manner, shared, phase, clients };
        load.add_agent();
        load
    }

    /// One more socket of the same agent.
    pub fn add_agent(&mut self) {
        self.add(&format!("agent-{}", self.clients.len()), Role::Agent { cookie: self.cookie.clone() });
    }

    pub fn add_visitor(&mut self) {
        self.add(&format!("visitor-{}", self.clients.len()), Role::Visitor(None));
    }

    fn add(&mut self, name: &str, role: Role) {
        let client = Client::new(name, self.address, self.shared.clone(), self.random.fork(), role, self.manner);
        self.clients.push(tokio::spawn(client.run(self.phase.subscribe())));
    }

    /// Write nothing new from now on.
    pub fn hush(&self) {
        self.phase.send_replace(Phase::Settle);
    }

    /// [`Self::hush`], and wait until everything is acknowledged and everybody has seen the end of every log that the API shows. At
    /// the deadline it goes on all the same: the checker says what is missing. `None` when the API could not be read.
    pub async fn settle(&self, within: Duration) -> Option<Logs> {
        self.hush();
        let begun = Instant::now();
        while begun.elapsed() < within {
            sleep(Duration::from_millis(50)).await;
            if !self.everything_is_acknowledged() {
                continue;
            }
            let served = self.served().await;
            // The AI may still have had something to say.
            sleep(Duration::from_millis(50)).await;
            let again = self.served().await;
            if let (Some(served), Some(again)) = (served, again)
                && served == again
                && self.everybody_is_at_the_end(&served)
            {
                return Some(served);
            }
        }
        self.served().await
    }

    async fn served(&self) -> Option<Logs> {
        logs::served(self.address, &self.cookie, &self.conversations()).await.ok()
    }

    fn everything_is_acknowledged(&self) -> bool {
        let board = self.shared.lock();
        board.clients.len() == self.clients.len() && board.clients.values().all(|client| client.settled)
    }

    fn everybody_is_at_the_end(&self, served: &Logs) -> bool {
        let board = self.shared.lock();
        board.clients.values().flat_map(|client| &client.cursors).all(|(conversation, cursor)| {
            served.get(conversation).and_then(|log| log.last()).is_none_or(|last| last.seq == *cursor)
        })
    }

    pub fn conversations(&self) -> Vec<Uuid> {
        self.shared.lock().conversations.clone()
    }

    /// Conversation, key and seq of every acknowledgement so far.
    pub fn acked(&self) -> Vec<(Uuid, Uuid, u64)> {
        self.shared.lock().acked.clone()
    }

    /// What the clients wrote down. They keep their connections until here.
    pub async fn finish(self) -> Vec<History> {
        self.phase.send_replace(Phase::Over);
        let mut histories = Vec::new();
        for client in self.clients {
            histories.push(client.await.expect("a client that did not panic"));
        }
        histories
    }
}
