package causes

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spelled reads the constants of this package: name → value.
func spelled(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "causes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if out[spec.Names[0].Name], err = strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value); err != nil {
				t.Fatal(err)
			}
		}
		return true
	})
	return out
}

// TestEachCauseIsSpelledOnce: the values are what rows and filters carry.
func TestEachCauseIsSpelledOnce(t *testing.T) {
	form, seen := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`), map[string]string{}
	for name, value := range spelled(t) {
		if !form.MatchString(value) {
			t.Errorf("%s is %q, want small words joined by hyphens", name, value)
		}
		if other, twice := seen[value]; twice {
			t.Errorf("%q is the value of %s and of %s", value, name, other)
		}
		seen[value] = name
	}
	if len(seen) != 36 {
		t.Errorf("%d causes; one that is new or gone changes the documents, the pages' words and this figure", len(seen))
	}
}

// TestParkingCausesStandInTheDocumentInThisOrder holds the list to the table of docs/operations.md.
func TestParkingCausesStandInTheDocumentInThisOrder(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Parked messages")
	section, _, _ = strings.Cut(section, "\n### ")
	var got []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(section, -1) {
		got = append(got, row[1])
	}
	if diff := cmp.Diff(Parking(), got); diff != "" {
		t.Errorf("parking causes (-code +document):\n%s", diff)
	}
}

// TestWhichListHoldsWhichCause: a cause that is in a wrong list releases what must not go, or learns from what proves nothing.
func TestWhichListHoldsWhichCause(t *testing.T) {
	lists := map[string][]string{"parking": Parking(), "learnable": Learnable(), "held": Held()}
	for _, c := range []struct {
		cause string
		in    []string
	}{
		{Unparsable, []string{"parking"}},
		{OriginalMissing, []string{"parking"}},
		{Spam, []string{"parking"}},        // a released spam teaches nothing: its sender is made up
		{Malware, []string{"parking"}},     // likewise
		{SenderFlood, []string{"parking"}}, // a person may have written them all
		{UnauthenticatedReply, []string{"parking"}},
		{Automated, []string{"learnable", "parking"}},
		{Backscatter, []string{"learnable", "parking"}},
		{ServerNotice, []string{"learnable", "parking"}},
		{StrangerCap, []string{"held"}},
		{DigestCap, []string{"held"}},
		{NoServiceArea, []string{"held"}},
		{UnprovenNumber, []string{"held"}},
		{SMSPrefixCap, []string{"held"}},
		{SMSBudget, []string{"held"}},
		{PremiumNumber, nil}, // nobody may let a text go there
		{OptedOut, nil},      // nor to somebody who said STOP
		{AddressFailed, nil},
		{SenderCap, nil}, // a digest lists it
		{RepeatedText, nil},
		{DomainCap, nil},
		{Disabled, nil},
		{History, nil},
		{NoAddress, nil},
		{NoText, nil},
		{NotTaken, nil},
		{Erased, nil},
	} {
		var in []string
		for name, list := range lists {
			if slices.Contains(list, c.cause) {
				in = append(in, name)
			}
		}
		slices.Sort(in)
		if diff := cmp.Diff(c.in, in); diff != "" {
			t.Errorf("%s is in lists (-want +got):\n%s", c.cause, diff)
		}
	}
}

// TestNobodyCanChangeAList: each caller has a list of its own.
func TestNobodyCanChangeAList(t *testing.T) {
	for name, list := range map[string]func() []string{"parking": Parking, "learnable": Learnable, "held": Held} {
		first := list()[0]
		list()[0] = "changed"
		if got := list()[0]; got != first {
			t.Errorf("the first cause of %s became %q for all, was %q", name, got, first)
		}
	}
}
