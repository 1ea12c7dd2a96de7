//! Live rows for consoles.
//!
//! Owns: which session watches what, and rows that changed since the last beat. Receives: rows from conversations. Sends: one
//! `inbox` frame per watcher and beat. Ends when: the node stops. Invariants: INBOX-1 of several changes of a row only the newest
//! is sent; a burst of messages costs a console one frame per beat. INBOX-2 a row goes only to consoles of its workspace.

use super::hub::Hub;
use super::session::{SessionHandle, SessionId, ToSession, encode};
use crate::bus::{Fact, FactKey, Message, Row, Topic};
use crate::domain::ids::{ChatbotId, ConversationId, Seq, WorkspaceId};
use crate::protocol::agent::{InboxRow, ToAgent};
use crate::protocol::inbox_row::inbox_row;
use crate::store::{ConversationRecord, InboxQuery};
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message as ActorMessage, WrapFuture};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Long enough to gather a burst, short enough to feel immediate.
const BEAT: Duration = Duration::from_millis(80);
/// Rows that are read when some may have been missed: the first page, as consoles show it.
const REREAD: usize = 200;
/// Dots of a dead node that are looked up at once; consoles see the others when they fetch their rows.
const MAX_MOVED: usize = 500;

/// The row of a conversation changed.
#[derive(ActorMessage)]
#[rtype(result = "()")]
pub struct RowChanged {
    pub workspace: WorkspaceId,
    pub row: InboxRow,
}

/// Rows changed on another node.
#[derive(ActorMessage)]
#[rtype(result = "()")]
pub struct RowsChanged {
    pub workspace: WorkspaceId,
    pub rows: Vec<Row>,
}

/// A visitor came to or left another node.
#[derive(ActorMessage)]
#[rtype(result = "()")]
pub struct DotMoved {
    pub workspace: WorkspaceId,
    pub conversation: ConversationId,
}

/// Rows of other nodes may have been missed.
#[derive(ActorMessage)]
#[rtype(result = "()")]
pub struct RereadRows;

/// A console looks at the inbox of one chatbot, or of all; again replaces what it looked at.
#[derive(ActorMessage)]
#[rtype(result = "()")]
pub struct Watch {
    pub session: SessionHandle,
    pub workspace: WorkspaceId,
    pub chatbot: Option<ChatbotId>,
}

#[derive(ActorMessage)]
#[rtype(result = "()")]
pub struct Unwatch {
    pub session: SessionId,
}

struct Watcher {
    session: SessionHandle,
    workspace: WorkspaceId,
    chatbot: Option<ChatbotId>,
}

pub struct Inbox {
    hub: Hub,
    watchers: HashMap<SessionId, Watcher>,
    changed: HashMap<Uuid, Changed>,
    /// Visitors whose dots moved on other nodes: the store has the rest of their rows.
    moved: HashMap<ConversationId, WorkspaceId>,
    /// Seqs of the rows of a watched workspace as last read, where there are other nodes.
    read: HashMap<WorkspaceId, HashMap<ConversationId, Seq>>,
    /// Workspaces that this node is known to watch.
    stated: HashSet<WorkspaceId>,
    beat_pending: bool,
}

struct Changed {
    workspace: WorkspaceId,
    row: InboxRow,
    /// Changed on this node: the others are told.
    own: bool,
}

impl Inbox {
    pub fn start_for(hub: Hub) -> Addr<Self> {
        Self {
            hub,
            watchers: HashMap::new(),
            changed: HashMap::new(),
            moved: HashMap::new(),
            read: HashMap::new(),
            stated: HashSet::new(),
            beat_pending: false,
        }
        .start()
    }

    fn note(&mut self, change: Changed, ctx: &mut Context<Self>) {
        self.changed.insert(change.row.conversation, change);
        self.beat_later(ctx);
    }

    fn beat_later(&mut self, ctx: &mut Context<Self>) {
        if !self.beat_pending {
            self.beat_pending = true;
            ctx.run_later(BEAT, Self::beat);
        }
    }

    /// Consoles of other nodes see what changed here.
    fn publish(&self, changed: &[Changed]) {
        let mut by_workspace: HashMap<WorkspaceId, Vec<Row>> = HashMap::new();
        for Changed { workspace, row, .. } in changed.iter().filter(|changed| changed.own) {
            if self.hub.board.inbox_watched_elsewhere(*workspace) {
                let row = Row { conversation: ConversationId(row.conversation), json: encode(row).to_string() };
                by_workspace.entry(*workspace).or_default().push(row);
            }
        }
        for (workspace, rows) in by_workspace {
            self.hub.bus.publish(Topic::Inbox(workspace), Message::Rows(rows));
        }
    }

    fn watches(&self, workspace: WorkspaceId) -> bool {
        self.watchers.values().any(|watcher| watcher.workspace == workspace)
    }

    /// Read the rows of visitors whose dots moved elsewhere.
    fn read_moved(&mut self, ctx: &mut Context<Self>) {
        let moved: Vec<ConversationId> = std::mem::take(&mut self.moved).into_keys().take(MAX_MOVED).collect();
        if moved.is_empty() {
            return;
        }
        let store = Arc::clone(&self.hub.store);
        let read = async move {
            let mut records = Vec::new();
            for conversation in moved {
                records.extend(store.conversation(conversation).await.ok().flatten());
            }
            records
        };
        ctx.spawn(read.into_actor(self).map(|records, inbox, ctx| {
            for record in records {
                inbox.note_record(&record, ctx);
            }
        }));
    }

