package twilio

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/channelstest/twiliofake"
	"frontdesk/pipeline/message"
)

func outbound(text string) channels.Outbound {
	return channels.Outbound{Inbox: "hotline", To: message.Address{Kind: message.Phone, Value: theirs}, Text: text}
}

func taken(fake *twiliofake.Server) []string {
	var out []string
	for _, m := range fake.Sent() {
		out = append(out, m.Body)
	}
	return out
}

func TestSenderConformance(t *testing.T) {
	channelstest.Sender(t, channelstest.SenderCase{
		Faults: []channelstest.Fault{channelstest.Slow, channelstest.ServerError, channelstest.Throttle,
			channelstest.Drop, channelstest.Unauthorized, channelstest.Refuse},
		Patience: 300 * time.Millisecond,
		Carries:  Kind().Traits.Carries,
		Open: func(t *testing.T) channelstest.SenderBench {
			c, fake := withFake(t)
			return channelstest.SenderBench{
				Sender: c, Out: outbound("Ticket FD-1: we have your message."), Secrets: []string{testToken},
				Fault: func(f channelstest.Fault) { fake.Fail(twiliofake.Fault(f)) },
				Taken: func() []string { return taken(fake) },
				Long:  strings.Repeat("我们已经收到您的来信，", 450),
			}
		},
	})
}

func TestSendAsksForAStatusCallback(t *testing.T) {
	c, fake := withFake(t)
	if _, err := c.Send(t.Context(), "ack:7/ü", outbound("short")); err != nil {
		t.Fatal(err)
	}
	sid := fake.Sent()[0].SID
	to, form := fake.Settle(sid, "undelivered", 30005)
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, testHook+"?") {
		t.Fatalf("callback to %q, want the hook", to)
	}
	got, err := c.Receive(signed(form, u.RawQuery), testNow())
	if err != nil {
		t.Fatal(err)
	}
	want := []channels.Receipt{{Key: "ack:7/ü", ProviderID: sid, Status: channels.StatusFailed, Reason: "30005", At: testNow()}}
	if diff := cmp.Diff(want, got.Receipts); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
}

// TestTheStatusCallbackIsTriedAgain: the override is a fragment, which is neither signed nor sent.
func TestTheStatusCallbackIsTriedAgain(t *testing.T) {
	c := newConnector(t, testConfig())
	got, err := url.Parse(c.callback("ack:7/ü", 2, 3))
	if err != nil || got.Fragment != "rc=3&rp=all" || got.Query().Get(queryKey) != "ack:7/ü" || got.Query().Get(queryPart) != "2.3" {
		t.Errorf("callback %q, %v", got, err)
	}
}

// TestTrace: what became of a send, by its id, or by the list where Twilio does not know the id.
func TestTrace(t *testing.T) {
	c, fake := withFake(t)
	send := func() string {
		t.Helper()
		r, err := c.Send(t.Context(), "k", outbound("hello"))
		if err != nil {
			t.Fatal(err)
		}
		return r.ProviderID
	}
	to := outbound("").To
	for _, tc := range []struct {
		status string
		code   int
		want   channels.Status
		reason string
	}{
		{"queued", 0, channels.StatusSent, ""}, {"sent", 0, channels.StatusSent, ""}, {"delivered", 0, channels.StatusDelivered, ""},
		{"undelivered", 30006, channels.StatusFailed, "30006"}, {"failed", 30003, channels.StatusFailed, "30003"}, {"canceled", 0, channels.StatusFailed, "unknown"},
		{"a state of next year", 0, channels.StatusSent, ""},
	} {
		for _, hidden := range []bool{false, true} {
			sid := send()
			fake.Settle(sid, tc.status, tc.code)
			fake.OnlyList(hidden)
			got, err := c.Trace(t.Context(), sid, to)
			if err != nil || got.Status != tc.want || got.Reason != tc.reason || got.ProviderID != sid {
				t.Errorf("%s (by the list: %v): %+v, %v", tc.status, hidden, got, err)
			}
		}
	}
	for _, to := range []message.Address{to, {}} {
		if got, err := c.Trace(t.Context(), "SM00000000000000000000000000000099", to); err != nil || got.Status != channels.StatusSent {
			t.Errorf("a message that is not known: %+v, %v; want nothing new", got, err)
		}
	}
	for fault, class := range map[twiliofake.Fault]channels.Class{
		twiliofake.ServerError: channels.Temporary, twiliofake.Drop: channels.Temporary, twiliofake.Throttle: channels.Throttled, twiliofake.Unauthorized: channels.Unauthorized,
	} {
		fake.Fail(fault)
		if _, err := c.Trace(t.Context(), "SM1", to); classOf(err) != class {
			t.Errorf("after %s: %v, want class %q", fault, err, class)
		}
	}
}

