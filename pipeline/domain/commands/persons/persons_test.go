package persons

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/contacts"
)

var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

// crowd is contacts 1 to n, each a person of its own.
func crowd(n int64) *domain.Known {
	k := domain.NewKnown()
	for id := int64(1); id <= n; id++ {
		k.Persons[id] = contacts.Pointer{Contact: id}
	}
	return k
}

func join(step, contact, into int64) domain.Command {
	return Join{Step: step, Ticket: 7, Contact: contact, Into: into, Why: contacts.WhyTold, Actor: "zhou"}
}

func part(step, contact int64) domain.Command {
	return Part{Step: step, Ticket: 7, Contact: contact, Why: contacts.WhyMistake, Actor: "zhou"}
}

func distinct(step, contact, from int64) domain.Command {
	return Distinct{Step: step, Ticket: 7, Contact: contact, From: from, Actor: "zhou"}
}

func undo(step int64) domain.Command { return Undo{Step: step, Ticket: 7, Actor: "li"} }

// people are the persons of a world: each its root, with those that point at it.
func people(k *domain.Known) string {
	var out []string
	for id := range k.Persons {
		if root, _ := k.Person(id); root == id {
			out = append(out, strings.Trim(fmt.Sprint(append([]int64{id}, k.Joined(id)...)), "[]"))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " | ")
}

func TestWhoIsOnePerson(t *testing.T) {
	for _, c := range []struct {
		name string
		acts []domain.Command
		want string // "": the last act means nothing
	}{
		{"two are joined", []domain.Command{join(11, 1, 2)}, "2 1 | 3 | 4"},
		{"a chain is flattened", []domain.Command{join(11, 1, 2), join(12, 2, 3)}, "3 1 2 | 4"},
		{"whichever of a person is named, the person is joined", []domain.Command{join(11, 1, 2), join(12, 3, 4), join(13, 1, 3)}, "4 1 2 3"},
		{"nobody is joined with himself", []domain.Command{join(11, 1, 1)}, ""},
		{"nor with whom he is already", []domain.Command{join(11, 1, 2), join(12, 2, 1)}, ""},
		{"nor with nobody", []domain.Command{join(11, 1, 9)}, ""},
		{"and a reason is given", []domain.Command{Join{Step: 11, Contact: 1, Into: 2}}, ""},
		{"a joining is taken back", []domain.Command{join(11, 1, 2), undo(11)}, "1 | 2 | 3 | 4"},
		{"of a chain each by itself", []domain.Command{join(11, 1, 2), join(12, 2, 3), undo(11)}, "1 | 3 2 | 4"},
		{"with those who came along", []domain.Command{join(11, 1, 2), join(12, 2, 3), undo(12)}, "2 1 | 3 | 4"},
		{"not twice", []domain.Command{join(11, 1, 2), undo(11), undo(11)}, ""},
		{"not where one who came along has left since", []domain.Command{join(11, 1, 2), join(12, 2, 3), part(13, 1), undo(12)}, ""},
		{"not where the other one has left since", []domain.Command{join(11, 1, 2), join(12, 3, 2), part(13, 2), undo(11)}, ""},
		{"what nobody has done is not taken back", []domain.Command{undo(11)}, ""},
		{"a contact leaves alone", []domain.Command{join(11, 1, 2), join(12, 2, 3), part(13, 2)}, "2 | 3 1 | 4"},
		{"a root leaves, and the oldest of the others is theirs", []domain.Command{join(11, 1, 4), join(12, 2, 4), join(13, 3, 4), part(14, 4)}, "1 2 3 | 4"},
		{"of two the other is on its own", []domain.Command{join(11, 1, 2), part(12, 2)}, "1 | 2 | 3 | 4"},
		{"who is one person with nobody does not leave", []domain.Command{part(11, 1)}, ""},
		{"a parting is taken back", []domain.Command{join(11, 1, 2), part(12, 1), undo(12)}, "2 1 | 3 | 4"},
		{"that of a root, too", []domain.Command{join(11, 1, 4), join(12, 2, 4), part(13, 4), undo(13)}, "3 | 4 1 2"},
		{"and then the joining as before", []domain.Command{join(11, 1, 4), join(12, 2, 4), part(13, 4), undo(13), undo(11)}, "1 | 3 | 4 2"},
		{"not where he has been joined elsewhere since", []domain.Command{join(11, 1, 2), part(12, 1), join(13, 1, 3), undo(12)}, ""},
		{"not where somebody has joined those whom a root has left", []domain.Command{join(11, 1, 4), join(12, 2, 4), part(13, 4), join(14, 3, 1), undo(13)}, ""},
		{"not where those that he has left are others' since", []domain.Command{join(11, 1, 2), part(12, 1), join(13, 2, 3), undo(12)}, ""},
		{"who is distinct is so, and that is taken back", []domain.Command{distinct(11, 1, 2), undo(11)}, "1 | 2 | 3 | 4"},
		{"whoever knows better joins them all the same", []domain.Command{distinct(11, 1, 2), join(12, 1, 2), undo(11)}, "2 1 | 3 | 4"},
		{"who is one person is not distinct", []domain.Command{join(11, 1, 2), distinct(12, 1, 2)}, ""},
		{"an ended joining is taken back by nobody", []domain.Command{join(11, 1, 2), part(12, 1), undo(11)}, ""},
		{"erased, one leaves the others together", []domain.Command{join(11, 1, 2), join(12, 3, 2), Erase{Contact: 2}}, "1 3 | 4"},
		{"and no step brings him back", []domain.Command{join(11, 1, 2), join(12, 3, 2), Erase{Contact: 1}, undo(11)}, ""},
		{"nor takes the others apart that he joined", []domain.Command{join(11, 1, 2), join(12, 2, 3), Erase{Contact: 2}, undo(12)}, ""},
	} {
		k := crowd(4)
		for i, act := range c.acts {
			plan, err := domain.Decide([]domain.Command{act}, k, now)
			last := i == len(c.acts)-1 && c.want == ""
			if errors.Is(err, domain.ErrNotSo) != last || err != nil && len(plan.Pointers) > 0 {
				t.Errorf("%s: %+v: %v", c.name, act, err)
			}
		}
		if got := people(k); c.want != "" && got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAPersonHasABound(t *testing.T) {
	k := crowd(mostJoined + 1)
	for id := int64(2); id <= mostJoined; id++ {
		if _, err := domain.Decide([]domain.Command{join(100+id, id, 1)}, k, now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := domain.Decide([]domain.Command{join(99, mostJoined+1, 1)}, k, now); !errors.Is(err, domain.ErrNotSo) {
		t.Errorf("one more: %v", err)
	}
}
