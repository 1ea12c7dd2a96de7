//! Live rows for consoles.
//!
//! Owns: which session watches what, and rows that changed since the last beat. Receives: rows from conversations. Sends: one
//! `inbox` frame per watcher and beat. Ends when: the node stops. Invariants: INBOX-1 of several changes of a row only the newest
//! is sent; a burst of messages costs a console one frame per beat. INBOX-2 a row goes only to consoles of its workspace.

use super::hub::Hub;
use super::session::{SessionHandle, SessionId, ToSession, encode};
use crate::domain::ids::{ChatbotId, WorkspaceId};
use crate::protocol::agent::{InboxRow, ToAgent};
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// Long enough to gather a burst, short enough to feel immediate.
const BEAT: Duration = Duration::from_millis(80);

/// The row of a conversation changed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct RowChanged {
    pub workspace: WorkspaceId,
    pub row: InboxRow,
}

/// A console looks at the inbox of one chatbot, or of all; again replaces what it looked at.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Watch {
    pub session: SessionHandle,
    pub workspace: WorkspaceId,
    pub chatbot: Option<ChatbotId>,
}

#[derive(Message)]
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
    changed: HashMap<Uuid, RowChanged>,
    beat_pending: bool,
}

impl Inbox {
    pub fn start_for(hub: Hub) -> Addr<Self> {
        Self { hub, watchers: HashMap::new(), changed: HashMap::new(), beat_pending: false }.start()
    }

    fn beat(&mut self) {
        self.beat_pending = false;
        let changed: Vec<RowChanged> = self.changed.drain().map(|(_, change)| change).collect();
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
        self.hub.board.set_inbox_watchers(self.watchers.len());
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

    fn handle(&mut self, change: RowChanged, ctx: &mut Context<Self>) {
        self.changed.insert(change.row.conversation, change);
        if !self.beat_pending {
            self.beat_pending = true;
            ctx.run_later(BEAT, |inbox, _| inbox.beat());
        }
    }
}

impl Handler<Watch> for Inbox {
    type Result = ();

    fn handle(&mut self, watch: Watch, _: &mut Context<Self>) {
        let Watch { session, workspace, chatbot } = watch;
        self.watchers.insert(session.id, Watcher { session, workspace, chatbot });
        self.hub.board.set_inbox_watchers(self.watchers.len());
    }
}

impl Handler<Unwatch> for Inbox {
    type Result = ();

    fn handle(&mut self, Unwatch { session }: Unwatch, _: &mut Context<Self>) {
        self.watchers.remove(&session);
        self.hub.board.set_inbox_watchers(self.watchers.len());
    }
}
