//! A client under load: it pipelines, keeps what was not acknowledged, comes back with its cursor after each cut, and sends that
//! again in the old order with the old keys. It writes down everything it was told. It keeps the heartbeat rule of
//! `docs/protocol.md`: a server that is silent for one and a half heartbeats is left, whatever a load balancer thinks of it.

use super::history::{Happened, History};
use super::link::{Cut, Heard, Link, Side};
use super::logs::{line, sight_of};
use super::random::Random;
use super::role::{Message, Role};
use baton::protocol::shared::{Cursor, LogEntry};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

/// From opening the socket to the welcome.
const GREETING: Duration = Duration::from_secs(5);
/// Until the welcome says better.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// How hard a client works.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Messages of one conversation that may be under way. With more than one, a temporary refusal in the middle could reorder them:
    /// then such a refusal is a violation.
    pub window: usize,
    /// Longest pause between two things a client does.
    pub pause_ms: u64,
    /// Longest wait before the next try to connect.
    pub retry_ms: u64,
}

impl Manner {
    /// Pipelines, on a server that is never without its store.
    pub const HASTY: Self = Self { window: 48, pause_ms: 12, retry_ms: 20 };
    /// As the widget and the console: one message of a conversation at a time, again after a temporary refusal.
    pub const PATIENT: Self = Self { window: 1, pause_ms: 60, retry_ms: 300 };
}

/// After a temporary refusal.
const AGAIN: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Load,
    /// Nothing new; until everything is acknowledged and shown.
    Settle,
    Over,
}

/// What clients and the test know of each other.
#[derive(Default)]
pub struct Board {
    /// Conversations in which something was acknowledged.
    pub conversations: Vec<Uuid>,
    /// Conversation, key and seq of each acknowledgement.
    pub acked: Vec<(Uuid, Uuid, u64)>,
    /// When each message went out for the first time.
    pub sent: HashMap<Uuid, Instant>,
    pub clients: HashMap<String, Progress>,
}

#[derive(Default, Clone)]
pub struct Progress {
    /// Connected, with everything acknowledged.
    pub settled: bool,
    pub cursors: HashMap<Uuid, u64>,
}

#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Board>>);

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, Board> {
        self.0.lock().expect("board")
    }
}

pub struct Client {
    pub address: SocketAddr,
    pub shared: Shared,
    pub random: Random,
    pub role: Role,
    pub manner: Manner,
    history: History,
    unacked: Vec<Message>,
    /// Refused for now; sent again then.
    again_at: Option<Instant>,
    heartbeat: Duration,
    cursors: HashMap<Uuid, u64>,
    epoch: Option<Uuid>,
    /// Conversations opened on this connection.
    open: HashSet<Uuid>,
    connected: bool,
    written: u64,
}

impl Client {
    pub fn new(name: &str, address: SocketAddr, shared: Shared, random: Random, role: Role, manner: Manner) -> Self {
        let history = History { client: name.into(), ..History::default() };
        let (unacked, cursors, open) = (Vec::new(), HashMap::new(), HashSet::new());
        Self {
            address,
            shared,
            random,
            role,
            manner,
            history,
            unacked,
            again_at: None,
            heartbeat: HEARTBEAT,
            cursors,
            epoch: None,
            open,
            connected: false,
            written: 0,
        }
    }

    /// Until the load is over; gives the history back.
    pub async fn run(mut self, mut phase: watch::Receiver<Phase>) -> History {
        while *phase.borrow() != Phase::Over {
            let opening = timeout(GREETING, Link::open(self.address, self.role.side(), self.role.cookie()));
            if let Ok(Ok(mut link)) = opening.await {
                self.history.happened.push(Happened::Connected);
                if let Err(cut) = self.live(&mut link, &mut phase).await {
                    self.history.happened.push(Happened::Ended(cut));
                }
            }
            if *phase.borrow() != Phase::Over {
                self.connected = false;
                self.report(&phase);
                sleep(Duration::from_millis(self.random.below(self.manner.retry_ms))).await;
            }
        }
        if self.connected {
            self.history.follows = self.open.iter().copied().collect();
        }
        self.history
    }

