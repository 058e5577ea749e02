-- survives: 3
-- What an answer says beside its writer's words, as it stood when he sent it: markup is the language in which the text was typed ('': as it
-- stands), signature and quote are what stands below it. The first line of a quote says whose words they are.

ALTER TABLE replies ADD COLUMN markup text NOT NULL DEFAULT '';
ALTER TABLE replies ADD COLUMN signature text NOT NULL DEFAULT '';
ALTER TABLE replies ADD COLUMN quote text NOT NULL DEFAULT '';
-- What a check had found in it, by kinds, when its writer sent it all the same.
ALTER TABLE replies ADD COLUMN despite text NOT NULL DEFAULT '';

-- Files that agents send, or leave with a note: of a draft while reply is 0. digest names the sealed content, as that of an attachment.
-- shown: it is an image that stands in the text.

CREATE TABLE enclosures (
  id {id} PRIMARY KEY,
  ticket bigint NOT NULL,
  author bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('reply', 'note')),
  reply bigint NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  size bigint NOT NULL,
  shown boolean NOT NULL,
  digest text NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX enclosures_drafts ON enclosures (ticket, author, kind) WHERE reply = 0;
CREATE INDEX enclosures_replies ON enclosures (reply, id) WHERE reply <> 0;
CREATE INDEX enclosures_tickets ON enclosures (ticket, id);
CREATE INDEX enclosures_digest ON enclosures (digest);
CREATE INDEX enclosures_old ON enclosures (at) WHERE reply = 0;
