-- survives: 3
-- When the sender says that he wrote it (a mail's Date), so that one mail that was altered on the way is told from two under
-- one Message-ID. 0: not known.

ALTER TABLE messages ADD COLUMN sent_at bigint NOT NULL DEFAULT 0;
