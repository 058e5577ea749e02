-- Times are microseconds since 1970 UTC, 0 for none. Addresses are "kind:value".
-- {id} {bytes} {rowless} are filled in for each database; a line that begins with
-- "--postgres " or "--sqlite " is for that one only. Statements end with a semicolon at the line's end.

CREATE TABLE sequences (
  name text PRIMARY KEY,
  next bigint NOT NULL
){rowless};

CREATE TABLE deliveries (
  id {id} PRIMARY KEY,
  inbox text NOT NULL CHECK (inbox <> ''),
  channel text NOT NULL CHECK (channel <> ''),
  key text NOT NULL,
  at bigint NOT NULL,
  recorded_at bigint NOT NULL,
  size bigint NOT NULL,
  bulk boolean NOT NULL,
  imported boolean NOT NULL
);
CREATE UNIQUE INDEX deliveries_key ON deliveries (inbox, key);

CREATE TABLE originals (
  id {id} PRIMARY KEY,
  blob text NOT NULL,
  sealed {bytes}
);
CREATE INDEX originals_blob ON originals (blob) WHERE blob <> '';
--postgres ALTER TABLE originals ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE undecided (
  message_id {id} PRIMARY KEY,
  inbox text NOT NULL,
  bulk boolean NOT NULL,
  imported boolean NOT NULL,
  released boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('recorded', 'awaiting')),
  recorded_at bigint NOT NULL,
  wake_at bigint NOT NULL,
  wakes bigint NOT NULL,
  claims bigint NOT NULL
);
CREATE INDEX undecided_wake ON undecided (bulk, wake_at);
CREATE INDEX undecided_inbox ON undecided (inbox, bulk, recorded_at);

CREATE TABLE messages (
  id {id} PRIMARY KEY,
  inbox text NOT NULL,
  channel text NOT NULL,
  state text NOT NULL CHECK (state IN ('ticketed', 'appended', 'duplicate', 'suppressed', 'parked', 'dismissed')),
  cause text NOT NULL,
  evidence text NOT NULL,
  contact bigint NOT NULL,
  ticket bigint NOT NULL,
  duplicate_of bigint NOT NULL,
  kind text NOT NULL,
  sender text NOT NULL,
  sender_kind text NOT NULL,
  sender_value text NOT NULL,
  sender_name text NOT NULL,
  subject text NOT NULL,
  visible text NOT NULL,
  quoted text NOT NULL,
  language text NOT NULL,
  category text NOT NULL,
  thread text NOT NULL,
  content text NOT NULL,
  fingerprint text NOT NULL,
  reference text NOT NULL,
  redacted text NOT NULL,
  counted boolean NOT NULL,
  decided_at bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX messages_ticket ON messages (ticket, id) WHERE ticket <> 0;
CREATE INDEX messages_sender ON messages (sender, decided_at, fingerprint) WHERE counted;
CREATE INDEX messages_parked ON messages (id, cause) WHERE state = 'parked';
CREATE INDEX messages_expiry ON messages (expires_at) WHERE expires_at > 0;
--postgres DO $$ BEGIN ALTER TABLE messages ALTER COLUMN visible SET COMPRESSION lz4, ALTER COLUMN quoted SET COMPRESSION lz4; EXCEPTION WHEN feature_not_supported THEN NULL; END $$;

CREATE TABLE attachments (
  message bigint NOT NULL,
  n bigint NOT NULL,
  name text NOT NULL,
  media_type text NOT NULL,
  size bigint NOT NULL,
  inline boolean NOT NULL,
  content_id text NOT NULL,
  ref text NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (message, n)
){rowless};
CREATE INDEX attachments_digest ON attachments (digest) WHERE digest <> '';

CREATE TABLE decisions (
  message {id} PRIMARY KEY,
  config text NOT NULL,
  sealed {bytes} NOT NULL,
  decided_at bigint NOT NULL
);
--postgres ALTER TABLE decisions ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE content_keys (
  digest text PRIMARY KEY,
  message bigint NOT NULL,
  inbox text NOT NULL,
  ticket bigint NOT NULL
){rowless};

CREATE TABLE mail_references (
  digest text PRIMARY KEY,
  ticket bigint NOT NULL
){rowless};

CREATE TABLE conversations (
  thread text PRIMARY KEY,
  ticket bigint NOT NULL
){rowless};

CREATE TABLE contacts (
  id {id} PRIMARY KEY,
  version bigint NOT NULL,
  name text NOT NULL,
  language text NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE identities (
  address text PRIMARY KEY,
  kind text NOT NULL,
  value text NOT NULL,
  contact bigint NOT NULL,
  verified boolean NOT NULL,
  opted_out boolean NOT NULL,
  failed boolean NOT NULL,
  created_at bigint NOT NULL
){rowless};
CREATE INDEX identities_contact ON identities (contact) WHERE contact <> 0;

CREATE TABLE tickets (
  id {id} PRIMARY KEY,
  version bigint NOT NULL,
  contact bigint NOT NULL,
  inbox text NOT NULL,
  queue text NOT NULL,
  category text NOT NULL,
  priority text NOT NULL,
  status text NOT NULL CHECK (status IN ('open', 'closed')),
  subject text NOT NULL,
  display text NOT NULL,
  language text NOT NULL,
  channels text NOT NULL,
  numbers text NOT NULL,
  participants text NOT NULL,
  informed text NOT NULL,
  messages bigint NOT NULL,
  opened_at bigint NOT NULL,
  last_at bigint NOT NULL,
  follows bigint NOT NULL
);
CREATE INDEX tickets_contact ON tickets (contact, opened_at, id) WHERE contact <> 0;

CREATE TABLE promises (
  ticket bigint NOT NULL,
  kind text NOT NULL CHECK (kind <> ''),
  state text NOT NULL CHECK (state IN ('due', 'warned', 'kept', 'broken', 'void')),
  cause text NOT NULL,
  calendar text NOT NULL,
  start_at bigint NOT NULL,
  due_at bigint NOT NULL,
  warn text NOT NULL,
  next_at bigint NOT NULL,
  settled_at bigint NOT NULL,
  PRIMARY KEY (ticket, kind)
){rowless};
CREATE INDEX promises_overdue ON promises (due_at) WHERE state = 'broken' AND settled_at = 0;
CREATE INDEX promises_next ON promises (next_at) WHERE next_at > 0;

CREATE TABLE outbox (
  id {id} PRIMARY KEY,
  key text NOT NULL,
  kind text NOT NULL CHECK (kind <> ''),
  ticket bigint NOT NULL,
  message bigint NOT NULL,
  contact bigint NOT NULL,
  inbox text NOT NULL,
  channel text NOT NULL,
  recipient text NOT NULL,
  to_kind text NOT NULL,
  to_value text NOT NULL,
  to_name text NOT NULL,
  payload text NOT NULL,
  state text NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'delivered', 'failed', 'fallback', 'withheld')),
  cause text NOT NULL,
  attempts bigint NOT NULL,
  created_at bigint NOT NULL,
  due_at bigint NOT NULL,
  next_at bigint NOT NULL,
  wake_at bigint NOT NULL,
  sent_at bigint NOT NULL,
  provider_id text NOT NULL,
  parts_done bigint NOT NULL,
  outcome_unknown boolean NOT NULL,
  needs_fallback boolean NOT NULL,
  last_error text NOT NULL,
  holder text NOT NULL,
  domain text NOT NULL,
  domain_print text NOT NULL,
  counted boolean NOT NULL,
  covered_by bigint NOT NULL
);
CREATE UNIQUE INDEX outbox_key ON outbox (key);
CREATE INDEX outbox_wake ON outbox (wake_at) WHERE wake_at > 0;
CREATE INDEX outbox_provider ON outbox (provider_id) WHERE provider_id <> '';
CREATE INDEX outbox_message ON outbox (message) WHERE message <> 0;
CREATE INDEX outbox_recipient ON outbox (recipient, created_at, kind) WHERE counted;
CREATE INDEX outbox_domain ON outbox (domain, created_at) WHERE counted AND domain <> '';
CREATE INDEX outbox_print ON outbox (domain_print, created_at) WHERE counted AND domain_print <> '';
CREATE INDEX outbox_capped ON outbox (contact) WHERE covered_by = 0 AND state = 'withheld' AND cause = 'sender-cap';
CREATE INDEX outbox_covered ON outbox (covered_by) WHERE covered_by > 0;
--postgres ALTER TABLE outbox SET (fillfactor = 80);

