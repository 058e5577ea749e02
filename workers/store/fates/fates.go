package fates

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/workers/store/sql"
)

// What becomes of messages, as it is counted.
const (
	FateAll      = "all"
	FateParked   = "parked"
	FateWithheld = "withheld"
)

// FateRow is a row of the table fates: how many had a fate in an hour.
type FateRow struct {
	Hour               int64
	Inbox, What, Cause string
	Shard, N           int64
}

// AddFates counts fates.
var AddFates = sql.Inserting[FateRow]("fates", "ON CONFLICT (hour, inbox, what, cause, shard) DO UPDATE SET n = fates.n + excluded.n")

// Fate names what is counted together.
type Fate struct{ Inbox, What, Cause string }

// Quiet reports whether what is withheld for a cause has no outward sign: a digest is one, and history and a desk
// that is switched off are meant.
func Quiet(cause string) bool {
	switch cause {
	case "", causes.SenderCap, causes.History, causes.Disabled:
		return false
	}
	return true
}

// HourOf is the hour of a time, counted from 1970.
func HourOf(at time.Time) int64 { return at.Unix() / 3600 }

// Spans of time over which shares are compared.
const (
	shareSoon  = 6  // hours: what rises steeply
	shareDay   = 24 // hours: what rises slowly, or in a small desk
	shareUsual = 14 * 24
	// fatesKept is how long counts are kept.
	fatesKept = (shareUsual + 2*shareDay) * time.Hour
)

// Share is how many of an inbox's messages were set aside or went unanswered for one cause, within a day, and the
// band in which that usually lies.
type Share struct {
	Inbox string  `json:"inbox"`
	What  string  `json:"what"` // parked, withheld
	Cause string  `json:"cause"`
	Hours int     `json:"hours"` // over which it is counted
	Count int64   `json:"count"`
	Of    int64   `json:"of"`
	Share float64 `json:"share"` // of 1
	Low   float64 `json:"low"`   // the band, of 1
	High  float64 `json:"high"`
	// Unusual says on which side the share has left its band: above, below, or empty.
	Unusual string `json:"unusual"`
}

// sums are counts of one thing: within the last hours, and before them.
type sums struct{ soon, day, usual int64 }

// Shares compares what became of messages within six hours and a day with the two weeks before. It is asked of the
// database at most once a minute by each process.
func (s *Store) Shares(ctx context.Context, now time.Time) ([]Share, error) {
	if kept, ok := s.shares.fresh(now); ok {
		return kept, nil
	}
	all := map[Fate]sums{}
	hour := HourOf(now)
	err := s.base.Read(ctx, "reading shares", sql.Ask(func(row sql.Row) error {
		var f Fate
		var n sums
		err := row.Scan(&f.Inbox, &f.What, &f.Cause, &n.soon, &n.day, &n.usual)
		all[f] = n
		return err
	}, `SELECT inbox, what, cause, CAST(sum(CASE WHEN hour > $1 THEN n ELSE 0 END) AS bigint), CAST(sum(CASE WHEN hour > $2 THEN n ELSE 0 END) AS bigint),
CAST(sum(CASE WHEN hour <= $2 THEN n ELSE 0 END) AS bigint) FROM fates WHERE hour > $3 GROUP BY inbox, what, cause`, hour-shareSoon, hour-shareDay, hour-shareDay-shareUsual))
	if err != nil {
		return nil, err
	}
	out := sharesOf(all)
	s.shares.keep(now, out)
	return out, nil
}

// sharesOf judges each cause of each inbox, in one order.
func sharesOf(all map[Fate]sums) []Share {
	out := []Share{}
	for f, n := range all {
		if f.What == FateAll {
			continue
		}
		of := all[Fate{f.Inbox, FateAll, ""}]
		share := judgeShare(Share{Inbox: f.Inbox, What: f.What, Cause: f.Cause, Hours: shareSoon, Count: n.soon, Of: of.soon}, n.usual, of.usual)
		if share.Unusual == "" {
			share = judgeShare(Share{Inbox: f.Inbox, What: f.What, Cause: f.Cause, Hours: shareDay, Count: n.day, Of: of.day}, n.usual, of.usual)
		}
		out = append(out, share)
	}
	slices.SortFunc(out, func(a, b Share) int {
		return strings.Compare(a.Inbox+"\x00"+a.What+"\x00"+a.Cause, b.Inbox+"\x00"+b.What+"\x00"+b.Cause)
	})
	return out
}

// How wide the band is: so many standard deviations and messages more on either side. Where little is known, one
// message in twenty is taken for usual.
const (
	bandWidth = 4
	bandSlack = 3
	priorOf   = 20
	priorHit  = 1
)

// judgeShare compares a share with what is usual: count of so many messages.
func judgeShare(s Share, count, of int64) Share {
	if s.Of == 0 {
		return s
	}
	p := float64(count+priorHit) / float64(of+priorOf)
	expected := p * float64(s.Of)
	room := bandWidth*math.Sqrt(expected*max(0, 1-p)) + bandSlack
	s.Share = float64(s.Count) / float64(s.Of)
	s.Low, s.High = max(0, (expected-room)/float64(s.Of)), min(1, (expected+room)/float64(s.Of))
	switch {
	case float64(s.Count) > expected+room:
		s.Unusual = "above"
	case float64(s.Count) < expected-room:
		s.Unusual = "below"
	}
	return s
}

// Unusual are those shares that have left their band.
func Unusual(all []Share) []Share {
	return slices.DeleteFunc(slices.Clone(all), func(s Share) bool { return s.Unusual == "" })
}

// keptShares are the shares as they were read last.
type keptShares struct {
	mu    sync.Mutex
	at    time.Time
	value []Share
}

// sharesFor is how long shares are shown again.
const sharesFor = time.Minute

func (k *keptShares) fresh(now time.Time) ([]Share, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.value, !k.at.IsZero() && now.Sub(k.at).Abs() < sharesFor
}

func (k *keptShares) keep(now time.Time, value []Share) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.value = now, value
}

// ExpireFates forgets what no band looks at any more.
func ExpireFates(now time.Time) sql.Call {
	return sql.Do(`DELETE FROM fates WHERE hour < $1`, HourOf(now.Add(-fatesKept)))
}
