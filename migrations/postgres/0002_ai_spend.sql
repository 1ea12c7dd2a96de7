-- Tokens that models have cost, by what they count for: a conversation, a visitor's day, a chatbot's day.
CREATE TABLE ai_spend (
    scope  text   PRIMARY KEY,
    tokens bigint NOT NULL,
    at     bigint NOT NULL -- Unix milliseconds of the latest spending
);
