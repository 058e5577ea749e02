-- survives: 3
-- Who works at the desk just now, and how much he has in hand. heard_at: his last sign of life. since_at: since when he is there, or absent.
-- room: the weights that he may have in hand; 0: as everybody. load, not_begun: the weights of what is his and our turn, and how many
-- of these he was given and has not begun, counted by whoever writes work items; a walk counts anew what a program that does not know the
-- table has moved. missed: what he was given and let lie. given_at: when he last got something.

CREATE TABLE agents (
  person bigint NOT NULL PRIMARY KEY,
  presence text NOT NULL CHECK (presence IN ('online', 'away', 'offline')),
  heard_at bigint NOT NULL,
  since_at bigint NOT NULL,
  room bigint NOT NULL,
  load bigint NOT NULL,
  not_begun bigint NOT NULL,
  missed bigint NOT NULL,
  given_at bigint NOT NULL
){rowless};
CREATE INDEX agents_heard ON agents (heard_at) WHERE presence <> 'offline';
CREATE INDEX agents_absent ON agents (person) WHERE presence <> 'online' AND load > 0;
CREATE INDEX agents_lets ON agents (person) WHERE presence = 'online' AND not_begun > 0;
--postgres ALTER TABLE agents SET (fillfactor = 80);

ALTER TABLE desk ADD COLUMN weight bigint NOT NULL DEFAULT 1;
