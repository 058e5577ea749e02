-- survives: 3
-- Parked messages whose original lies in a blob that could not be read: the sweep looks whether it is back.

CREATE INDEX CONCURRENTLY IF NOT EXISTS messages_without_original ON messages (id) WHERE state = 'parked' AND cause = 'original-missing';
