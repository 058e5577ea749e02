-- survives: 3
-- One-time codes by which customers show who they are. A code is kept nowhere: whoever sends it makes it anew from the row's id, and mac is what an
-- answer is held to. result: '' while it waits, passed, failed (five wrong answers) or replaced (a newer one was sent). to_kind is what kind of address it
-- went to. An older program beside this one knows no row of the kind code: it fails those that it takes, and holds no answer to a check.

CREATE TABLE checks (
  id {id} PRIMARY KEY,
  ticket bigint NOT NULL,
  mac text NOT NULL,
  to_kind text NOT NULL,
  tries bigint NOT NULL,
  at bigint NOT NULL,
  ends_at bigint NOT NULL,
  result text NOT NULL,
  effect bigint NOT NULL,
  author bigint NOT NULL
);
CREATE INDEX checks_ticket ON checks (ticket, id);
CREATE INDEX checks_effect ON checks (effect);
CREATE INDEX checks_open ON checks (ends_at) WHERE result = '';
