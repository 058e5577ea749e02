-- survives: 3
-- What handing out work asks. desk.channel: by which its customer has written last; '' where that is not known. declined: who has given it back by hand,
-- or let it lie, since its customer has last written; he is not given it again unasked. promises.half_at: when half of the time is used, in the
-- hours in which it counts; 0, of a promise of an older program: half of the time by the wall clock. Many that come while nobody works have used half of it at one moment: then the rank decides, in desk_half, too.

ALTER TABLE desk ADD COLUMN channel text NOT NULL DEFAULT '';
ALTER TABLE desk ADD COLUMN declined bigint NOT NULL DEFAULT 0;
ALTER TABLE promises ADD COLUMN half_at bigint NOT NULL DEFAULT 0;
DROP INDEX desk_half;
CREATE INDEX desk_half ON desk (queue, language, half_at, rank_at, ticket) WHERE state = 'waiting' AND owner = 0 AND half_at <> 0;
CREATE INDEX desk_lane ON desk (queue, language, category, channel, rank_at, ticket) WHERE state = 'waiting' AND owner = 0;
