package rspamd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"frontdesk/workers/enrich/scanners"
	"frontdesk/workers/enrich/scannerstest"
)

func client(t testing.TB, url string, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{URL: url, Timeout: 5 * time.Second}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func answering(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func score(f float64) *float64 { return &f }

var untimed = cmpopts.IgnoreFields(scanners.Opinion{}, "Asked", "At")

func TestAnswersAreUnderstood(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         scanners.Opinion
	}{
		{"a mail that it would refuse is spam", `{"is_skipped":true,"score":15.0,"required_score":15.0,"action":"reject","symbols":{"GTUBE":{"name":"GTUBE","score":0.0}}}`,
			scanners.Opinion{Scanner: Name, Verdict: scanners.Spam, Score: score(15), Action: "reject", Symbols: []string{"GTUBE"}}},
		{"a mail that it would mark has a score", `{"score":7.5,"action":"add header","symbols":{"B":{"score":-1},"A":{"score":8.5},"C":{"score":1}}}`,
			scanners.Opinion{Scanner: Name, Verdict: scanners.Clean, Score: score(7.5), Action: "add header", Symbols: []string{"A", "B", "C"}}},
		{"a mail that it skipped is said to be", `{"is_skipped":true,"score":0,"action":"no action"}`,
			scanners.Opinion{Scanner: Name, Verdict: scanners.Clean, Score: score(0), Action: "no action", Detail: "rspamd skipped the mail by its own settings"}},
		{"a score below nothing is one", `{"score":-3.25,"action":"no action","symbols":{}}`,
			scanners.Opinion{Scanner: Name, Verdict: scanners.Clean, Score: score(-3.25), Action: "no action"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := answering(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, c.answer) })
			got, err := client(t, url).ScanMail(t.Context(), scanners.Mail{Raw: []byte("Subject: hi\r\n\r\nhi")})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, untimed); diff != "" {
				t.Errorf("opinion (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheEnvelopeTravelsInTheHeader(t *testing.T) {
	var got http.Header
	var path, body string
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, path, body = r.Header, r.URL.Path, string(b)
		io.WriteString(w, `{"score":0,"action":"no action"}`)
	})
	c := client(t, url+"/proxy", func(c *Config) { c.Password = "test-password" })
	_, err := c.ScanMail(t.Context(), scanners.Mail{Raw: []byte("raw\x00bytes"), ID: "message-7", HasMailFrom: true, MailFrom: "ann@example.org",
		Recipients: []string{"support@desk.example", "evil@desk.example\r\nPassword: other", "b@desk.example"}, Remote: "::ffff:203.0.113.7", Helo: "mx\x7f"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"Ip": {"203.0.113.7"}, "From": {"ann@example.org"}, "Rcpt": {"support@desk.example", "b@desk.example"},
		"Queue-Id": {"message-7"}, "Password": {"test-password"}, "Helo": nil}
	for name, values := range want {
		if diff := cmp.Diff(values, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if path != "/proxy/checkv2" || body != "raw\x00bytes" {
		t.Errorf("posted %q to %s", body, path)
	}
}

func TestNonsenseIsNoVerdict(t *testing.T) {
	for _, c := range []struct {
		name string
		h    http.HandlerFunc
	}{
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>welcome</html>") }},
		{"no score", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"action":"reject"}`) }},
		{"no action", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"score":3}`) }},
		{"an error", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"score":0,"action":"x","error":"no"}`)
		}},
		{"half an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"score":15,"action":"rej`)
		}},
		{"another status", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"score":0,"action":"no action"}`)
		}},
		{"a redirection", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }},
		{"a huge answer", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"score":0,"action":"no action","symbols":{%s"A":{"score":1}}}`, strings.Repeat(" ", maxAnswer))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := client(t, answering(t, c.h)).ScanMail(t.Context(), scanners.Mail{Raw: []byte("hi")})
			if err == nil || got.Verdict != "" {
				t.Errorf("got %+v and %v, want an error and no verdict", got, err)
			}
		})
	}
}

