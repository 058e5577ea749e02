package receive

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/guard"
	"frontdesk/channels/limits"
	"frontdesk/channels/webhook"
)

// gate is a webhook that looks at the head first.
type gate struct {
	hookFunc
	limit int64
}

func (g gate) Admit(r webhook.Request, length int64) (int64, error) {
	if r.Header.Get("X-Token") == "" {
		return 0, &channels.Error{Op: "verifying", Class: channels.Unauthorized, Err: errors.New("no token")}
	}
	return g.limit, nil
}

// attacked is a door on a real socket, served as the public listener is.
func attacked(t *testing.T, d *Door, limits guard.Limits) (address string) {
	t.Helper()
	d.Intake, d.Logger = &Intake{}, slog.New(slog.DiscardHandler)
	hook := gate{func(r webhook.Request) (webhook.Received, error) {
		if size := r.Header.Get("X-Answer"); size != "" {
			return webhook.Received{}, &channels.Error{Op: "reading", Class: channels.Permanent, Err: errors.New("no"),
				Answer: &channels.Answer{Body: make([]byte, 8<<20)}}
		}
		return webhook.Received{Answer: channels.Answer{Body: []byte("taken")}}, nil
	}, 20 << 20}
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: d.Handler([]Route{{Inbox: "hotline", Pattern: "/hooks/hotline", Webhook: hook}}),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, ConnContext: guard.Context}
	go srv.Serve(guard.Listen(raw, limits))
	t.Cleanup(func() { srv.Close() })
	return raw.Addr().String()
}

// begin sends the head of a post and so much of its body.
func begin(t *testing.T, address, path, fields string, announced, sent int) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n%s", path, fields, announced, strings.Repeat("a", sent))
	return c
}

const token = "X-Token: t\r\n"

