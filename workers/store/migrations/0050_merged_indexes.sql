-- survives: 3
-- What is merged into a ticket, and of a contact what is merged.

CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_merged ON tickets (merged_into, id) WHERE merged_into <> 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_merged_of ON tickets (contact, merged_into) WHERE merged_into <> 0 AND contact <> 0;
