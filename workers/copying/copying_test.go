package copying

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/redact"
	"frontdesk/workers"
	"frontdesk/workers/decide"
	"frontdesk/workers/store"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// decodes reads any original as a message of that HTML.
type decodes struct{ html *string }

func (c decodes) Decode(d channels.Delivery) (message.Message, error) {
	if *c.html == "panic" {
		panic("hostile")
	}
	return message.Message{Inbox: d.Inbox, Channel: d.Channel, HTML: *c.html, Text: "words"}, nil
}

type rig struct {
	*storetest.Household
	t     *testing.T
	store *store.Store
	maker *Maker
	html  string // of every mail
}

var chen = viewer.Viewer{User: 4, Login: "chen", Grants: []viewer.Grant{{Role: viewer.Agent}}}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, store: storetest.SQLite(t)}
	r.Household = storetest.NewHousehold(t, r.store)
	open := decide.Originals{Store: r.store, Decoders: map[string]channels.Decoder{"support": decodes{&r.html}}, Mask: new(redact.Masker)}.Open
	r.maker = New(Config{Store: r.store, Open: open, Mask: new(redact.Masker), Polite: &workers.Courtesy{}, Logger: slog.New(slog.DiscardHandler)})
	return r
}

// sends has Ann's mail be one of that HTML, of which a copy is waited for.
func (r *rig) sends(html string) {
	r.t.Helper()
	r.html = html
	r.do(`INSERT INTO uncopied (message) VALUES ($1)`, r.AnnMessages[1])
}

func (r *rig) do(statement string, args ...any) {
	r.t.Helper()
	if err := r.store.Base.Write(r.t.Context(), func(tx sql.Tx) error { return tx.Run(r.t.Context(), sql.Do(statement, args...)) }); err != nil {
		r.t.Fatal(err)
	}
}

// copied is the copy of Ann's mail; "none".
func (r *rig) copied() string {
	r.t.Helper()
	html, err := r.store.Copies.Formatted(r.t.Context(), chen, r.AnnTicket, r.AnnMessages[1])
	if errors.Is(err, store.ErrNotFound) {
		return "none"
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return html
}

// TestACopyIsMadeBehindItsCommit: of what a mail shows, without what runs; none where something in it would have to be masked, however it is spread.
func TestACopyIsMadeBehindItsCommit(t *testing.T) {
	for _, c := range []struct{ name, html, want string }{
		{"a formatted mail", `<p onclick=x()>Dear <b>all</b></p><script>alert(1)</script><img src="cid:part@x" alt="logo">`, `<p>Dear <b>all</b></p><img src="files/1" alt="logo">`},
		{"a card number", `<p>My card: 4111 1111 1111 1111</p>`, "none"},
		{"a card number that is spread over tags", `<p>My card: 4111<b>1111</b>1111<i>1111</i></p>`, "none"},
		{"a card number in cells", `<table><tr><td>4111</td><td>1111</td><td>1111</td><td>1111</td></tr></table>`, "none"},
		{"a card number that only a link has", `<a href="https://pay.example/?pan=4111111111111111">pay</a>`, "none"},
		{"a card number that is hidden in what is left out", `<p>Hi</p><style>a:after{content:"4111111111111111"}</style>`, "none"},
		{"no HTML", ``, "none"},
		{"what makes the decoder panic", `panic`, "none"},
	} {
		r := newRig(t)
		r.do(`UPDATE attachments SET content_id = 'part@x' WHERE message = $1 AND n = 1`, r.AnnMessages[1])
		r.sends(c.html)
		n, err := r.maker.Beat(t.Context(), time.Now())
		if err != nil || n != 1 || r.copied() != c.want {
			t.Errorf("%s: %d, %v, %s, want %s", c.name, n, err, r.copied(), c.want)
		}
		if n, err := r.maker.Beat(t.Context(), time.Now()); n != 0 || err != nil {
			t.Errorf("%s: it is looked at again: %d, %v", c.name, n, err)
		}
	}
}

// TestOneThatFailsHoldsUpNoneBehindIt: what cannot be opened now is tried again, what never can be is left, and the others go on.
func TestOneThatFailsHoldsUpNoneBehindIt(t *testing.T) {
	r := newRig(t)
	r.sends("<p>Hello</p>")
	r.do(`INSERT INTO uncopied (message) VALUES ($1)`, r.AnnMessages[0])
	open, away := r.maker.Open, errors.New("the disk is away")
	r.maker.Open = func(ctx context.Context, m view.Message) (decide.Original, error) {
		if m.ID == r.AnnMessages[0] {
			return decide.Original{}, away
		}
		return open(ctx, m)
	}
	if n, err := r.maker.Beat(t.Context(), time.Now()); n != 2 || !errors.Is(err, away) || r.copied() != "<p>Hello</p>" {
		t.Errorf("%d, %v, %s", n, err, r.copied())
	}
	away = keyring.ErrSealed
	if n, err := r.maker.Beat(t.Context(), time.Now()); n != 1 || err != nil {
		t.Errorf("what can never be opened: %d, %v", n, err)
	}
	if n, err := r.maker.Beat(t.Context(), time.Now()); n != 0 || err != nil {
		t.Errorf("it is tried for ever: %d, %v", n, err)
	}
}

func TestRunMakesCopiesUntilItIsStopped(t *testing.T) {
	r := newRig(t)
	r.sends("<p>Hello</p>")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.maker.Run(ctx) }()
	for r.copied() == "none" {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("none is ever made")
		}
	}
	stop()
	<-done
}

func TestWhatMayBeReadAsItWasSent(t *testing.T) {
	for _, c := range []struct {
		name string
		o    decide.Original
		err  error
		want bool
	}{
		{"a plain one", decide.Original{Text: "Hello"}, nil, true},
		{"one in which something had to be masked", decide.Original{Masked: true}, nil, false},
		{"one with a card number spread over tags", decide.Original{HTML: "<p>4111<b>1111</b>11111111</p>"}, nil, false},
		{"one that was not read to its end", decide.Original{Cut: true}, nil, false},
		{"one that is gone", decide.Original{}, store.ErrNotFound, false},
	} {
		got, err := Whole(func(context.Context, view.Message) (decide.Original, error) { return c.o, c.err }, new(redact.Masker))(t.Context(), view.Message{})
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}
