-- Counts that nobody adds to any more are forgotten, oldest first.
CREATE INDEX ai_spend_by_age ON ai_spend (at);
