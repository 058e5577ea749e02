-- survives: 3
-- Listings run by the time of recording. Ids do not: each process takes a block of them, and uses it up in its own time.
-- recorded_at: when a ticket was opened here; 0 for those of older programs, which are listed by the time of their
-- first message. kept_open: an import whose tickets stay open.

ALTER TABLE tickets ADD COLUMN recorded_at bigint NOT NULL DEFAULT 0;
ALTER TABLE undecided ADD COLUMN kept_open boolean NOT NULL DEFAULT false;
CREATE INDEX undecided_recorded ON undecided (recorded_at, message_id);
