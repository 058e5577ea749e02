-- survives: 1
-- history: the ticket was opened by what came before its inbox was connected, or by import, so nobody was ever told of it.
ALTER TABLE tickets ADD COLUMN history boolean NOT NULL DEFAULT false;
