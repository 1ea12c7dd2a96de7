//! What nodes state about those who are connected to them: present for as long as the node is alive.

use super::NodeId;
use crate::domain::ids::{AgentId, ConversationId, WorkspaceId};
use crate::store::AvailabilityRecord;

/// Names a fact; its node may state it once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FactKey {
    /// The visitor of the conversation has a socket there, or had one within the grace period.
    Visitor(WorkspaceId, ConversationId),
    /// The agent has a socket there, or had one within the grace period.
    Agent(WorkspaceId, AgentId),
    /// The agent looks at the conversation.
    Viewer(WorkspaceId, ConversationId, AgentId),
    /// A console watches the inbox.
    Watcher(WorkspaceId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentFact {
    pub name: String,
    pub availability: AvailabilityRecord,
    /// Has the console open, not only a portal.
    pub in_console: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Visitor(WorkspaceId, ConversationId),
    Agent(WorkspaceId, AgentId, AgentFact),
    /// With the agent's name.
    Viewer(WorkspaceId, ConversationId, AgentId, String),
    Watcher(WorkspaceId),
}

impl Fact {
    pub fn key(&self) -> FactKey {
        match self {
            Self::Visitor(workspace, conversation) => FactKey::Visitor(*workspace, *conversation),
            Self::Agent(workspace, agent, _) => FactKey::Agent(*workspace, *agent),
            Self::Viewer(workspace, conversation, agent, _) => FactKey::Viewer(*workspace, *conversation, *agent),
            Self::Watcher(workspace) => FactKey::Watcher(*workspace),
        }
    }
}

/// A fact of another node began, changed or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Stated(NodeId, Fact),
    Withdrawn(NodeId, FactKey),
}
