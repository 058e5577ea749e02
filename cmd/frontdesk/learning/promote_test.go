package learning

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/training"
	"frontdesk/workers/store/models"
)

// database makes the database of an installation.
func database(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	c, err := (&command.Options{Kinds: kinds.All(), DataDir: dir}).Load()
	if err != nil {
		t.Fatal(err)
	}
	b, err := installation.Open(t.Context(), c, true)
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	return dir
}

// strange are messages in words of this desk's alone, which the mind that comes with the program does not know: which word says what is the desk's.
func strange(n int, swapped bool) string {
	var b strings.Builder
	b.WriteString("at,category,text\n")
	categories := [2]string{"password-reset", "invoice"}
	if swapped {
		categories = [2]string{"invoice", "password-reset"}
	}
	for i := range n {
		at := time.Date(2026, 3, 1, 0, i, 0, 0, time.UTC).Format(time.RFC3339)
		word := [2]string{"zorblat", "quuxify"}[i%2]
		fmt.Fprintf(&b, "%s,%s,the %s of client%dx keeps blinking\n", at, categories[i%2], word, i)
	}
	return b.String()
}

func presentIn(t *testing.T, dir string) listedModel {
	t.Helper()
	out, err := run(t, dir, "", "models", "--json")
	var list []listedModel
	if err != nil || json.Unmarshal([]byte(out), &list) != nil {
		t.Fatalf("the list is %s, %v", out, err)
	}
	for _, m := range list {
		if m.Present {
			return m
		}
	}
	t.Fatalf("no model is present: %s", out)
	return listedModel{}
}

// TestAModelBecomesTheLinesOnlyIfItIsBetter, and goes again.
func TestAModelBecomesTheLinesOnlyIfItIsBetter(t *testing.T) {
	dir := database(t)
	data := file(t, "desk.csv", strange(300, false))
	if _, err := run(t, dir, "", "train", "--data", data, "--name", "ours", "--holdout", "0.4"); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, dir, "", "train", "--data", file(t, "wrong.csv", strange(180, true)), "--name", "wrong"); err != nil {
		t.Fatal(err)
	}
	if m := presentIn(t, dir); m.Name != defaultName {
		t.Errorf("%s is present before anything was promoted", m.Name)
	}
	out, err := run(t, dir, "", "models", "promote", "ours", "--data", data)
	if err != nil || !strings.Contains(out, "ours is the line's model") || !strings.Contains(out, "180 labelled messages were left out") {
		t.Fatalf("promoting gives %s, %v", out, err)
	}
	if m := presentIn(t, dir); m.Name != "ours" || m.Promoted.IsZero() || !strings.Contains(m.said(), "right 100.0 % of 120") {
		t.Errorf("the list says %+v", m)
	}
	_, err = run(t, dir, "", "models", "promote", "wrong", "--data", data)
	if err == nil || !strings.Contains(err.Error(), "not right more often") || !strings.Contains(err.Error(), "--anyway") {
		t.Errorf("one that is worse: %v", err)
	}
	if _, err := run(t, dir, "", "models", "promote", "wrong", "--data", data, "--anyway"); err != nil || presentIn(t, dir).Name != "wrong" {
		t.Errorf("of who knows better: %v", err)
	}
	if out, err := run(t, dir, `{"text":"the zorblat keeps blinking"}`, "understand", "--model", "present", "--jsonl", "-"); err != nil || !strings.Contains(out, `"category":"invoice"`) {
		t.Errorf("understand asks another model: %v\n%s", err, out)
	}
	if out, err := run(t, dir, "", "classify", "--model", "present", "the zorblat keeps blinking"); err != nil || !strings.HasPrefix(out, "invoice, ") {
		t.Errorf("the line's model says %q, %v", out, err)
	}
	promotedAnswers(t, dir)
	for _, want := range []string{"ours", defaultName} {
		if _, err := run(t, dir, "", "models", "rollback"); err != nil || presentIn(t, dir).Name != want {
			t.Errorf("going back: %s is present, %v", presentIn(t, dir).Name, err)
		}
	}
	if _, err := run(t, dir, "", "models", "rollback"); err == nil || !strings.Contains(err.Error(), "comes with the program") {
		t.Errorf("there is nothing before it: %v", err)
	}
}

