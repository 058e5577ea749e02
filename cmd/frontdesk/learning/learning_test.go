package learning

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/command"
)

// run runs one of the commands on a data directory and gives what it printed.
func run(t *testing.T, dir, in string, args ...string) (string, error) {
	t.Helper()
	out, _, err := runWith(t, dir, "", in, args...)
	return out, err
}

// runWith is run with a configuration, and gives what it printed on standard error, too.
func runWith(t *testing.T, dir, config, in string, args ...string) (string, string, error) {
	t.Helper()
	root := &cobra.Command{Use: "frontdesk", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(Commands(&command.Options{Kinds: kinds.All(), DataDir: dir, Config: config})...)
	var out, errs bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&errs)
	root.SetIn(strings.NewReader(in))
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

// file writes a file of the test.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// labelled is a small file to learn from.
func labelled() string {
	var b strings.Builder
	b.WriteString("category,text\n")
	for i := range 12 {
		fmt.Fprintf(&b, "refund,\"please refund order %d, 退款\"\nlocked,my account was locked %s\n", i, strings.Repeat("again ", i%3))
	}
	return b.String()
}

func TestAModelIsTrainedAskedAndListed(t *testing.T) {
	dir := t.TempDir()
	out, err := run(t, dir, "", "train", "--data", file(t, "a.csv", labelled()), "--name", "first")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"24 labelled messages of 2 categories", "refund", "first.model"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report has no %q:\n%s", want, out)
		}
	}
	out, err = run(t, dir, "please refund it\n\n我的 account locked\n", "classify", "--model", "first", "--json", "--lines", "-")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 {
		t.Fatalf("three lines give %d:\n%s", len(lines), out)
	}
	var said opinion
	if err := json.Unmarshal([]byte(lines[0]), &said); err != nil {
		t.Fatal(err)
	}
	if said.Category != "refund" || said.Language != "en" || len(said.Top) != 2 || said.Confidence <= .5 || said.Confidence > 1 {
		t.Errorf("said %+v", said)
	}
	out, err = run(t, dir, "", "classify", "--model", "first", "my account was locked")
	if err != nil || !strings.HasPrefix(out, "locked, ") || !strings.Contains(out, "because of ") {
		t.Errorf("one text gives %q, %v", out, err)
	}
	out, err = run(t, dir, "", "models", "--json")
	var listed []listedModel
	if err != nil || json.Unmarshal([]byte(out), &listed) != nil || len(listed) != 2 || listed[0].Name != "first" || listed[0].Categories != 2 || listed[0].Present || listed[1].Name != defaultName || !listed[1].Present {
		t.Errorf("the list is %s, %v", out, err)
	}
}

func TestTheMindThatComesWithTheProgramIsAskedWithoutAName(t *testing.T) {
	out, err := run(t, t.TempDir(), "我的转账还没到账\nplease recommend a good restaurant nearby\n", "classify", "--json", "--lines", "-")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var first, second opinion
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &first) != nil || json.Unmarshal([]byte(lines[1]), &second) != nil {
		t.Fatalf("two lines give %s", out)
	}
	if first.Category != "funds-missing" || first.Unsure || first.Language != "zh-Hans" || len(first.Top) != 3 || second.Category != "other" {
		t.Errorf("said %+v and %+v", first, second)
	}
	out, err = run(t, t.TempDir(), "", "classify", "I forgot my password")
	if err != nil || !strings.HasPrefix(out, "password-reset, ") || !strings.Contains(out, "because of ") {
		t.Errorf("one text gives %q, %v", out, err)
	}
}

