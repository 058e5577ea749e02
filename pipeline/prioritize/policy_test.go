package prioritize

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func made(t *testing.T, p Policy) *Prioritizer {
	t.Helper()
	out, err := New(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWhereAWordEnds: in scripts that write words apart, and in those that do not.
func TestWhereAWordEnds(t *testing.T) {
	t.Parallel()
	p := made(t, Policy{Words: []Words{{Name: "w", Level: High, Words: []string{"sue", "fraud*", "律师", "суд", "c++", "ฟ้อง", "訴える"}}}})
	for text, want := range map[string]bool{
		"I will sue":               true,
		"sue.":                     true,
		"(sue)":                    true,
		"SUE you":                  true,
		"sued":                     false,
		"issue":                    false,
		"issue, and then I sue":    true, // the first place does not fit, the second does
		"sue2":                     false,
		"2sue":                     false,
		"我要sue你":                   true, // Chinese characters part words
		"fraud":                    true,
		"fraudulent":               true,
		"defraud":                  false,
		"我找律师了":                    true,
		"律师":                       true,
		"律 师":                      false,
		"в суд":                    true,
		"судья":                    false,
		"рассудить":                false,
		"c++":                      true,
		"xc++":                     false,
		"c++x":                     true, // a sign at the end parts by itself
		"จะฟ้องศาล":                true,
		"会社を訴えるつもり":                true,
		"":                         false,
		"su e":                     false,
		"the suez canal":           false,
		"sue-and-labour":           true,
		"sue\u00a0them":            true,
		"I'd sue’s":                true,
		strings.Repeat("sues ", 9): false,
	} {
		if got := p.Decide(Facts{Text: text}).Level == High; got != want {
			t.Errorf("%q raises: %v, want %v", text, got, want)
		}
	}
}

// TestAmounts: from the very amount on, in its currency or in any.
func TestAmounts(t *testing.T) {
	t.Parallel()
	p := made(t, Policy{Sums: []Sum{{Currency: "USD", AtLeast: 1000, Level: High}, {AtLeast: 1e6, Level: Urgent}}})
	for _, c := range []struct {
		amounts []Amount
		want    Level
	}{
		{nil, Normal},
		{[]Amount{{"USD", 999.99}}, Normal},
		{[]Amount{{"USD", 1000}}, High},
		{[]Amount{{"usd", 1000}}, High},
		{[]Amount{{"EUR", 1000}}, Normal},
		{[]Amount{{"", 1000}}, Normal},
		{[]Amount{{"", 1e6}}, Urgent},
		{[]Amount{{"EUR", 1e6}, {"USD", 1}}, Urgent},
		{[]Amount{{"USD", 500}, {"USD", 600}}, Normal}, // they are not added
		{[]Amount{{"USD", math.NaN()}}, Normal},
		{[]Amount{{"USD", -5000}}, Normal},
	} {
		if got := p.Decide(Facts{Amounts: c.amounts}).Level; got != c.want {
			t.Errorf("%v: %s, want %s", c.amounts, got, c.want)
		}
	}
}

// TestRepeatsGoUpOneStep, after all other signs, and never beyond the top.
func TestRepeatsGoUpOneStep(t *testing.T) {
	t.Parallel()
	policy := Policy{Categories: map[string]Level{"low": Low, "urgent": Urgent}, Words: []Words{{Name: "w", Level: High, Words: []string{"lawyer"}}}, Repeats: 3}
	for _, c := range []struct {
		name  string
		facts Facts
		want  Level
	}{
		{"below the bound", Facts{Category: "low", Unanswered: 2}, Low},
		{"at it", Facts{Category: "low", Unanswered: 3}, Normal},
		{"far beyond it is one step, too", Facts{Category: "low", Unanswered: 300}, Normal},
		{"on top of a sign", Facts{Category: "low", Text: "lawyer", Unanswered: 3}, Urgent},
		{"at the top it stays", Facts{Category: "urgent", Unanswered: 3}, Urgent},
	} {
		if got := made(t, policy).Decide(c.facts); got.Level != c.want {
			t.Errorf("%s: %s, want %s: %q", c.name, got.Level, c.want, got.Reasons)
		}
	}
	policy.Repeats = 0
	if got := made(t, policy).Decide(Facts{Category: "low", Unanswered: 300}).Level; got != Low {
		t.Errorf("with repeats switched off: %s", got)
	}
}

// TestListedCustomers: by their very identity, or by the domain behind the at sign.
func TestListedCustomers(t *testing.T) {
	t.Parallel()
	p := made(t, Policy{VIP: []string{" email:Ann@x.example ", "@y.example", "phone:+852", ""}, VIPLevel: Urgent})
	for identity, want := range map[string]bool{
		"email:ann@x.example": true, "EMAIL:ANN@X.EXAMPLE": true, "email:joann@x.example": false, "phone:ann@x.example": false, "email:li@y.example": true,
		"email:li@sub.y.example": false, "email:li@xy.example": false, "phone:+852": true, "phone:+8521": false, "": false,
	} {
		if got := p.Decide(Facts{Identity: identity}).Level == Urgent; got != want {
			t.Errorf("%q is on the list: %v, want %v", identity, got, want)
		}
	}
	if got := made(t, Policy{VIP: []string{"@y.example"}}).Decide(Facts{Identity: "email:li@y.example"}).Level; got != High {
		t.Errorf("without a level of their own: %s", got)
	}
}

func TestLevelsAreInOrder(t *testing.T) {
	t.Parallel()
	order := []Level{Low, Normal, High, Urgent}
	if !slices.IsSortedFunc(order, func(a, b Level) int { return a.rank() - b.rank() }) || Level("").rank() != -1 || Level("HIGH").rank() != -1 {
		t.Error("the levels are out of order, or a word that is none has a rank")
	}
	for i, l := range order {
		if want := order[min(i+1, 3)]; l.next() != want {
			t.Errorf("above %s lies %s, want %s", l, l.next(), want)
		}
	}
}

// TestAPolicyIsNotChanged by whoever made it from a configuration: its lists are its own.
func TestAPolicyIsNotChanged(t *testing.T) {
	t.Parallel()
	vip := []string{"EMAIL:Ann@x.example"}
	p := made(t, Policy{VIP: vip})
	if vip[0] != "EMAIL:Ann@x.example" {
		t.Errorf("the caller's list became %q", vip)
	}
	vip[0] = "email:li@x.example"
	if p.Decide(Facts{Identity: "email:li@x.example"}).Level != Normal {
		t.Error("a change of the caller's list changes the policy")
	}
}
