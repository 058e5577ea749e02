-- survives: 3
-- Up to which change webhooks were told of tickets: a place in the order of changes. No row: nobody wants to know. An older program tells nobody.
-- told has the outbox rows that this made, by which old ones are forgotten.

CREATE TABLE told_walk (
  one {id} PRIMARY KEY,
  turn bigint NOT NULL,
  n bigint NOT NULL
){rowless};
CREATE TABLE told (
  effect bigint NOT NULL PRIMARY KEY,
  at bigint NOT NULL
){rowless};
CREATE INDEX told_at ON told (at);
