-- The same meaning as migrations/sqlite/0001_log.sql. Everything that belongs to a conversation is keyed by its id, everything else
-- by its workspace or by an id that was handed out for it, so that the tables can be partitioned or spread by that key.
--
-- Times are milliseconds. Those that decide something (when a job is due, when a claim, link or session ends) are kept on the
-- database's clock: see clock_skew.

-- The log. The primary key is what reads need and no more.
CREATE TABLE event (
    conversation uuid   NOT NULL,
    seq          bigint NOT NULL,
    at           bigint NOT NULL,
    body         text   NOT NULL, -- not jsonb, which can't hold U+0000 and would be parsed at each insert
    PRIMARY KEY (conversation, seq)
);

-- The only row that every append changes, and what it locks. Narrow, and with room on its page, so that an update writes little and
-- touches no index (HOT).
CREATE TABLE head (
    conversation uuid   PRIMARY KEY,
    workspace    uuid   NOT NULL,
    last_seq     bigint NOT NULL,
    last_at      bigint NOT NULL,
    -- What lists are sorted by: the minute of the last append on the database's clock, and within it the order of appends. Only the
    -- minute is indexed, so that a conversation costs at most one new index entry a minute.
    minute       bigint NOT NULL,
    moved        bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX head_recent ON head (workspace, minute);
CREATE SEQUENCE head_moved;

-- What filters and the queue need; changes only when an append carries a projection.
CREATE TABLE conversation (
    id            uuid    PRIMARY KEY,
    number        bigint  GENERATED ALWAYS AS IDENTITY, -- the order in which they began
    workspace     uuid    NOT NULL,
    chatbot       text    NOT NULL,
    visitor       uuid    NOT NULL,
    status        text    NOT NULL,
    assignee_id   uuid,
    assignee_name text,
    waiting_since bigint,
    escalated     boolean NOT NULL,
    started_at    bigint  NOT NULL,
    country       text    NOT NULL
);
-- Each covers only the few conversations that are waiting or held by an agent now.
CREATE INDEX conversation_waiting ON conversation (waiting_since, number) WHERE status = 'unassigned';
CREATE INDEX conversation_open ON conversation (workspace, id) WHERE status = 'open';

-- The id is derived from the key, so the primary key is what keeps keys unique.
CREATE TABLE job (
    id           uuid   PRIMARY KEY,
    key          text   NOT NULL,
    kind         text   NOT NULL,
    conversation uuid   NOT NULL,
    workspace    uuid   NOT NULL,
    about        bigint NOT NULL,
    run_at       bigint NOT NULL,
    due_at       bigint NOT NULL, -- run_at, or the end of the claim when that is later
    attempts     integer NOT NULL DEFAULT 0,
    state        text   NOT NULL DEFAULT 'pending',
    last_error   text,
    outcome      text
);
CREATE INDEX job_due ON job (due_at) WHERE state = 'pending';
CREATE INDEX job_listed ON job (workspace, run_at);

CREATE TABLE link (
    id           uuid   PRIMARY KEY,
    token_hash   bytea  NOT NULL UNIQUE,
    conversation uuid   NOT NULL,
    agent_id     uuid   NOT NULL,
    agent_name   text   NOT NULL,
    address      text   NOT NULL,
    created_at   bigint NOT NULL,
    expires_at   bigint NOT NULL,
    revoked_at   bigint
);
CREATE INDEX link_conversation ON link (conversation);

CREATE TABLE workspace (
    id   uuid PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE agent (
    id            uuid PRIMARY KEY,
    workspace     uuid NOT NULL,
    name          text NOT NULL,
    email         text NOT NULL,
    email_key     text NOT NULL UNIQUE, -- the address in lower case
    role          text NOT NULL,
    password_hash text NOT NULL,
    availability  text NOT NULL
);
CREATE INDEX agent_workspace ON agent (workspace);

CREATE TABLE session (
    token_hash bytea  PRIMARY KEY,
    agent      uuid   NOT NULL,
    expires_at bigint NOT NULL
);

CREATE TABLE chatbot (
    id        text PRIMARY KEY,
    workspace uuid NOT NULL,
    settings  text NOT NULL
);

CREATE TABLE document (
    id         uuid   PRIMARY KEY,
    chatbot    text   NOT NULL,
    name       text   NOT NULL,
    text       text   NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (chatbot, name)
);

CREATE TABLE secret (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);

-- One row per fact about this database: `epoch`, `first_workspace`, `ping`.
CREATE TABLE meta (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);

-- How far the database's clock is ahead of a node's, whose present time is given, in whole seconds. A node's times plus this are
-- the database's times, so that a node whose clock is wrong, or jumps, neither ends a claim early nor makes a link valid again.
-- Clocks that agree to within a second are taken for the same: what is kept lasts minutes.
CREATE FUNCTION clock_skew(node_now bigint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT trunc((extract(epoch FROM clock_timestamp()) * 1000 - node_now) / 1000)::bigint * 1000
$$;

-- Append to many conversations, each at most once. For each, in the order of `ids`: null when it was written, else where its log
-- really ends; one that is refused leaves nothing behind and does not touch the others. Whoever calls it commits by the end of the
-- statement: one round trip for a batch.
--
-- Locks are taken in the same order by everybody, first the rows of `head` by id, then new ones by id, then jobs by id, so
-- that batches that cross never wait for each other in a circle. Every statement of it sees what was committed before it began, so
-- `last_seq` is compared as it is under the lock.
CREATE FUNCTION append_events(
    ids uuid[], expected bigint[], lasts bigint[], ats bigint[],
    p_ids uuid[], p_workspaces uuid[], p_chatbots text[], p_visitors uuid[], p_statuses text[], p_assignees uuid[],
    p_names text[], p_waiting bigint[], p_escalated boolean[], p_started bigint[], p_countries text[],
    e_ids uuid[], e_seqs bigint[], e_ats bigint[], e_bodies text[],
    j_conversations uuid[], j_ids uuid[], j_keys text[], j_kinds text[], j_abouts bigint[], j_runs bigint[], j_dues bigint[],
    s_conversations uuid[], s_ids uuid[], s_outcome text,
    node_now bigint
) RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    this_minute bigint := extract(epoch FROM clock_timestamp()) / 60;
    moved_ids uuid[];
    made_ids uuid[] := '{}';
    won uuid[];
    skew bigint;
BEGIN
    PERFORM FROM head h WHERE h.conversation = ANY (ids) ORDER BY h.conversation FOR UPDATE;

    WITH moved AS (
        UPDATE head h SET last_seq = a.last, last_at = a.at, minute = greatest(h.minute, this_minute), moved = nextval('head_moved')
        FROM unnest(ids, expected, lasts, ats) AS a (id, expected, last, at)
        WHERE h.conversation = a.id AND h.last_seq = a.expected AND a.expected > 0
        RETURNING h.conversation
    )
    SELECT coalesce(array_agg(conversation), '{}') INTO moved_ids FROM moved;

    IF cardinality(p_ids) > 0 THEN
        WITH made AS (
            INSERT INTO head (conversation, workspace, last_seq, last_at, minute, moved)
            SELECT a.id, p.workspace, a.last, a.at, this_minute, nextval('head_moved')
            FROM unnest(ids, expected, lasts, ats) AS a (id, expected, last, at)
            JOIN unnest(p_ids, p_workspaces) AS p (id, workspace) ON p.id = a.id
            WHERE a.expected = 0 ORDER BY a.id
            ON CONFLICT DO NOTHING
            RETURNING conversation
        )
        SELECT coalesce(array_agg(conversation), '{}') INTO made_ids FROM made;

        INSERT INTO conversation (id, workspace, chatbot, visitor, status, assignee_id, assignee_name, waiting_since, escalated,
            started_at, country)
        SELECT p.* FROM unnest(p_ids, p_workspaces, p_chatbots, p_visitors, p_statuses, p_assignees, p_names, p_waiting,
            p_escalated, p_started, p_countries) AS p (id) WHERE p.id = ANY (made_ids);

        -- Whose conversation it is never changes.
        UPDATE conversation c SET status = p.status, assignee_id = p.assignee, assignee_name = p.name, waiting_since = p.waiting,
            escalated = p.escalated, started_at = p.started, country = p.country
        FROM unnest(p_ids, p_statuses, p_assignees, p_names, p_waiting, p_escalated, p_started, p_countries)
            AS p (id, status, assignee, name, waiting, escalated, started, country)
        WHERE c.id = p.id AND p.id = ANY (moved_ids);
    END IF;
    won := moved_ids || made_ids;

    IF cardinality(won) = cardinality(ids) THEN
        INSERT INTO event (conversation, seq, at, body) SELECT * FROM unnest(e_ids, e_seqs, e_ats, e_bodies);
    ELSE
        INSERT INTO event (conversation, seq, at, body)
        SELECT e.* FROM unnest(e_ids, e_seqs, e_ats, e_bodies) AS e (id) WHERE e.id = ANY (won);
    END IF;

    IF cardinality(j_ids) > 0 THEN
        skew := clock_skew(node_now);
        INSERT INTO job (id, key, kind, conversation, workspace, about, run_at, due_at)
        SELECT j.id, j.key, j.kind, h.conversation, h.workspace, j.about, j.run + skew, j.due + skew
        FROM unnest(j_conversations, j_ids, j_keys, j_kinds, j_abouts, j_runs, j_dues)
            AS j (conversation, id, key, kind, about, run, due)
        JOIN head h ON h.conversation = j.conversation
        WHERE j.conversation = ANY (won) ORDER BY j.id
        ON CONFLICT DO NOTHING;
    END IF;

    IF cardinality(s_ids) > 0 THEN
        SELECT array_agg(s.id) INTO s_ids FROM unnest(s_conversations, s_ids) AS s (conversation, id)
        WHERE s.conversation = ANY (won);
        PERFORM complete_jobs(s_ids, s_outcome);
    END IF;

    RETURN (
        SELECT array_agg(CASE WHEN a.id = ANY (won) THEN NULL ELSE coalesce(h.last_seq, 0) END ORDER BY a.place)
        FROM unnest(ids) WITH ORDINALITY AS a (id, place) LEFT JOIN head h ON h.conversation = a.id
    );
END
$$;

-- Done jobs stay for the console, except answers of the AI: there is one for each message of a visitor, the log itself shows the
-- answer, and their keys can't come back because the seq in them is taken.
CREATE FUNCTION complete_jobs(ids uuid[], why text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM job WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    DELETE FROM job WHERE id = ANY (ids) AND kind = 'ai_answer';
    UPDATE job SET state = 'done', outcome = why WHERE id = ANY (ids) AND state <> 'done';
END
$$;
