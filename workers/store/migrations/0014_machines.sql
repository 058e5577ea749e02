-- survives: 1
-- What became of messages, counted by hour, inbox and cause, so that a share that leaves its usual band is seen.
-- what: all, parked, withheld; cause: empty for all. A program that does not know the table counts nothing in it.
CREATE TABLE fates (
  hour bigint NOT NULL,
  inbox text NOT NULL,
  what text NOT NULL,
  cause text NOT NULL,
  shard bigint NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (hour, inbox, what, cause, shard)
){rowless};

-- Whom a person has let out of the parked messages: what looks like a machine's is not set aside when it comes from
-- that sender, or under that subject. kind: sender, subject; digest: keyed, so that the row holds no address and no
-- word; message: the one that was let out, whose row tells both as long as it is kept.
CREATE TABLE exceptions (
  id bigint NOT NULL PRIMARY KEY,
  kind text NOT NULL,
  digest text NOT NULL,
  message bigint NOT NULL,
  inbox text NOT NULL,
  cause text NOT NULL,
  made_at bigint NOT NULL,
  made_by text NOT NULL,
  UNIQUE (digest, kind)
);
CREATE INDEX exceptions_message ON exceptions (message);
