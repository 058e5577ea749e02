package pages

import (
	"testing"

	"frontdesk/templates/desk"
)

func TestHowManyTicketsAListHas(t *testing.T) {
	counts := desk.Counts{Lists: []desk.Count{{Name: "mine", N: 7}, {Name: "closed", N: -1}}, Queues: []desk.Count{{Name: "mine", N: 3}}}
	for _, c := range []struct {
		name string
		list desk.List
		want int64
	}{
		{"as it says itself", desk.List{Name: "search", Total: 5}, 5},
		{"as it was counted for the frame", desk.List{Name: "mine", Total: -1}, 7},
		{"nobody counts what is closed", desk.List{Name: "closed", Total: -1}, -1},
		{"a queue's count is of what waits, not of what is open", desk.List{Queue: true, Name: "mine", Total: -1}, -1},
	} {
		if got := total(c.list, counts); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
