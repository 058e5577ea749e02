-- survives: 3
-- What the people of the desk are told beside their pages. A program that does not know the tables tells nobody; what it names in notes is told by the
-- next one, where that comes within the hour.

-- What somebody has chosen; no row: as by default. choice: kinds of event with their ways; mail: when mails are sent; style: of what the webhook is sent.
-- url, secret: sealed; empty: there is none. host: of the url, to be shown.
CREATE TABLE alert_choices (
  person bigint NOT NULL PRIMARY KEY,
  choice text NOT NULL,
  mail text NOT NULL,
  style text NOT NULL,
  url {bytes} NOT NULL,
  secret {bytes} NOT NULL,
  host text NOT NULL,
  changed_at bigint NOT NULL
){rowless};

-- What waits to be told to somebody outside of the desk: one row for all events of a kind at a ticket. n: how many; at: the first one.
CREATE TABLE alerts (
  person bigint NOT NULL,
  way text NOT NULL,
  ticket bigint NOT NULL,
  kind text NOT NULL,
  at bigint NOT NULL,
  last_at bigint NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (person, way, ticket, kind)
){rowless};

-- How somebody is told in one way. look_at: when it is looked what waits, 0: nothing does. sent_at, hour_at, sent: what was told lately. failing_at: since when
-- nothing has arrived, and for which reason; failures: how often since then; off_at: when it was switched off for that; 0: not.
CREATE TABLE alert_ways (
  person bigint NOT NULL,
  way text NOT NULL,
  look_at bigint NOT NULL,
  sent_at bigint NOT NULL,
  hour_at bigint NOT NULL,
  sent bigint NOT NULL,
  failing_at bigint NOT NULL,
  failures bigint NOT NULL,
  reason text NOT NULL,
  off_at bigint NOT NULL,
  PRIMARY KEY (person, way)
){rowless};
CREATE INDEX alert_ways_look ON alert_ways (look_at) WHERE look_at > 0;
CREATE INDEX alert_ways_failing ON alert_ways (failing_at) WHERE failing_at > 0;

-- The outbox rows that told somebody, by which he sees what became of them, and by which old ones are forgotten. test: he has asked for it.
CREATE TABLE alert_posts (
  effect bigint NOT NULL PRIMARY KEY,
  person bigint NOT NULL,
  way text NOT NULL,
  n bigint NOT NULL,
  test boolean NOT NULL,
  at bigint NOT NULL
){rowless};
CREATE INDEX alert_posts_person ON alert_posts (person, at);
CREATE INDEX alert_posts_at ON alert_posts (at);

-- Up to which change it was looked whom it is to be told; no row: nobody is told.
CREATE TABLE alert_walk (
  one {id} PRIMARY KEY,
  turn bigint NOT NULL,
  n bigint NOT NULL
){rowless};

-- told: it was looked whether who is named is to be told outside of the desk.
ALTER TABLE mentions ADD COLUMN told bigint NOT NULL DEFAULT 0;
CREATE INDEX mentions_told ON mentions (at) WHERE told = 0;
