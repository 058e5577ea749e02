package particulars

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/words"
)

// TestWordsAreWrittenAsTheyAreCompared: texts are compared in small letters and in half width, so that another word is never found.
func TestWordsAreWrittenAsTheyAreCompared(t *testing.T) {
	for _, lists := range []*words.Lists{unitLists, numberLists, timeLists, nameLists} {
		for _, name := range lists.Names() {
			for _, w := range lists.Words(name) {
				if low := folded(w).low; w != low && name != "points part thousands" {
					t.Errorf("[%s] has %q, texts have %q", name, w, low)
				}
			}
		}
	}
}

// TestEachUnitOfACurrencyIsFound: behind a number, and before it where the list says so, unless it is a word that ordinary sentences have.
func TestEachUnitOfACurrencyIsFound(t *testing.T) {
	before := unitLists.Set("before")
	units := map[string]bool{}
	for _, name := range unitLists.Names() {
		currency, worth, ok := listed(name)
		if !ok {
			continue
		}
		for _, w := range unitLists.Words(name) {
			units[w] = true
			value := 250.0
			if strings.HasPrefix(w, "毛") || w == "p" {
				value = 2
			}
			number := strconv.Itoa(int(value))
			text, want := "共 "+number+" "+w+"。", []Amount{{currency, round(value * worth)}}
			if w == "p" {
				text = "共" + number + w
			}
			if diff := cmp.Diff(want, Amounts(text)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", text, diff)
			}
			if !before[w] {
				continue
			}
			if got := Amounts("共 " + w + number + "。"); len(got) != 1 || got[0].Currency != currency {
				t.Errorf("%s before a number: %v", w, got)
			}
		}
	}
	for w := range before {
		if !units[w] {
			t.Errorf("[before] has %s, which is of no currency", w)
		}
	}
}

// TestAUnitIsOfOneCurrency: one that stands in two lists would be of the one that comes first.
func TestAUnitIsOfOneCurrency(t *testing.T) {
	owner := map[string]string{}
	for _, name := range unitLists.Names() {
		if _, _, ok := listed(name); !ok {
			continue
		}
		for _, w := range unitLists.Words(name) {
			if other, taken := owner[w]; taken {
				t.Errorf("%s is of %s and of %s", w, other, name)
			}
			owner[w] = name
		}
	}
}

// TestWordsOfTimeSayNumbers: what is behind the sign is read as one, but for the parts of a day.
func TestWordsOfTimeSayNumbers(t *testing.T) {
	for _, name := range timeLists.Names() {
		for _, row := range timeLists.Words(name) {
			w, value, ok := strings.Cut(row, " = ")
			value, part, _ := strings.Cut(value, ",")
			_, err := strconv.Atoi(value)
			switch {
			case slices.Contains([]string{"now", "joints", "no hours", "no day"}, name):
				if ok {
					t.Errorf("[%s] %s says something", name, w)
				}
			case name == "parts":
				if partHour(value) == 0 && value != "small" {
					t.Errorf("%s is at an unknown part of the day, %q", w, value)
				}
			case err != nil, part != "" && partHour(part) == 0:
				t.Errorf("[%s] %q says no number", name, row)
			}
		}
	}
}
