-- survives: 3
-- outbox_older has taken its place.

DROP INDEX IF EXISTS outbox_recipient;
