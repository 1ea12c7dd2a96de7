//! What is copied: each table of PostgreSQL, where its rows are in SQLite, and the columns of both.

/// How a column's values are kept, and how they cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Uuid,
    Bytes,
    Text,
    Int,
    /// A time on the node's clock there, on the database's here: see `clock_skew`.
    Deadline,
    Bool,
}

pub(super) struct Table {
    pub(super) name: &'static str,
    /// Names and kinds in the order of `rows`.
    pub(super) columns: &'static [(&'static str, Kind)],
    /// How SQLite gives the rows; `?1` is the present minute where it is asked for.
    pub(super) rows: &'static str,
    /// How many there must be, so that no join leaves one out.
    pub(super) count: &'static str,
}

use Kind::{Bool, Bytes, Deadline, Int, Text, Uuid};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "workspace",
        columns: &[("id", Uuid), ("name", Text)],
        rows: "SELECT id, name FROM workspace",
        count: "SELECT count(*) FROM workspace",
    },
    Table {
        name: "agent",
        columns: &[
            ("id", Uuid),
            ("workspace", Uuid),
            ("name", Text),
            ("email", Text),
            ("email_key", Text),
            ("role", Text),
            ("password_hash", Text),
            ("availability", Text),
        ],
        rows: "SELECT id, workspace, name, email, email_key, role, password_hash, availability FROM agent",
        count: "SELECT count(*) FROM agent",
    },
    Table {
        name: "session",
        columns: &[("token_hash", Bytes), ("agent", Uuid), ("expires_at", Deadline)],
        rows: "SELECT token_hash, agent, expires_at FROM session",
        count: "SELECT count(*) FROM session",
    },
    Table {
        name: "chatbot",
        columns: &[("id", Text), ("workspace", Uuid), ("settings", Text)],
        rows: "SELECT id, workspace, settings FROM chatbot",
        count: "SELECT count(*) FROM chatbot",
    },
    Table {
        name: "document",
        columns: &[("id", Uuid), ("chatbot", Text), ("name", Text), ("text", Text), ("updated_at", Int)],
        rows: "SELECT id, chatbot, name, text, updated_at FROM document",
        count: "SELECT count(*) FROM document",
    },
    Table {
        name: "proposal",
        columns: &[
            ("id", Uuid),
            ("chatbot", Text),
            ("conversation", Uuid),
            ("asked", Int),
            ("question", Text),
            ("answer", Text),
            ("agent_name", Text),
            ("made_at", Int),
            ("decided_at", Int),
            ("state", Text),
        ],
        rows: "SELECT id, chatbot, conversation, asked, question, answer, agent_name, made_at, decided_at, state FROM proposal",
        count: "SELECT count(*) FROM proposal",
    },
    Table {
        name: "conversation",
        columns: &[
            ("id", Uuid),
            ("number", Int),
            ("workspace", Uuid),
            ("chatbot", Text),
            ("visitor", Uuid),
            ("status", Text),
            ("assignee_id", Uuid),
            ("assignee_name", Text),
            ("waiting_since", Int),
            ("escalated", Bool),
            ("started_at", Int),
            ("country", Text),
        ],
        rows: "SELECT uuid, id, workspace, chatbot, visitor, status, assignee_id, assignee_name, waiting_since, escalated,
                 started_at, country FROM conversation",
        count: "SELECT count(*) FROM conversation",
    },
    Table {
        name: "head",
        columns: &[
            ("conversation", Uuid),
            ("workspace", Uuid),
            ("last_seq", Int),
            ("last_at", Int),
            ("minute", Int),
            ("moved", Int),
        ],
        // Lists keep their order, which is that of the last appends.
        rows: "SELECT c.uuid, c.workspace, h.last_seq, h.last_at,
                 min(?1, max(h.last_at / 60000) OVER (ORDER BY h.last_row)), row_number() OVER (ORDER BY h.last_row)
               FROM head h JOIN conversation c ON c.id = h.conversation",
        count: "SELECT count(*) FROM head",
    },
    Table {
        name: "event",
        columns: &[("conversation", Uuid), ("seq", Int), ("at", Int), ("body", Text)],
        rows: "SELECT c.uuid, e.seq, e.at, e.body FROM event e JOIN conversation c ON c.id = e.conversation",
        count: "SELECT count(*) FROM event",
    },
    Table {
        name: "job",
        columns: &[
            ("id", Uuid),
            ("key", Text),
            ("kind", Text),
            ("conversation", Uuid),
            ("workspace", Uuid),
            ("about", Int),
            ("run_at", Deadline),
            ("due_at", Deadline),
            ("attempts", Int),
            ("state", Text),
            ("last_error", Text),
            ("outcome", Text),
        ],
        rows: "SELECT j.id, j.key, j.kind, c.uuid, c.workspace, j.about, j.run_at, j.due_at, j.attempts, j.state, j.last_error,
                 j.outcome FROM job j JOIN conversation c ON c.id = j.conversation",
        count: "SELECT count(*) FROM job",
    },
    Table {
        name: "link",
        columns: &[
            ("id", Uuid),
            ("token_hash", Bytes),
            ("conversation", Uuid),
            ("agent_id", Uuid),
            ("agent_name", Text),
            ("address", Text),
            ("created_at", Int),
            ("expires_at", Deadline),
            ("revoked_at", Int),
        ],
        rows: "SELECT id, token_hash, conversation, agent_id, agent_name, address, created_at, expires_at, revoked_at FROM link",
        count: "SELECT count(*) FROM link",
    },
    Table {
        name: "ai_spend",
        columns: &[("scope", Text), ("tokens", Int), ("at", Int)],
        rows: "SELECT scope, tokens, at FROM ai_spend",
        count: "SELECT count(*) FROM ai_spend",
    },
    Table {
        name: "secret",
        columns: &[("name", Text), ("value", Bytes)],
        rows: "SELECT name, value FROM secret",
        count: "SELECT count(*) FROM secret",
    },
    Table {
        name: "meta",
        columns: &[("name", Text), ("value", Bytes)],
        rows: "SELECT name, value FROM meta WHERE name <> 'ping'",
        count: "SELECT count(*) FROM meta WHERE name <> 'ping'",
    },
];