func classOf(err error) channels.Class {
	if e, ok := err.(*channels.Error); ok {
		return e.Class
	}
	return "none"
}

func TestSendRefusesWhatCannotGo(t *testing.T) {
	c, fake := withFake(t)
	service := testConfig()
	service.From = ""
	for _, tc := range []struct {
		name string
		c    *Connector
		out  channels.Outbound
	}{
		{"an e-mail address", c, channels.Outbound{To: message.Address{Kind: message.Email, Value: "a@example.com"}, Text: "x"}},
		{"a short code", c, channels.Outbound{To: message.Address{Kind: message.Phone, Value: "72727"}, Text: "x"}},
		{"no text", c, outbound(" \n")},
		{"more skipped than there is", c, channels.Outbound{To: outbound("").To, Text: "x", Skip: 2}},
		{"an inbox without a sender", newConnector(t, service), outbound("x")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.c.Send(t.Context(), "k", tc.out)
			if e, ok := err.(*channels.Error); !ok || e.Class != channels.Permanent {
				t.Errorf("error %v, want Permanent", err)
			}
		})
	}
	if n := len(fake.Sent()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestSendByMessagingService(t *testing.T) {
	var got url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got = r.PostForm
		_, _ = w.Write([]byte(`{"sid":"SM1","status":"accepted","num_segments":"0"}`))
	}))
	defer server.Close()
	cfg := testConfig()
	cfg.BaseURL, cfg.From, cfg.MessagingServiceSID, cfg.PublicURL = server.URL, "", "MG1", ""
	if _, err := newConnector(t, cfg).Send(t.Context(), "k", outbound("x")); err != nil {
		t.Fatal(err)
	}
	want := url.Values{"To": {theirs}, "MessagingServiceSid": {"MG1"}, "Body": {"x"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

func TestLookIsCareful(t *testing.T) {
	c, fake := withFake(t)
	since := time.Now()
	long := strings.Repeat("a", maxBody)
	if _, err := c.Send(t.Context(), "k1", outbound("Ticket FD-1")); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name  string
		out   channels.Outbound
		since time.Time
		found bool
	}{
		{"the same text", outbound("Ticket FD-1"), since, true},
		{"the same text with other white space", outbound("Ticket  FD-1\n"), since, true},
		{"another text", outbound("Ticket FD-2"), since, false},
		{"the same text to someone else", channels.Outbound{To: message.Address{Kind: message.Phone, Value: "+14155550000"}, Text: "Ticket FD-1"}, since, false},
		{"a message sent before", outbound("Ticket FD-1"), since.Add(time.Hour), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, found, err := c.Look(t.Context(), "k1", tc.out, tc.since); err != nil || found != tc.found {
				t.Errorf("found %v, %v; want %v", found, err, tc.found)
			}
		})
	}
	t.Run("what the customer wrote is not ours", func(t *testing.T) {
		fake.Arrive(theirs, ours, "Ticket FD-3")
		if _, found, err := c.Look(t.Context(), "k3", outbound("Ticket FD-3"), since); err != nil || found {
			t.Errorf("found %v, %v", found, err)
		}
	})
	t.Run("a list that fails is no answer", func(t *testing.T) {
		fake.Fail(twiliofake.ServerError)
		if _, found, err := c.Look(t.Context(), "k1", outbound("Ticket FD-1"), since); err == nil || found {
			t.Errorf("found %v, %v; want an error", found, err)
		}
	})
	t.Run("one of two equal parts is not both", func(t *testing.T) {
		fake.Fail("", twiliofake.ServerError)
		if _, err := c.Send(t.Context(), "k4", outbound(long+long)); err == nil {
			t.Fatal("the second part was to fail")
		}
		_, found, err := c.Look(t.Context(), "k4", outbound(long+long), since)
		if e, ok := err.(*channels.Error); !ok || found || e.Done != 1 {
			t.Errorf("found %v, %v; want an error with 1 part done", found, err)
		}
		if _, found, err := c.Look(t.Context(), "k4", channels.Outbound{To: outbound("").To, Text: long + long, Skip: 1}, since); err != nil || found {
			t.Errorf("second part: found %v, %v; want not", found, err)
		}
	})
	t.Run("a message that failed at Twilio was handed over", func(t *testing.T) {
		fake.Settle(fake.Sent()[0].SID, "failed", 30006)
		r, found, err := c.Look(t.Context(), "k1", outbound("Ticket FD-1"), since)
		if err != nil || !found || r.Status != channels.StatusFailed || r.Reason != "30006" {
			t.Errorf("%+v, found %v, %v; want the failure", r, found, err)
		}
	})
}

