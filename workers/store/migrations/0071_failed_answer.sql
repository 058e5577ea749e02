-- survives: 3
-- Which answer a change is about that says that one did not go out: whoever wrote it is told of that one, and of no other that failed before. 0: none, or an
-- older program has written it.

ALTER TABLE changes ADD COLUMN effect bigint NOT NULL DEFAULT 0;