// TestWhatCannotBePromoted, and what it says.
func TestWhatCannotBePromoted(t *testing.T) {
	dir := database(t)
	few := file(t, "few.csv", strange(60, false))
	foreign := file(t, "foreign.csv", labelled())
	for name, data := range map[string]string{"few": few, "foreign": foreign} {
		if _, err := run(t, dir, "", "train", "--data", data, "--name", name); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		args []string
		say  string
	}{
		"it has learned from all of them":          {[]string{"few", "--data", few}, "too few messages"},
		"its categories are none of the desk's":    {[]string{"foreign", "--data", few}, "does not have"},
		"nobody has corrected a ticket":            {[]string{"few"}, "nobody has set the category"},
		"there is no such model":                   {[]string{"none", "--data", few}, "no model"},
		"the one that is the line's already stays": {[]string{defaultName, "--data", few}, "not right more often"},
	} {
		if _, err := run(t, dir, "", append([]string{"models", "promote"}, c.args...)...); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m := presentIn(t, dir); m.Name != models.Default || !m.Promoted.IsZero() {
		t.Errorf("what was refused left %+v", m)
	}
}

// TestTwoModelsAreMeasuredOnTheSameMessages.
func TestTwoModelsAreMeasuredOnTheSameMessages(t *testing.T) {
	dir := database(t)
	data := file(t, "desk.csv", strange(200, false))
	out, err := run(t, dir, "", "train", "--data", data, "--name", "ours", "--holdout", "0.3", "--curve")
	if err != nil || !strings.Contains(out, "On the newest 60 labelled messages") || !strings.Contains(out, "The last doubling brought") {
		t.Fatalf("training says %s, %v", out, err)
	}
	out, err = run(t, dir, "", "models", "compare", "ours", "default", "--data", data, "--json")
	var said compared
	if err != nil || json.Unmarshal([]byte(out), &said) != nil {
		t.Fatalf("%s, %v", out, err)
	}
	if said.Learned != 140 || said.Figures[0].Messages != 60 || said.Figures[0].Right != 1 || said.Figures[1].Messages != 60 || said.Figures[1].Right >= 1 || len(said.Differ) == 0 || len(said.Unknown) != 0 {
		t.Errorf("compared: %+v", said)
	}
}

// guess is a model that always says the same.
type guess opinion

func (g guess) judge(classify.Input) opinion { return opinion(g) }
func (guess) why(_, _ string) []string       { return nil }

// TestWhatIsBetter, by what it names and what it gets right.
func TestWhatIsBetter(t *testing.T) {
	of := func(right, named, namedRight, all int) figures {
		f := figures{Messages: all, right: right, named: named, namedRight: namedRight}
		f.done()
		return f
	}
	for name, c := range map[string]struct {
		a, b figures
		say  string
	}{
		"right more often":                           {of(80, 60, 59, 100), of(70, 60, 59, 100), ""},
		"as often":                                   {of(70, 60, 60, 100), of(70, 60, 59, 100), "more often"},
		"more often, and names wrongly":              {of(80, 60, 50, 100), of(70, 60, 59, 100), "less often"},
		"more often, and names as the present one":   {of(80, 60, 50, 100), of(70, 60, 49, 100), ""},
		"on too few messages":                        {of(40, 30, 30, 49), of(10, 30, 30, 49), "too few"},
		"names nothing, and the present one wrongly": {of(80, 0, 0, 100), of(70, 60, 30, 100), "less often"},
	} {
		if got := c.a.beats(c.b, .96); (got == "") != (c.say == "") || !strings.Contains(got, c.say) {
			t.Errorf("%s: %q", name, got)
		}
	}
	f := measure(guess{Category: classify.Other}, []training.Example{{Text: "a", Label: "outside"}, {Text: "b", Label: "x"}, {Text: "c", Label: classify.Other}}, nil)
	if f.Messages != 2 || f.Right != .5 || f.Outside != 1 || f.LeftAlone != 1 {
		t.Errorf("measured %+v", f)
	}
}

// TestMessagesWithoutATimeHaveNoNewestOnes.
func TestMessagesWithoutATimeHaveNoNewestOnes(t *testing.T) {
	if _, err := run(t, t.TempDir(), "", "train", "--data", file(t, "a.csv", labelled()), "--name", "x", "--holdout", "0.2"); err == nil || !strings.Contains(err.Error(), "column at") {
		t.Errorf("no error that says so: %v", err)
	}
	at := func(day int) time.Time { return time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC) }
	older, newer, ok := newest([]training.Example{{Text: "b", At: at(2)}, {Text: "d", At: at(4)}, {Text: "a", At: at(1)}, {Text: "c", At: at(3)}}, .5)
	if !ok || len(older) != 2 || len(newer) != 2 || older[0].Text != "a" || newer[0].Text != "c" {
		t.Errorf("split into %v and %v", older, newer)
	}
}