    async fn live(&mut self, link: &mut Link, phase: &mut watch::Receiver<Phase>) -> Result<(), Cut> {
        self.open.clear();
        link.send_all([self.role.hello(self.visitor_cursor())]).await?;
        loop {
            let heard = timeout(GREETING, link.next()).await.map_err(|_| Cut::Silent)??;
            let welcomed = matches!(heard, Heard::Welcome { .. });
            self.hear(heard);
            if welcomed {
                break;
            }
        }
        self.open_new(link).await?;
        self.send_again(link).await?;
        self.connected = true;
        let mut heard_at = Instant::now();
        let mut asked_at: Option<Instant> = None;
        let mut act_at = Instant::now();
        loop {
            self.report(phase);
            let loading = *phase.borrow() == Phase::Load;
            tokio::select! {
                heard = link.next() => {
                    self.hear(heard?);
                    heard_at = Instant::now();
                    asked_at = None;
                }
                changed = phase.changed() => {
                    if changed.is_err() || *phase.borrow() == Phase::Over {
                        return Ok(());
                    }
                }
                () = sleep_until(act_at) => {
                    act_at = Instant::now() + Duration::from_millis(1 + self.random.below(self.manner.pause_ms));
                    self.open_new(link).await?;
                    if loading {
                        self.act(link).await?;
                    }
                    if self.again_at.is_some_and(|due| due <= Instant::now()) {
                        self.send_again(link).await?;
                    }
                    if heard_at.elapsed() > self.heartbeat && asked_at.is_none() {
                        asked_at = Some(Instant::now());
                        link.send_all([self.role.ping()]).await?;
                    }
                    if asked_at.is_some_and(|asked| asked.elapsed() > self.heartbeat / 2) {
                        return Err(Cut::Silent);
                    }
                }
            }
        }
    }

    /// What was never acknowledged, in its old order and under its old keys.
    async fn send_again(&mut self, link: &mut Link) -> Result<(), Cut> {
        self.again_at = None;
        let frames: Vec<_> = self.unacked.iter().map(|message| self.role.encode(message)).collect();
        let keys = self.unacked.iter().map(|message| Happened::SentAgain { key: message.key });
        self.history.happened.extend(keys);
        link.send_all(frames).await
    }

    /// Something that a person would do.
    async fn act(&mut self, link: &mut Link) -> Result<(), Cut> {
        let Some(conversation) = self.role.choose(&self.open, &mut self.random) else { return Ok(()) };
        let cursor = self.cursors.get(&conversation).copied().unwrap_or_default();
        if let Some(frame) = self.role.gesture(conversation, cursor, &mut self.random) {
            return link.send_all([frame]).await;
        }
        let burst = 1 + self.random.below(5) as usize;
        let under_way = self.unacked.iter().filter(|message| message.conversation == conversation).count();
        let room = self.manner.window.saturating_sub(under_way);
        let mut frames = Vec::new();
        for _ in 0..burst.min(room) {
            self.written += 1;
            let text = self.role.text(&self.history.client, self.written, &mut self.random);
            let message = Message {
                conversation,
                key: self.random.uuid(),
                text,
                note: self.role.side() == Side::Agent && self.random.below(5) == 0,
            };
            let (key, text) = (message.key, message.text.clone());
            self.shared.lock().sent.insert(key, Instant::now());
            // Before it goes out: a send that fails half-way may have arrived.
            self.history.happened.push(Happened::Sent { conversation, key, text });
            frames.push(self.role.encode(&message));
            self.unacked.push(message);
        }
        link.send_all(frames).await
    }

