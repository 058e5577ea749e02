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
