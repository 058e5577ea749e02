package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"frontdesk/cmd/frontdesk/service"
)

// capped starts the embedded default with a cap of one acknowledgement an hour to strangers, and lets three write.
func capped(t *testing.T) (*member, string) {
	t.Helper()
	dir := t.TempDir()
	p := program(t, []string{"FRONTDESK_SCREENING_MAX_ACKS_TO_STRANGERS_HOUR=1"}, "serve", "--data-dir", dir,
		"--http", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--desk", "127.0.0.1:0", "--smtp", "127.0.0.1:0")
	for n := range 3 {
		from := fmt.Sprintf("ann@c%d.example", n)
		text := human(from, fmt.Sprintf("Refund %d", n), fmt.Sprintf("%d@c.example", n), fmt.Sprintf("Where is my refund of order 2026112000%d?", n))
		if err := (&rig{}).mailTo(p.at.SMTP, from, text); err != nil {
			t.Fatal(err)
		}
	}
	waited(t, dir, "ticketed", 3)
	return p, dir
}

// gauge is the value of a metric of the process.
func gauge(t *testing.T, p *member, dir, name string) string {
	t.Helper()
	token, err := os.ReadFile(service.TokenFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(fetched(t, "http://"+p.at.Ops+"/metrics", strings.TrimSpace(string(token)))) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "none"
}

// TestHeldAcknowledgementsGoFromTheCommandLine: what a cap withheld is seen in the metrics, goes when a person says
// so, leaves, keeps its promise, and the books are right.
func TestHeldAcknowledgementsGoFromTheCommandLine(t *testing.T) {
	t.Parallel()
	p, dir := capped(t)
	held := `frontdesk_acknowledgements_held{cause="stranger-cap",inbox="support"}`
	until(t, func() string {
		if got := gauge(t, p, dir, held); got != "2" {
			return "the gauge of what is held is " + got + ", want 2"
		}
		return ""
	})
	code, out, errs := frontdesk(t, "outbox", "release", "--cause", "stranger-cap", "--limit", "1", "--json", "--data-dir", dir)
	var got struct{ Released, Refused int }
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil || got.Released != 1 || got.Refused != 0 {
		t.Fatalf("release ended with %d: %s%s", code, out, errs)
	}
	rest := objects(t, dir, "outbox", "--state", "withheld")
	if len(rest) != 1 || rest[0]["held"] != true {
		t.Fatalf("withheld are %v", rest)
	}
	if code, out, errs := frontdesk(t, "outbox", "release", fmt.Sprint(rest[0]["id"]), "--data-dir", dir); code != 0 || out != "1 released\n" {
		t.Fatalf("release of a row ended with %d: %s%s", code, out, errs)
	}
	until(t, func() string {
		if n, kept := len(objects(t, dir, "outbox", "--state", "sent")), keptAcks(t, dir); n != 3 || kept != 3 {
			return fmt.Sprintf("%d are sent and %d promises kept, want 3", n, kept)
		}
		return ""
	})
	if code, out, _ := frontdesk(t, "outbox", "release", "--cause", "stranger-cap", "--data-dir", dir); code != 0 || out != "0 released\n" {
		t.Errorf("a second release ended with %d: %s", code, out)
	}
	until(t, func() string {
		if got := gauge(t, p, dir, held); got != "none" {
			return "the gauge of what is held is " + got + ", want none"
		}
		return ""
	})
	story := objects(t, dir, "trace", fmt.Sprint(rest[0]["message"]))
	acts, _ := story[0]["acts"].([]any)
	if len(acts) != 1 || acts[0].(map[string]any)["act"] != "release-held" || acts[0].(map[string]any)["who"] == "" {
		t.Errorf("the story tells of the acts %v", acts)
	}
	if code, out, errs := frontdesk(t, "audit", "--data-dir", dir); code != 0 {
		t.Errorf("the audit ended with %d: %s%s", code, out, errs)
	}
}

// keptAcks counts the kept promises of acknowledgements.
func keptAcks(t *testing.T, dir string) (n int) {
	t.Helper()
	for _, p := range objects(t, dir, "promises", "--state", "kept") {
		if p["kind"] == "acknowledgement" {
			n++
		}
	}
	return n
}

func TestReleaseOfHeldOnesSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"nothing is named", nil, "give a --cause"},
		{"a cause of the customer's", []string{"--cause", "opted-out"}, "give a --cause"},
		{"a word for an id", []string{"T-7"}, "is no ID"},
		{"a negative id", []string{"--", "-7"}, "is no ID"},
		{"both ways at once", []string{"7", "--cause", "stranger-cap"}, "not both"},
		{"none at all", []string{"--cause", "stranger-cap", "--limit", "0"}, "at least 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, errs := frontdesk(t, append([]string{"outbox", "release", "--data-dir", dir}, c.args...)...)
			if code == 0 || !strings.Contains(errs, c.want) {
				t.Errorf("ended with %d and said %q, want %q", code, errs, c.want)
			}
		})
	}
}
