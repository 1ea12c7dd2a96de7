-- Whether documents have changed is asked every few seconds; without this each text would be walked through.
CREATE INDEX document_changed ON document (chatbot, updated_at);

-- What agents answered, proposed as knowledge. Settled ones stay, so that nothing is proposed twice.
CREATE TABLE proposal (
    id           BLOB    PRIMARY KEY,
    chatbot      TEXT    NOT NULL,
    conversation BLOB    NOT NULL,
    asked        INTEGER NOT NULL, -- seq of the visitor's message
    question     TEXT    NOT NULL,
    answer       TEXT    NOT NULL,
    agent_name   TEXT    NOT NULL,
    made_at      INTEGER NOT NULL,
    decided_at   INTEGER,
    state        TEXT    NOT NULL,
    UNIQUE (conversation, asked)
) WITHOUT ROWID;
CREATE INDEX proposal_open ON proposal (chatbot, made_at) WHERE state = 'open';
