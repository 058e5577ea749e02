-- survives: 3
-- Why the provider of an inbox refuses what we send or ask for, until it takes something again; '' while it does not. Apart from
-- last_error: other processes send than take in.
ALTER TABLE inbox_status ADD COLUMN sending_error text NOT NULL DEFAULT '';
