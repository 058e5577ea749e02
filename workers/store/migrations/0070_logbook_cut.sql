-- survives: 3
-- Up to where the oldest part of the desk's log was cut off by its age: the number, moment and hash of the last line that is gone, and a keyed digest of
-- these, so that nobody who only writes the database can cut off what he wants gone. one: always 1. A program that does not know the table takes what was
-- cut for missing, and says so in its audits.
CREATE TABLE logbook_cut (
  one bigint NOT NULL PRIMARY KEY,
  n bigint NOT NULL,
  at bigint NOT NULL,
  hash text NOT NULL,
  cut_at bigint NOT NULL,
  mark text NOT NULL
);
