//! A second company on the same installation. The product has no way to make one yet, so its rows are written by hand.

use super::TestHub;
use baton::domain::ids::{AgentId, WorkspaceId};
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub struct Tenant {
    pub agent: AgentId,
    /// Signed in.
    pub cookie: String,
}

impl Tenant {
    /// A workspace with one owner and a session of theirs.
    pub fn add(hub: &TestHub) -> Self {
        let (workspace, agent) = (WorkspaceId::generate(), AgentId::generate());
        let token = Uuid::new_v4().simple().to_string();
        let database = Connection::open(hub.data_folder().join("baton.sqlite3")).expect("database");
        database.busy_timeout(std::time::Duration::from_secs(10)).expect("timeout");
        let session: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        database
            .execute("INSERT INTO workspace (id, name) VALUES (?1, 'Other')", params![workspace.0.as_bytes()])
            .expect("workspace");
        database
            .execute(
                "INSERT INTO agent (id, workspace, name, email, email_key, role, password_hash, availability)
                 VALUES (?1, ?2, 'Eve', 'eve@other.test', 'eve@other.test', 'owner', 'none', 'online')",
                params![agent.0.as_bytes(), workspace.0.as_bytes()],
            )
            .expect("agent");
        database
            .execute(
                "INSERT INTO session (token_hash, agent, expires_at) VALUES (?1, ?2, ?3)",
                params![session, agent.0.as_bytes(), i64::MAX],
            )
            .expect("session");
        Self { agent, cookie: format!("baton_session={token}") }
    }
}
