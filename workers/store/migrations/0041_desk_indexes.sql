-- survives: 3
-- Closed tickets of a queue, the one in which somebody has written last first.

CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_closed ON tickets (queue, last_at, id) WHERE status = 'closed';
