-- survives: 1
-- The audit reads the deliveries of a period in the order of their recording, slice by slice.

CREATE INDEX CONCURRENTLY IF NOT EXISTS deliveries_recorded ON deliveries (recorded_at, id);
