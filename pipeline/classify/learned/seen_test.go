package learned

import (
	"testing"
	"time"
)

// TestAModelKnowsWhatItHasLearnedFrom: by the words of a message, or by its time where there were too many.
func TestAModelKnowsWhatItHasLearnedFrom(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	some := Seen([]uint32{Print("", "Where is my money"), Print("Hi", "card"), Print("", "退款")}, time.Time{})
	many := Seen(make([]uint32, mostPrints+1), day)
	untold := Seen(make([]uint32, mostPrints+1), time.Time{})
	for name, c := range map[string]struct {
		of         *Learned
		text       string
		at         time.Time
		has, known bool
	}{
		"one of its messages":                    {some, "where is  my MONEY ", time.Time{}, true, true},
		"a Chinese one":                          {some, "退款", day, true, true},
		"the subject counts":                     {some, "hi card", day, true, true},
		"another one":                            {some, "where is my card", time.Time{}, false, true},
		"too many, of that time":                 {many, "x", day, true, true},
		"too many, later":                        {many, "x", day.Add(time.Second), false, true},
		"too many, and the message has no time":  {many, "x", time.Time{}, false, false},
		"too many, and their times are not told": {untold, "x", day, false, false},
		"a file that notes nothing":              {nil, "x", day, false, false},
		"one that has learned from nothing":      {Seen(nil, time.Time{}), "x", day, false, true},
	} {
		if has, known := c.of.From(Print("", c.text), c.at); has != c.has || known != c.known {
			t.Errorf("%s: %v, %v", name, has, known)
		}
	}
}
