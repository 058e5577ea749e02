-- survives: 3
-- guesses: of a ticket whose category is a guess the categories that it may be, the likeliest first, with commas between; empty: it is none. An older
-- program guesses without leaving a note of it, and a person's word in it stays a guess here until somebody says it once more.
ALTER TABLE tickets ADD COLUMN guesses text NOT NULL DEFAULT '';
CREATE INDEX tickets_unsure ON tickets (queue, last_at, id) WHERE guesses <> '' AND status = 'open';
