-- survives: 1
-- What the whole desk sends, counted by scope and slot of time, so that a cap over all recipients reads
-- one range of the key. A program that does not know the table counts nothing in it.

CREATE TABLE scopes (
  scope text NOT NULL,
  slot bigint NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (scope, slot)
){rowless};
CREATE INDEX scopes_slot ON scopes (slot);

-- What waits for a person who lets it go.
CREATE INDEX outbox_held ON outbox (created_at, id, cause, inbox) WHERE state = 'withheld' AND cause IN ('stranger-cap', 'no-service-area', 'unproven-number', 'sms-prefix-cap', 'sms-budget');