func TestMessagesWithoutALabelAndJSONLines(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	for i := range 8 {
		fmt.Fprintf(&b, "{\"text\":\"退款 %d\",\"category\":\"refund\",\"subject\":\"x\"}\n\n{\"message\":\"account locked %d\",\"label\":\"locked\"}\n", i, i)
	}
	out, err := run(t, dir, "", "train", "--data", file(t, "a.jsonl", b.String()), "--unlabelled", file(t, "b.txt", "退款 谢谢\n\naccount frozen and locked\n"), "--name", "second", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var done trained
	if err := json.Unmarshal([]byte(out), &done); err != nil {
		t.Fatal(err)
	}
	if done.Report.Rows != 16 || done.Report.Unlabelled != 2 || done.Bytes == 0 {
		t.Errorf("the report: %+v", done)
	}
}

func TestWhatToLabelNextIsPrintedAsATableToFillIn(t *testing.T) {
	out, err := run(t, t.TempDir(), "", "train", "--data", file(t, "a.csv", labelled()), "--unlabelled", file(t, "b.txt", "refund my locked account\n\"please\", refund\n=locked(1)\n"), "--name", "x", "--suggest", "3")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "category" || rows[0][1] != "text" || rows[1][0] != "" || rows[1][1] == "" || rows[1][3] == rows[1][4] {
		t.Errorf("printed %v, %v", rows, err)
	}
	if !strings.Contains(out, ",'=locked(1)") {
		t.Errorf("a text may be taken for a formula: %s", out)
	}
}

func TestWhatIsWrongIsSaidWithItsLine(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		say  []string
	}{
		"no file":                       {[]string{"train", "--name", "x"}, []string{"--data"}},
		"no name":                       {[]string{"train", "--data", "a.csv"}, []string{"no name for a model"}},
		"a name that leaves the folder": {[]string{"train", "--data", "a.csv", "--name", "../x"}, []string{"no name for a model"}},
		"a file that is not there":      {[]string{"train", "--data", filepath.Join(dir, "none"), "--name", "x"}, []string{"none"}},
		"an empty file":                 {[]string{"train", "--data", file(t, "a", " \n"), "--name", "x"}, []string{"empty"}},
		"a table without categories":    {[]string{"train", "--data", file(t, "a", "text\nhello\n"), "--name", "x"}, []string{"line 1", "category"}},
		"neither a table nor JSON":      {[]string{"train", "--data", file(t, "a", "hello\nyou\n"), "--name", "x"}, []string{"line 1", "columns"}},
		"a row without a category":      {[]string{"train", "--data", file(t, "a", "text,category\na,x\nb,\n"), "--name", "x"}, []string{"line 3", "category"}},
		"a row without a text":          {[]string{"train", "--data", file(t, "a", "text,category\n\"a\nb\",x\n\" \",x\n"), "--name", "x"}, []string{"line 4", "text"}},
		"a row with a column too many":  {[]string{"train", "--data", file(t, "a", "text,category\na,x,y\n"), "--name", "x"}, []string{"line 2"}},
		"a line that is no JSON":        {[]string{"train", "--data", file(t, "a", "{\"text\":\"a\",\"category\":\"x\"}\nnone\n"), "--name", "x"}, []string{"line 2"}},
		"a text that is not UTF-8":      {[]string{"train", "--data", file(t, "a", "text,category\n\xff\xfe,x\n"), "--name", "x"}, []string{"line 2", "UTF-8"}},
		"one category alone":            {[]string{"train", "--data", file(t, "a", "text,category\na,x\nb,x\n"), "--name", "x"}, []string{"1 categories"}},
		"a promise that is no share":    {[]string{"train", "--data", file(t, "a", labelled()), "--name", "x", "--promise", "96"}, []string{"0.96"}},
		"a model that is not there":     {[]string{"classify", "--model", "nobody", "text"}, []string{"nobody", "frontdesk train"}},
		"suggestions out of nothing":    {[]string{"train", "--data", file(t, "a", labelled()), "--name", "x", "--suggest", "5"}, []string{"--unlabelled"}},
		"neither a text nor lines":      {[]string{"classify", "--model", "nobody"}, []string{"--lines"}},
		"both a text and lines":         {[]string{"classify", "--lines", "-", "text"}, []string{"--lines"}},
	} {
		_, err := run(t, dir, "", c.args...)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, say := range c.say {
			if !strings.Contains(err.Error(), say) {
				t.Errorf("%s: %v, want %s", name, err, say)
			}
		}
	}
	if there, err := shelf(filepath.Join(dir, "models")).list(); err != nil || len(there) > 0 {
		t.Errorf("what failed left %v, %v", there, err)
	}
}

func TestAllThatAReadingFinds(t *testing.T) {
	lines := []string{
		`{"at":"2026-11-30T12:00:00Z","subject":"Charged twice","text":"Dear team,\n\nI was charged twice for order TP-2026-0815 yesterday, please refund 45 euros. My card is 4111 1111 1111 1111.\n\nKind regards,\nJohn Smith"}`,
		``,
		`{"channel":"sms","text":"昨晚转账三千五还没到账，单号 20261130887766","at":"2026-11-30T12:00:00Z"}`,
		`{"channel":"fax of another house","text":"what is the weather like in Paris on Sunday"}`,
		`{"text":""}`,
	}
	out, err := run(t, t.TempDir(), strings.Join(lines, "\n"), "understand", "--jsonl", "-")
	if err != nil {
		t.Fatal(err)
	}
	var said []understood
	for line := range strings.Lines(out) {
		var u understood
		if err := json.Unmarshal([]byte(line), &u); err != nil {
			t.Fatal(err)
		}
		said = append(said, u)
	}
	if len(said) != 4 {
		t.Fatalf("four messages give %d:\n%s", len(said), out)
	}
	if strings.Contains(out, "4111 1111") {
		t.Error("a card's number was printed")
	}
	mail, sms, strange, empty := said[0], said[1], said[2], said[3]
	if !strings.HasPrefix(mail.Read, "I was charged twice") || strings.Contains(mail.Read, "regards") || mail.Language != "en" || mail.Redacted.Counts["card"] != 1 ||
		mail.Category != "wrong-amount" || mail.Unsure || mail.Priority != "high" || len(mail.Top) != 3 || fmt.Sprint(mail.Numbers) != "[TP20260815]" ||
		len(mail.Amounts) != 1 || mail.Amounts[0].Currency != "EUR" || mail.Amounts[0].Value != 45 || len(mail.Times) != 1 || mail.Times[0].From.Day() != 29 {
		t.Errorf("of the mail was found %+v", mail)
	}
	if sms.Language != "zh-Hans" || sms.Category != "funds-missing" || len(sms.Amounts) != 1 || sms.Amounts[0].Value != 3500 || fmt.Sprint(sms.Numbers) != "[20261130887766]" {
		t.Errorf("of the SMS was found %+v", sms)
	}
	if !strange.Unsure || strange.Language != "en" {
		t.Errorf("of what is none of the desk's business was found %+v", strange)
	}
	if empty.Category == "" || empty.Numbers == nil || empty.FAQ == nil {
		t.Errorf("of nothing was found %+v", empty)
	}
	if _, err := run(t, t.TempDir(), "{\"text\":\"a\"}\n{", "understand", "--jsonl", "-"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("of a line that is no JSON is said %v", err)
	}
	if _, err := run(t, t.TempDir(), "", "understand"); err == nil || !strings.Contains(err.Error(), "--jsonl") {
		t.Errorf("without a file is said %v", err)
	}
}
