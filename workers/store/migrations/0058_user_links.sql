-- survives: 3
-- By which issuer (OpenID Connect), and under which name there, a user of the desk signs in.

CREATE TABLE user_links (
  issuer text NOT NULL,
  subject text NOT NULL,
  person bigint NOT NULL,
  made_at bigint NOT NULL,
  PRIMARY KEY (issuer, subject)
){rowless};
CREATE INDEX user_links_person ON user_links (person);
