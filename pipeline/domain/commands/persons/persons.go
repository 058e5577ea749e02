// Package persons is the commands about which contacts are one person: what an agent sees of a customer is what all of them wrote, each under
// its own address. Nothing that the line decides by, and nothing that goes out, looks at it.
package persons

import (
	"cmp"
	"slices"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/entries"
)

// Kinds of entries of these acts.
const (
	ActJoin  = "join-person"
	ActPart  = "part-person"
	ActUndo  = "undo-person"
	ActApart = "apart-person"
)

// mostJoined bounds how many contacts are one person.
const mostJoined = 20

// Join says that two contacts are one person, with all that each is one person with. It moves nothing: pointers are set, so that taking it back
// is to take them away.
type Join struct {
	Step          int64 // its id
	Ticket        int64 // on whose page it was done
	Contact, Into int64 // any contact of either
	Why           string
	Actor         string
}

// Needs are both persons.
func (c Join) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Persons: []int64{c.Contact, c.Into}}
}

// Decide points the first one's root, and all that point at it, at the second one's. Of two who join two into each other the second finds one
// person: domain.ErrNotSo.
func (c Join) Decide(d *domain.Draft) error {
	source, there := d.Person(c.Contact)
	root, both := d.Person(c.Into)
	with := d.Joined(source)
	if !there || !both || source == root || c.Why == "" || len(with)+len(d.Joined(root))+2 > mostJoined {
		return domain.ErrNotSo
	}
	step := contacts.Step{ID: c.Step, Kind: contacts.StepJoin, Contact: source, Root: root, With: with, Why: c.Why, Ticket: c.Ticket, Actor: c.Actor, Stands: true}
	enter(d, entries.Entry{Kind: ActJoin, Actor: c.Actor, Ticket: c.Ticket, Detail: c.Why}, nil, &step, []int64{source, root}, func() {
		d.SetPointer(contacts.Pointer{Contact: source, Root: root, Step: c.Step})
		repoint(d, with, root)
		d.SetStep(step)
	})
	return nil
}

// Part says that a contact is not the same person as those that it was joined with: it alone leaves, they stay together.
type Part struct {
	Step    int64
	Ticket  int64
	Contact int64
	Why     string
	Actor   string
}

// Needs are the person, and the joinings on which his pointers hang.
func (c Part) Needs(k *domain.Known) domain.Needs {
	return domain.Needs{Persons: []int64{c.Contact}, Steps: hanging(k, c.Contact)}
}

// Decide takes the pointer away. Where it is the root that leaves, the oldest of the others is their root from then on.
func (c Part) Decide(d *domain.Draft) error {
	root, there := d.Person(c.Contact)
	if !there || c.Why == "" || len(d.Joined(root)) == 0 {
		return domain.ErrNotSo
	}
	step := leaving(d, c.Contact, root)
	step.ID, step.Why, step.Ticket, step.Actor = c.Step, c.Why, c.Ticket, c.Actor
	enter(d, entries.Entry{Kind: ActPart, Actor: c.Actor, Ticket: c.Ticket, Detail: c.Why}, taken(d, step.Took), &step, []int64{root}, func() {
		leave(d, step)
		d.SetStep(step)
	})
	return nil
}

// leaving is how a contact leaves the person whose root that is: as a step that stands.
func leaving(d *domain.Draft, contact, root int64) contacts.Step {
	step := contacts.Step{Kind: contacts.StepPart, Contact: contact, Root: root, Stands: true}
	if contact != root {
		step.Took = d.Persons[contact].Step
		return step
	}
	all := d.Joined(root)
	step.Heir, step.With = all[0], all[1:]
	step.Took = d.Persons[step.Heir].Step
	return step
}

// leave takes the pointers away that a parting ends.
func leave(d *domain.Draft, step contacts.Step) {
	free := cmp.Or(step.Heir, step.Contact)
	d.SetPointer(contacts.Pointer{Contact: free})
	repoint(d, step.With, free)
	if took, there := d.Steps[step.Took]; there {
		took.Stands = false
		d.SetStep(took)
	}
}

// Distinct says that two contacts are not one person, so that it is not suggested again. It changes no pointer.
type Distinct struct {
	Step          int64
	Ticket        int64
	Contact, From int64
	Actor         string
}

// Needs are both persons.
func (c Distinct) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Persons: []int64{c.Contact, c.From}}
}

// Decide notes it.
func (c Distinct) Decide(d *domain.Draft) error {
	own, there := d.Person(c.Contact)
	other, both := d.Person(c.From)
	if !there || !both || own == other {
		return domain.ErrNotSo
	}
	step := contacts.Step{ID: c.Step, Kind: contacts.StepApart, Contact: c.Contact, Root: c.From, Why: contacts.WhyDistinct, Ticket: c.Ticket, Actor: c.Actor, Stands: true}
	enter(d, entries.Entry{Kind: ActApart, Actor: c.Actor, Ticket: c.Ticket, Detail: step.Why}, nil, &step, []int64{own, other}, func() { d.SetStep(step) })
	return nil
}

// Undo takes a joining or a parting back, or that two are distinct, as long as nothing of what it made has changed since.
type Undo struct {
	Step   int64 // that is taken back
	Ticket int64
	Actor  string
}

