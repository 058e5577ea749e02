-- survives: 3
-- Texts that agents put into what they write, by a name and in the languages of customers. author is who has changed it last.

CREATE TABLE snippets (
  name text NOT NULL,
  language text NOT NULL,
  text text NOT NULL,
  author bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (name, language)
){rowless};
