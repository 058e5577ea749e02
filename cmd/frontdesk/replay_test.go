package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/replaying"
	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/workers/replay"
)

// again decides everything again with that configuration.
func (r *rig) again(c configs.Config) (replay.Summary, []replay.Verdict) {
	r.t.Helper()
	h, version, err := replaying.Hindsight(r.t.Context(), c, r.base())
	if err != nil {
		r.t.Fatal(err)
	}
	var differ []replay.Verdict
	sum, err := replay.Run(r.t.Context(), r.store, h, replay.Options{Version: version, Reasons: true}, func(v replay.Verdict) error {
		if len(v.Differences) > 0 {
			differ = append(differ, v)
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return sum, differ
}

// sameAgain fails when anything would be decided differently now.
func (r *rig) sameAgain(c configs.Config, want int) replay.Summary {
	r.t.Helper()
	sum, differ := r.again(c)
	for _, v := range differ[:min(len(differ), 10)] {
		for _, d := range v.Differences {
			r.t.Errorf("message %d (%s): %s %s: %q, now %q", v.ID, v.Inbox, d.Stage, d.Field, d.Then, d.Now)
		}
	}
	if sum.Replayed < want || sum.Differ != 0 {
		r.t.Errorf("replayed %+v, want at least %d and no difference", sum, want)
	}
	return sum
}

// decided waits until n messages are decided and none is undecided; effects may be due later.
func (r *rig) decided(n int) {
	r.t.Helper()
	r.eventually(60*time.Second, func() string {
		r.ring() // what the bell dropped is rung for at once
		counts, err := r.store.View.Counts(r.t.Context(), time.Now())
		if err != nil {
			return err.Error()
		}
		decided := int64(0)
		for _, c := range counts.Messages {
			decided += c
		}
		if decided < int64(n) || len(counts.Undecided) > 0 {
			return fmt.Sprintf("%d of %d messages decided, undecided %v", decided, n, counts.Undecided)
		}
		return ""
	})
}

// variety sends what makes every stage of the line find something, and returns how many messages that is.
func (r *rig) variety() int {
	r.t.Helper()
	n := 0
	mail := func(from, raw string) {
		r.mustMail(from, raw)
		n++
		r.decided(n)
	}
	mail("li@customer.example", human("李雷 <li@customer.example>", "支付失败", "1@customer.example", "你好，我昨天付款 200元 失败了，但是钱已经扣了，订单号 20261120001。"))
	mail("li@customer.example", human("李雷 <li@customer.example>", "Re: 支付失败", "2@customer.example", "请尽快！", "In-Reply-To: <1@customer.example>"))
	mail("ann@customer.example", human("Ann <ann@customer.example>", "Refund please", "3@customer.example", "I want my money back for order 20261120002, it never arrived."))
	mail("ann@customer.example", human("Ann <ann@customer.example>", "Refund please", "3@customer.example", "I want my money back for order 20261120002, it never arrived.", "Received: by another way"))
	mail("ann@customer.example", human("Ann <ann@customer.example>", "Password", "4@customer.example", "I cannot log in to my account any more."))
	mail("robot@news.example", human("News <robot@news.example>", "Offers", "5@news.example", "Buy now", "List-Unsubscribe: <https://news.example/u>", "Precedence: bulk"))
	mail("bo@customer.example", human("Bo <bo@customer.example>", "Fraud!", "6@customer.example", "Somebody stole my card and paid 5000 USD with it."))
	mail("away@customer.example", human("Away <away@customer.example>", "Out of office", "7@customer.example", "I am away.", "Auto-Submitted: auto-replied"))
	return n
}

func TestTheSameIsDecidedAgain(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	n := r.variety()
	if sum := r.sameAgain(c, n); sum.OtherConfig != 0 || sum.Skipped != 0 {
		t.Errorf("summary = %+v", sum)
	}
}

func TestAnotherConfigurationDiffersAsExpected(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	n := r.variety()
	other := c
	other.Queues = append(slices.Clone(c.Queues), rules.Queue{Name: "second-line"})
	other.Routing = append([]rules.Route{{Match: rules.Match{Category: []string{"refund"}}, Queue: "second-line"}}, c.Routing...)
	sum, differ := r.again(other)
	if sum.Replayed != n || sum.Differ != 1 || sum.OtherConfig != n {
		t.Fatalf("summary = %+v, want one difference", sum)
	}
	want := []string{"route queue", "route queue reason"}
	var got []string
	for _, d := range differ[0].Differences {
		got = append(got, d.Stage+" "+d.Field)
	}
	if diff := cmp.Diff(want, got); diff != "" || differ[0].Differences[0].Now != "second-line" {
		t.Errorf("differences (-want +got):\n%s\n%+v", diff, differ[0])
	}
}

func TestTheCommandTellsWhatWouldDiffer(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	n := r.variety()
	r.stop()
	code, out, errs := frontdesk(t, "replay", "--all", "--data-dir", c.DataDir, "--reasons")
	// The rig's configuration has other ports and acknowledgements switched on.
	if want := fmt.Sprintf("%d replayed:", n); !strings.Contains(out, want) || !strings.Contains(out, "another configuration") {
		t.Errorf("ended with %d: %s%s", code, out, errs)
	}
	if strings.Contains(out+errs, "customer.example") || strings.Contains(out+errs, "money back") {
		t.Errorf("addresses or texts are told:\n%s", out)
	}
}

// TestReplayOfWhatCannotBeOpenedIsAFailure: whoever replays a restored backup must not read "nothing
// differs" off an exit code when nothing could be read.
func TestReplayOfWhatCannotBeOpenedIsAFailure(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	r.mustMail("ann@customer.example", human("Ann <ann@customer.example>", "Refund", "1@customer.example", "I want my money back."))
	r.decided(1)
	rewrite(t, c, `UPDATE decisions SET sealed = x'00'`)
	code, out, errs := frontdesk(t, "replay", "--all", "--data-dir", c.DataDir)
	if code != 1 || !strings.Contains(errs, "cannot be opened") {
		t.Errorf("ended with %d: %s%s", code, out, errs)
	}
}

// TestReplayTellsWhatIsMissingFromWhatHasExpired: an original that went when its time was over is as it
// should be, one that went before is a loss.
func TestReplayTellsWhatIsMissingFromWhatHasExpired(t *testing.T) {
	c := testConfig(t)
	r := start(t, c)
	r.mustMail("ann@customer.example", human("Ann <ann@customer.example>", "Refund", "1@customer.example", strings.Repeat("I want my money back for this and that.\n", 10_000)))
	r.mustMail("bob@customer.example", human("Bob <bob@customer.example>", "Umbrella", "2@customer.example", "I miss my umbrella."))
	r.settled(2)
	r.stop()
	large := lookUp(t, c, `SELECT id FROM originals WHERE blob <> ''`)
	blob := lookUp(t, c, `SELECT blob FROM originals WHERE blob <> ''`)
	small := lookUp(t, c, `SELECT id FROM originals WHERE blob = ''`)
	if err := os.Remove(filepath.Join(c.Blobs.Dir, blob[:2], blob[2:4], blob)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name      string
		statement string
		code      int
		said      []string
	}{
		{"a blob that was taken away", "", command.ExitFinding, []string{"message " + large, "original missing: the blob " + blob, "1 originals are missing"}},
		{"a row that was taken away", "DELETE FROM originals WHERE id = " + small, command.ExitFinding, []string{"message " + small, "its row in the table originals", "2 originals are missing"}},
		{"what has expired", "UPDATE messages SET expires_at = 0; DELETE FROM originals", 0, []string{"original expired 2"}},
	} {
		if step.statement != "" {
			rewrite(t, c, step.statement)
		}
		code, out, errs := frontdesk(t, "replay", "--all", "--data-dir", c.DataDir)
		for _, words := range step.said {
			if code != step.code || !strings.Contains(out+errs, words) {
				t.Errorf("%s: ended with %d and does not say %q:\n%s%s", step.name, code, words, out, errs)
			}
		}
	}
}

// TestTheCommandsOfADifferentConfiguration goes the whole way from files.
func TestReplayWithAnotherFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("FRONTDESK_TEST_KEY", testKey)
	file := func(name, more string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		text := "desk: {name: Desk, domain: desk.example}\nkeys: {master: [{name: first, env: FRONTDESK_TEST_KEY}]}\ndata_dir: " + dir + "\ninboxes:\n  - {name: support, channel: email, address: support@desk.example, smtp_door: true}\nlisten: {http: \"127.0.0.1:0\", ops: \"127.0.0.1:0\", smtp: \"127.0.0.1:0\"}\n" + more
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first := file("first.yaml", "")
	other := file("other.yaml", "acknowledgements: {enabled: false}\n")
	loaded, err := configs.Load(first, os.LookupEnv, kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, loaded)
	n := r.variety()
	if code, out, errs := frontdesk(t, "replay", "--all", "--config", first, "--reasons"); code != 0 || !strings.Contains(out, fmt.Sprintf("%d replayed: %d the same, 0 differ", n, n)) {
		t.Errorf("beside the service: ended with %d: %s%s", code, out, errs)
	}
	r.stop()
	code, out, errs := frontdesk(t, "replay", "--all", "--config", first, "--with", other, "--json", "--limit-diff", "1", "--show-text")
	var told struct {
		Messages []replay.Verdict
		Summary  replay.Summary
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != command.ExitDiffer || errs != "" {
		t.Fatalf("ended with %d: %v: %s%s", code, err, out, errs)
	}
	if len(told.Messages) != 1 || told.Summary.Differ == 0 || told.Summary.ByField["acknowledgement"] != told.Summary.Differ || told.Messages[0].Text == "" {
		t.Errorf("told %+v", told)
	}
	for _, args := range [][]string{{"replay"}, {"replay", "1", "--all"}, {"replay", "x"}, {"replay", "--from", "yesterday"},
		{"replay", "--from", "2026-11-22", "--to", "2026-11-21"}} {
		if code, _, _ := frontdesk(t, append(args, "--config", first)...); code != command.ExitUsage {
			t.Errorf("%v ended with %d, want %d", args, code, command.ExitUsage)
		}
	}
	if code, _, errs := frontdesk(t, "replay", "999999", "--config", first); code != command.ExitFinding || !strings.Contains(errs, "no message 999999") {
		t.Errorf("an unknown id ended with %d: %s", code, errs)
	}
	elsewhere := file("elsewhere.yaml", "")
	text, err := os.ReadFile(elsewhere)
	if err == nil {
		err = os.WriteFile(elsewhere, []byte(strings.ReplaceAll(string(text), "name: support", "name: else")), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if code, out, errs := frontdesk(t, "replay", "1", "--config", first, "--with", elsewhere); code != command.ExitFinding || !strings.Contains(out, "inbox not configured 1") ||
		!strings.Contains(errs, "does not have their inbox") {
		t.Errorf("an id of an inbox that is not configured ended with %d: %s%s", code, out, errs)
	}
	if code, out, errs := frontdesk(t, "replay", "--all", "--config", first, "--with", elsewhere); code != 0 {
		t.Errorf("all, of an inbox that is not configured, ended with %d: %s%s", code, out, errs)
	}
	if code, out, _ := frontdesk(t, "replay", "--from", "2000-01-01", "--to", "2000-01-31", "--config", first); code != 0 || !strings.Contains(out, "0 replayed") {
		t.Errorf("a period without messages ended with %d: %s", code, out)
	}
}

// corpusMails reads each file of the public corpora that is a mail, by path.
func corpusMails(t *testing.T) (paths []string, raw [][]byte) {
	t.Helper()
	root := shared(t, "corpora")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && len(bytes.TrimSpace(b)) > 0 {
			paths, raw = append(paths, path), append(raw, b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths, raw
}

func TestTheCorporaAreDecidedTheSameAgain(t *testing.T) {
	paths, raw := corpusMails(t)
	c := testConfig(t)
	r := start(t, c)
	for i, b := range raw {
		d := channels.Delivery{Inbox: r.config.Inboxes[0].Name, Channel: "email", Key: fmt.Sprint(i), At: time.Now().Add(-time.Duration(len(raw)-i) * time.Second), Raw: b}
		if err := r.accept(d); err != nil {
			t.Fatalf("%s: %v", paths[i], err)
		}
	}
	r.decided(len(raw))
	r.sameAgain(c, len(raw)*9/10)
}

// BenchmarkReplay decides the messages of variety again, over and over.
func BenchmarkReplay(b *testing.B) {
	c := testConfig(b)
	r := start(b, c)
	var box strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&box, "From a Tue May  6 02:00:00 2025\n%s\n", dated(fmt.Sprintf("a%d@customer.example", i), "Payment failed", fmt.Sprintf("%d@customer.example", i),
			strings.Repeat("My payment of 200 USD failed and the money is gone, please look into it. ", 4), longAgo))
	}
	begun := time.Now()
	got, _ := imported(b, c.DataDir, wroteMail(b, filepath.Join(b.TempDir(), "x.mbox"), box.String()))
	b.Logf("%d imported beside the service in %s", got.Recorded, time.Since(begun))
	r.decided(2000)
	for b.Loop() {
		r.sameAgain(c, 2000)
	}
	b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
