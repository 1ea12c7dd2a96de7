//! The one way in: what an append is and how it ends.

use super::StoreError;
use crate::domain::conversation::{AgentRef, Recorded, Status};
use crate::domain::ids::{ChatbotId, ConversationId, Seq, VisitorId, WorkspaceId};
use crate::domain::time::UnixMillis;
use uuid::Uuid;

/// Events for one conversation. All or none of it becomes durable.
#[derive(Debug, Clone, PartialEq)]
pub struct Append {
    pub conversation: ConversationId,
    /// The log's last seq as the writer knows it; zero for a conversation that does not exist yet.
    pub expected: Seq,
    /// Never empty; seqs go up from `expected + 1` without gaps.
    pub events: Vec<Recorded>,
    /// What lists show, when these events change it. Always present in the first append of a conversation.
    pub projection: Option<Projection>,
    /// What the events owe.
    pub jobs: Vec<NewJob>,
    /// Keys of jobs that these events fulfil.
    pub settles: Vec<String>,
}

/// The part of a conversation's row that filters and the queue need. What changes with every message (last line, unread count)
/// is not here: the inbox reads it from the end of the log, so a message costs no second write.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    pub workspace: WorkspaceId,
    pub chatbot: ChatbotId,
    pub visitor: VisitorId,
    pub status: Status,
    pub assignee: Option<AgentRef>,
    pub waiting_since: Option<UnixMillis>,
    pub escalated: bool,
    pub started_at: UnixMillis,
    pub country: String,
}

/// A promise that is written with the events that make it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Unique for ever: a second job with the same key is not inserted.
    pub key: String,
    pub kind: super::JobKind,
    pub run_at: UnixMillis,
    /// Claimed from the start until then, for a job that its writer runs at once; `None` leaves it to the workers.
    pub claimed_until: Option<UnixMillis>,
    /// The event that the job is about.
    pub about: Seq,
}

/// Fixed for ever: stored ids derive from it.
const JOBS: Uuid = Uuid::from_u128(0x2f0d_6f43_9a5e_4c1b_8a57_61c5_0d1e_7002);

/// The row of a job: the same key is the same row.
pub(super) fn job_id(key: &str) -> Uuid {
    Uuid::new_v5(&JOBS, key.as_bytes())
}

/// The outcome of a job that an append fulfilled.
pub(super) const SETTLED: &str = "settled by the conversation";

/// Called once with the end of an append.
pub type Completion = Box<dyn FnOnce(Result<Appended, AppendError>) + Send>;

/// Durable. Carries the events back, so that the caller need not keep a copy.
#[derive(Debug, PartialEq)]
pub struct Appended {
    pub events: Vec<Recorded>,
}

/// Nothing of the append was written, except where it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote: the log ends at `actual`. Read what is new, evolve, decide again.
    #[error("the log ends at {actual}")]
    Conflict { actual: Seq },
    /// The write failed, or its outcome is unknown. Forget the state and replay.
    #[error("append")]
    Failed(#[source] StoreError),
}

/// The queue of appends is full, or the store is closed. Nothing was queued: here is everything back, to try again.
#[derive(thiserror::Error)]
#[error("the store takes no more appends now")]
pub struct Busy {
    pub append: Append,
    pub done: Completion,
}

impl std::fmt::Debug for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Busy").field("append", &self.append).finish_non_exhaustive()
    }
}
