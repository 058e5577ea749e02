-- survives: 3
-- The work items of open tickets: whose turn it is, who has them, and their place in the order of work. Apart from tickets, so that no
-- agent's click changes what decisions about messages read. A program that does not know the table leaves tickets without an item, and
-- items of tickets that it has closed: a walk brings both together, which also makes the items of tickets that were open before.
-- desk_walk: when it ended for the last time.

CREATE TABLE desk (
  ticket {id} PRIMARY KEY,
  queue text NOT NULL,
  language text NOT NULL,
  category text NOT NULL,
  priority text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'pending', 'snoozed')),
  owner bigint NOT NULL,
  last_owner bigint NOT NULL,
  since_at bigint NOT NULL,
  rank_at bigint NOT NULL,
  half_at bigint NOT NULL,
  due_at bigint NOT NULL,
  wake_at bigint NOT NULL,
  given_at bigint NOT NULL,
  begun_at bigint NOT NULL,
  last_at bigint NOT NULL
);
CREATE INDEX desk_next ON desk (queue, language, rank_at, ticket) WHERE state = 'waiting' AND owner = 0;
CREATE INDEX desk_half ON desk (queue, language, half_at, ticket) WHERE state = 'waiting' AND owner = 0 AND half_at <> 0;
CREATE INDEX desk_owner ON desk (owner, state, rank_at, ticket) WHERE owner <> 0;
CREATE INDEX desk_due ON desk (queue, due_at, ticket) WHERE due_at > 0 AND state <> 'pending';
CREATE INDEX desk_queue ON desk (queue, state, last_at, ticket);
CREATE INDEX desk_wake ON desk (wake_at) WHERE wake_at > 0;
--postgres ALTER TABLE desk SET (fillfactor = 80);

CREATE TABLE desk_walk (
  one {id} PRIMARY KEY,
  ended_at bigint NOT NULL
){rowless};
