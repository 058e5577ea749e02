-- survives: 3
-- What agents write: answers to customers and notes for colleagues, and what of it is not sent yet. An answer goes out as the row of the
-- outbox that it names, and where it stands on its way is said there. A note can have no recipient. An older program beside this one
-- knows no row of the kind reply: it fails those that it takes, and a person sees that and sends them once more.

CREATE TABLE replies (
  id {id} PRIMARY KEY,
  key text NOT NULL CHECK (key <> ''),
  ticket bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('reply', 'note')),
  author bigint NOT NULL,
  author_name text NOT NULL,
  at bigint NOT NULL,
  channel text NOT NULL,
  inbox text NOT NULL,
  recipients text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  language text NOT NULL,
  answer_to bigint NOT NULL,
  effect bigint NOT NULL,
  CHECK (kind <> 'note' OR (recipients = '' AND inbox = '' AND effect = 0))
);
CREATE UNIQUE INDEX replies_key ON replies (key);
CREATE INDEX replies_ticket ON replies (ticket, id);
CREATE INDEX replies_effect ON replies (effect) WHERE effect <> 0;

CREATE TABLE drafts (
  ticket bigint NOT NULL,
  author bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('reply', 'note')),
  version bigint NOT NULL,
  text text NOT NULL,
  saved_at bigint NOT NULL,
  PRIMARY KEY (ticket, author, kind)
){rowless};
CREATE INDEX drafts_author ON drafts (author, saved_at);

-- How many messages a ticket had when a person has looked at it for the last time.
CREATE TABLE marks (
  author bigint NOT NULL,
  ticket bigint NOT NULL,
  messages bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (author, ticket)
){rowless};
