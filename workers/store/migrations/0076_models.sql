-- survives: 3
-- Which model decides with the rules what a message is about. promotions: each line is the model that was the line's from then on, the newest is the present
-- one; before: the line that a rollback goes back to, 0 for the model that comes with the program. sum: SHA-256 of the model's file in hexadecimal digits,
-- empty for the one that comes with the program. figures: JSON. models: the files, so that every process has them. A program that does not know the tables
-- decides by what comes with it.
CREATE TABLE promotions (
  n bigint NOT NULL PRIMARY KEY,
  name text NOT NULL,
  sum text NOT NULL,
  at bigint NOT NULL,
  before bigint NOT NULL,
  figures text NOT NULL
);
CREATE TABLE models (
  sum text NOT NULL PRIMARY KEY,
  file {bytes} NOT NULL
);
