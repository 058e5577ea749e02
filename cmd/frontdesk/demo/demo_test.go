package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/email"
	"frontdesk/channels/telegram"
	"frontdesk/channels/twilio"
	"frontdesk/channels/web"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/promise"
	"frontdesk/workers/store/view"
)

// demoBooks is what the lists show.
type demoBooks struct {
	messages []view.Message
	tickets  []view.Ticket
	outbox   []view.OutboxRow
	promises []view.Promise
}

func (r *demoRig) books() (demoBooks, error) {
	var b demoBooks
	var err error
	ctx, all := r.t.Context(), view.Page{Limit: 1000}
	if b.messages, err = r.store.View.Messages(ctx, all); err != nil {
		return b, err
	}
	if b.tickets, err = r.store.View.Tickets(ctx, all); err != nil {
		return b, err
	}
	if b.outbox, err = r.store.View.Outbox(ctx, all); err != nil {
		return b, err
	}
	b.promises, err = r.store.View.Promises(ctx, all)
	return b, err
}

func (b demoBooks) count(keep func(view.Message) bool) int {
	n := 0
	for _, m := range b.messages {
		if keep(m) {
			n++
		}
	}
	return n
}

func inState(state messages.State) func(view.Message) bool {
	return func(m view.Message) bool { return m.State == string(state) }
}

// missing says what is not yet as it has to be after the script was played that often.
func (b demoBooks) missing(runs int) string {
	script := runs * (len(newCast(time.Now()).script()) - 1) // one mail is handed over again under its key
	opened := script - 4*runs
	switch {
	case len(b.messages) < script:
		return fmt.Sprintf("%d of %d messages", len(b.messages), script)
	case b.count(inState(messages.Ticketed)) < opened:
		return fmt.Sprintf("%d of %d tickets", b.count(inState(messages.Ticketed)), opened)
	case b.count(inState(messages.Duplicate)) != runs:
		return fmt.Sprintf("%d copies folded, want %d", b.count(inState(messages.Duplicate)), runs)
	case b.count(inState(messages.Appended)) != runs:
		return fmt.Sprintf("%d messages continue a ticket, want %d", b.count(inState(messages.Appended)), runs)
	case b.count(inState(messages.Parked)) != 2*runs:
		return fmt.Sprintf("%d messages parked, want the robots and the newsletters, %d", b.count(inState(messages.Parked)), 2*runs)
	}
	for _, language := range []string{"zh-Hans", "zh-Hant", "en"} {
		if b.count(func(m view.Message) bool { return m.State == string(messages.Ticketed) && m.Lang == language }) == 0 {
			return "no ticket in " + language
		}
	}
	for _, t := range b.tickets {
		if what := b.unkept(t); what != "" {
			return what
		}
	}
	return ""
}

// unkept says what is still owed for a ticket.
func (b demoBooks) unkept(t view.Ticket) string {
	var acks []string
	for _, o := range b.outbox {
		if o.Ticket == t.ID && o.Kind == effects.KindAcknowledgement {
			acks = append(acks, o.Channel+" "+o.State)
		}
	}
	want, other := map[string]string{"sms": "sms delivered", "telegram": "telegram sent"}[t.Channels[0]]
	if !other {
		want = "email sent"
	}
	if !slices.Equal(acks, []string{want}) {
		return fmt.Sprintf("%s (%s, %s) has acknowledgements %q, want one: %s", t.Number, t.Channels, t.Category, acks, want)
	}
	for _, p := range b.promises {
		if p.Ticket == t.ID && p.Kind == string(promise.Acknowledgement) && p.State == "kept" {
			return ""
		}
	}
	return t.Number + ": its acknowledgement's promise is not kept"
}

// TestDemo is a stranger's first minute, twice on the same data.
func TestDemo(t *testing.T) {
	c := testConfig(t)
	var said strings.Builder
	for run := 1; run <= 2; run++ {
		r := startDemo(t, c)
		var books demoBooks
		r.eventually(30*time.Second, func() string {
			var err error
			if books, err = r.books(); err != nil {
				return err.Error()
			}
			return books.missing(run)
		})
		r.eventually(5*time.Second, func() string {
			if n := strings.Count(r.out.String(), "acknowledgement handed over"); n == 0 {
				return "the terminal shows no acknowledgement"
			}
			return ""
		})
		checkScript(t, books)
		checkReadme(t, books)
		checkOriginals(t, r, books)
		for _, page := range []string{"/", "/sink"} {
			checkNoCard(t, "page "+page, r.page(page))
		}
		checkFiles(t, c.DataDir)
		r.stop()
		checkTerminal(t, r.out.String())
		said.WriteString(r.out.String() + r.logs.String())
	}
	checkNoCard(t, "terminal and log", []byte(said.String()))
	checkFiles(t, c.DataDir)
}