CREATE TABLE outbox_attempts (
  effect bigint NOT NULL,
  n bigint NOT NULL,
  at bigint NOT NULL,
  outcome text NOT NULL,
  code text NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (effect, n)
){rowless};

CREATE TABLE receipts (
  id {id} PRIMARY KEY,
  inbox text NOT NULL,
  key text NOT NULL,
  provider_id text NOT NULL,
  status text NOT NULL,
  reason text NOT NULL,
  at bigint NOT NULL,
  kept_at bigint NOT NULL
);
CREATE INDEX receipts_provider ON receipts (provider_id) WHERE provider_id <> '';
CREATE INDEX receipts_key ON receipts (key) WHERE key <> '';
CREATE INDEX receipts_kept ON receipts (kept_at);

CREATE TABLE cursors (
  inbox text NOT NULL,
  stream text NOT NULL,
  value text NOT NULL,
  moved_at bigint NOT NULL,
  PRIMARY KEY (inbox, stream)
){rowless};

CREATE TABLE inbox_status (
  inbox text PRIMARY KEY,
  channel text NOT NULL,
  address text NOT NULL,
  state text NOT NULL,
  connected_at bigint NOT NULL,
  last_contact_at bigint NOT NULL,
  lag bigint NOT NULL,
  last_error text NOT NULL,
  source_count bigint NOT NULL,
  recorded_count bigint NOT NULL,
  checked_at bigint NOT NULL
){rowless};

CREATE TABLE leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  until_at bigint NOT NULL
){rowless};

CREATE TABLE data_keys (
  id {id} PRIMARY KEY,
  kind text NOT NULL,
  slot text NOT NULL,
  master text NOT NULL,
  wrapped {bytes} NOT NULL,
  created_at bigint NOT NULL
);
CREATE UNIQUE INDEX data_keys_slot ON data_keys (kind, slot);

CREATE TABLE secrets (
  name text PRIMARY KEY,
  sealed {bytes} NOT NULL,
  saved_at bigint NOT NULL
){rowless};

CREATE TABLE dead_letters (
  id {id} PRIMARY KEY,
  queue text NOT NULL,
  task text NOT NULL,
  payload text NOT NULL,
  error text NOT NULL,
  attempts bigint NOT NULL,
  at bigint NOT NULL
);

CREATE TABLE journal (
  id {id} PRIMARY KEY,
  at bigint NOT NULL,
  who text NOT NULL,
  act text NOT NULL,
  message bigint NOT NULL,
  ticket bigint NOT NULL,
  detail text NOT NULL
);
CREATE INDEX journal_message ON journal (message) WHERE message <> 0;

CREATE TABLE counters (
  name text NOT NULL,
  shard bigint NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (name, shard)
){rowless};
--postgres ALTER TABLE counters SET (fillfactor = 50);
