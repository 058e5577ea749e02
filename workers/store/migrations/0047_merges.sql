-- survives: 3
-- Tickets that are worked on in another one. merged_into is the root: the last ticket of a chain of mergings; 0: it is one of its own. One that
-- is merged is closed, and nothing is moved: its messages and answers stay its own. An older program that brings a message to it opens
-- it again; the walk over the desk then closes it, and opens the root. merges has each step, and what was taken back of them.

ALTER TABLE tickets ADD COLUMN merged_into bigint NOT NULL DEFAULT 0;

CREATE TABLE merges (
  source bigint NOT NULL,
  at bigint NOT NULL,
  target bigint NOT NULL,
  actor text NOT NULL,
  undone_at bigint NOT NULL,
  PRIMARY KEY (source, at)
){rowless};
CREATE INDEX merges_target ON merges (target);
CREATE UNIQUE INDEX merges_standing ON merges (source) WHERE undone_at = 0;

-- The words by which tickets are sorted. name is folded; shown as it was written. The list is the desk's: who gives work to others makes it.
CREATE TABLE tags (
  name text PRIMARY KEY,
  shown text NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL
){rowless};
CREATE TABLE ticket_tags (
  ticket bigint NOT NULL,
  tag text NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL,
  PRIMARY KEY (ticket, tag)
){rowless};
CREATE INDEX ticket_tags_of ON ticket_tags (tag, ticket);

-- Who is named in a note (replies.id), and has looked at it. seen_at: 0 until then.
CREATE TABLE mentions (
  person bigint NOT NULL,
  reply bigint NOT NULL,
  ticket bigint NOT NULL,
  at bigint NOT NULL,
  seen_at bigint NOT NULL,
  PRIMARY KEY (person, reply)
){rowless};
CREATE INDEX mentions_new ON mentions (person, at, reply) WHERE seen_at = 0;
CREATE INDEX mentions_of ON mentions (person, at, reply);
CREATE INDEX mentions_ticket ON mentions (ticket);
