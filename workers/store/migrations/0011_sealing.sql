-- survives: 11
-- Nothing that older programs seal is bound to its place, and they cannot open what is.
-- way: how a key is wrapped: under a master key, under the secret of the intake key, or sealed to the public key.
ALTER TABLE data_keys ADD COLUMN way text NOT NULL DEFAULT 'master';
CREATE INDEX data_keys_way ON data_keys (way, master);

-- data_key: which one sealed it, 0 for one of the older day's keys. A program that does not know the column
-- cannot record any more, and its senders come again.
ALTER TABLE originals ADD COLUMN data_key bigint NOT NULL DEFAULT 0;
--postgres ALTER TABLE originals ALTER COLUMN data_key DROP DEFAULT;
CREATE INDEX originals_data_key ON originals (data_key) WHERE data_key > 0;