    /// Agents open the conversations that came up.
    async fn open_new(&mut self, link: &mut Link) -> Result<(), Cut> {
        if self.role.side() == Side::Visitor {
            return Ok(());
        }
        let new: Vec<Uuid> =
            self.shared.lock().conversations.iter().filter(|id| !self.open.contains(id)).copied().collect();
        let frames: Vec<_> = new.iter().map(|id| self.role.open(*id, self.cursor(*id))).collect();
        self.open.extend(new);
        link.send_all(frames).await
    }

    fn visitor_cursor(&self) -> Option<Cursor> {
        self.role.conversation().and_then(|conversation| self.cursor(conversation))
    }

    fn cursor(&self, conversation: Uuid) -> Option<Cursor> {
        let (seq, epoch) = (*self.cursors.get(&conversation)?, self.epoch?);
        Some(Cursor { seq, epoch })
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Welcome { epoch, visitor, heartbeat } => {
                self.heartbeat = heartbeat;
                self.epoch = epoch.or(self.epoch);
                if let Some((token, conversation)) = visitor {
                    self.open.insert(conversation);
                    self.role.known(token, conversation);
                }
            }
            Heard::Snapshot { conversation, epoch, seq, entries } => {
                let cursor = self.cursors.insert(conversation, seq);
                self.epoch = Some(epoch);
                self.history.happened.push(Happened::Snapshot { conversation, seq, cursor });
                self.show(conversation, entries);
            }
            Heard::Resumed { conversation, epoch, entries } => {
                self.epoch = Some(epoch);
                let cursor = self.cursors.get(&conversation).copied().unwrap_or_default();
                self.history.happened.push(Happened::Resumed { conversation, cursor });
                self.note_waits(&entries);
                self.show(conversation, entries);
            }
            Heard::Entry { conversation, entry } => {
                self.note_waits(std::slice::from_ref(&entry));
                self.show(conversation, vec![entry]);
            }
            Heard::Ack(ack) => {
                self.unacked.retain(|message| message.key != ack.key);
                let (conversation, key, seq) = (ack.conversation, ack.key, ack.seq);
                self.history.happened.push(Happened::Acked { conversation, key, seq });
                let mut board = self.shared.lock();
                if let Some(sent) = board.sent.get(&key) {
                    self.history.longest_gap = self.history.longest_gap.max(sent.elapsed());
                }
                board.acked.push((conversation, key, seq));
                if !board.conversations.contains(&conversation) {
                    board.conversations.push(conversation);
                }
            }
            Heard::Refused(refused) => {
                if refused.code.is_temporary() && self.manner.window == 1 {
                    self.again_at = Some(Instant::now() + AGAIN);
                    return;
                }
                if let (Some(key), Some(conversation)) = (refused.key, refused.conversation) {
                    self.unacked.retain(|message| message.key != key);
                    let code = format!("{:?}", refused.code);
                    self.history.happened.push(Happened::Refused { conversation, key, code });
                }
            }
            Heard::History { .. } | Heard::Other => {}
        }
    }

    /// How long messages were on their way to this participant, over a break if there was one.
    fn note_waits(&mut self, entries: &[LogEntry]) {
        let board = self.shared.lock();
        for entry in entries {
            let Some(sent) = line(entry, sight_of(entry, self.role.side())).key.and_then(|key| board.sent.get(&key))
            else {
                continue;
            };
            self.history.longest_gap = self.history.longest_gap.max(sent.elapsed());
        }
    }

    fn show(&mut self, conversation: Uuid, entries: Vec<LogEntry>) {
        for entry in entries {
            let cursor = self.cursors.entry(conversation).or_default();
            *cursor = entry.seq.max(*cursor);
            let sight = sight_of(&entry, self.role.side());
            let line = line(&entry, sight);
            self.history.happened.push(Happened::Shown { conversation, line });
        }
    }

    fn report(&self, phase: &watch::Receiver<Phase>) {
        if *phase.borrow() == Phase::Load {
            return;
        }
        let progress = Progress { settled: self.connected && self.unacked.is_empty(), cursors: self.cursors.clone() };
        self.shared.lock().clients.insert(self.history.client.clone(), progress);
    }
}
