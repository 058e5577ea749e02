-- survives: 1
-- The sweep rings for each inbox's messages by themselves, so that none waits behind another one's.

CREATE INDEX undecided_share ON undecided (inbox, bulk, wake_at);
DROP INDEX undecided_wake;