// checkReadme: the message whose story the README tells the reader to look at is there.
func checkReadme(t *testing.T, b demoBooks) {
	t.Helper()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?m)^go run ./cmd/frontdesk trace (\d+)`).FindSubmatch(readme)
	if named == nil {
		t.Fatal("the README traces no message")
	}
	id, _ := strconv.ParseInt(string(named[1]), 10, 64)
	if !slices.ContainsFunc(b.messages, func(m view.Message) bool { return m.ID == id }) {
		t.Errorf("the README traces message %d, and the demonstration has none", id)
	}
}

// checkScript looks at the guards and at what the messages were understood as.
func checkScript(t *testing.T, b demoBooks) {
	t.Helper()
	for _, want := range []struct{ subject, category string }{
		{"支付失败，但是钱已经扣了", "payment-failed"}, {"My account is locked", "account-locked"}, {"请问可以跨境汇款到英国吗", "cross-border"},
		{"投诉：三次联系客服都没有结果", "complaint"}, {"软件打不开，一直闪退", "technical"}, {"I was charged twice", "wrong-amount"},
	} {
		i := slices.IndexFunc(b.messages, func(m view.Message) bool { return m.Subject == want.subject })
		if i < 0 || b.messages[i].Category != want.category {
			t.Errorf("%q: got %+v, want category %s", want.subject, at(b.messages, i), want.category)
		}
	}
	for _, want := range []struct{ channels, category, priority string }{
		{"sms", "funds-missing", ""}, {"telegram", "refund", ""}, {"telegram", "security-fraud", "urgent"}, {"form", "suggestion", ""}, {"sms api", "funds-missing", ""},
	} {
		if !slices.ContainsFunc(b.tickets, func(k view.Ticket) bool {
			return strings.Join(k.Channels, " ") == want.channels && k.Category == want.category && (want.priority == "" || k.Priority == want.priority)
		}) {
			t.Errorf("no ticket by %s about %s %s among %+v", want.channels, want.category, want.priority, b.tickets)
		}
	}
	if n := b.count(func(m view.Message) bool { return m.Subject == "I was charged twice" }); n != 2*b.count(inState(messages.Duplicate)) {
		t.Errorf("the mail that was handed over three times each run is there %d times, want once and one copy", n)
	}
	for _, m := range b.messages {
		if m.State != string(messages.Parked) {
			continue
		}
		if m.Cause != causes.Automated || slices.ContainsFunc(b.outbox, func(o view.OutboxRow) bool { return o.Message == m.ID }) {
			t.Errorf("message %d: parked as %s, want %s, and nothing sent", m.ID, m.Cause, causes.Automated)
		}
	}
}

func at(messages []view.Message, i int) view.Message {
	if i < 0 {
		return view.Message{}
	}
	return messages[i]
}

// checkOriginals: the original that held a CVV is gone, every other one can be read again.
func checkOriginals(t *testing.T, r *demoRig, b demoBooks) {
	t.Helper()
	cvv, kept := 0, 0
	for _, m := range b.messages {
		story, err := r.store.View.Trace(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		raw, _, err := r.store.Files.Original(t.Context(), m.ID)
		switch {
		case story.Redacted["cvv"] > 0:
			cvv++
			if err == nil {
				t.Errorf("message %d held a CVV and its original is still there", m.ID)
			}
		case err != nil:
			t.Errorf("original of message %d: %v", m.ID, err)
		case story.Redacted["card"] > 0 && bytes.Contains(raw, []byte("4111-1111-1111-1111")):
			kept++
		}
	}
	if cvv == 0 || kept == 0 {
		t.Errorf("%d messages with a CVV and %d originals with a card number, want some of each", cvv, kept)
	}
}

// checkTerminal: one line for each message, and the card's reader is told that it is masked.
func checkTerminal(t *testing.T, out string) {
	t.Helper()
	for _, want := range []string{"ready http=", "\npage ", "\nmail sent ", "  mail      #", "  sms       #", "  telegram  #", "  form      #", "  api       #",
		"opened T-", "copy of message ", "parked: automated", "card masked", "cvv masked", "continued T-"} {
		if !strings.Contains(out, want) {
			t.Errorf("the terminal shows no %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "note ") || strings.Contains(out, "\x1b") {
		t.Errorf("the terminal shows trouble, or colours where there is no terminal:\n%s", out)
	}
}

// cardSpellings are the ways in which the test card may stand in a text.
func cardSpellings() []string {
	return []string{"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111+1111+1111+1111", "4111%201111%201111%201111", "4111=201111"}
}

func holdsCard(text []byte) bool {
	return slices.ContainsFunc(cardSpellings(), func(s string) bool { return bytes.Contains(text, []byte(s)) })
}

func checkNoCard(t *testing.T, where string, text []byte) {
	t.Helper()
	if holdsCard(text) {
		t.Errorf("%s shows the card number", where)
	}
}

// checkFiles searches every file below dir, mails also as their readers see them.
func checkFiles(t *testing.T, dir string) {
	t.Helper()
	files, mails := 0, 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone meanwhile
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		files++
		if strings.HasSuffix(path, ".eml") {
			mails++
			checkMail(t, path, text)
		}
		checkNoCard(t, path, text)
		return nil
	})
	if err != nil || files < 3 || mails < 9 {
		t.Errorf("searched %d files, %d mails of them (%v), want at least the database, the key and nine acknowledgements", files, mails, err)
	}
}

func checkMail(t *testing.T, path string, raw []byte) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Errorf("reading %s: %v", path, err)
		return
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Errorf("subject of %s: %v", path, err)
	}
	checkNoCard(t, path, []byte(subject))
}

func TestHoldsCardFindsEverySpelling(t *testing.T) {
	for _, s := range cardSpellings() {
		if !holdsCard([]byte("card number " + s + ".")) {
			t.Errorf("%q was not found", s)
		}
	}
	if holdsCard([]byte("card number **** 1111")) {
		t.Error("a masked number was taken for one")
	}
}

func TestDemoRefusesARealInbox(t *testing.T) {
	c := testConfig(t)
	c.Inboxes = append(c.Inboxes, configs.Inbox{Name: "real", Channel: email.Channel, Address: "help@company.example"})
	err := Serve(t.Context(), c, service.Options{Logger: slog.New(slog.DiscardHandler), Out: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "leave --config away") {
		t.Errorf("got %v, want a refusal that says what to do", err)
	}
}

func TestDemoWithoutListenersHasChatsOnly(t *testing.T) {
	c := testConfig(t)
	c.Listen.SMTP, c.Listen.HTTP = "", ""
	r := startDemo(t, c)
	r.eventually(30*time.Second, func() string {
		b, err := r.books()
		if err != nil {
			return err.Error()
		}
		chats := b.count(func(m view.Message) bool { return m.Channel == telegram.Channel })
		if chats < 2 || chats != len(b.messages) {
			return fmt.Sprintf("%d messages by Telegram of %d", chats, len(b.messages))
		}
		return ""
	})
	r.stop()
	for _, want := range []string{"the customers who write mail are left out", "the customers who use SMS, the form or the API are left out"} {
		if !strings.Contains(r.out.String(), want) {
			t.Errorf("the terminal does not say that %s:\n%s", want, r.out.String())
		}
	}
}

// TestPassersby: one after the other they come by every channel, and never with an address twice.
func TestPassersby(t *testing.T) {
	fakes, err := startFakes()
	if err != nil {
		t.Fatal(err)
	}
	defer fakes.close()
	cast := newCast(time.Now())
	doors := map[string]int{}
	for range 20 {
		doors[cast.passerby().door]++
	}
	for _, channel := range []string{email.Channel, twilio.Channel, telegram.Channel, web.FormChannel, web.APIChannel} {
		if doors[channel] == 0 {
			t.Errorf("nobody came by %s: %v", channel, doors)
		}
	}
	seen := map[string]bool{}
	for range 200 {
		cast.passerby()
		if n := cast.english(); seen[n.address] {
			t.Fatalf("%s came twice", n.address)
		} else {
			seen[n.address] = true
		}
	}
}

// TestPassersbyAreUnderstood lets one of each concern come by, through the doors.
func TestPassersbyAreUnderstood(t *testing.T) {
	fakes, err := startFakes()
	if err != nil {
		t.Fatal(err)
	}
	defer fakes.close()
	c := testConfig(t)
	c.Inboxes = append(c.Inboxes, fakes.inboxes(true)...)
	public := c
	public.Listen.PublicURL = "http://127.0.0.1:8080" // the ports are not known yet
	if err := public.Validate(); err != nil {
		t.Errorf("the demonstration's configuration: %v", err)
	}
	r := startPlain(t, c)
	defer r.stop()
	doors := newDoors(r.at(), fakes)
	cast := newCast(time.Now())
	var all sync.WaitGroup
	for range 10 {
		s := cast.passerby()
		all.Go(func() {
			if err := s.act(t.Context(), doors); err != nil {
				t.Errorf("by %s: %v", s.door, err)
			}
		})
	}
	all.Wait()
	r.settled(10)
	got := map[string]string{}
	b, err := r.books()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range b.tickets {
		got[k.Category] = strings.Join(k.Channels, " ")
	}
	want := map[string]string{"payment-failed": "email", "funds-missing": "sms", "password-reset": "email", "refund": "telegram", "payment-methods": "api",
		"promotion": "telegram", "account-details": "email", "technical": "email", "wrong-amount": "sms", "suggestion": "form"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tickets (-want +got):\n%s", diff)
	}
}

func TestDialable(t *testing.T) {
	for addr, want := range map[string]string{"127.0.0.1:80": "127.0.0.1:80", "0.0.0.0:81": "127.0.0.1:81", "[::]:82": "127.0.0.1:82", "desk:83": "desk:83"} {
		if got := service.Dialable(addr); got != want {
			t.Errorf("dialable(%s) = %s, want %s", addr, got, want)
		}
	}
}