// Needs are the step, what it has ended, and all that it was about.
func (c Undo) Needs(k *domain.Known) domain.Needs {
	n := domain.Needs{Steps: []int64{c.Step}}
	if s, there := k.Steps[c.Step]; there {
		n.Persons = append([]int64{s.Contact, s.Root}, s.With...)
		if s.Heir != 0 {
			n.Persons = append(n.Persons, s.Heir)
		}
		if s.Took != 0 {
			n.Steps = append(n.Steps, s.Took)
		}
	}
	return n
}

// Decide sets the pointers as they were. domain.ErrNotSo: it is taken back already, or one of those that it was about has been joined, parted or
// erased since.
func (c Undo) Decide(d *domain.Draft) error {
	s, there := d.Steps[c.Step]
	if !there || !s.Stands || s.Undone != "" {
		return domain.ErrNotSo
	}
	undo := undoJoin
	switch s.Kind {
	case contacts.StepPart:
		undo = undoPart
	case contacts.StepApart:
		undo = undoApart
	}
	concerned, act, err := undo(d, s)
	if err != nil {
		return err
	}
	was := s
	enter(d, entries.Entry{Kind: ActUndo, Actor: c.Actor, Ticket: c.Ticket, Detail: s.Why}, &was, taken(d, s.Took), concerned, func() {
		act()
		s.Stands, s.Undone = false, cmp.Or(c.Actor, entries.Service)
		d.SetStep(s)
	})
	return nil
}

// undoJoin gives those who came with a joining their root back: it, and all that came along, are where it has brought them.
func undoJoin(d *domain.Draft, s contacts.Step) (concerned []int64, act func(), err error) {
	p := d.Persons[s.Contact]
	root, there := d.Person(s.Root)
	if p.Step != s.ID || !there || p.Root != root {
		return nil, nil, domain.ErrNotSo
	}
	for _, with := range s.With {
		if d.Persons[with].Root != root {
			return nil, nil, domain.ErrNotSo
		}
	}
	return []int64{root}, func() {
		d.SetPointer(contacts.Pointer{Contact: s.Contact})
		repoint(d, s.With, s.Contact)
	}, nil
}

// undoPart brings a contact back to those that it was parted from: it is on its own, and they are as it left them.
func undoPart(d *domain.Draft, s contacts.Step) (concerned []int64, act func(), err error) {
	took, known := d.Steps[s.Took]
	own, there := d.Person(s.Contact)
	stays := cmp.Or(s.Heir, s.Root)
	root, both := d.Person(stays)
	switch {
	case !known, !there, !both, own != s.Contact, root != stays, len(d.Joined(s.Contact)) > 0, s.Heir != 0 && !slices.Equal(d.Joined(stays), s.With), len(d.Joined(stays))+2 > mostJoined:
		return nil, nil, domain.ErrNotSo
	}
	return []int64{s.Contact, stays}, func() {
		if s.Heir == 0 {
			d.SetPointer(contacts.Pointer{Contact: s.Contact, Root: stays, Step: s.Took})
		} else {
			d.SetPointer(contacts.Pointer{Contact: s.Heir, Root: s.Contact, Step: s.Took})
			repoint(d, s.With, s.Contact)
		}
		took.Stands = true
		d.SetStep(took)
	}, nil
}

// undoApart leaves all pointers as they are.
func undoApart(d *domain.Draft, s contacts.Step) (concerned []int64, act func(), err error) {
	own, _ := d.Person(s.Contact)
	other, _ := d.Person(s.Root)
	return []int64{own, other}, func() {}, nil
}

// Erase is a contact that is erased: whoever was one person with it stays so with the others. It leaves no step; those that are left are of ids alone.
type Erase struct{ Contact int64 }

// Needs are the person, and the joinings on which his pointers hang.
func (c Erase) Needs(k *domain.Known) domain.Needs {
	return domain.Needs{Persons: []int64{c.Contact}, Steps: hanging(k, c.Contact)}
}

// Decide takes the pointer away, if there is one.
func (c Erase) Decide(d *domain.Draft) error {
	if root, there := d.Person(c.Contact); there && len(d.Joined(root)) > 0 {
		leave(d, leaving(d, c.Contact, root))
	}
	delete(d.Persons, c.Contact)
	return nil
}

// hanging are the joinings of which one may end when a contact leaves.
func hanging(k *domain.Known, contact int64) (out []int64) {
	root, _ := k.Person(contact)
	for _, c := range append(k.Joined(root), contact) {
		if step := k.Persons[c].Step; step != 0 {
			out = append(out, step)
		}
	}
	return out
}

// repoint has contacts point at another root, by the steps that brought them.
func repoint(d *domain.Draft, all []int64, root int64) {
	for _, contact := range all {
		p := d.Persons[contact]
		p.Root = root
		d.SetPointer(p)
	}
}

// taken is a step as an entry keeps it; nil for none.
func taken(d *domain.Draft, id int64) *contacts.Step {
	if s, there := d.Steps[id]; there {
		return &s
	}
	return nil
}

// enter notes what was done, with the pointers of all that it is about, before and after.
func enter(d *domain.Draft, e entries.Entry, before, after *contacts.Step, roots []int64, act func()) {
	var all []int64
	for _, root := range roots {
		all = append(append(all, root), d.Joined(root)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	pointers := func() (out []contacts.Pointer) {
		for _, contact := range all {
			out = append(out, d.Persons[contact])
		}
		return out
	}
	was := entries.Snapshot{Persons: pointers(), Step: before}
	act()
	d.Enter(e, was, entries.Snapshot{Persons: pointers(), Step: after}, func() {})
}
