-- survives: 3
-- A keyed digest of the content of a delivery whose sender chose its key, so that other content under
-- the same key is told from a repeat. Empty: nothing is compared.

ALTER TABLE deliveries ADD COLUMN content text NOT NULL DEFAULT '';
