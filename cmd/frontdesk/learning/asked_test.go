package learning

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// promotedAnswers: of a desk where "wrong" was promoted, which takes a zorblat for an invoice, each word and no word at all asks whom it says.
func promotedAnswers(t *testing.T, dir string) {
	t.Helper()
	const text = "the zorblat keeps blinking"
	for _, c := range []struct{ name, flag, want, model string }{
		{"nothing said", "", "invoice", "wrong"},
		{"the one that comes with the program", "default", "", "default"},
		{"the rules alone", "none", "other", "none"},
		{"one of the shelf", "ours", "password-reset", "ours"},
	} {
		classify, understand := []string{"classify", "--json", text}, []string{"understand", "--jsonl", "-"}
		if c.flag != "" {
			classify, understand = append(classify, "--model", c.flag), append(understand, "--model", c.flag)
		}
		var said opinion
		out, err := run(t, dir, "", classify...)
		if err != nil || json.Unmarshal([]byte(out), &said) != nil || said.Model != c.model || c.want != "" && said.Category != c.want || c.want == "" && said.Category == "invoice" || len(said.Top) == 0 {
			t.Errorf("%s: classify says %s, %v", c.name, out, err)
		}
		var read understood
		out, err = run(t, dir, `{"text":"`+text+`"}`, understand...)
		if err != nil || json.Unmarshal([]byte(out), &read) != nil || read.Model != c.model || read.Category != said.Category || read.Unsure != said.Unsure {
			t.Errorf("%s: understand says %s, %v", c.name, out, err)
		}
	}
}

// TestWithoutAPromotionWhatComesWithTheProgramAnswers, as long as there is no database, in one that has promoted nothing, and never where a configuration wants none.
func TestWithoutAPromotionWhatComesWithTheProgramAnswers(t *testing.T) {
	config := filepath.Join(t.TempDir(), "frontdesk.yaml")
	if err := os.WriteFile(config, []byte("data_dir: "+filepath.Join(t.TempDir(), "none-yet")+"\ndesk: {name: D, domain: d.example}\nkeys: {master: [{name: m, file: none-yet}]}\nclassify: {model: none}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir, config, model string
	}{
		{"no database", t.TempDir(), "", "default"},
		{"a database in which nothing was promoted", database(t), "", "default"},
		{"a configuration that wants the rules alone", "", config, "none"},
	} {
		out, errs, err := runWith(t, c.dir, c.config, "", "classify", "please refund my order")
		if err != nil || !strings.HasPrefix(out, "refund, ") || errs != "model: "+c.model+"\n" || !strings.Contains(out, "because of ") {
			t.Errorf("%s: %q, %q, %v", c.name, out, errs, err)
		}
	}
}

// TestADatabaseThatCannotBeReadIsSaid: nobody takes the answer of one model for that of another.
func TestADatabaseThatCannotBeReadIsSaid(t *testing.T) {
	dir := database(t)
	if err := os.RemoveAll(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, dir, "", "classify", "please refund my order"); err == nil || !strings.Contains(err.Error(), "--model default") {
		t.Errorf("of a database without its key is said %v", err)
	}
	if out, err := run(t, dir, "", "classify", "--model", "default", "please refund my order"); err != nil || !strings.HasPrefix(out, "refund, ") {
		t.Errorf("the one that comes with the program says %q, %v", out, err)
	}
}

// TestAWordIsNoNameOfAModel: what stands for a model is given to none.
func TestAWordIsNoNameOfAModel(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"default", "present", "none"} {
		if _, err := run(t, dir, "", "train", "--data", file(t, "a.csv", labelled()), "--name", name); err == nil {
			t.Errorf("a model is called %s", name)
		}
	}
	if _, err := run(t, database(t), "", "models", "promote", "none", "--anyway"); err == nil || !strings.Contains(err.Error(), "classify.model") {
		t.Errorf("the rules alone are promoted: %v", err)
	}
}
