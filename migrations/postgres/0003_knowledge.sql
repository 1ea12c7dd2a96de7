-- Whether documents have changed is asked every few seconds; without this each text would be walked through.
CREATE INDEX document_changed ON document (chatbot, updated_at);

-- What agents answered, proposed as knowledge. Settled ones stay, so that nothing is proposed twice.
CREATE TABLE proposal (
    id           uuid   PRIMARY KEY,
    chatbot      text   NOT NULL,
    conversation uuid   NOT NULL,
    asked        bigint NOT NULL, -- seq of the visitor's message
    question     text   NOT NULL,
    answer       text   NOT NULL,
    agent_name   text   NOT NULL,
    made_at      bigint NOT NULL,
    decided_at   bigint,
    state        text   NOT NULL,
    UNIQUE (conversation, asked)
);
CREATE INDEX proposal_open ON proposal (chatbot, made_at) WHERE state = 'open';
