-- survives: 1
-- Sends of which the provider said no more than that it took them, and when it is asked what became of them: its own word on
-- that may have met a closed door. A row leaves when its send is settled, or too old to be asked about. A program that does not
-- know the table asks about nothing. What was sent in the last three days is asked about, too.
CREATE TABLE send_checks (
  effect bigint NOT NULL PRIMARY KEY,
  ask_at bigint NOT NULL
){rowless};
CREATE INDEX send_checks_at ON send_checks (ask_at, effect);
INSERT INTO send_checks (effect, ask_at) SELECT id, sent_at + 600000000 FROM outbox
WHERE channel = 'sms' AND state = 'sent' AND provider_id <> '' AND sent_at > (SELECT coalesce(max(sent_at), 0) FROM outbox) - 259200000000;
