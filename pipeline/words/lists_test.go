package words

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFileHasItsListsInTheirOrder(t *testing.T) {
	l, err := ReadLists("a.txt", "# what people say\n\n[hello]\nhi | hello there\n  你好|您好  \n[bye]\n# in German\n\"to mr \" | tschüss | \"\\u007c\" | \"#\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"hello", "bye"}, l.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"hi", "hello there", "你好", "您好"}, l.Words("hello")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"to mr ", "tschüss", "|", "#"}, l.Words("bye")); diff != "" {
		t.Error(diff)
	}
	if set := l.Set("hello"); len(set) != 4 || !set["你好"] || set["tschüss"] {
		t.Errorf("the set is %v", set)
	}
	if list := l.List("hello"); !list.In("oh, hello there", nil) || list.In("tschüss", nil) {
		t.Error("the list finds other words than its own")
	}
}

func TestWhatAFileMayNotHoldIsToldWithItsLine(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a word before any list", "# a\nhi", `a.txt:2: a word before the first list: "hi"`},
		{"a list that nothing closes", "[hello\nhi", `a.txt:1: no name of a list: "[hello"`},
		{"a list without a name", "[]\nhi", `a.txt:1: no name of a list: "[]"`},
		{"a name with spaces around it", "[ hello ]\nhi", `a.txt:1: no name of a list: "[ hello ]"`},
		{"a list that is there twice", "[a]\nhi\n[b]\nho\n[a]\nhu", `a.txt:5: the list [a] is there already`},
		{"a list without words", "[a]\n# none\n[b]\nho", `a.txt:3: the list [a] is empty`},
		{"a last list without words", "[a]\nhi\n[b]\n", `a.txt:3: the list [b] is empty`},
		{"a word that is there twice", "[a]\nhi | ho\nhu\nho", `a.txt:4: "ho" stands in [a] twice, first on line 2`},
		{"twice on one line", "[a]\nhi | hi", `a.txt:2: "hi" stands in [a] twice, first on line 2`},
		{"a word in quotes that is there without", "[a]\nhi\n\"hi\"", `a.txt:3: "hi" stands in [a] twice, first on line 2`},
		{"nothing between two bars", "[a]\nhi | | ho", `a.txt:2: an empty word`},
		{"a bar at the end", "[a]\nhi |", `a.txt:2: an empty word`},
		{"nothing in quotes", "[a]\n\"\"", `a.txt:2: an empty word`},
		{"quotes that nothing closes", "[a]\nhi\n\"ho", `a.txt:3: reading "ho: invalid syntax`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if l, err := ReadLists("a.txt", c.text); err == nil || err.Error() != c.want {
				t.Errorf("got %v and the error %v, want %s", l, err, c.want)
			}
		})
	}
}

func TestTheSameWordMayStandInTwoLists(t *testing.T) {
	l, err := ReadLists("a.txt", "[a]\nhi\n[b]\nhi\nHi")
	if err != nil || len(l.Words("b")) != 2 {
		t.Errorf("%v, %v", l, err)
	}
}

func TestAFileWithoutListsIsNone(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# only this"} {
		if l, err := ReadLists("a.txt", text); err != nil || len(l.Names()) != 0 {
			t.Errorf("%q: %v, %v", text, l, err)
		}
	}
}

func TestARowThatCannotBeReadIsToldWithItsLine(t *testing.T) {
	l := MustReadLists("a.txt", "[rows]\nan even row | one more\n\nbad row\n")
	bad := errors.New("no number")
	var seen []string
	err := l.Each("rows", func(row string) error {
		if seen = append(seen, row); row == "bad row" {
			return bad
		}
		return nil
	})
	if want := `a.txt:4: reading "bad row": no number`; !errors.Is(err, bad) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if !slices.Equal(seen, []string{"an even row", "one more", "bad row"}) {
		t.Errorf("the rows are %q", seen)
	}
	if err := l.Each("rows", func(string) error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestAListThatIsNotThereIsAMistakeOfTheProgram(t *testing.T) {
	l := MustReadLists("a.txt", "[a]\nhi")
	for name, ask := range map[string]func(){
		"words":           func() { l.Words("b") },
		"set":             func() { l.Set("b") },
		"list":            func() { l.List("b") },
		"rows":            func() { _ = l.Each("b", func(string) error { return nil }) },
		"an unread file":  func() { MustReadLists("a.txt", "hi") },
		"an empty string": func() { l.Words("") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if told := fmt.Sprint(recover()); !strings.HasPrefix(told, "a.txt") {
					t.Errorf("it is told as %q", told)
				}
			}()
			ask()
		})
	}
}

// FuzzReadLists: whatever is read is found again, and no word has white space around it that was not quoted.
func FuzzReadLists(f *testing.F) {
	for _, s := range []string{"[a]\nhi | ho\n", "[a]\n\"x \"|y\n[b]\n中文|#", "[a", "|", "\"\\x", "[a]\n[a]\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ReadLists("f.txt", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.txt:") {
				t.Errorf("the error %q names no place", err)
			}
			return
		}
		for _, name := range l.Names() {
			words := l.Words(name)
			if len(words) == 0 || len(l.Set(name)) != len(words) {
				t.Errorf("[%s] has %d words, %d of them different", name, len(words), len(l.Set(name)))
			}
		}
	})
}

func TestLinesOfEveryKindEndALine(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"[a]\nhi\nho", "[a]\r\nhi\r\nho\r\n", "  [a]  \n\t hi \n\n ho ", "\n\n[a]\nhi | ho\n# end"} {
		l, err := ReadLists("a.txt", text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff([]string{"hi", "ho"}, l.Words("a")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
