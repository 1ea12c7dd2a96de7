//! What everybody on this node may look up at once: which visitors are here or on other nodes, which agents, and how the teams
//! stand. Written by the actors that know, read by all; a reading may be a moment old.

use crate::bus::{Change, Fact, FactKey, NodeId};
use crate::domain::conversation::AgentRef;
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
    elsewhere: RwLock<Elsewhere>,
}

/// What other nodes state.
#[derive(Debug, Default)]
struct Elsewhere {
    visitors: HashMap<ConversationId, HashSet<NodeId>>,
    viewers: HashMap<ConversationId, HashMap<(NodeId, AgentId), String>>,
    watchers: HashMap<WorkspaceId, HashSet<NodeId>>,
}

impl Board {
    /// Whether the visitor of the conversation is present on any node: the green dot.
    pub fn visitor_here(&self, conversation: ConversationId) -> bool {
        self.visitors_here.read().unwrap_or_else(PoisonError::into_inner).contains(&conversation)
            || self.visitor_elsewhere(conversation)
    }

    /// Whether the visitor is connected to another node.
    pub fn visitor_elsewhere(&self, conversation: ConversationId) -> bool {
        self.elsewhere.read().unwrap_or_else(PoisonError::into_inner).visitors.contains_key(&conversation)
    }

    /// Agents who look at the conversation on other nodes.
    pub fn viewers_elsewhere(&self, conversation: ConversationId) -> Vec<AgentRef> {
        let elsewhere = self.elsewhere.read().unwrap_or_else(PoisonError::into_inner);
        let viewers = elsewhere.viewers.get(&conversation).into_iter().flatten();
        viewers.map(|((_, id), name)| AgentRef { id: *id, name: name.clone() }).collect()
    }

    /// Take in what another node stated or withdrew.
    pub fn note(&self, change: &Change) {
        let mut elsewhere = self.elsewhere.write().unwrap_or_else(PoisonError::into_inner);
        match change {
            Change::Stated(node, Fact::Visitor(_, conversation)) => {
                elsewhere.visitors.entry(*conversation).or_default().insert(*node);
            }
            Change::Stated(node, Fact::Viewer(_, conversation, agent, name)) => {
                elsewhere.viewers.entry(*conversation).or_default().insert((*node, *agent), name.clone());
            }
            Change::Stated(node, Fact::Watcher(workspace)) => {
                elsewhere.watchers.entry(*workspace).or_default().insert(*node);
            }
            Change::Withdrawn(node, FactKey::Visitor(_, conversation)) => {
                if let Some(nodes) = elsewhere.visitors.get_mut(conversation) {
                    nodes.remove(node);
                    if nodes.is_empty() {
                        elsewhere.visitors.remove(conversation);
                    }
                }
            }
            Change::Withdrawn(node, FactKey::Viewer(_, conversation, agent)) => {
                if let Some(viewers) = elsewhere.viewers.get_mut(conversation) {
                    viewers.remove(&(*node, *agent));
                    if viewers.is_empty() {
                        elsewhere.viewers.remove(conversation);
                    }
                }
            }
            Change::Withdrawn(node, FactKey::Watcher(workspace)) => {
                if let Some(nodes) = elsewhere.watchers.get_mut(workspace) {
                    nodes.remove(node);
                    if nodes.is_empty() {
                        elsewhere.watchers.remove(workspace);
                    }
                }
            }
            Change::Stated(_, Fact::Agent(..)) | Change::Withdrawn(_, FactKey::Agent(..)) => {}
        }
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

    /// Whether any console looks at an inbox: one of this node at any, or one of another node at that of `workspace`. Without one,
    /// conversations need not tell about their rows.
    pub fn inbox_watched(&self, workspace: WorkspaceId) -> bool {
        self.inbox_watchers.load(Ordering::Relaxed) > 0 || self.inbox_watched_elsewhere(workspace)
    }

    pub fn inbox_watched_elsewhere(&self, workspace: WorkspaceId) -> bool {
        self.elsewhere.read().unwrap_or_else(PoisonError::into_inner).watchers.contains_key(&workspace)
    }

    pub fn set_inbox_watchers(&self, count: usize) {
        self.inbox_watchers.store(count, Ordering::Relaxed);
    }
}
