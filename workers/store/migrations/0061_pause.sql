-- survives: 3
-- While it is the customer's turn the clock of a resolution stands still. promises.paused_at: since when, 0: it runs; from_at: from when it has run since
-- it stood still for the last time, 0: from start_at; used: how much of its time, in microseconds of its calendar, was used by then. A ticket's
-- item says that something of it stands still, and from when that is to run again, which is to be counted. An older program pauses nothing; what it
-- brings back to our turn is found by the walk over the desk.

ALTER TABLE promises ADD COLUMN paused_at bigint NOT NULL DEFAULT 0;
ALTER TABLE promises ADD COLUMN from_at bigint NOT NULL DEFAULT 0;
ALTER TABLE promises ADD COLUMN used bigint NOT NULL DEFAULT 0;
ALTER TABLE desk ADD COLUMN paused_at bigint NOT NULL DEFAULT 0;
ALTER TABLE desk ADD COLUMN resume_at bigint NOT NULL DEFAULT 0;
CREATE INDEX desk_resume ON desk (resume_at) WHERE resume_at > 0;
