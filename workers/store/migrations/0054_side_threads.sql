-- survives: 3
-- What is asked of third parties about a ticket. A side thread is a ticket's, with one address outside of it; its token is a MAC of its id, so
-- nothing of that is kept. side_messages are the answers: messages without a ticket, which no query of a ticket's customer finds. replies.side is
-- the side thread of what an agent sends there, 0 for answers and notes; carried says that the files of the message it quotes go along. An older
-- program beside this one knows no row of the kind forward: it fails those that it takes, and takes an answer of a third party for a new mail.

CREATE TABLE side_threads (
  id {id} PRIMARY KEY,
  ticket bigint NOT NULL,
  address text NOT NULL,
  name text NOT NULL,
  inbox text NOT NULL,
  subject text NOT NULL,
  author bigint NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX side_threads_ticket ON side_threads (ticket, id);

CREATE TABLE side_messages (
  message bigint PRIMARY KEY,
  side bigint NOT NULL
){rowless};
CREATE INDEX side_messages_of ON side_messages (side, message);

ALTER TABLE replies ADD COLUMN side bigint NOT NULL DEFAULT 0;
ALTER TABLE replies ADD COLUMN carried boolean NOT NULL DEFAULT false;
CREATE INDEX replies_side ON replies (side, id) WHERE side <> 0;
