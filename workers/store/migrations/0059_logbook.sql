-- survives: 3
-- Who did and read what at the desk, in a chain: hash is a keyed digest of the row and of the hash before it, so that a row cannot be changed, put in
-- or taken out without the master key. It holds logins, acts and numbers; nothing of a customer, so that no erasure need touch it.
CREATE TABLE logbook (
  n bigint NOT NULL PRIMARY KEY,
  at bigint NOT NULL,
  who text NOT NULL,
  act text NOT NULL,
  object text NOT NULL,
  detail text NOT NULL,
  hash text NOT NULL
){rowless};
CREATE INDEX logbook_who ON logbook (who, n);
CREATE INDEX logbook_object ON logbook (object, n);

-- What is noted and not yet in the chain, which one writer at a time goes on with. id: in the order of notes of one process.
CREATE TABLE logbook_waiting (
  id bigint NOT NULL PRIMARY KEY,
  at bigint NOT NULL,
  who text NOT NULL,
  act text NOT NULL,
  object text NOT NULL,
  detail text NOT NULL
){rowless};
