//! What every [`Store`] must do, as tests that any implementation runs: `store_suite!(make)` in its test module makes one test of
//! each case, where `make().await` gives a [`Fixture`] with an empty store.

mod accounts;
mod events;
mod inbox;
mod jobs;
mod knowledge;
mod log;
mod spend;

pub(in crate::store) use accounts::*;
pub(in crate::store) use events::any_event;
pub(in crate::store) use inbox::*;
pub(in crate::store) use jobs::*;
pub(in crate::store) use knowledge::*;
pub(in crate::store) use log::*;
pub(in crate::store) use spend::*;

use super::*;
use crate::domain::conversation::{AgentRef, Event, Status, VisitorContext};
use crate::domain::ids::{AgentId, ClientMessageId, VisitorId};
use std::any::Any;
use std::sync::Arc;
use tokio::sync::oneshot;

/// An empty store, and what must outlive it.
pub(in crate::store) struct Fixture {
    pub(in crate::store) store: Arc<dyn Store>,
    pub(in crate::store) _keep: Box<dyn Any>,
}

macro_rules! store_suite {
    ($make:expr) => {
        $crate::store::suite::store_cases!($make;
            append_then_read
            first_append_needs_its_projection
            malformed_appends_are_refused
            wrong_expected_is_a_conflict
            conflict_writes_nothing
            conversation_that_does_not_exist
            concurrent_appenders_leave_no_gap
            long_logs_are_read_in_pages
            every_kind_of_event_survives
            completion_sees_its_own_write
            closed_store_takes_nothing
            tails_of_many
            conversations_page_by_page
            waiting_is_longest_first
            record_follows_the_projection
            newest_message_and_unread
            inbox_order_and_pages
            inbox_filters
            inbox_keeps_workspaces_apart
            job_key_is_unique
            jobs_are_claimed_in_order_and_expire
            job_claimed_by_its_writer
            one_job_is_claimed_by_one
            settling_is_part_of_the_append
            failed_jobs_can_be_retried
            jobs_of_refused_appends_do_not_exist
            first_workspace_and_owner
            agents_and_sessions
            chatbots_and_settings
            documents
            document_heads_and_stamps
            every_change_has_a_stamp_of_its_own
            proposals_are_settled_once
            links
            spend_is_counted_per_scope
            spend_is_reserved_up_to_the_limit
            old_spend_is_forgotten
            secrets_and_epoch
        );
    };
}

macro_rules! store_cases {
    ($make:expr; $($case:ident)+) => {$(
        #[tokio::test]
        async fn $case() {
            let fixture: $crate::store::suite::Fixture = $make().await;
            $crate::store::suite::$case(fixture.store.clone()).await;
        }
    )+};
}

pub(in crate::store) use {store_cases, store_suite};

/// Append and wait for the end.
pub(in crate::store) async fn append(store: &dyn Store, append: Append) -> Result<Appended, AppendError> {
    let (reply, answer) = oneshot::channel();
    let done: Completion = Box::new(move |end| reply.send(end).expect("the test waits"));
    store.append(append, done).expect("the queue has room");
    answer.await.expect("the completion is called")
}

/// One visitor with one chatbot, and what is appended for them.
#[derive(Debug, Clone)]
pub(in crate::store) struct Script {
    pub(in crate::store) id: ConversationId,
    pub(in crate::store) projection: Projection,
    pub(in crate::store) seq: u64,
}

impl Script {
    pub(in crate::store) fn new(workspace: WorkspaceId, chatbot: &str) -> Self {
        let chatbot: ChatbotId = chatbot.parse().unwrap();
        let visitor = VisitorId::generate();
        let projection = Projection {
            workspace,
            chatbot: chatbot.clone(),
            visitor,
            status: Status::Unrequested,
            assignee: None,
            waiting_since: None,
            escalated: false,
            started_at: UnixMillis(1_000),
            country: "DE".into(),
        };
        Self { id: ConversationId::of_visitor(&chatbot, visitor), projection, seq: 0 }
    }

    pub(in crate::store) fn started(&self) -> Event {
        Event::Started {
            chatbot: self.projection.chatbot.clone(),
            visitor: self.projection.visitor,
            context: VisitorContext::default(),
        }
    }

    /// Events at the end of the log as this script knows it, at time `at`. With a projection if there is no log yet.
    pub(in crate::store) fn next(&mut self, at: i64, events: Vec<Event>) -> Append {
        let expected = self.seq;
        let events: Vec<_> = (expected + 1..)
            .zip(events)
            .map(|(seq, event)| Recorded { seq: Seq(seq), at: UnixMillis(at), event })
            .collect();
        self.seq += events.len() as u64;
        Append {
            conversation: self.id,
            expected: Seq(expected),
            events,
            projection: (expected == 0).then(|| self.projection.clone()),
            jobs: Vec::new(),
            settles: Vec::new(),
        }
    }

    /// The first append: `Started` and a message.
    pub(in crate::store) fn start(&mut self, at: i64, text: &str) -> Append {
        self.projection.started_at = UnixMillis(at);
        let events = vec![self.started(), said(text)];
        self.next(at, events)
    }
}

pub(in crate::store) fn said(text: &str) -> Event {
    Event::VisitorWrote { key: ClientMessageId::generate(), text: text.into() }
}

pub(in crate::store) fn agent(name: &str) -> AgentRef {
    AgentRef { id: AgentId::generate(), name: name.into() }
}
