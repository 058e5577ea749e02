-- survives: 1
-- Sign-ins at the operator's page, and links that sign in once. digest: keyed, of a random secret that only the browser
-- (or the link) has. ground: what the sign-in rests upon, 'made' for a token that a start made, else a keyed digest of
-- the configured one.
CREATE TABLE operator_sessions (
  id text NOT NULL PRIMARY KEY,
  digest text NOT NULL UNIQUE,
  ground text NOT NULL,
  name text NOT NULL,
  device text NOT NULL,
  address text NOT NULL,
  opened_at bigint NOT NULL,
  seen_at bigint NOT NULL,
  ends_at bigint NOT NULL
){rowless};

CREATE TABLE operator_links (
  digest text NOT NULL PRIMARY KEY,
  ground text NOT NULL,
  name text NOT NULL,
  ends_at bigint NOT NULL
){rowless};
