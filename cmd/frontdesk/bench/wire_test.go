package bench

import (
	"bufio"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/channelstest/twiliofake"
)

func TestAnAnswerIsReadToItsEndAndNoFurther(t *testing.T) {
	two := "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 11\r\n\r\n<Response/>HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nno\n"
	in := bufio.NewReader(strings.NewReader(two))
	for _, want := range []int{200, 503} {
		if got, err := answer(in); err != nil || got != want {
			t.Fatalf("the answer is %d (%v), want %d", got, err, want)
		}
	}
	for _, broken := range []string{"", "HTTP/1.1\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"} {
		if got, err := answer(bufio.NewReader(strings.NewReader(broken))); err == nil {
			t.Errorf("%q is read as %d", broken, got)
		}
	}
}

func TestCustomersAreTheSameInEveryRun(t *testing.T) {
	a, b := newCustomers(1).sms(50), newCustomers(1).sms(50)
	for i := range a {
		if string(a[i]) != string(b[i]) {
			t.Fatalf("request %d differs", i)
		}
	}
}

func TestRequestsAreSignedAndDiffer(t *testing.T) {
	seen, senders := map[string]bool{}, map[string]int{}
	for _, request := range append(newCustomers(0).sms(500), newCustomers(1).sms(500)...) {
		head, body, _ := strings.Cut(string(request), "\r\n\r\n")
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		if want := "X-Twilio-Signature: " + twiliofake.Sign(authToken, publicURL+"/hooks/"+smsInbox, form) + "\r\n"; !strings.Contains(head, want) {
			t.Fatalf("the head lacks %q", want)
		}
		if sid := form.Get("MessageSid"); seen[sid] || len(sid) != 34 {
			t.Fatalf("the SID %s is there twice, or is none", sid)
		}
		seen[form.Get("MessageSid")] = true
		senders[form.Get("From")]++
	}
	if n := len(senders); n < 600 || n > 800 {
		t.Errorf("1000 messages come from %d customers, want about 700", n)
	}
}

func TestMailsAreOfTheSizeThatIsSaid(t *testing.T) {
	for _, l := range newCustomers(0).mails(20, time.Now()) {
		if n := len(l.raw); n < mailBytes*9/10 || n > mailBytes*11/10 {
			t.Errorf("a mail has %d bytes", n)
		}
		if strings.Contains(strings.ReplaceAll(string(l.raw), "\r\n", ""), "\n") || strings.Contains(string(l.raw), "\r\n.") {
			t.Error("a mail cannot be sent as it is")
		}
	}
}

func TestMailsReachTheRelay(t *testing.T) {
	r, err := startRelay()
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	letters := newCustomers(0).mails(40, time.Now())
	l, err := deliver(t.Context(), r.addr(), 4, letters)
	if err != nil {
		t.Fatal(err)
	}
	if l.sent != 40 || l.latency.Total != 40 {
		t.Errorf("%d were taken, %d timed", l.sent, l.latency.Total)
	}
}

func TestARefusalEndsTheLoad(t *testing.T) {
	p, err := startProvider() // answers 201
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if _, err := post(t.Context(), p.listener.Addr().String(), 3, newCustomers(0).sms(30)); err == nil {
		t.Error("answers other than 200 went unnoticed")
	}
}
