-- survives: 3
-- What was done with tickets, by people and by the desk itself: who did what, why, and what was there before and after. Rows are
-- appended and never changed. They hold states, names of queues and ids, and no words of a customer.

CREATE TABLE entries (
  ticket bigint NOT NULL,
  id bigint NOT NULL,
  at bigint NOT NULL,
  kind text NOT NULL,
  actor text NOT NULL,
  message bigint NOT NULL,
  before text NOT NULL,
  after text NOT NULL,
  reason text NOT NULL,
  config text NOT NULL,
  PRIMARY KEY (ticket, id)
){rowless};
