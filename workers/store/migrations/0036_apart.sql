-- survives: 3
-- A message that a person has taken out of a ticket is not to continue that again. An older program that decides it
-- may let it.

ALTER TABLE undecided ADD COLUMN apart bigint NOT NULL DEFAULT 0;
