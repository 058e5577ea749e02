-- survives: 3
-- When something is done about a promise that is still owed: the moment of its next step, 0: never. The index holds what is owed and runs alone.

ALTER TABLE promises ADD COLUMN step_at bigint NOT NULL DEFAULT 0;
ALTER TABLE turns ADD COLUMN step_at bigint NOT NULL DEFAULT 0;
CREATE INDEX promises_step ON promises (step_at) WHERE step_at > 0 AND settled_at = 0 AND paused_at = 0;
CREATE INDEX turns_step ON turns (step_at) WHERE step_at > 0 AND settled_at = 0;
