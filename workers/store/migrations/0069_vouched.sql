-- survives: 3
-- Checks whose code went to an address that a system of the company's has named. It is kept in the row that sends the code for as long as that needs it: once
-- the check is over it is taken away there, and vouched is false again. An older program sends such a code, and leaves its address where it is.

ALTER TABLE checks ADD COLUMN vouched boolean NOT NULL DEFAULT false;
CREATE INDEX checks_vouched ON checks (ends_at) WHERE vouched;
