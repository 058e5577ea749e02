package imap

import (
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	// head is how much of an oversized mail is fetched: its header and some text.
	head = 256 << 10
	// slack is by how much a body may be larger than the server said it was. Exchange and
	// others estimate RFC822.SIZE.
	slack = 64 << 10
	// slowest is the rate below which a connection counts as dead, in octets a second.
	slowest = 32 << 10
)

// mail is what one FETCH told of one mail.
// A server may answer one FETCH with several pieces for a mail; each piece makes a mail of its own, and done tells which is complete.
type mail struct {
	// uid is 0 when the answer named none; such an answer is no use.
	uid   imap.UID
	size  int64     // RFC822.SIZE; -1 when not told
	at    time.Time // INTERNALDATE
	raw   []byte
	whole bool // the literal came to its end
	over  bool // the literal was larger than allowed, and thrown away
}

// want is what is asked for.
type want struct {
	// options are what the library is told. Bodies are asked for with PEEK, so that reading changes no flag.
	options *imap.FetchOptions
	limit   func(imap.UID) int64 // octets that a body may have; nil when no body is asked for
	bytes   int64                // octets expected in all
}

// done reports whether the mail answers the question. Mails have no empty bodies: a server that
// says so could not read its own file.
func (w want) done(m mail) bool {
	if m.uid == 0 {
		return false
	}
	if w.limit == nil {
		return m.size >= 0 && !m.at.IsZero()
	}
	return m.over || m.whole && len(m.raw) > 0
}

// wantMeta asks for size and date, some hundred octets a mail: sizes are needed before bodies, to keep batches within memory.
func wantMeta() want {
	return want{options: &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}}
}

// wantBody asks for whole mails. limit is a function because each mail has its own: about twice what the server said of it.
func wantBody(limit func(imap.UID) int64, bytes int64) want {
	return want{limit: limit, bytes: bytes, options: &imap.FetchOptions{
		UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	}}
}

// wantPart asks for the first head octets of a part: PartSpecifierNone is the mail itself, PartSpecifierHeader its header.
func wantPart(specifier imap.PartSpecifier) want {
	return want{
		limit: func(imap.UID) int64 { return head },
		bytes: head,
		options: &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{
			Peek: true, Specifier: specifier, Partial: &imap.SectionPartial{Offset: 0, Size: head},
		}}},
	}
}

// search lists UIDs in ascending order.
// The library gives ranges; they are written out, four octets a mail. It may take twice as long as other commands: over a large
// folder a server sends nothing while it searches.
func (s *session) search(ctx context.Context, criteria *imap.SearchCriteria) ([]imap.UID, error) {
	var data *imap.SearchData
	err := s.run(ctx, 2*s.quiet, func() (err error) {
		data, err = s.client.UIDSearch(criteria, nil).Wait()
		return err
	})
	if err != nil {
		return nil, err
	}
	set, _ := data.All.(imap.UIDSet)
	var uids []imap.UID
	for _, r := range set {
		for n := uint64(r.Start); n > 0 && n <= uint64(r.Stop); n++ {
			uids = append(uids, imap.UID(n))
		}
	}
	slices.Sort(uids)
	return uids, nil
}

// ask does one FETCH; keep is given what came complete. Answers that the library could not join to
// the command (a flag update before the body, a UID behind it) are found among the strays.
// Its time is bounded by the octets expected at the rate slowest, besides the watchdog's silence: a server that sends one octet
// now and then does not hold the folder for ever. keep runs in this goroutine, in the order of the answers.
func (s *session) ask(ctx context.Context, uids []imap.UID, want want, keep func(mail)) error {
	s.stray.expect(uids, want)
	limit := s.quiet + time.Duration(want.bytes/slowest)*time.Second
	err := s.run(ctx, limit, func() error {
		cmd := s.client.Fetch(imap.UIDSetNum(uids...), want.options)
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			if m := readMail(msg, want.limit, s.stray.cut); want.done(m) {
				keep(m)
			}
		}
		return cmd.Close()
	})
	for _, m := range s.stray.collect() {
		keep(m)
	}
	return err
}

// readMail reads one message's items; limit nil means that no body was asked for. cut tells
// whether the stream ended within what was read.
func readMail(msg *imapclient.FetchMessageData, limit func(imap.UID) int64, cut *atomic.Bool) mail {
	m := mail{size: -1}
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			m.uid = item.UID
		case imapclient.FetchItemDataRFC822Size:
			m.size = item.Size
		case imapclient.FetchItemDataInternalDate:
			m.at = item.Time
		case imapclient.FetchItemDataBodySection:
			if limit != nil && item.Literal != nil {
				m.readBody(item.Literal, limit(m.uid), cut)
			}
		}
	}
	return m
}

// readBody reads a literal of known size. One that is too large is left to be thrown away.
// The buffer is made by the server's announcement, which is why the limit is asked before.
func (m *mail) readBody(lit imap.LiteralReader, limit int64, cut *atomic.Bool) {
	if lit.Size() > limit {
		m.over = true
		return
	}
	buf := make([]byte, lit.Size())
	n, err := io.ReadFull(lit, buf)
	m.raw, m.whole = buf[:n], err == nil && !cut.Load()
}

// strays keeps the answers to our question that the library did not recognise as such. take
// runs in a goroutine of the library's; the library does not read on before a body is consumed.
type strays struct {
	cut *atomic.Bool // of the connection's wire

	// mu guards all below. reading counts bodies that are being read; idle tells when it is 0 again. want, limit and asked are those
	// of the command that runs; limit is the largest of its mails', since an answer may tell its UID behind the body.
	mu      sync.Mutex
	idle    sync.Cond
	reading int
	want    want
	limit   int64
	asked   map[imap.UID]bool
	mails   map[imap.UID]mail
}

// expect begins a command: from now on answers to it are kept.
func (s *strays) expect(uids []imap.UID, want want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.want, s.limit = want, 0
	s.asked, s.mails = make(map[imap.UID]bool, len(uids)), nil
	for _, uid := range uids {
		s.asked[uid] = true
		if want.limit != nil {
			s.limit = max(s.limit, want.limit(uid))
		}
	}
}

// take reads one answer that the library delivered outside of a command. Answers that nobody asked for are dropped, so a server
// cannot fill memory with them.
func (s *strays) take(msg *imapclient.FetchMessageData) {
	s.mu.Lock()
	s.reading++
	limit := s.limit
	s.mu.Unlock()

	m := readMail(msg, func(imap.UID) int64 { return limit }, s.cut)

	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading--
	if s.asked[m.uid] && s.want.done(m) {
		if s.mails == nil {
			s.mails = make(map[imap.UID]mail)
		}
		s.mails[m.uid] = m
	}
	s.signal().Broadcast()
}

// collect hands over what strayed and expects nothing from then on.
// It waits for bodies that are still being read. They end with the connection at the latest.
func (s *strays) collect() map[imap.UID]mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.reading > 0 {
		s.signal().Wait()
	}
	mails := s.mails
	s.mails, s.asked = nil, nil
	return mails
}

// signal is the condition "nobody reads"; s.mu is held.
func (s *strays) signal() *sync.Cond {
	if s.idle.L == nil {
		s.idle.L = &s.mu
	}
	return &s.idle
}
