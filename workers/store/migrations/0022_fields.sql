-- survives: 3
-- What a form or a program gave beside the text, by name, as JSON and masked; empty for none. An older program that erases
-- somebody leaves it: erase with the newest one.

ALTER TABLE messages ADD COLUMN fields text NOT NULL DEFAULT '';

-- What was done with a ticket, for its page.
CREATE INDEX journal_ticket ON journal (ticket, id) WHERE ticket <> 0;
