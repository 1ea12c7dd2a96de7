//! What everybody on this node may look up at once: which visitors are here, which agents, and how the teams stand.
//! Written by the actors that know, read by all; a reading may be a moment old.

use crate::domain::ids::{AgentId, ConversationId, WorkspaceId};
use crate::protocol::shared::TeamState;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

#[derive(Debug, Default)]
pub struct Board {
    visitors_here: RwLock<HashSet<ConversationId>>,
    agents_online: RwLock<HashSet<AgentId>>,
    teams: RwLock<HashMap<WorkspaceId, TeamState>>,
    inbox_watchers: AtomicUsize,
}

impl Board {
    /// Whether the visitor of the conversation is present: the green dot.
    pub fn visitor_here(&self, conversation: ConversationId) -> bool {
        self.visitors_here.read().unwrap_or_else(PoisonError::into_inner).contains(&conversation)
    }

    pub fn set_visitor_here(&self, conversation: ConversationId, here: bool) {
        let mut all = self.visitors_here.write().unwrap_or_else(PoisonError::into_inner);
        if here {
            all.insert(conversation)
        } else {
            all.remove(&conversation)
        };
    }

    /// Whether the agent is connected and chose to be online.
    pub fn agent_online(&self, agent: AgentId) -> bool {
        self.agents_online.read().unwrap_or_else(PoisonError::into_inner).contains(&agent)
    }

    pub fn set_agents_online(&self, online: HashSet<AgentId>) {
        *self.agents_online.write().unwrap_or_else(PoisonError::into_inner) = online;
    }

    pub fn team(&self, workspace: WorkspaceId) -> TeamState {
        let teams = self.teams.read().unwrap_or_else(PoisonError::into_inner);
        teams.get(&workspace).copied().unwrap_or(TeamState::Offline)
    }

    pub fn set_team(&self, workspace: WorkspaceId, state: TeamState) {
        self.teams.write().unwrap_or_else(PoisonError::into_inner).insert(workspace, state);
    }

    /// Whether any console looks at an inbox. Without one, conversations need not tell about their rows.
    pub fn inbox_watched(&self) -> bool {
        self.inbox_watchers.load(Ordering::Relaxed) > 0
    }

    pub fn set_inbox_watchers(&self, count: usize) {
        self.inbox_watchers.store(count, Ordering::Relaxed);
    }
}
