-- survives: 3
-- Whom people at the desk have blocked: what comes from that address is parked. address: as in identities; message: the one at which it was done.
-- A program that does not know the table takes in what they send.
CREATE TABLE blocks (
  id bigint NOT NULL PRIMARY KEY,
  address text NOT NULL,
  kind text NOT NULL,
  value text NOT NULL,
  message bigint NOT NULL,
  made_at bigint NOT NULL,
  made_by text NOT NULL,
  UNIQUE (address)
);
