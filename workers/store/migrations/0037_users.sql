-- survives: 3
-- The people who work at the desk: who they are, what they may, what they can, and how they are signed in. Where another table names
-- one of them, the column is called person ("user" is a word of SQL's own).

-- login: small letters, by which a person signs in. password: a PHC string of Argon2id; '' until the person has set one. demo: made by
-- a demonstration, and let in by nothing else.
CREATE TABLE users (
  id bigint NOT NULL PRIMARY KEY,
  version bigint NOT NULL,
  login text NOT NULL UNIQUE,
  name text NOT NULL,
  email text NOT NULL,
  language text NOT NULL,
  zone text NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'disabled')),
  password text NOT NULL,
  demo boolean NOT NULL,
  created_at bigint NOT NULL,
  changed_at bigint NOT NULL
){rowless};

-- queue: '' for all of them.
CREATE TABLE grants (
  person bigint NOT NULL,
  role text NOT NULL,
  queue text NOT NULL,
  PRIMARY KEY (person, role, queue)
){rowless};
CREATE INDEX grants_role ON grants (role, queue, person);

-- Whose work the tickets of a queue are. level: 1 in the first place, 2 where nobody of level 1 is free.
CREATE TABLE members (
  queue text NOT NULL,
  person bigint NOT NULL,
  level bigint NOT NULL,
  PRIMARY KEY (queue, person)
){rowless};
CREATE INDEX members_person ON members (person, queue);

CREATE TABLE abilities (
  person bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('language', 'channel', 'category')),
  value text NOT NULL,
  level bigint NOT NULL,
  PRIMARY KEY (person, kind, value)
){rowless};

-- Sign-ins at the desk. digest: keyed, of a random secret that only the browser has. id: by which a person ends one.
CREATE TABLE desk_sessions (
  digest text NOT NULL PRIMARY KEY,
  id text NOT NULL UNIQUE,
  person bigint NOT NULL,
  created_at bigint NOT NULL,
  seen_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  browser text NOT NULL,
  address text NOT NULL
){rowless};
CREATE INDEX desk_sessions_person ON desk_sessions (person, seen_at);
CREATE INDEX desk_sessions_ends ON desk_sessions (ends_at);

-- Links by which a person sets a password, once. used_at: 0 until then.
CREATE TABLE entry_links (
  digest text NOT NULL PRIMARY KEY,
  person bigint NOT NULL,
  made_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  used_at bigint NOT NULL
){rowless};
CREATE INDEX entry_links_person ON entry_links (person);
CREATE INDEX entry_links_ends ON entry_links (ends_at);

-- Wrong passwords, by keyed digests of whose they were and whence they came. even_at: when all of them are forgotten.
CREATE TABLE entry_tries (
  digest text NOT NULL PRIMARY KEY,
  even_at bigint NOT NULL
){rowless};
CREATE INDEX entry_tries_even ON entry_tries (even_at);
