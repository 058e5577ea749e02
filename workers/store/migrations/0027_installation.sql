-- survives: 3
-- Who this installation is, in one row. id: random; what it puts into a Redis that others may use carries it. place: the
-- server or the file that the database was in when the id was made; a copy in another place takes an id of its own.
-- heir_until: so long it works off what an older program, which had no id, may still put there; 0 for an installation
-- that began with an id.
CREATE TABLE installation (
  one {id} PRIMARY KEY,
  id text NOT NULL,
  place text NOT NULL,
  heir_until bigint NOT NULL
){rowless};
