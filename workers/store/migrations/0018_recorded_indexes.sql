-- survives: 3
-- What listings run by: the time of recording, then the id.

CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_recorded ON tickets ((CASE WHEN recorded_at > 0 THEN recorded_at ELSE opened_at END), id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_created ON outbox (created_at, id);
