-- survives: 3
-- What people read of a mail for as long as its ticket lives, beside its masked text: its HTML made harmless, sealed. It is made behind the
-- commit, out of the original, which goes after its own time. Its files are those of attachments, which stay as long, too.

CREATE TABLE copies (
  message {id} PRIMARY KEY,
  sealed {bytes} NOT NULL
);

-- Messages of which a copy is to be made. An older program leaves none here: its mails are read as text.
CREATE TABLE uncopied (
  message {id} PRIMARY KEY
);
