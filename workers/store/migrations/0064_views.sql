-- survives: 3
-- What somebody has looked for and kept under a name: for himself, or, where queue is one, for all who read in it. state: as in a search.

CREATE TABLE views (
  id bigint NOT NULL PRIMARY KEY,
  person bigint NOT NULL,
  queue text NOT NULL,
  name text NOT NULL,
  query text NOT NULL,
  state text NOT NULL,
  at bigint NOT NULL
){rowless};
CREATE INDEX views_person ON views (person, id);
CREATE INDEX views_queue ON views (queue, id) WHERE queue <> '';
