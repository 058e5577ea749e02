package understanding

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/classify/training"
)

// ran runs the command.
func ran(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c := Command()
	var out bytes.Buffer
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetOut(&out)
	c.SetErr(&bytes.Buffer{})
	c.SetArgs(args)
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

// sets writes small sets of the public ones' shapes.
func sets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var table strings.Builder
	table.WriteString("text,category\n")
	var set struct {
		Train [][2]string `json:"train"`
		Val   [][2]string `json:"val"`
		OOS   [][2]string `json:"oos_val"`
	}
	for i := range 120 {
		lost, fee := fmt.Sprintf("my card got lost in place %d", i), fmt.Sprintf("which fee has plan %d", i)
		fmt.Fprintf(&table, "\"%s\",lost_card\n%s,fees\n", lost, fee)
		set.Train = append(set.Train, [2]string{lost, "lost"}, [2]string{fee, "fees"})
	}
	set.Val = [][2]string{{"card lost yesterday", "lost"}, {"tell me the fee of my plan", "fees"}}
	set.OOS = [][2]string{{"zebras quietly graze", "oos"}}
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"banking77/train.csv": []byte(table.String()), "clinc150/data_full_train_val.json": data} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEachSectionIsMeasuredOnWhatItHasNotSeen(t *testing.T) {
	out, err := ran(t, "--datasets", sets(t), "--own", filepath.Join("..", "..", "..", "..", "pipeline", "classify", "testdata"), "--draws", "2", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var all []figure
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	want := []string{"default, Chinese", "default, English", "banking77", "clinc150", "few, draw 1", "few, draw 2", "few, mean of 2 draws"}
	var got []string
	for _, f := range all {
		if got = append(got, f.Name); f.Messages == 0 || f.Right < .7 || f.Right > 1 || f.Micros <= 0 || f.LoadMS <= 0 {
			t.Errorf("%+v", f)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("measured %q", got)
	}
	if all[0].Messages+all[0].Outside+all[1].Messages+all[1].Outside != 840 || all[0].Learned != 0 {
		t.Errorf("the default mind: %+v, %+v", all[0], all[1])
	}
	if b := all[2]; b.Learned+b.Messages != 240 || b.Messages < 10 || b.Messages > 40 || b.Bytes == 0 || b.TrainSeconds == 0 {
		t.Errorf("banking77: %+v", b)
	}
	if c := all[3]; c.Learned != 240 || c.Messages != 2 || c.Outside != 1 || c.AUROC != 1 {
		t.Errorf("clinc150: %+v", c)
	}
	if f := all[4]; f.Learned != 20 || f.Learned+f.Unlabelled != all[2].Learned || f.Messages != all[2].Messages {
		t.Errorf("few: %+v", f)
	}
}

func TestATableForPeopleSaysWhatWasMeasured(t *testing.T) {
	out, err := ran(t, "--datasets", sets(t), "--only", "banking77")
	if err != nil || strings.Contains(out, "clinc") || !strings.Contains(out, "SUREST 80 %") || !strings.Contains(out, "banking77") {
		t.Errorf("%v, printed:\n%s", err, out)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	broken := t.TempDir()
	for name, content := range map[string]string{"banking77": "train.csv", "clinc150": "data_full_train_val.json"} {
		if err := os.MkdirAll(filepath.Join(broken, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(broken, name, content), []byte("[1]"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ args, say string }{
		"no folder of sets":        {"--only banking77", "--datasets DIR"},
		"a section that is not":    {"--only weather", "there are default, banking77"},
		"a folder without the set": {"--only clinc150 --datasets " + t.TempDir(), "data_full_train_val.json"},
		"a folder without our own": {"--only default --own " + t.TempDir(), "--own names the folder"},
		"a table that is none":     {"--only banking77 --datasets " + broken, "1 columns"},
		"a set that is none":       {"--only clinc150 --datasets " + broken, "reading the set"},
		"no draw":                  {"--only few --datasets x --draws 0", "1 to 10"},
	} {
		if _, err := ran(t, strings.Fields(c.args)...); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v, want %q", name, err, c.say)
		}
	}
}

func TestFiguresAreCountedByHand(t *testing.T) {
	f := counted([]answer{
		{share: .9, right: true, named: true}, {share: .8, right: true, named: true}, {share: .7, named: true}, {share: .6, right: true}, {share: .2},
		{share: .7, out: true, named: true}, {share: .1, out: true, left: true},
	})
	want := figure{Messages: 5, Right: .6, Surest: .75, Named: .6, Precision: 2. / 3, Outside: 2, LeftAlone: .5, AUROC: (2 + 2 + 1.5 + 1 + 1) / 10.}
	if f != want {
		t.Errorf("got %+v\nwant %+v", f, want)
	}
	if empty := counted(nil); empty != (figure{}) {
		t.Errorf("of nothing: %+v", empty)
	}
}

func TestTheSplitIsAlwaysTheSame(t *testing.T) {
	var all []training.Example
	for i := range 2000 {
		all = append(all, training.Example{Text: fmt.Sprint("message ", i)})
	}
	train, held := split(all)
	slices.Reverse(all)
	_, again := split(all)
	slices.Reverse(again)
	if len(train)+len(held) != 2000 || len(held) < 150 || len(held) > 250 || !slices.Equal(held, again) {
		t.Errorf("%d are held out of %d; again %d", len(held), 2000, len(again))
	}
}

// FuzzOwn: each message has a category and a text, and none is longer than its line.
func FuzzOwn(f *testing.F) {
	f.Add([]byte("# c\n[refund]\nplease // refund it\n退款\n"))
	f.Add([]byte("before\n[x]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := readOwn(data)
		if err != nil {
			return
		}
		whole := 0
		for _, e := range out {
			if whole += len(e.Subject) + len(e.Text); e.Label == "" || e.Text == "" {
				t.Errorf("%+v has no category, or no text", e)
			}
		}
		if whole > len(data) {
			t.Errorf("%d bytes of %d", whole, len(data))
		}
	})
}
