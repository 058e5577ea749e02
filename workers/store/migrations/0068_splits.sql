-- survives: 3
-- Tickets that a person has made of some of another one's messages. messages.origin: the ticket to which the line brought a message that was moved, 0: it lies
-- where it was brought. The oldest of those that were moved together opens the new ticket. An older program knows nothing of it: its audit misses the promises of a
-- policy there.

ALTER TABLE messages ADD COLUMN origin bigint NOT NULL DEFAULT 0;

CREATE TABLE splits (
  ticket {id} PRIMARY KEY,
  origin bigint NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL
);
CREATE INDEX splits_origin ON splits (origin);
