-- survives: 3
-- Open tickets in the order in which people work on them: the most urgent first, of those the one that waits longest; and by
-- waiting alone.

CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_urgent ON tickets ((CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'low' THEN 3 ELSE 2 END), opened_at, id) WHERE status = 'open';
CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_waiting ON tickets (opened_at, id) WHERE status = 'open';
