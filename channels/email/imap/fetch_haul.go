package imap

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// deathsMax is how many connections one Fetch spends on mails that break the parser. What is
// left then comes with the next Fetch.
// The first three blame the first mail missing, halving the 150 of a batch takes eight more (sortGarbled).
const deathsMax = 12

// errMoved ends the Fetch; the next one begins the new epoch with the cursor in hand.
var errMoved = errors.New("the folder's UIDVALIDITY changed meanwhile")

// haul is what became of the mails that were asked for.
// The maps are shared by its copies.
type haul struct {
	// A mail is in one of the three maps at most; in none, its fate is not known yet.
	got    map[imap.UID]mail
	gone   map[imap.UID]bool   // no longer in the folder
	failed map[imap.UID]string // asked for alone and not had: why
}

// knows reports whether the fate of a mail is known.
func (h haul) knows(uid imap.UID) bool {
	_, got := h.got[uid]
	_, failed := h.failed[uid]
	return got || failed || h.gone[uid]
}

// missing lists the others, in the same order.
func (h haul) missing(uids []imap.UID) []imap.UID {
	return slices.DeleteFunc(slices.Clone(uids), h.knows)
}

// session is the connection to work on; a new one if the last one died.
func (p *pull) session(ctx context.Context) (*session, error) {
	fresh, err := p.f.readyAgain(ctx)
	if err != nil {
		return nil, err
	}
	if fresh && (p.f.session.validity != p.cur.UIDValidity || p.f.session.behind(p.cur.Last)) {
		return nil, errMoved
	}
	return p.f.session, nil
}

// readyAgain reconnects in the middle of a Fetch and keeps what was read ahead.
func (f *Fetcher) readyAgain(ctx context.Context) (bool, error) {
	ahead := f.ahead
	fresh, err := f.ready(ctx)
	f.ahead = ahead
	return fresh, err
}

// haul asks until it is known of each mail whether it is there, gone, or cannot be had. A mail that
// breaks the parser, or keeps the server from answering, is narrowed down to and ends in failed
// alone. An error leaves some unknown.
//
// It keeps a list of groups to ask for, the first one next. A group is asked for whole; what is missing afterwards is sorted into
// smaller groups that go to the front, so that the order of UIDs stays. It ends because every turn settles a mail, makes groups
// smaller, or ends in an error (deathsMax, strikes).
func (p *pull) haul(ctx context.Context, uids []imap.UID, want want) (haul, error) {
	h := haul{got: map[imap.UID]mail{}, gone: map[imap.UID]bool{}, failed: map[imap.UID]string{}}
	work := [][]imap.UID{uids}
	if p.f.strikes.suspect(uids[0]) {
		work = [][]imap.UID{uids[:1], uids[1:]}
	}
	for len(work) > 0 {
		group := h.missing(work[0])
		work = work[1:]
		if len(group) == 0 {
			continue
		}
		s, err := p.session(ctx)
		if err != nil {
			return h, err
		}
		err = s.ask(ctx, group, want, func(m mail) { h.got[m.uid] = m })
		rest := h.missing(group)
		if len(rest) == 0 {
			continue
		}
		again, err := p.sort(ctx, h, group, rest, err)
		if err != nil {
			return h, err
		}
		work = append(again, work...)
	}
	return h, nil
}

// sort finds out why rest is missing after group was asked for, and what to ask next.
// There are four reasons: the server as a whole refuses (nobody is to blame), it answered and left mails out, an answer could not be
// parsed, or the connection broke. A break may be the network's; only when it happens twice with the same mail next in line is
// that mail asked for alone, and only then is it blamed.
func (p *pull) sort(ctx context.Context, h haul, group, rest []imap.UID, err error) ([][]imap.UID, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	status, refused := status(err)
	switch {
	case refused && general(status):
		return nil, err
	case err == nil || refused:
		return p.sortAnswered(ctx, h, group, rest, status)
	case errors.Is(err, errGarbled):
		return p.sortGarbled(h, group, rest)
	}
	if len(group) == 1 && p.f.strikes.suspect(rest[0]) {
		h.failed[rest[0]] = "the connection breaks when it is fetched"
		return nil, nil
	}
	p.f.strikes.hit(rest[0])
	return nil, err
}

// sortAnswered: the server has answered, and left some out. Mails that another client has removed
// are gone; the others are asked for one by one.
func (p *pull) sortAnswered(ctx context.Context, h haul, group, rest []imap.UID, status *imap.Error) ([][]imap.UID, error) {
	s, err := p.session(ctx)
	if err != nil {
		return nil, err
	}
	there, err := s.search(ctx, &imap.SearchCriteria{UID: []imap.UIDSet{imap.UIDSetNum(rest...)}})
	if err != nil {
		return nil, err
	}
	for _, uid := range rest {
		if _, found := slices.BinarySearch(there, uid); !found {
			h.gone[uid] = true
		}
	}
	rest = h.missing(rest)
	switch {
	case len(rest) == 0:
		return nil, nil
	case len(group) == 1:
		h.failed[rest[0]] = why(status)
		return nil, nil
	case status != nil && len(rest) == len(group) && !p.f.strikes.suspect(rest[0]):
		// Nothing at all was handed over: more likely the server's trouble than each mail's.
		p.f.strikes.hit(rest[0])
		return nil, status
	}
	return singly(rest), nil
}

// why is the reason that is kept with a pending mail, in words of ours.
func why(status *imap.Error) string {
	if status == nil {
		return "the server hands over no body"
	}
	return refusedWhy + codeOf(status)
}

// refusedWhy begins the reason of a refusal; takePending knows by it that the server may be at fault and waits longer.
const refusedWhy = "the server refused: "

// singly makes a group of each.
func singly(uids []imap.UID) [][]imap.UID {
	var out [][]imap.UID
	for _, uid := range uids {
		out = append(out, []imap.UID{uid})
	}
	return out
}

// sortGarbled: an answer broke the parser. As servers answer in order it is most likely that to the
// first mail missing; if that theory fails, halving finds it.
func (p *pull) sortGarbled(h haul, group, rest []imap.UID) ([][]imap.UID, error) {
	p.deaths++
	switch {
	case len(group) == 1:
		h.failed[rest[0]] = errGarbled.Error()
		return nil, nil
	case p.deaths > deathsMax:
		return nil, errGarbled
	}
	cut := 1
	if p.deaths > 3 && len(rest) == len(group) {
		cut = (len(rest) + 1) / 2
	}
	return [][]imap.UID{rest[:cut], rest[cut:]}, nil
}

// entry is a mail that was found and not yet fetched.
type entry struct {
	// size is in octets, 0 or -1 when not told; at is zero when not told.
	uid  imap.UID
	size int64
	at   time.Time
	gone bool
	why  string // cannot be read
}

// ahead is what is known of the mails behind the cursor. It is forgotten with the connection,
// and when the cursor is not where it was left.
type ahead struct {
	// last, validity and turn are those of the cursor that it continues.
	last     imap.UID
	validity uint32
	turn     int
	found    []imap.UID // known by number only
	entries  []entry    // the first of them, with size and date
	searched time.Time  // when the folder was last searched for new mail
}

// fits reports whether it continues a cursor: the runner may come with another one after a commit that failed.
func (a *ahead) fits(c cursor) bool {
	return a.last == c.Last && a.validity == c.UIDValidity && a.turn == c.Turn
}
