-- survives: 3
-- Only rows of programs that knew no counted_as are looked for by their recipient.

CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_older ON outbox (recipient, created_at, kind) WHERE counted AND counted_as = '';
