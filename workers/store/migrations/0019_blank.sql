-- survives: 1
-- blank: until when the next message decides where a ticket belongs whose messages have said nothing yet, in microseconds; 0 for
-- every other ticket. A program that does not know it opens tickets that the first message has decided, as before.
ALTER TABLE tickets ADD COLUMN blank bigint NOT NULL DEFAULT 0;
