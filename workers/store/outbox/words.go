package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// Words are what one attempt handed over to a provider, as it handed it over.
type Words struct {
	Subject  string `json:"s,omitempty"` // of mail; empty elsewhere
	Text     string `json:"t"`
	Language string `json:"l,omitempty"` // BCP 47
	Skipped  int    `json:"p,omitempty"` // parts of the text, from its beginning, that an earlier attempt had handed over already
	Cut      bool   `json:"c,omitempty"` // the text was longer than maxWords, and only its beginning is kept
}

// maxWords bounds what is kept of a text, and of its subject, in bytes.
const (
	maxWords   = 64 << 10
	maxSubject = 4 << 10
)

// WordsAt binds what was handed over to its attempt.
func WordsAt(effect, attempt int64) keyring.Place {
	return keyring.Row("outbox_attempts", effect, strconv.FormatInt(attempt, 10))
}

// SealWords seals what is being handed over in that attempt, for commands.SendEnded.Words. It asks nobody for
// anything, and takes some microseconds, so that it can be done before each send. It cuts a text at maxWords, at the
// end of a character.
func (s *Store) SealWords(effect int64, attempt int, w Words) []byte {
	if len(w.Text) > maxWords {
		w.Text, w.Cut = strings.ToValidUTF8(w.Text[:maxWords], ""), true
	}
	if len(w.Subject) > maxSubject {
		w.Subject, w.Cut = strings.ToValidUTF8(w.Subject[:maxSubject], ""), true
	}
	plain, err := json.Marshal(w)
	if err != nil {
		return nil // strings and numbers always marshal
	}
	return s.base.Ring.Seal(plain, WordsAt(effect, int64(attempt)))
}

// OpenWords opens what SealWords has sealed.
func (s *Store) OpenWords(ctx context.Context, effect, attempt int64, sealed []byte) (w Words, err error) {
	plain, err := s.base.Ring.Open(ctx, sealed, WordsAt(effect, attempt))
	if err == nil {
		err = json.Unmarshal(plain, &w)
	}
	if err != nil {
		return Words{}, fmt.Errorf("opening what attempt %d at effect %d has sent: %w", attempt, effect, err)
	}
	return w, nil
}

// Said is one attempt at an effect with what it handed over.
type Said struct {
	Try
	Words *Words // nil: nothing was handed over, or it is not known what
}

// Unheard reports whether nobody has heard what became of the attempt: the provider may have what it handed over.
func (a Said) Unheard() bool { return a.Outcome == commands.OutcomeUnknown || a.Outcome == outcomeDied }

// outcomeDied is what an attempt came to whose process ended before it could write down what became of it.
const outcomeDied = "died"

// Said tells of each of the effects what its attempts handed over, in their order. An attempt of which nothing was
// ever written down stands there, too: the row counts attempts as they begin, so the numbers between are those that
// died. One that is under way is left out.
func (s *Store) Said(ctx context.Context, effects []int64) (map[int64][]Said, error) {
	type row struct {
		effect int64
		Said
		sealed []byte
	}
	var rows []row
	begun := map[int64]int{}
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		rows = nil
		return t.Run(ctx, sql.Ask(func(r sql.Row) error {
			var id int64
			var n int
			err := r.Scan(&id, &n)
			begun[id] = n
			return err
		}, `SELECT id, CASE WHEN state = 'sending' THEN attempts - 1 ELSE attempts END FROM outbox WHERE id = ANY($1)`, sql.OrNone(sql.Sorted(effects))), sql.Ask(func(r sql.Row) error {
			var a row
			var at int64
			err := r.Scan(&a.effect, &a.N, &at, &a.Outcome, &a.Code, &a.Detail, &a.sealed)
			a.At = base.StampOf(at)
			rows = append(rows, a)
			return err
		}, `SELECT effect, n, at, outcome, code, detail, words FROM outbox_attempts WHERE effect = ANY($1) ORDER BY effect, n`, sql.OrNone(sql.Sorted(effects))))
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was sent: %w", err)
	}
	out := map[int64][]Said{}
	for _, a := range rows {
		if len(a.sealed) > 0 {
			w, err := s.OpenWords(ctx, a.effect, int64(a.N), a.sealed)
			if err != nil {
				return nil, err
			}
			a.Words = &w
		}
		out[a.effect] = withDied(out[a.effect], a.N-1)
		out[a.effect] = append(out[a.effect], a.Said)
	}
	for id, n := range begun {
		if all := withDied(out[id], n); len(all) > 0 {
			out[id] = all
		}
	}
	return out, nil
}

// mostDied bounds how many attempts are named of which nothing is known: the count of a row may be damaged, a page
// must not be endless.
const mostDied = 100

// withDied adds the attempts up to n that are missing.
func withDied(all []Said, n int) []Said {
	last := 0
	if len(all) > 0 {
		last = all[len(all)-1].N
	}
	for i := last + 1; i <= min(n, last+mostDied); i++ {
		all = append(all, Said{Try: Try{N: i, Outcome: outcomeDied}})
	}
	return all
}

// InboxOf is the inbox by which an effect goes; empty where it goes by none.
func (s *Store) InboxOf(ctx context.Context, effect int64) (inbox string, err error) {
	err = s.base.Read(ctx, "listing effects", sql.Ask(sql.Into(&inbox), `SELECT inbox FROM outbox WHERE id = $1`, effect))
	return inbox, err
}

// Try is one attempt at an effect.
type Try struct {
	N       int        `json:"n"`
	At      base.Stamp `json:"at"`
	Outcome string     `json:"outcome"`
	Code    string     `json:"code,omitempty"`
	Detail  string     `json:"detail,omitempty"`
}
