-- survives: 3
-- What the customer is promised once we have answered: a reply to what he writes then, one a turn. A row is a promise of kind next-reply, with
-- the states of one; turn counts from 1 within its ticket. Apart from promises, whose key has no room for a turn. A program that does not know
-- the table begins no turns and moves none.

CREATE TABLE turns (
  ticket bigint NOT NULL,
  turn bigint NOT NULL CHECK (turn > 0),
  state text NOT NULL CHECK (state IN ('due', 'warned', 'kept', 'broken', 'void')),
  cause text NOT NULL,
  calendar text NOT NULL,
  start_at bigint NOT NULL,
  due_at bigint NOT NULL,
  half_at bigint NOT NULL,
  warn text NOT NULL,
  next_at bigint NOT NULL,
  settled_at bigint NOT NULL,
  PRIMARY KEY (ticket, turn)
){rowless};
CREATE INDEX turns_overdue ON turns (due_at) WHERE state = 'broken' AND settled_at = 0;
CREATE INDEX turns_next ON turns (next_at) WHERE next_at > 0;
