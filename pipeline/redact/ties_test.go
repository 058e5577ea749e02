package redact

import (
	"strings"
	"testing"
)

// TestWhatBindsAWordToItsSecret: where the value begins, whether a sign or a verb binds it, and whether other words stand between.
func TestWhatBindsAWordToItsSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, behind string
		value        string
		firm, far    bool
	}{
		{"a space", " Kx7", "Kx7", false, false},
		{"a colon", ": Kx7", "Kx7", true, false},
		{"a colon without a space", ":Kx7", "Kx7", true, false},
		{"an equals sign", " = Kx7", "Kx7", true, false},
		{"a verb", " is Kx7", "Kx7", true, false},
		{"a verb of the past", " was Kx7", "Kx7", true, false},
		{"a verb in German", " lautet Kx7", "Kx7", true, false},
		{"a verb and a colon", " is: Kx7", "Kx7", true, false},
		{"a verb and quotation marks", " is \"Kx7\"", "Kx7\"", true, false},
		{"a dash", " - Kx7", "Kx7", false, false},
		{"words and a verb", " of my bank is Kx7", "Kx7", true, true},
		{"words and a colon", " for the app: Kx7", "Kx7", true, true},
		{"words without a tie", " of my bank Kx7", "of my bank Kx7", false, false},
		{"the next line, behind a colon", ":\nKx7", "Kx7", true, false},
		{"the next line, behind nothing", "\nKx7", "\nKx7", false, false},
		{"Chinese", "是Kx7", "Kx7", true, false},
		{"Chinese with a mark", "：Kx7", "Kx7", true, false},
		{"Chinese that changed it", "改成了Kx7", "Kx7", true, false},
		{"a space of Chinese", "\u3000Kx7", "Kx7", false, false},
		{"a no-break space", "\u00a0Kx7", "Kx7", false, false},
		{"an arrow", "→Kx7", "Kx7", true, false},
	} {
		const word = "password"
		x := scan(word + c.behind)
		got, ok := x.tie(len(word))
		if !ok || x.s[got.at:] != c.value || got.firm != c.firm || got.far != c.far {
			t.Errorf("%s: %q is bound at %q, firm %v, far %v, %v", c.name, c.behind, x.s[got.at:], got.firm, got.far, ok)
		}
	}
	for _, behind := range []string{"", " ", ": ", "  ", "是"} {
		if got, ok := scan("password" + behind).tie(len("password")); ok {
			t.Errorf("%q binds something at %d", behind, got.at)
		}
	}
}

func TestWordsOfAPassphrase(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" horse battery":               " horse battery",
		"-horse-battery":               "-horse-battery",
		" horse, battery":              " horse",
		" horse. Battery":              " horse",
		" a b c d e f g h i":           " a b c d e f g h",
		"  horse":                      "",
		"":                             "",
		" 1":                           "",
		" horse1 battery2":             " horse1 battery2",
		" 马":                           "",
		"\nhorse":                      "",
		" " + strings.Repeat("x", 100): " " + strings.Repeat("x", 100),
	} {
		if got := in[:scan(in).phrase(0)]; got != want {
			t.Errorf("%q goes on with %q, want %q", in, got, want)
		}
	}
}

func TestWhatStandsInQuotationMarks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		at   int
		want int
	}{
		{`"abc"`, 1, 4},
		{`'abc'`, 1, 4},
		{"`abc`", 1, 4},
		{`"abc'`, 1, 0},
		{`"abc`, 1, 0},
		{`""`, 1, 0},
		{`abc`, 0, 0},
		{`abc"`, 0, 0},
		{"\"ab\nc\"", 1, 0},
		{`"` + strings.Repeat("a", 63) + `"`, 1, 64},
		{`"` + strings.Repeat("a", 64) + `"`, 1, 0},
	} {
		if got := scan(c.in).inQuotes(c.at); got != c.want {
			t.Errorf("the quotation of %.20q ends at %d, want %d", c.in, got, c.want)
		}
	}
}

func TestNamesOfOtherNumbers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"room":           true,
		"the room is":    true,
		"flight no":      true,
		"客服电话":           true,
		"扣了":             true,
		"phone":          true,
		"error":          true,
		"my card":        false,
		"the value here": false,
		"卡背面":            false,
		"mushroom":       false,
		"":               false,
	} {
		if got := othersNumber(in); got != want {
			t.Errorf("%q names another number: %v", in, got)
		}
	}
	for in, want := range map[string]bool{"": true, " ": true, ". Next": true, " and": true, " thanks": true, " please": true, " apples": false, "，谢谢": true, ") ok": false, "元": true, "\n": true} {
		if got := scan(in).ends(0); got != want {
			t.Errorf("a thought ends before %q: %v", in, got)
		}
	}
	for in, want := range map[string]bool{"": true, "积分": false, "。谢谢": true, "、": true, " and": true, "apples": false} {
		if got := scan(in).endsHere(0); got != want {
			t.Errorf("a thought ends here before %q: %v", in, got)
		}
	}
}
