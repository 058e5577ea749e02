-- survives: 1
-- What stays of a person who was erased, and by which address an acknowledgement counts.

ALTER TABLE messages ADD COLUMN erased_at bigint NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN erasing_at bigint NOT NULL DEFAULT 0;
CREATE INDEX contacts_erasing ON contacts (id) WHERE erasing_at > 0;

-- Keyed digests of delivery keys and addresses that were readable before.
CREATE TABLE tombstones (
  digest text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('delivery', 'address')),
  message bigint NOT NULL,
  stopped boolean NOT NULL,
  blocked boolean NOT NULL,
  at bigint NOT NULL
){rowless};

ALTER TABLE outbox ADD COLUMN erased boolean NOT NULL DEFAULT false;
ALTER TABLE outbox ADD COLUMN counted_as text NOT NULL DEFAULT '';
CREATE INDEX outbox_counted_as ON outbox (counted_as, created_at, kind) WHERE counted AND counted_as <> '';
CREATE INDEX outbox_capped_as ON outbox (counted_as) WHERE covered_by = 0 AND state = 'withheld' AND cause = 'sender-cap' AND counted_as <> '';
