package replay

import (
	"fmt"
	"strings"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/decided"
)

// step is the step of a snapshot; one that has none has the zero step.
func step(s entries.Snapshot) contacts.Step {
	if s.Step == nil {
		return contacts.Step{}
	}
	return *s.Step
}

// knowPersons adds who was one person, and the steps that an act takes back or ends.
func knowPersons(a decided.Act, k *domain.Known) {
	for _, p := range a.Before.Persons {
		k.Persons[p.Contact] = p
	}
	for _, s := range []contacts.Step{step(a.Before), step(a.After)} {
		if s.ID != 0 && (a.Kind == persons.ActUndo || s.ID == step(a.Before).ID) {
			k.Steps[s.ID] = s
		}
	}
}

// comparePersons compares who is one person after an act.
func comparePersons(a decided.Act, plan domain.Plan, add func(field, then, now string)) {
	now := map[int64]contacts.Pointer{}
	for _, p := range a.Before.Persons {
		now[p.Contact] = p
	}
	for _, c := range plan.Pointers {
		now[c.After.Contact] = c.After
	}
	var then, anew []string
	for _, p := range a.After.Persons {
		then, anew = append(then, pointing(p)), append(anew, pointing(now[p.Contact]))
	}
	add("persons", strings.Join(then, ", "), strings.Join(anew, ", "))
}

func pointing(p contacts.Pointer) string {
	return fmt.Sprintf("%d to %d by %d", p.Contact, p.Root, p.Step)
}
