-- survives: 1
-- What a reader saw last of a message that its sender can edit: a later version that shows the same adds nothing to the ticket.
-- digest: of the message's name at its provider, keyed; seen: of what it showed, keyed; at: when that version was written. A program
-- that does not know the table adds each version.
CREATE TABLE versions (
  digest text NOT NULL PRIMARY KEY,
  message bigint NOT NULL,
  seen text NOT NULL,
  at bigint NOT NULL
){rowless};
CREATE INDEX versions_at ON versions (at);

-- Whoever blocked a Telegram bot was marked as if he had said STOP, for ever. He is one to whom nothing could be sent, until he
-- writes again; who said /stop himself stays stopped.
UPDATE identities SET opted_out = false, failed = true WHERE kind = 'telegram' AND opted_out AND value NOT IN
(SELECT sender_value FROM messages WHERE sender_kind = 'telegram' AND state = 'suppressed' AND cause = 'opt-out');
