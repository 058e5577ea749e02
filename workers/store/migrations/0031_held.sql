-- survives: 3
-- What is held for one more cause. The index outbox_held stays for older programs that run beside newer ones.

CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_kept ON outbox (created_at, id, cause, inbox) WHERE state = 'withheld' AND cause IN ('stranger-cap', 'digest-cap', 'no-service-area', 'unproven-number', 'sms-prefix-cap', 'sms-budget');
