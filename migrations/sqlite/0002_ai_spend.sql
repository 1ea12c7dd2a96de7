-- Tokens that models have cost, by what they count for: a conversation, a visitor's day, a chatbot's day.
CREATE TABLE ai_spend (
    scope TEXT PRIMARY KEY,
    tokens INTEGER NOT NULL,
    -- Unix milliseconds of the latest spending.
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
