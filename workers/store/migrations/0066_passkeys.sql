-- survives: 3
-- A passkey is found by its name, which is the digest of the credential's id, and is one person's alone. sealed: the credential; counter: what it
-- has counted itself; title: as its owner calls it. What a passkey was asked lies in entry_steps.sealed; of who asks to come in by it alone
-- person is 0. A program that does not know the index takes no passkey, and asks who has one for a code.
CREATE UNIQUE INDEX factors_passkeys ON factors (name) WHERE kind = 'passkey';
