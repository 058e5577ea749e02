package email

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
	// imapHead is how much of an oversized mail is fetched: its header and some text.
	imapHead = 256 << 10
	// imapSlack is by how much a body may be larger than the server said it was. Exchange and
	// others estimate RFC822.SIZE.
	imapSlack = 64 << 10
	// imapSlowest is the rate below which a connection counts as dead, in octets a second.
	imapSlowest = 32 << 10
)

// imapMail is what one FETCH told of one mail.
type imapMail struct {
	uid   imap.UID
	size  int64     // RFC822.SIZE; -1 when not told
	at    time.Time // INTERNALDATE
	raw   []byte
	whole bool // the literal came to its end
	over  bool // the literal was larger than allowed, and thrown away
}

// imapWant is what is asked for.
type imapWant struct {
	options *imap.FetchOptions
	limit   func(imap.UID) int64 // octets that a body may have; nil when no body is asked for
	bytes   int64                // octets expected in all
}

// done reports whether the mail answers the question. Mails have no empty bodies: a server that
// says so could not read its own file.
func (w imapWant) done(m imapMail) bool {
	if m.uid == 0 {
		return false
	}
	if w.limit == nil {
		return m.size >= 0 && !m.at.IsZero()
	}
	return m.over || m.whole && len(m.raw) > 0
}

func imapWantMeta() imapWant {
	return imapWant{options: &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}}
}

func imapWantBody(limit func(imap.UID) int64, bytes int64) imapWant {
	return imapWant{limit: limit, bytes: bytes, options: &imap.FetchOptions{
		UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	}}
}

func imapWantPart(specifier imap.PartSpecifier) imapWant {
	return imapWant{
		limit: func(imap.UID) int64 { return imapHead },
		bytes: imapHead,
		options: &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{
			Peek: true, Specifier: specifier, Partial: &imap.SectionPartial{Offset: 0, Size: imapHead},
		}}},
	}
}

// search lists UIDs in ascending order.
func (s *imapSession) search(ctx context.Context, criteria *imap.SearchCriteria) ([]imap.UID, error) {
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
func (s *imapSession) ask(ctx context.Context, uids []imap.UID, want imapWant, keep func(imapMail)) error {
	s.stray.expect(uids, want)
	limit := s.quiet + time.Duration(want.bytes/imapSlowest)*time.Second
	err := s.run(ctx, limit, func() error {
		cmd := s.client.Fetch(imap.UIDSetNum(uids...), want.options)
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			if m := readIMAPMail(msg, want.limit, s.stray.cut); want.done(m) {
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

// readIMAPMail reads one message's items; limit nil means that no body was asked for. cut tells
// whether the stream ended within what was read.
func readIMAPMail(msg *imapclient.FetchMessageData, limit func(imap.UID) int64, cut *atomic.Bool) imapMail {
	m := imapMail{size: -1}
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
func (m *imapMail) readBody(lit imap.LiteralReader, limit int64, cut *atomic.Bool) {
	if lit.Size() > limit {
		m.over = true
		return
	}
	buf := make([]byte, lit.Size())
	n, err := io.ReadFull(lit, buf)
	m.raw, m.whole = buf[:n], err == nil && !cut.Load()
}

// imapStrays keeps the answers to our question that the library did not recognise as such. take
// runs in a goroutine of the library's; the library does not read on before a body is consumed.
type imapStrays struct {
	cut *atomic.Bool // of the connection's wire

	mu      sync.Mutex
	idle    sync.Cond
	reading int
	want    imapWant
	limit   int64
	asked   map[imap.UID]bool
	mails   map[imap.UID]imapMail
}

func (s *imapStrays) expect(uids []imap.UID, want imapWant) {
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

func (s *imapStrays) take(msg *imapclient.FetchMessageData) {
	s.mu.Lock()
	s.reading++
	limit := s.limit
	s.mu.Unlock()

	m := readIMAPMail(msg, func(imap.UID) int64 { return limit }, s.cut)

	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading--
	if s.asked[m.uid] && s.want.done(m) {
		if s.mails == nil {
			s.mails = make(map[imap.UID]imapMail)
		}
		s.mails[m.uid] = m
	}
	s.signal().Broadcast()
}

// collect hands over what strayed and expects nothing from then on.
func (s *imapStrays) collect() map[imap.UID]imapMail {
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
func (s *imapStrays) signal() *sync.Cond {
	if s.idle.L == nil {
		s.idle.L = &s.mu
	}
	return &s.idle
}