// answering makes a connector whose provider always gives this answer.
func answering(t *testing.T, status int, header http.Header, body string) *Connector {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	cfg := testConfig()
	cfg.BaseURL = server.URL
	return newConnector(t, cfg)
}

func TestClassesOfAnswers(t *testing.T) {
	page := "<html>gateway</html>"
	for _, c := range []struct {
		name   string
		status int
		header http.Header
		body   string
		want   channels.Class
		after  time.Duration
	}{
		{"busy with a wait", 429, http.Header{"Retry-After": {"30"}}, `{"code":20429}`, channels.Throttled, 30 * time.Second},
		{"busy without one", 429, nil, page, channels.Throttled, time.Second},
		{"our queue is full", 400, nil, `{"code":21611}`, channels.Throttled, time.Second},
		{"opted out", 400, nil, `{"code":21610}`, channels.OptedOut, 0},
		{"not a number", 400, nil, `{"code":21211}`, channels.Permanent, 0},
		{"a code of next year", 400, nil, `{"code":21999}`, channels.Permanent, 0},
		{"a wrong token", 401, nil, `{"code":20003}`, channels.Unauthorized, 0},
		{"an account that is not active", 400, nil, `{"code":10001}`, channels.Unauthorized, 0},
		{"a number of another account's", 400, nil, `{"code":21660}`, channels.Refused, 0},
		{"a messaging service without numbers", 400, nil, `{"code":21703}`, channels.Refused, 0},
		{"an account that is not there", 404, nil, `{"code":20404}`, channels.Refused, 0},
		{"a refusal by a proxy", 403, nil, page, channels.Unauthorized, 0},
		{"a page where the API should be", 404, nil, page, channels.Temporary, 0},
		{"a redirect to nowhere", 304, nil, "", channels.Temporary, 0},
		{"broken", 500, nil, page, channels.Temporary, 0},
		{"in repair", 503, nil, `{"code":20503}`, channels.Temporary, 0},
		{"a gateway that waited in vain", 504, nil, page, channels.Unknown, 0},
		{"taken, but the answer is not JSON", 201, nil, page, channels.Unknown, 0},
		{"taken, but without an id", 201, nil, `{}`, channels.Unknown, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := answering(t, c.status, c.header, c.body).Send(t.Context(), "k", outbound("x"))
			e, ok := err.(*channels.Error)
			if !ok || e.Class != c.want || e.After != c.after {
				t.Errorf("error %#v, want class %q after %v", err, c.want, c.after)
			}
		})
	}
	t.Run("nobody listens: nothing was sent", func(t *testing.T) {
		cfg := testConfig()
		cfg.BaseURL = "http://127.0.0.1:1"
		_, err := newConnector(t, cfg).Send(t.Context(), "k", outbound("x"))
		if e, ok := err.(*channels.Error); !ok || e.Class != channels.Temporary {
			t.Errorf("error %v, want Temporary", err)
		}
	})
}

// TestClassesOfTheSharedTable compares our table with one compiled from Twilio's documentation.
func TestClassesOfTheSharedTable(t *testing.T) {
	raw, err := os.ReadFile(shared(t, "vectors/send-errors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		REST map[string]string `json:"twilio_rest"`
	}
	if err := json.Unmarshal(raw, &table); err != nil {
		t.Fatal(err)
	}
	want := map[string]channels.Class{"throttle": channels.Throttled, "auth": channels.Unauthorized,
		"permanent": channels.Permanent, "optout": channels.OptedOut, "window": channels.WindowClosed}
	checked := 0
	for code, meaning := range table.REST {
		n, err := strconv.Atoi(code)
		if err != nil {
			continue // a status, covered above
		}
		checked++
		word, _, _ := strings.Cut(meaning, " ")
		if got := (&failure{sent: true, status: 400, code: n}).class(true); got != want[word] {
			t.Errorf("code %d has class %q, want %q", n, got, want[word])
		}
	}
	if checked < 10 {
		t.Errorf("only %d codes in the table", checked)
	}
}
