package signins

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/workers/store/sql"
)

// Limit counts tries of one kind, over all processes. So many may come at once, and one more each interval.
type Limit struct {
	Of    []string // what is counted: kept as a keyed digest alone
	Burst int
	Every time.Duration
}

// droppedTries is how many counts that are over are dropped at each try.
const droppedTries = 100

// errOver says that a limit is reached.
var errOver = errors.New("too many tries")

// Try counts a try against all limits, before it is made, so that no number of tries at once comes past them. wait says after how long the
// next one may be made; then nothing was counted, so asking again in vain puts nothing off.
func (s *Store) Try(ctx context.Context, now time.Time, limits ...Limit) (wait time.Duration, err error) {
	type counted struct {
		digest string
		Limit
	}
	all := []counted{}
	for _, l := range limits {
		all = append(all, counted{s.tryDigest(l), l})
	}
	slices.SortFunc(all, func(a, b counted) int { return cmp.Compare(a.digest, b.digest) })
	err = s.base.Write(ctx, func(t sql.Tx) error {
		wait = 0
		if err := t.Run(ctx, sql.Do(`DELETE FROM entry_tries WHERE digest {in SELECT digest FROM entry_tries WHERE even_at <= $1 ORDER BY even_at LIMIT $2 FOR UPDATE SKIP LOCKED}`, sql.Micros(now), droppedTries)); err != nil {
			return err
		}
		for _, l := range all {
			full := now.Add(time.Duration(l.Burst-1) * l.Every)
			even, in := int64(0), false
			err := t.Run(ctx, sql.Ask(sql.Value(func(int64) { in = true }), `INSERT INTO entry_tries (digest, even_at) VALUES ($1, CAST($2 AS bigint) + CAST($3 AS bigint))
ON CONFLICT (digest) DO UPDATE SET even_at = CASE WHEN entry_tries.even_at > $2 THEN entry_tries.even_at ELSE CAST($2 AS bigint) END + CAST($3 AS bigint)
WHERE entry_tries.even_at <= $4 RETURNING even_at`, l.digest, sql.Micros(now), l.Every.Microseconds(), sql.Micros(full)))
			if err == nil && !in {
				err = t.Run(ctx, sql.Ask(sql.Value(func(at int64) { even = at }), `SELECT even_at FROM entry_tries WHERE digest = $1`, l.digest))
				wait = max(wait, sql.Moment(even).Sub(full), time.Second)
			}
			if err != nil {
				return err
			}
		}
		if wait > 0 {
			return errOver
		}
		return nil
	})
	if errors.Is(err, errOver) {
		return wait, nil
	}
	if err != nil {
		return 0, fmt.Errorf("counting a try: %w", err)
	}
	return 0, nil
}

// Right takes a try back that was right. Of limits that are whole, all earlier ones are forgotten, too.
func (s *Store) Right(ctx context.Context, whole, one []Limit) error {
	calls := []sql.Call{}
	for _, l := range whole {
		calls = append(calls, sql.Do(`DELETE FROM entry_tries WHERE digest = $1`, s.tryDigest(l)))
	}
	for _, l := range one {
		calls = append(calls, sql.Do(`UPDATE entry_tries SET even_at = even_at - $2 WHERE digest = $1`, s.tryDigest(l), l.Every.Microseconds()))
	}
	return s.base.Do(ctx, "taking a try back", calls...)
}

func (s *Store) tryDigest(l Limit) string {
	parts := [][]byte{[]byte("desk try")}
	for _, p := range l.Of {
		parts = append(parts, []byte(p))
	}
	return s.base.Digest(parts...)
}

// Random is a text of 128 random bits.
func (s *Store) Random() string {
	var random [16]byte
	rand.Read(random[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// Recognisable is a text by which a browser is known again in which that login has signed in. It opens nothing.
func (s *Store) Recognisable(login string) string {
	text := s.Random()
	return text + "." + s.known(login, text)
}

// Recognises reports whether a text was made for that login.
func (s *Store) Recognises(text, login string) bool {
	random, mark, _ := strings.Cut(text, ".")
	return len(text) < sql.MaxKey && hmac.Equal([]byte(mark), []byte(s.known(login, random)))
}

func (s *Store) known(login, random string) string {
	return s.base.Ring.Token([]byte("desk browser"), []byte(login), []byte(random))
}
