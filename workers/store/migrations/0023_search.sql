-- survives: 3
-- The words by which tickets are found. They are made in the program (pipeline/search), of masked texts, behind the commits: what
-- has changed in a ticket leaves a row in unsearched, which goes when the ticket is indexed. searched.version is the version that
-- the index holds. search_walk: how far all tickets have been looked at, from the newest to the oldest, for those that an older
-- program has changed. An older program that erases somebody leaves words: erase with the newest one.
CREATE TABLE searched (
  ticket {id} PRIMARY KEY,
  version bigint NOT NULL
--postgres , words tsvector NOT NULL
);
--postgres ALTER TABLE searched ALTER COLUMN words SET STORAGE EXTERNAL, SET (toast_tuple_target = 128);
--postgres CREATE INDEX searched_words ON searched USING gin (words);
--sqlite CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, detail='none', prefix='3 4 5 6 7 8', tokenize='ascii');

CREATE TABLE unsearched (
  ticket bigint NOT NULL,
  message bigint NOT NULL,
  PRIMARY KEY (ticket, message)
){rowless};

CREATE TABLE search_walk (
  one {id} PRIMARY KEY,
  below bigint NOT NULL,
  above bigint NOT NULL,
  ended_at bigint NOT NULL
){rowless};
