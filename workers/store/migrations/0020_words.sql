-- survives: 3
-- words: what an attempt has handed over, or may have, sealed. NULL where it handed over nothing, and for attempts of programs
-- that do not know the column.
ALTER TABLE outbox_attempts ADD COLUMN words {bytes};
--postgres ALTER TABLE outbox_attempts ALTER COLUMN words SET STORAGE EXTERNAL;
