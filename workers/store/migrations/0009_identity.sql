-- survives: 9
-- A contact is found by proven addresses alone. Contacts that grew together by claim come apart: each
-- address but that of the first message becomes a contact of its own, or nobody's where nothing ever proved it.
-- The journal tells what came apart (act 'part'), and which tickets hold messages of more than one person.

ALTER TABLE messages ADD COLUMN proven boolean NOT NULL DEFAULT false;
ALTER TABLE tickets ADD COLUMN claimed boolean NOT NULL DEFAULT false;

-- Addresses that a message claims beside its sender's.
CREATE TABLE claims (
  message bigint NOT NULL,
  address text NOT NULL,
  PRIMARY KEY (message, address)
){rowless};
CREATE INDEX claims_address ON claims (address);

UPDATE messages SET proven = true WHERE channel IN ('sms', 'telegram') AND erased_at = 0 AND sender_value <> '';

CREATE TABLE parted (
  address text PRIMARY KEY,
  was bigint NOT NULL,
  id bigint NOT NULL
);
INSERT INTO parted (address, was, id)
SELECT r.address, r.contact, (SELECT next FROM sequences WHERE name = 'contact') + row_number() OVER (ORDER BY r.contact, r.n) - 1
FROM (SELECT i.address, i.contact, i.verified, m.first_id,
    row_number() OVER (PARTITION BY i.contact ORDER BY coalesce(m.first_id, 9223372036854775807), CASE WHEN i.verified THEN 0 ELSE 1 END, i.created_at, i.address) AS n
  FROM identities i LEFT JOIN (SELECT contact, sender, min(id) AS first_id FROM messages WHERE contact <> 0 GROUP BY contact, sender) m
    ON m.contact = i.contact AND m.sender = i.address
  WHERE i.contact <> 0) r
WHERE r.n > 1 AND (r.verified OR r.first_id IS NOT NULL);
UPDATE sequences SET next = next + (SELECT count(*) FROM parted) WHERE name = 'contact';
INSERT INTO contacts (id, version, name, language, created_at, erasing_at)
SELECT p.id, 1, '', c.language, c.created_at, 0 FROM parted p JOIN contacts c ON c.id = p.was;

UPDATE messages SET contact = (SELECT p.id FROM parted p WHERE p.address = messages.sender)
WHERE EXISTS (SELECT 1 FROM parted p WHERE p.address = messages.sender AND p.was = messages.contact);
UPDATE outbox SET contact = (SELECT m.contact FROM messages m WHERE m.id = outbox.message)
WHERE message <> 0 AND contact IN (SELECT was FROM parted) AND EXISTS (SELECT 1 FROM messages m WHERE m.id = outbox.message);
UPDATE tickets SET version = version + 1, contact = (SELECT m.contact FROM messages m
  WHERE m.ticket <> 0 AND m.ticket = tickets.id AND m.state IN ('ticketed', 'appended') ORDER BY m.id LIMIT 1)
WHERE contact IN (SELECT was FROM parted) AND EXISTS (SELECT 1 FROM messages m
  WHERE m.ticket <> 0 AND m.ticket = tickets.id AND m.state IN ('ticketed', 'appended'));

INSERT INTO sequences (name, next) SELECT 'other', 1 WHERE EXISTS (SELECT 1 FROM parted) AND NOT EXISTS (SELECT 1 FROM sequences WHERE name = 'other');
CREATE TABLE parting (ticket bigint NOT NULL, was bigint NOT NULL, id bigint NOT NULL);
INSERT INTO parting (ticket, was, id) SELECT 0, was, id FROM parted;
INSERT INTO parting (ticket, was, id) SELECT DISTINCT t.id, t.contact, m.contact FROM messages m JOIN tickets t ON t.id = m.ticket
WHERE m.ticket <> 0 AND m.contact <> t.contact AND (m.contact IN (SELECT id FROM parted) OR t.contact IN (SELECT id FROM parted));
INSERT INTO journal (id, at, who, act, message, ticket, detail)
SELECT (SELECT next FROM sequences WHERE name = 'other') + row_number() OVER (ORDER BY p.ticket, p.was, p.id) - 1,
--postgres CAST(extract(epoch FROM now()) * 1000000 AS bigint),
--sqlite CAST(strftime('%s', 'now') AS integer) * 1000000,
'migration', 'part', 0, p.ticket, CASE WHEN p.ticket = 0
  THEN 'contact ' || CAST(p.id AS text) || ' came apart from contact ' || CAST(p.was AS text) || ', with which nothing but a claim had joined it'
  ELSE 'holds messages of contact ' || CAST(p.id AS text) || ' beside those of contact ' || CAST(p.was AS text) || ': look whether they belong together' END
FROM parting p;
UPDATE sequences SET next = next + (SELECT count(*) FROM parting) WHERE name = 'other';

UPDATE identities SET contact = (SELECT p.id FROM parted p WHERE p.address = identities.address)
WHERE address IN (SELECT address FROM parted);
UPDATE tickets SET claimed = true WHERE NOT EXISTS (SELECT 1 FROM identities i WHERE i.contact <> 0 AND i.contact = tickets.contact AND i.verified);
UPDATE identities SET contact = 0 WHERE contact <> 0 AND NOT verified;
DROP TABLE parting;
DROP TABLE parted;