    fn note_record(&mut self, record: &ConversationRecord, ctx: &mut Context<Self>) {
        let row = inbox_row(record, self.hub.board.visitor_here(record.id));
        // A change that is on its way to the consoles already is newer than what the store said when it was asked.
        if self.changed.get(&row.conversation).is_none_or(|waiting| waiting.row.seq <= row.seq) {
            self.note(Changed { workspace: record.workspace, row, own: false }, ctx);
        }
    }

    /// Tell other nodes which inboxes are looked at here, and hear about those.
    fn state_watched(&mut self) {
        self.hub.board.set_inbox_watchers(self.watchers.len());
        if !self.hub.bus.is_shared() {
            return;
        }
        let now: HashSet<WorkspaceId> = self.watchers.values().map(|watcher| watcher.workspace).collect();
        for begun in now.difference(&self.stated) {
            self.hub.bus.subscribe(Topic::Inbox(*begun));
            self.hub.bus.state(Fact::Watcher(*begun));
        }
        for ended in self.stated.difference(&now) {
            self.hub.bus.unsubscribe(Topic::Inbox(*ended));
            self.hub.bus.withdraw(FactKey::Watcher(*ended));
            self.read.remove(ended);
        }
        self.stated = now;
    }

    fn beat(&mut self, ctx: &mut Context<Self>) {
        self.beat_pending = false;
        self.read_moved(ctx);
        let changed: Vec<Changed> = self.changed.drain().map(|(_, change)| change).collect();
        if self.hub.bus.is_shared() {
            self.publish(&changed);
        }
        // Consoles that look at the same thing get the same bytes.
        let mut encoded = HashMap::new();
        self.watchers.retain(|_, watcher| {
            let frame = encoded.entry((watcher.workspace, watcher.chatbot.clone())).or_insert_with(|| {
                let wanted = changed.iter().filter(|change| {
                    change.workspace == watcher.workspace
                        && watcher.chatbot.as_ref().is_none_or(|chatbot| chatbot.as_str() == change.row.chatbot)
                });
                let rows: Vec<InboxRow> = wanted.map(|change| change.row.clone()).collect();
                (!rows.is_empty()).then(|| encode(&ToAgent::Inbox { rows }))
            });
            match frame {
                Some(frame) => watcher.session.send(ToSession::Frame(frame.clone())),
                None => true,
            }
        });
        self.state_watched();
    }
}

impl Actor for Inbox {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(65_536);
    }
}

impl Handler<RowChanged> for Inbox {
    type Result = ();

    fn handle(&mut self, RowChanged { workspace, row }: RowChanged, ctx: &mut Context<Self>) {
        self.note(Changed { workspace, row, own: true }, ctx);
    }
}

impl Handler<RowsChanged> for Inbox {
    type Result = ();

    fn handle(&mut self, RowsChanged { workspace, rows }: RowsChanged, ctx: &mut Context<Self>) {
        for row in rows {
            // A row that this version can't read shows up when the inbox is read again.
            let Ok(row) = serde_json::from_str::<InboxRow>(&row.json) else { continue };
            if self.changed.get(&row.conversation).is_none_or(|waiting| waiting.row.seq <= row.seq) {
                self.note(Changed { workspace, row, own: false }, ctx);
            }
        }
    }
}

impl Handler<DotMoved> for Inbox {
    type Result = ();

    fn handle(&mut self, DotMoved { workspace, conversation }: DotMoved, ctx: &mut Context<Self>) {
        if self.watches(workspace) {
            self.moved.insert(conversation, workspace);
            self.beat_later(ctx);
        }
    }
}

impl Handler<RereadRows> for Inbox {
    type Result = ();

    fn handle(&mut self, _: RereadRows, ctx: &mut Context<Self>) {
        for workspace in self.stated.clone() {
            let store = Arc::clone(&self.hub.store);
            let query = InboxQuery { limit: REREAD, ..InboxQuery::default() };
            let read = async move { store.inbox(workspace, query).await };
            ctx.spawn(read.into_actor(self).map(move |page, inbox, ctx| {
                let Ok(page) = page else { return };
                let old = inbox.read.remove(&workspace);
                let mut seen = HashMap::new();
                for record in &page.rows {
                    seen.insert(record.id, record.last_seq);
                    // The first reading tells nothing: consoles fetch the list when they begin to look.
                    if old.as_ref().is_some_and(|old| old.get(&record.id) != Some(&record.last_seq)) {
                        inbox.note_record(record, ctx);
                    }
                }
                if inbox.stated.contains(&workspace) {
                    inbox.read.insert(workspace, seen);
                }
            }));
        }
    }
}

impl Handler<Watch> for Inbox {
    type Result = ();

    fn handle(&mut self, watch: Watch, _: &mut Context<Self>) {
        let Watch { session, workspace, chatbot } = watch;
        self.watchers.insert(session.id, Watcher { session, workspace, chatbot });
        self.state_watched();
    }
}

impl Handler<Unwatch> for Inbox {
    type Result = ();

    fn handle(&mut self, Unwatch { session }: Unwatch, _: &mut Context<Self>) {
        self.watchers.remove(&session);
        self.state_watched();
    }
}
