-- survives: 3
-- Contacts that are one person. contact_pointers: each points at the root, the one contact under which all of the person are found; a root has no row. step: the
-- joining (contact_steps.id) on which it hangs. contact_steps has each joining and each parting, and what was taken back of them: contact was joined to root, with
-- those that came along (beside, JSON), or has left the person whose root that was; heir: who is the root of those that stay where it was the root itself; took: the
-- joining that a parting has ended. stands: a pointer hangs on the joining, or the parting holds. why is of a closed list. Nothing that a decision reads, and nothing
-- that goes out, looks at any of it; an older program knows nothing of it.

CREATE TABLE contact_pointers (
  contact {id} PRIMARY KEY,
  root bigint NOT NULL,
  step bigint NOT NULL
);
CREATE INDEX contact_pointers_root ON contact_pointers (root);

CREATE TABLE contact_steps (
  id {id} PRIMARY KEY,
  kind text NOT NULL,
  contact bigint NOT NULL,
  root bigint NOT NULL,
  heir bigint NOT NULL,
  beside text NOT NULL,
  took bigint NOT NULL,
  why text NOT NULL,
  ticket bigint NOT NULL,
  actor text NOT NULL,
  at bigint NOT NULL,
  stands boolean NOT NULL,
  undone_by text NOT NULL,
  undone_at bigint NOT NULL
);
CREATE INDEX contact_steps_contact ON contact_steps (contact, id);
CREATE INDEX contact_steps_root ON contact_steps (root, id);

-- A check by whose code two contacts become one person: joins is the contact to which the code went, and the answer must come from the ticket's own; 0: it is about the
-- ticket's customer alone. joined_at: when what it has shown was settled; 0: not yet. An older program takes any answer in the ticket for one, and joins nobody.
ALTER TABLE checks ADD COLUMN joins bigint NOT NULL DEFAULT 0;
ALTER TABLE checks ADD COLUMN joined_at bigint NOT NULL DEFAULT 0;
CREATE INDEX checks_joins ON checks (joins, at) WHERE joins <> 0;
CREATE INDEX checks_joining ON checks (id) WHERE joins <> 0 AND result = 'passed' AND joined_at = 0;
