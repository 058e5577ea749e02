package worldtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
)

// mailbox is a folder of a mail server: it keeps every mail under a UID.
type mailbox struct {
	w              *world
	inbox, address string
	skew           time.Duration // of the server's clock

	mu       sync.Mutex
	validity int
	mails    []held
	news     chan struct{} // closed and replaced when a mail comes
}

type held struct {
	uid  int
	item *item
	at   time.Time
}

func newMailbox(w *world, inbox, address string, skew time.Duration) *mailbox {
	return &mailbox{w: w, inbox: inbox, address: address, skew: skew, validity: 1, news: make(chan struct{})}
}

// bookmark is the fetcher's cursor.
type bookmark struct{ Validity, UID int }

func (m *mailbox) key(validity, uid int) string { return fmt.Sprintf("INBOX:%d:%d", validity, uid) }

// put takes a mail in.
func (m *mailbox) put(it *item) {
	m.mu.Lock()
	defer m.mu.Unlock()
	uid := 1
	if n := len(m.mails); n > 0 {
		uid = m.mails[n-1].uid + 1 + m.w.chaos.n(2) // UIDs have gaps
	}
	h := held{uid, it, time.Now().Add(m.skew).Truncate(time.Second)}
	m.mails = append(m.mails, h)
	m.w.book.lies(it, m.inbox, m.key(m.validity, uid), h.at)
	close(m.news)
	m.news = make(chan struct{})
}

// renumber is what a server does that lost its index: every mail gets a new UID.
func (m *mailbox) renumber() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.validity++
	for i := range m.mails {
		m.mails[i].uid = i + 1
		m.w.book.lies(m.mails[i].item, m.inbox, m.key(m.validity, i+1), m.mails[i].at)
	}
	m.w.story.tell("%s renumbers its %d mails", m.inbox, len(m.mails))
}

func (m *mailbox) delivery(h held) channels.Delivery {
	return channels.Delivery{Inbox: m.inbox, Channel: "email", Key: m.key(m.validity, h.uid), At: h.at, Raw: h.item.stamped(),
		Meta: map[string]string{meta.Folder: "INBOX"}}
}

// fetcher reads a mailbox for one process.
type fetcher struct {
	p   *process
	box *mailbox
}

func (f *fetcher) Close() error { return nil }

var errCut = errors.New("the connection broke off in the middle of a mail")

// Fetch waits for mails behind the bookmark. Sometimes it brings some that were there before.
func (f *fetcher) Fetch(ctx context.Context, after channels.Cursor) (channels.Batch, error) {
	for {
		if err := f.p.point("fetching"); err != nil {
			return channels.Batch{}, err
		}
		if f.p.trouble(f.p.w.odds.fetch, "a fetch is cut off") {
			return channels.Batch{}, &channels.Error{Op: "fetching", Err: errCut}
		}
		batch, news, err := f.now(after)
		if err != nil || batch.Next != nil {
			return batch, err
		}
		select {
		case <-news:
		case <-time.After(9 * time.Minute):
			return batch, nil
		case <-ctx.Done():
			return batch, ctx.Err()
		}
	}
}

func (f *fetcher) now(after channels.Cursor) (channels.Batch, <-chan struct{}, error) {
	m := f.box
	m.mu.Lock()
	defer m.mu.Unlock()
	var at bookmark
	if len(after) > 0 {
		if err := json.Unmarshal(after, &at); err != nil {
			return channels.Batch{}, nil, fmt.Errorf("reading the bookmark: %w", err)
		}
	}
	fresh := at.Validity != m.validity
	if fresh {
		at = bookmark{Validity: m.validity}
	}
	from := slices.IndexFunc(m.mails, func(h held) bool { return h.uid > at.UID })
	var batch channels.Batch
	if from >= 0 {
		most := 1 + m.w.chaos.n(8)
		end := min(from+most, len(m.mails))
		batch.More = end < len(m.mails)
		at.UID = m.mails[end-1].uid
		if f.p.trouble(m.w.odds.refetch, "a fetch repeats what was fetched") {
			from = max(0, from-1-m.w.chaos.n(5))
		}
		for _, h := range m.mails[from:end] {
			batch.Deliveries = append(batch.Deliveries, m.delivery(h))
		}
	}
	if from >= 0 || fresh {
		next, err := json.Marshal(at)
		if err != nil {
			return channels.Batch{}, nil, err
		}
		batch.Next = next
	}
	return batch, m.news, nil
}

// Reconcile lists what the server holds and brings what is not recorded.
func (f *fetcher) Reconcile(ctx context.Context, since time.Time, recorded func(context.Context, []string) (map[string]bool, error)) (channels.Batch, channels.Count, error) {
	m := f.box
	m.mu.Lock()
	var keys []string
	var all []channels.Delivery
	for _, h := range m.mails {
		if !h.at.Before(since) {
			all = append(all, m.delivery(h))
			keys = append(keys, m.key(m.validity, h.uid))
		}
	}
	m.mu.Unlock()
	if err := f.p.point("reconciling"); err != nil {
		return channels.Batch{}, channels.Count{}, err
	}
	known, err := recorded(ctx, keys)
	if err != nil {
		return channels.Batch{}, channels.Count{}, err
	}
	batch, count := channels.Batch{}, channels.Count{Source: len(all)}
	for _, d := range all {
		if known[d.Key] {
			count.Recorded++
		} else {
			batch.Deliveries = append(batch.Deliveries, d)
		}
	}
	return batch, count, nil
}

// pipeListener is a listening socket without a kernel.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "tcp" }
func (pipeAddr) String() string  { return "192.0.2.25:25" }

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

// remote gives a pipe's end the address of the host that calls.
type remote struct{ net.Conn }

func (remote) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 9), Port: 4025} }
func (remote) LocalAddr() net.Addr  { return pipeAddr{} }

func (l *pipeListener) dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- remote{theirs}:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-time.After(30 * time.Second):
		return nil, errors.New("nobody answers")
	}
}

// submit hands a mail to a process's door as another mail server would. cut ends the line in the
// middle of the message. It reports whether the door said 250 to the message.
func submit(p *process, it *item, to string, cut bool) (accepted bool, err error) {
	c, err := p.smtp.dial()
	if err != nil {
		return false, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	r := textproto.NewReader(bufio.NewReader(c))
	say := func(line string, code int) error {
		if line != "" {
			if _, err := fmt.Fprintf(c, "%s\r\n", line); err != nil {
				return err
			}
		}
		_, _, err := r.ReadResponse(code)
		return err
	}
	for _, step := range []struct {
		line string
		code int
	}{{"", 220}, {"EHLO relay.example", 250}, {"MAIL FROM:<" + it.envelope + ">", 250}, {"RCPT TO:<" + to + ">", 250}, {"DATA", 354}} {
		if err := say(step.line, step.code); err != nil {
			return false, err
		}
	}
	body := bytes.ReplaceAll(it.raw, []byte("\r\n."), []byte("\r\n.."))
	if cut {
		c.Write(body[:len(body)/2])
		return false, errCut
	}
	if _, err := c.Write(body); err != nil {
		return false, err
	}
	if err := say(strings.TrimSuffix("\r\n.", "\r\n"), 250); err != nil {
		return false, err
	}
	return true, nil
}
