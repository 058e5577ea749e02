-- survives: 3
-- By what a message is known again when its sender says the same once more: a sketch of its words under a key, for a month. speaker is a keyed
-- digest of the contact, or of the address that nobody has proven. An older program leaves none, and adds nothing to a ticket for it.

CREATE TABLE sketches (
  message {id} PRIMARY KEY,
  speaker text NOT NULL,
  at bigint NOT NULL,
  sketch {bytes} NOT NULL
);
CREATE INDEX sketches_speaker ON sketches (speaker, at);
