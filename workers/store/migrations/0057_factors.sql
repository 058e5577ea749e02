-- survives: 3
-- What people show when they sign in, besides a password. A program that does not know the tables lets them in by the password alone, so all
-- processes of the desk are to be of one version before anybody relies upon it.

-- kind totp: sealed is the secret of an authenticator; name: 'new' until its first code was typed, then ''. counter: the step of the last code
-- that was taken, so that each is good once. kind recovery: name is a keyed digest of the code. kind passkey: name is the credential's id, sealed
-- the credential.
CREATE TABLE factors (
  person bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('totp', 'recovery', 'passkey')),
  name text NOT NULL,
  title text NOT NULL,
  sealed {bytes} NOT NULL,
  counter bigint NOT NULL,
  made_at bigint NOT NULL,
  used_at bigint NOT NULL,
  PRIMARY KEY (person, kind, name)
){rowless};

-- Who has shown a right password, and not yet the rest. digest: keyed, of a random secret that only the browser has. ground: keyed, of the
-- password's digest, which must not have changed meanwhile. sealed: what a passkey is asked, while it is asked.
CREATE TABLE entry_steps (
  digest text NOT NULL PRIMARY KEY,
  person bigint NOT NULL,
  ground text NOT NULL,
  sealed {bytes} NOT NULL,
  ends_at bigint NOT NULL
){rowless};
CREATE INDEX entry_steps_ends ON entry_steps (ends_at);
