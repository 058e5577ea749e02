package telegram

import (
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/telegramfake"
)

var write = flag.Bool("update", false, "write the expected messages anew")

// TestDecodeFiles decodes testdata/*.json and compares with the .golden beside each.
func TestDecodeFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	c := newConnector(t, testConfig())
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			d, ok := c.delivery(raw, testNow().AddDate(1, 0, 0))
			if !ok || d.Cause != "" {
				t.Fatalf("delivery %+v, %v", d, ok)
			}
			m, err := c.Decode(d)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(m, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(name, ".json") + ".golden"
			if *write {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeParks(t *testing.T) {
	c := newConnector(t, testConfig())
	for _, tc := range []struct{ name, raw, evidence string }{
		{"no JSON", `<`, "JSON is broken"},
		{"no message", `{"update_id":1,"poll":{}}`, "no message"},
		{"no chat", `{"message":{"message_id":1}}`, "no id or no chat"},
		{"a text that is a number", `{"message":{"message_id":1,"chat":{"id":1},"text":4111111111111111}}`, `"text" has another type`},
		{"nothing", ``, "JSON is broken"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := c.Decode(channels.Delivery{Inbox: "bot", Channel: "telegram", Key: "1:1", Raw: []byte(tc.raw)})
			e, ok := err.(*channels.Error)
			if !ok || e.Cause != "unparsable" || !strings.Contains(err.Error(), tc.evidence) || strings.Contains(err.Error(), "4111") {
				t.Errorf("error %v, want unparsable because %q", err, tc.evidence)
			}
		})
	}
}

func TestBase(t *testing.T) {
	for name, want := range map[string]string{
		"发票.pdf": "发票.pdf", "../../etc/passwd": "passwd", `C:\dir\a.txt`: "a.txt", "..": "", "": "", "/": "", "a/": "a",
	} {
		if got := base(name); got != want {
			t.Errorf("base(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFetchMedia(t *testing.T) {
	c, fake := withFake(t)
	fake.AddFile("f1", []byte("0123456789"))
	body, _, err := c.FetchMedia(t.Context(), "f1", 10)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if raw, err := io.ReadAll(body); err != nil || string(raw) != "0123456789" {
		t.Errorf("got %q, %v", raw, err)
	}
	for _, tc := range []struct {
		name   string
		faults []telegramfake.Fault
		ref    string
		limit  int64
		want   channels.Class
	}{
		{"larger than allowed", nil, "f1", 9, channels.TooLarge},
		{"a file that is not there, or not yet", nil, "f2", 10, channels.NotYet},
		{"a path that leads nowhere any more", nil, "gone", 10, channels.NotYet},
		{"a path that leaves the folder", nil, "../../f1", 10, channels.Permanent},
		{"broken", []telegramfake.Fault{telegramfake.ServerError}, "f1", 10, channels.Temporary},
		{"broken at the second step", []telegramfake.Fault{"", telegramfake.ServerError}, "f1", 10, channels.Temporary},
		{"dropped at the first step", []telegramfake.Fault{telegramfake.Drop}, "f1", 10, channels.Temporary},
		{"busy", []telegramfake.Fault{telegramfake.Throttle}, "f1", 10, channels.Throttled},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fake.AddFile("../../f1", []byte("x"))
			fake.LosePath("gone")
			fake.Fail(tc.faults...)
			_, _, err := c.FetchMedia(t.Context(), tc.ref, tc.limit)
			if e, ok := err.(*channels.Error); !ok || e.Class != tc.want || strings.Contains(err.Error(), "TEST-token") {
				t.Errorf("error %v, want class %q", err, tc.want)
			}
		})
	}
	t.Run("a connection that drops inside the file", func(t *testing.T) {
		fake.Fail("", telegramfake.Drop)
		body, _, err := c.FetchMedia(t.Context(), "f1", 10<<10)
		if err == nil {
			defer body.Close()
			_, err = io.ReadAll(body)
		}
		if err == nil {
			t.Error("half a file was taken for the whole")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	c, err := New(testConfig())
	if err != nil {
		b.Fatal(err)
	}
	raw := []byte(`{"update_id":1,"message":{"message_id":5,"date":1777898400,"chat":{"id":7,"type":"private"},"from":{"id":7,"first_name":"Li"},"text":"我的付款失败了"}}`)
	for b.Loop() {
		d, _ := c.delivery(raw, time.Unix(1777898500, 0))
		if _, err := c.Decode(d); err != nil {
			b.Fatal(err)
		}
	}
}
