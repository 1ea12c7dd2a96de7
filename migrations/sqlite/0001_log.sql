-- The log has no secondary index. Measured on this design: 235,000 events/s into an index-free table with synchronous=FULL, but
-- 34k/48k/52k rows/s (batches of 10/100/1000) as soon as two B-trees keyed by conversation must be kept, because each event then
-- dirties leaf pages of its own. Instead each event names the row of the event before it (`prev`), `head` names the last one, and
-- readers walk backwards. `mark` is a signpost every 256 events, so that the middle of a long log is found without a long walk.
CREATE TABLE event (
    id           INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    prev         INTEGER NOT NULL, -- 0: the first of its conversation
    body         TEXT    NOT NULL
);

-- The only row that every append changes; narrow, so that thousands of live conversations share few pages.
CREATE TABLE head (
    conversation INTEGER PRIMARY KEY,
    last_seq     INTEGER NOT NULL,
    last_row     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL
);

CREATE TABLE mark (
    conversation INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    event        INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq)
) WITHOUT ROWID;

-- What filters and the queue need; changes only when an append carries a projection.
CREATE TABLE conversation (
    id            INTEGER PRIMARY KEY,
    uuid          BLOB    NOT NULL UNIQUE,
    workspace     BLOB    NOT NULL,
    chatbot       TEXT    NOT NULL,
    visitor       BLOB    NOT NULL,
    status        TEXT    NOT NULL,
    assignee_id   BLOB,
    assignee_name TEXT,
    waiting_since INTEGER,
    escalated     INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    country       TEXT    NOT NULL
);
-- Each covers only the few conversations that are waiting or held by an agent now.
CREATE INDEX conversation_waiting ON conversation (waiting_since, id) WHERE status = 'unassigned';
CREATE INDEX conversation_open ON conversation (workspace, id) WHERE status = 'open';

-- The id is derived from the key, so the primary key is what keeps keys unique, and a job costs one B-tree less.
CREATE TABLE job (
    id           BLOB    PRIMARY KEY,
    key          TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    conversation INTEGER NOT NULL,
    about        INTEGER NOT NULL,
    run_at       INTEGER NOT NULL,
    due_at       INTEGER NOT NULL, -- run_at, or the end of the claim when that is later
    attempts     INTEGER NOT NULL DEFAULT 0,
    state        TEXT    NOT NULL DEFAULT 'pending',
    last_error   TEXT,
    outcome      TEXT
) WITHOUT ROWID;
CREATE INDEX job_due ON job (due_at) WHERE state = 'pending';

CREATE TABLE link (
    id           BLOB    PRIMARY KEY,
    token_hash   BLOB    NOT NULL UNIQUE,
    conversation BLOB    NOT NULL,
    agent_id     BLOB    NOT NULL,
    agent_name   TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER
) WITHOUT ROWID;
CREATE INDEX link_conversation ON link (conversation);

CREATE TABLE workspace (
    id   BLOB PRIMARY KEY,
    name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE agent (
    id            BLOB PRIMARY KEY,
    workspace     BLOB NOT NULL,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL,
    email_key     TEXT NOT NULL UNIQUE, -- the address in lower case
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    availability  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE session (
    token_hash BLOB    PRIMARY KEY,
    agent      BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE chatbot (
    id        TEXT PRIMARY KEY,
    workspace BLOB NOT NULL,
    settings  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE document (
    id         BLOB    PRIMARY KEY,
    chatbot    TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (chatbot, name)
);

CREATE TABLE secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- One row per fact about this database: `epoch`, `first_workspace`, `ping`.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
