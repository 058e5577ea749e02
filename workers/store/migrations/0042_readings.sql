-- survives: 3
-- What an answer to a mail stands on: its Message-ID and those before it, and to whom it was written. It lies sealed, and lives as long as
-- the message. Mail that was decided before, or by an older program, has none: it is answered to the address that its acknowledgement
-- went to.

CREATE TABLE readings (
  message bigint PRIMARY KEY,
  sealed {bytes} NOT NULL
){rowless};
