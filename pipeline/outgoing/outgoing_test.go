package outgoing

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/doubling"
)

func check(t testing.TB) *Check {
	t.Helper()
	c, err := New(Config{Cards: Block, Identity: Warn, Words: []Words{
		{Languages: []string{"zh"}, Words: []string{"保证到账", "最好", "內部"}, Action: Warn},
		{Words: []string{"guarantee", "Off The  Record"}, Action: Block},
		{Words: []string{"quiet"}, Action: Off},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatIsFoundInATextThatGoesOut(t *testing.T) {
	card, id := Finding{Kind: Card, Action: Block}, Finding{Kind: Identity, Action: Warn}
	for _, c := range []struct {
		name, language, text string
		want                 []Finding
	}{
		{"nothing", "en", "Your refund is on its way.", nil},
		{"a card's number", "en", "Your card 4111 1111 1111 1111 is charged", []Finding{card}},
		{"one whose last digits stand alone", "en", "Your card •••• 1111 is charged", nil},
		{"a number that is none", "en", "Order 4111 1111 1111 1112", nil},
		{"an identity number", "zh", "身份证 11010519491231002X", []Finding{id}},
		{"one with a wrong check digit", "zh", "身份证 110105194912310021", nil},
		{"both once, however often they stand there", "zh", "4111111111111111 4111111111111111 身份证11010519491231002X", []Finding{card, id}},
		{"a forbidden word in its language", "zh-Hans", "我们保证到账。", []Finding{{Word, "保证到账", Warn}}},
		{"with a sign in it that nobody sees", "zh", "保证\u200b到账", []Finding{{Word, "保证到账", Warn}}},
		{"in Traditional characters, and configured so", "zh-Hant", "保證到賬，内部消息", []Finding{{Word, "保证到账", Warn}, {Word, "內部", Warn}}},
		{"to a customer of another language it is none", "en", "我们保证到账。", nil},
		{"to one whose language nobody knows it is", "und", "最好", []Finding{{Word, "最好", Warn}}},
		{"a word in any case of letters", "en", "I GUARANTEE it, off the\nrecord", []Finding{{Word, "guarantee", Block}, {Word, "Off The  Record", Block}}},
		{"in full width", "en", "ｇｕａｒａｎｔｅｅ", []Finding{{Word, "guarantee", Block}}},
		{"not within another word", "en", "guaranteed, unguarantee", nil},
		{"between Chinese characters", "zh", "我guarantee您", []Finding{{Word, "guarantee", Block}}},
		{"one that is switched off", "en", "quiet", nil},
	} {
		if diff := cmp.Diff(c.want, check(t).Look(c.text, c.language)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if found := (*Check)(nil).Look("4111 1111 1111 1111", "en"); found != nil {
		t.Errorf("no check finds %v", found)
	}
	if _, err := New(Config{Words: []Words{{Words: []string{" a "}}}}); err == nil {
		t.Error("a word of one letter is looked for")
	}
}

func TestWhatANoteKeeps(t *testing.T) {
	for _, c := range []*Check{nil, check(t)} {
		if got := c.Mask("card 4111 1111 1111 1111"); strings.Contains(got, "4111 1111") || !strings.Contains(got, "1111") {
			t.Errorf("a note keeps %s", got)
		}
	}
}

func TestFindingsAreNamed(t *testing.T) {
	found := check(t).Look("4111 1111 1111 1111, guarantee, off the record", "en")
	var keys []string
	for _, f := range found {
		keys = append(keys, f.Key())
	}
	if diff := cmp.Diff([]string{"card", "word:guarantee", "word:Off The  Record"}, keys); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{Card, Word}, Kinds(found)); diff != "" || !Blocks(found) || Blocks(found[:0]) {
		t.Error(diff)
	}
}

func TestLookingCostsTimeInProportion(t *testing.T) {
	c := check(t)
	for name, unit := range map[string]string{"digits": "4111 ", "beginnings of words": "保证到", "spaces": " \u200b", "words": "guarantee "} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 16<<10, func(n int) func() {
				text := strings.Repeat(unit, n/len(unit))
				return func() { c.Look(text, "zh") }
			})
		})
	}
}

// FuzzLook holds that a number is never told, and that masking leaves none to be found.
func FuzzLook(f *testing.F) {
	f.Add("4111 1111 1111 1111 保证到账", "zh")
	f.Add("\xff\u200b11010519491231002X", "")
	f.Fuzz(func(t *testing.T, text, language string) {
		c := check(t)
		for _, found := range c.Look(text, language) {
			if found.Kind != Word && found.Of != "" {
				t.Fatalf("%q tells %q", text, found.Of)
			}
		}
		for _, left := range c.Look(c.Mask(text), language) {
			if left.Kind != Word {
				t.Fatalf("%q is masked, and still holds a %s", text, left.Kind)
			}
		}
	})
}
