//! Rows as the store gives and takes them.

use crate::domain::conversation::{AgentRef, Recorded, Status};
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, Seq, VisitorId, WorkspaceId};
use crate::domain::settings::ChatbotSettings;
use crate::domain::time::UnixMillis;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct ConversationRecord {
    pub id: ConversationId,
    pub workspace: WorkspaceId,
    pub chatbot: ChatbotId,
    pub visitor: VisitorId,
    pub status: Status,
    pub assignee: Option<AgentRef>,
    pub waiting_since: Option<UnixMillis>,
    pub escalated: bool,
    pub started_at: UnixMillis,
    pub country: String,
    pub last_seq: Seq,
    pub last_at: UnixMillis,
    /// The newest event that a reader would call a message, if one is among the last hundred events.
    pub newest_message: Option<Recorded>,
    /// Visitor messages after the last `ReadUpTo` or message by an agent; counted over the last hundred events.
    pub unread: u32,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct InboxQuery {
    pub chatbot: Option<ChatbotId>,
    pub status: StatusFilter,
    /// Only conversations that have not ended.
    pub ongoing: bool,
    pub assignee: Option<AgentId>,
    /// Last activity at or after.
    pub from: Option<UnixMillis>,
    /// Last activity before.
    pub to: Option<UnixMillis>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200.
    pub limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFilter {
    #[default]
    Any,
    Is(Status),
    /// Waiting, or open after a request.
    Escalated,
}

#[derive(Debug, Clone, PartialEq)]
pub struct InboxPage {
    /// Waiting ones first (longest wait first), then by last activity, latest first.
    pub rows: Vec<ConversationRecord>,
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WaitingRecord {
    pub conversation: ConversationId,
    pub workspace: WorkspaceId,
    pub chatbot: ChatbotId,
    pub since: UnixMillis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// The AI owes an answer to the visitor message `about`.
    AiAnswer,
    /// The chatbot's notification addresses owe an e-mail about the handoff `about`.
    HandoffEmail,
    /// The human stretch that ended with `about` may hold an answer worth knowing.
    Learn,
}

impl JobKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AiAnswer => "ai_answer",
            Self::HandoffEmail => "handoff_email",
            Self::Learn => "learn",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::AiAnswer, Self::HandoffEmail, Self::Learn].into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    Pending,
    Failed,
    Done,
}

impl JobState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Done => "done",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Failed, Self::Done].into_iter().find(|state| state.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedJob {
    pub id: Uuid,
    pub key: String,
    pub kind: JobKind,
    pub conversation: ConversationId,
    pub about: Seq,
    /// This attempt counted, so 1 the first time.
    pub attempts: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct JobRecord {
    pub id: Uuid,
    pub kind: JobKind,
    pub conversation: ConversationId,
    pub chatbot: ChatbotId,
    pub run_at: UnixMillis,
    pub attempts: u32,
    pub state: JobState,
    pub last_error: Option<String>,
    pub outcome: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewLink {
    pub id: Uuid,
    /// SHA-256 of the token; the token itself is never stored (S12).
    pub token_hash: [u8; 32],
    pub conversation: ConversationId,
    /// Who acts when the link is used.
    pub agent: AgentRef,
    /// Where it was sent.
    pub address: String,
    pub created_at: UnixMillis,
    pub expires_at: UnixMillis,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LinkRecord {
    pub id: Uuid,
    pub conversation: ConversationId,
    pub agent: AgentRef,
    pub address: String,
    pub created_at: UnixMillis,
    pub expires_at: UnixMillis,
    pub revoked_at: Option<UnixMillis>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SetUp {
    pub workspace_name: String,
    /// Belongs to the first workspace.
    pub owner: AgentRecord,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WorkspaceRecord {
    pub id: WorkspaceId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AgentRecord {
    pub id: AgentId,
    pub workspace: WorkspaceId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// argon2id in PHC string format.
    pub password_hash: String,
    pub availability: AvailabilityRecord,
}

impl AgentRecord {
    /// Addresses that differ in case only are the same.
    pub(super) fn email_key(email: &str) -> String {
        email.to_lowercase()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Owner,
    Admin,
    Agent,
}

impl Role {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Agent => "agent",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Agent].into_iter().find(|role| role.as_str() == text)
    }
}

/// What an agent chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AvailabilityRecord {
    Online,
    Away,
    Offline,
}

impl AvailabilityRecord {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Online, Self::Away, Self::Offline].into_iter().find(|availability| availability.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChatbotRecord {
    pub id: ChatbotId,
    pub workspace: WorkspaceId,
    pub settings: ChatbotSettings,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRecord {
    pub id: Uuid,
    pub chatbot: ChatbotId,
    /// File name; its ending says how the text is read.
    pub name: String,
    pub text: String,
    pub updated_at: UnixMillis,
}

/// A document without its text: what lists show.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentHead {
    pub id: Uuid,
    pub name: String,
    pub bytes: u32,
    pub updated_at: UnixMillis,
}

/// Tells whether a chatbot's documents are still those that somebody read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KnowledgeStamp {
    pub documents: u32,
    pub latest: UnixMillis,
}

impl KnowledgeStamp {
    pub fn of(documents: &[DocumentRecord]) -> Self {
        let latest = documents.iter().map(|document| document.updated_at).max().unwrap_or_default();
        Self { documents: u32::try_from(documents.len()).unwrap_or(u32::MAX), latest }
    }
}

/// Something that an agent answered, proposed as knowledge.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub id: Uuid,
    pub chatbot: ChatbotId,
    pub conversation: ConversationId,
    /// The visitor's message: a stretch of a conversation is proposed once.
    pub asked: Seq,
    pub question: String,
    pub answer: String,
    /// Who answered.
    pub agent_name: String,
    pub made_at: UnixMillis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalState {
    Open,
    Approved,
    Rejected,
}

impl ProposalState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// The owner's word on an open proposal.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// `line` goes to the end of the document `document`, which is made (as `id`) when it is not there.
    Approve {
        question: String,
        answer: String,
        document: String,
        id: Uuid,
        line: String,
    },
    Reject,
}

/// What tokens are counted for, and how many it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendScope {
    pub name: String,
    /// From here on nothing more is reserved.
    pub limit: Option<u64>,
}