func TestASilentDaemonCostsItsTimeoutAndNoMore(t *testing.T) {
	release := make(chan struct{})
	url := answering(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-release
	})
	t.Cleanup(func() { close(release) }) // before the server closes
	c := client(t, url, func(c *Config) { c.Timeout = 50 * time.Millisecond })
	if _, err := c.ScanMail(t.Context(), scanners.Mail{Raw: []byte("hi")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want the deadline", err)
	}
}

func TestADeadDaemonIsAnErrorWithoutItsAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := client(t, "http://name:test-secret@"+address)
	if _, err := c.ScanMail(t.Context(), scanners.Mail{Raw: []byte("hi")}); err == nil || strings.Contains(err.Error(), "test-secret") {
		t.Errorf("error is %v, want one without the password", err)
	}
	if _, err := c.Probe(t.Context()); err == nil {
		t.Error("the probe found somebody")
	}
}

func TestAMailBeyondTheLimitIsNotAskedAbout(t *testing.T) {
	url := answering(t, func(http.ResponseWriter, *http.Request) { t.Error("it was asked about") })
	got, err := client(t, url, func(c *Config) { c.MaxSize = 10 }).ScanMail(t.Context(), scanners.Mail{Raw: make([]byte, 11)})
	if err != nil || got.Verdict != scanners.TooLarge {
		t.Errorf("got %q and %v, want too-large", got.Verdict, err)
	}
}

func TestScansBeyondTheBoundWait(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	url := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		entered <- struct{}{}
		<-release
		io.WriteString(w, `{"score":0,"action":"no action"}`)
	})
	c := client(t, url, func(c *Config) { c.Parallel = 1 })
	first := make(chan error, 1)
	go func() {
		_, err := c.ScanMail(context.Background(), scanners.Mail{Raw: []byte("one")})
		first <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.ScanMail(ctx, scanners.Mail{Raw: []byte("two")}); !errors.Is(err, scanners.ErrBusy) {
		t.Errorf("error is %v, want ErrBusy", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	for _, url := range []string{"", "127.0.0.1:11333", "ftp://127.0.0.1", "http://"} {
		if _, err := New(Config{URL: url}); err == nil {
			t.Errorf("%q was taken", url)
		}
	}
}

const letter = "From: ann@example.org\r\nTo: support@desk.example\r\nSubject: hello\r\nMessage-ID: <1@example.org>\r\nDate: Sun, 22 Nov 2026 08:00:00 +0000\r\n\r\n"

func TestARealRspamd(t *testing.T) {
	c := client(t, scannerstest.StartRspamd(t).URL)
	if found, err := c.Probe(t.Context()); err != nil || found == "" {
		t.Fatalf("probe: %q, %v", found, err)
	}
	for _, m := range []struct {
		name, text string
		verdict    scanners.Verdict
		score      float64
	}{
		{"GTUBE is spam", scannerstest.GTUBE, scanners.Spam, 15},
		{"a rule's word has the rule's score", scannerstest.Pills, scanners.Clean, scannerstest.PillsScore},
		{"a question is clean", "Where is my refund?", scanners.Clean, 0},
	} {
		t.Run(m.name, func(t *testing.T) {
			got, err := c.ScanMail(t.Context(), scanners.Mail{Raw: []byte(letter + m.text + "\r\n"), HasMailFrom: true, MailFrom: "ann@example.org",
				Recipients: []string{"support@desk.example"}, Remote: "203.0.113.7", Helo: "mx.example.org"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != m.verdict || got.Score == nil || *got.Score != m.score {
				t.Errorf("got %+v, want %s with score %v", got, m.verdict, m.score)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"score":15.0,"action":"reject","symbols":{"GTUBE":{"score":0.0}}}`))
	f.Add([]byte(`{"score":1e999,"action":"x"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var o scanners.Opinion
		err := read(body, &o)
		if (err == nil) != slices.Contains([]scanners.Verdict{scanners.Clean, scanners.Spam, scanners.Malware}, o.Verdict) {
			t.Errorf("verdict %q with error %v", o.Verdict, err)
		}
		if err == nil && (o.Score == nil || len(o.Symbols) > scanners.MaxSymbols) {
			t.Errorf("got %+v", o)
		}
	})
}