// honest posts a small message and wants its answer within a second.
func honest(t *testing.T, address string) {
	t.Helper()
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/hooks/hotline", strings.NewReader(strings.Repeat("x", 300)))
	req.Header.Set("X-Token", "t")
	answer, err := client.Do(req)
	if err != nil {
		t.Fatalf("an honest caller is not answered within a second: %v", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("an honest caller gets %d", answer.StatusCode)
	}
}

// status reads the answer on a connection and waits for its end.
func status(t *testing.T, c net.Conn, within time.Duration) int {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(within))
	in := bufio.NewReader(c)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	io.Copy(io.Discard, answer.Body)
	if _, err := in.ReadByte(); err == nil || errors.Is(err, net.ErrClosed) || isTimeout(err) {
		t.Fatalf("the connection stays: %v", err)
	}
	return answer.StatusCode
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// TestSlowClientsHoldWhatTheySent: 200 connections that announce what would fill the budget thirty times.
func TestSlowClientsHoldWhatTheySent(t *testing.T) {
	d := &Door{Limit: 20 << 20, Budget: limits.NewBudget(64<<20, 20<<20)}
	address := attacked(t, d, guard.Limits{})
	for i := range 200 {
		begin(t, address, "/hooks/hotline", token, map[bool]int{true: 20<<20 - 1, false: 256<<10 - 1}[i%2 == 0], 1)
	}
	for range 20 {
		honest(t, address)
	}
	if held := d.Budget.Held(); held > 200*firstBody {
		t.Errorf("%d bytes are held for 200", held)
	}
}

// TestASlowBodyMakesRoom: bodies that were sent in part and stand still fill the budget; they go when
// others need the room, and their senders are told to come back.
func TestASlowBodyMakesRoom(t *testing.T) {
	d := &Door{Limit: 1 << 20, Budget: limits.NewBudget(4<<20, 1<<20)}
	address := attacked(t, d, guard.Limits{})
	var slow []net.Conn
	for range 40 {
		slow = append(slow, begin(t, address, "/hooks/hotline", token, 250<<10, 130<<10))
	}
	for until := time.Now().Add(5 * time.Second); d.Budget.Held() < 3<<20 && time.Now().Before(until); {
		time.Sleep(5 * time.Millisecond)
	}
	if d.Budget.Held() < 3<<20 {
		t.Fatalf("the budget is not full: %d", d.Budget.Held())
	}
	time.Sleep(bodyHurry)
	client := &http.Client{Timeout: time.Second}
	for range 8 {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/hooks/hotline", strings.NewReader(strings.Repeat("x", 200<<10)))
		req.Header.Set("X-Token", "t")
		answer, err := client.Do(req)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("an honest caller beside slow ones: %v, %v", answer, err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	if got := status(t, slow[0], bodyPause+lingering+10*time.Second); got != http.StatusServiceUnavailable && got != http.StatusOK {
		t.Errorf("a slow one gets %d", got)
	}
}

// TestRefusalsNeedNoBody: what the head tells is answered at once, and the connection ends though the
// body never comes.
func TestRefusalsNeedNoBody(t *testing.T) {
	d := &Door{Limit: 1 << 20, Budget: limits.NewBudget(4<<20, 1<<20)}
	address := attacked(t, d, guard.Limits{})
	for _, c := range []struct {
		name, path, fields string
		announced, want    int
	}{
		{"no such route", "/hooks/other", token, 1000, 404},
		{"no token", "/hooks/hotline", "", 99_999_999, 401},
		{"no token, a small body", "/hooks/hotline", "", 1000, 401},
		{"too large", "/hooks/hotline", token, 99_999_999, 413},
		{"too many fields", "/hooks/hotline", token + manyFields(), 1000, 431},
		{"who asks first is told at once", "/hooks/hotline", "Expect: 100-continue\r\n", 1000, 401},
	} {
		conn := begin(t, address, c.path, c.fields, c.announced, 1)
		begun := time.Now()
		conn.SetReadDeadline(begun.Add(time.Second))
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != c.want {
			t.Errorf("%s: %v, %v", c.name, answer, err)
			continue
		}
		conn.SetReadDeadline(begun.Add(lingering + 4*time.Second))
		if _, err := io.Copy(io.Discard, conn); isTimeout(err) {
			t.Errorf("%s: the connection stays", c.name)
		}
		if d.Budget.Held() != 0 {
			t.Errorf("%s: holds %d", c.name, d.Budget.Held())
		}
	}
}

func manyFields() string {
	var b strings.Builder
	for i := range maxFields + 1 {
		fmt.Fprintf(&b, "X-%d: a\r\n", i)
	}
	return b.String()
}

// TestABodyThatNeverComesEnds: connections that fall silent in the middle of a body are answered and
// closed, each by itself.
func TestABodyThatNeverComesEnds(t *testing.T) {
	d := &Door{Limit: 20 << 20, Budget: limits.NewBudget(64<<20, 20<<20)}
	address := attacked(t, d, guard.Limits{})
	var conns []net.Conn
	for i := range 100 {
		conns = append(conns, begin(t, address, "/hooks/hotline", token, []int{1000, 9_999_999}[i%2], 1))
	}
	for _, c := range conns {
		if got := status(t, c, bodyPause+lingering+4*time.Second); got != http.StatusServiceUnavailable {
			t.Fatalf("a body that stood still: %d", got)
		}
	}
	if d.Budget.Held() != 0 {
		t.Errorf("%d bytes are left", d.Budget.Held())
	}
}

// TestAnAnswerThatNobodyReadsHoldsNothing: its body is given back before it is answered.
func TestAnAnswerThatNobodyReadsHoldsNothing(t *testing.T) {
	d := &Door{Limit: 1 << 20, Budget: limits.NewBudget(4<<20, 1<<20), Shares: guard.NewShares(1<<20, 1<<20)}
	address := attacked(t, d, guard.Limits{})
	for range 11 {
		begin(t, address, "/hooks/hotline", token+"X-Answer: large\r\n", 200<<10, 200<<10)
		time.Sleep(20 * time.Millisecond)
	}
	for until := time.Now().Add(3 * time.Second); d.Budget.Held() > 0; {
		if time.Now().After(until) {
			t.Fatalf("%d bytes are held for answers that nobody reads", d.Budget.Held())
		}
		time.Sleep(5 * time.Millisecond)
	}
	honest(t, address)
}

// TestAnAnswerThatNobodyReadsKeepsNoPlace: who has his answer before him is not being worked for, and makes room like
// everybody who hands nothing in.
func TestAnAnswerThatNobodyReadsKeepsNoPlace(t *testing.T) {
	d := &Door{Limit: 1 << 20, Budget: limits.NewBudget(4<<20, 1<<20)}
	address := attacked(t, d, guard.Limits{All: 4})
	for range 4 {
		begin(t, address, "/hooks/hotline", token+"X-Answer: large\r\n", 100, 100)
	}
	time.Sleep(700 * time.Millisecond) // a connection that has just come makes room for nobody
	honest(t, address)
}

// TestOneClientHasItsShare of bytes and calls under way, by the address that a proxy of ours names.
func TestOneClientHasItsShare(t *testing.T) {
	d := &Door{Limit: 1 << 20, Budget: limits.NewBudget(64<<20, 1<<20), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Shares: guard.NewShares(1<<20, 2<<20), Requests: guard.NewShares(4, 6)}
	address := attacked(t, d, guard.Limits{})
	from := func(ip string) string { return token + "X-Forwarded-For: " + ip + "\r\n" }
	for range 4 {
		begin(t, address, "/hooks/hotline", from("2001:db8:1:1::1"), 1000, 1)
	}
	for until := time.Now().Add(3 * time.Second); d.Requests.Clients() < 2 && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond)
	for _, c := range []struct {
		name, from string
		want       int
	}{
		{"a fifth call of the same line", "2001:db8:1:1::2", 429},
		{"a call of another line of that site", "2001:db8:1:2::1", 200},
		{"a call of anybody else", "192.0.2.1", 200},
	} {
		conn := begin(t, address, "/hooks/hotline", from(c.from), 1, 1)
		conn.SetReadDeadline(time.Now().Add(time.Second))
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != c.want {
			t.Errorf("%s: %v, %v", c.name, answer, err)
		}
	}
	large := begin(t, address, "/hooks/hotline", from("192.0.2.9"), 1<<20, 900<<10)
	time.Sleep(200 * time.Millisecond)
	second := begin(t, address, "/hooks/hotline", from("192.0.2.9"), 1<<20, 900<<10)
	second.SetReadDeadline(time.Now().Add(2 * time.Second))
	answer, err := http.ReadResponse(bufio.NewReader(second), nil)
	if err != nil || answer.StatusCode != 429 {
		t.Errorf("a second large body of one client: %v, %v", answer, err)
	}
	large.Close()
}

// TestWhenABodyHasToBeHere: at a pace, without standing still, and in the end.
func TestWhenABodyHasToBeHere(t *testing.T) {
	begun := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		name       string
		got        int64
		after, end time.Duration
	}{
		{"the first byte", 0, 0, bodyPause},
		{"one byte every nine seconds", 2, 9 * time.Second, bodyBegin},
		{"a slow line", 1 << 20, 60 * time.Second, 60*time.Second + bodyPause},
		{"a body that was sent in part and drips", 80 << 10, 15 * time.Second, 20 * time.Second},
		{"the longest body", 1 << 30, bodyWithin - time.Second, bodyWithin},
	} {
		i := &incoming{began: begun, got: c.got}
		if got := i.deadline(begun.Add(c.after)).Sub(begun).Truncate(time.Millisecond); got != c.end {
			t.Errorf("%s: ends after %s, want %s", c.name, got, c.end)
		}
	}
}

func BenchmarkDoorReadsASmallBody(b *testing.B) {
	d := &Door{Intake: &Intake{}, Logger: slog.New(slog.DiscardHandler), Limit: 1 << 20, Budget: limits.NewBudget(64<<20, 1<<20),
		Requests: guard.NewShares(256, 512), Shares: guard.NewShares(16<<20, 32<<20)}
	hook := hookFunc(func(webhook.Request) (webhook.Received, error) { return webhook.Received{}, nil })
	body := strings.Repeat("x", 1500)
	b.ReportAllocs()
	for b.Loop() {
		knock(d, hook, nil, body)
	}
}
