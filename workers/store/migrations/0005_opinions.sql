-- survives: 1
-- What scanners (spam filter, virus scanner) said of a message before it was decided.
-- await_until: 0 until the scanners are asked, then the moment from which it is decided without them.
ALTER TABLE undecided ADD COLUMN await_until bigint NOT NULL DEFAULT 0;

-- note: why a file is not here, for people; a scanner found something in it.
ALTER TABLE attachments ADD COLUMN note text NOT NULL DEFAULT '';

-- part: '' for the message itself, else the file that was fetched after the decision.
CREATE TABLE opinions (
  message bigint NOT NULL,
  scanner text NOT NULL,
  part text NOT NULL,
  verdict text NOT NULL,
  late boolean NOT NULL,
  asked_at bigint NOT NULL,
  answered_at bigint NOT NULL,
  sealed {bytes} NOT NULL,
  PRIMARY KEY (message, scanner, part)
){rowless};
