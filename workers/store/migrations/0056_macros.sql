-- survives: 3
-- What agents do often, by a name: a text in the languages of customers, and acts as JSON (package macros). author is who has changed it last.

CREATE TABLE macros (
  name text PRIMARY KEY,
  acts text NOT NULL,
  author bigint NOT NULL,
  at bigint NOT NULL
){rowless};
CREATE TABLE macro_texts (
  macro text NOT NULL,
  language text NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (macro, language)
){rowless};
