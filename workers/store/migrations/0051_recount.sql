-- survives: 3
-- By which calendars and policies the promises of open tickets were counted anew for the last time: a digest of them, how far the walk over
-- open tickets has come, and when it ended, 0 while it has not.

CREATE TABLE promise_walk (
  one {id} PRIMARY KEY,
  policy text NOT NULL,
  opened_at bigint NOT NULL,
  ticket bigint NOT NULL,
  ended_at bigint NOT NULL
){rowless};
