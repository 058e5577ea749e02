package pages

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/domain/contacts"
	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/store/viewer"
)

// fakePersons joins the customers of a fake's tickets: the contact of a ticket has its number.
type fakePersons struct{ *fake }

func (f fakePersons) contact(number int64) acts.Known {
	a := f.tickets[number].Person.Addresses
	if len(a) == 0 {
		return acts.Known{ID: number, Name: f.tickets[number].Person.Name}
	}
	return acts.Known{ID: number, Channel: a[0].Channel, Address: a[0].Text}
}

func (f fakePersons) join(v viewer.Viewer, number, other int64, why string) error {
	k, o := f.tickets[number], f.tickets[other]
	if o == nil || k.Same == nil || number == other || !slices.Contains(contacts.Joins(), why) || slices.ContainsFunc(k.Same.Contacts, func(c acts.Known) bool { return c.ID == other }) {
		return ErrNotFound
	}
	k.Same.Contacts = append(k.Same.Contacts, f.contact(other))
	k.Same.Steps = append(k.Same.Steps, acts.Step{ID: other, Kind: contacts.StepJoin, Who: f.contact(other), With: f.contact(number), Why: why, By: v.Name, At: f.now()})
	k.Others = append(k.Others, desk.Other{Number: other, Subject: o.Subject, State: "open", At: f.now(), By: f.contact(other)})
	return nil
}

func (f fakePersons) Do(_ context.Context, v viewer.Viewer, number int64, d further.Deed) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch d.What {
	case further.PersonJoin:
		return f.join(v, number, d.Other, d.Why)
	case further.PersonPart:
		return f.apart(number, d.Contact)
	case further.PersonUndo:
		return f.apart(number, d.Step)
	case further.PersonApart:
		f.tickets[number].Same.Suggested = nil
		return nil
	case further.PersonCode:
		switch d.Other {
		case 26:
			return nil
		case 27:
			return further.ErrUnfit
		case 28:
			return further.ErrMany
		}
	}
	return ErrNotFound
}

func (f fakePersons) Suggested(_ context.Context, _ viewer.Viewer, number int64) ([]acts.Suggested, error) {
	return f.tickets[number].Same.Suggested, nil
}

func (f fakePersons) apart(number, contact int64) error {
	k := f.tickets[number]
	left := slices.DeleteFunc(slices.Clone(k.Same.Contacts), func(c acts.Known) bool { return c.ID == contact })
	if len(left) == len(k.Same.Contacts) {
		return ErrNotFound
	}
	k.Same.Contacts, k.Same.Steps = left, nil
	k.Others = slices.DeleteFunc(k.Others, func(o desk.Other) bool { return o.By.ID == contact })
	return nil
}

// names has who looks say who is one person on a ticket.
func (f fakePersons) names(number int64) {
	f.tickets[number].Same = &acts.Same{Own: f.contact(number), May: true, Joins: contacts.Joins(), Parts: contacts.Parts()}
}

// TestWhoIsOnePersonStandsOnTheTicket: a lead joins the customer of another ticket, sees by which address that came, and takes it back.
func TestWhoIsOnePersonStandsOnTheTicket(t *testing.T) {
	r := newRig(t)
	r.desk.tickets[26].Person.Addresses = []desk.Address{{Channel: "email", Text: "<wang>@customer.example", Proven: true}}
	if strings.Contains(r.get("/desk/tickets/T-25").Body.String(), `id="same"`) {
		t.Error("who may not is offered it")
	}
	r.want(r.post("/desk/tickets/T-25/person", "do", "join", "other", "T-26", "why", "told"), http.StatusNotFound)
	r.want(r.post("/desk/tickets/T-99/person", "do", "join", "other", "T-26", "why", "told"), http.StatusNotFound)
	fakePersons{r.desk}.names(25)
	r.want(r.get("/desk/tickets/T-25"), http.StatusOK, "Same person as in another ticket", `action="/desk/tickets/T-25/person"`, `name="do" value="join"`, `<option value="told">`)
	for _, typed := range []string{"", "T-25", "T-404", "nonsense"} {
		to := r.post("/desk/tickets/T-25/person", "do", "join", "other", typed, "why", "told").Header().Get("Location")
		r.want(r.get(to), http.StatusOK, "Nothing changed: they are one person already")
	}
	to := r.post("/desk/tickets/T-25/person", "do", "join", "other", "t-26", "why", "told", "from", "queues/payments").Header().Get("Location")
	page := r.get(to)
	r.want(page, http.StatusOK, "The customer of T-26 is the same person.", "&lt;wang&gt;@customer.example", "The customer told and showed it", `name="do" value="undo"`, `name="do" value="part"`, `class="soft by-way"`)
	r.want(r.get("/desk/tickets/T-25?lang=zh"), http.StatusOK, "同一个人", "不是这个人", "客户已说明并证明")
	to = r.post("/desk/tickets/T-25/person", "do", "undo", "step", "26").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "Taken back in T-25.")
	to = r.post("/desk/tickets/T-25/person", "do", "undo", "step", "26").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "Nothing changed")
	r.post("/desk/tickets/T-25/person", "do", "join", "other", "26", "why", "order")
	to = r.post("/desk/tickets/T-25/person", "do", "part", "contact", "26", "why", "mistake").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "Parted.")
}

// TestACodeShowsWhoIsOnePerson: who answers has one sent, though he may say nothing of the kind himself.
func TestACodeShowsWhoIsOnePerson(t *testing.T) {
	r := newRig(t)
	r.want(r.post("/desk/tickets/T-25/person", "do", "code", "other", "T-26"), http.StatusNotFound)
	r.desk.tickets[25].Same = &acts.Same{Codes: true, Joins: contacts.Joins(), Parts: contacts.Parts()}
	page := r.get("/desk/tickets/T-25")
	r.want(page, http.StatusOK, "Have a code show it", `name="do" value="code"`)
	if strings.Contains(page.Body.String(), `value="join"`) {
		t.Error("who may not join is offered it")
	}
	r.want(r.post("/desk/tickets/T-25/person", "do", "join", "other", "T-26", "why", "told"), http.StatusNotFound)
	for other, want := range map[string]string{"T-26": "A code went to the customer of T-26.", "T-27": "No code went out.", "T-28": "codes", "T-29": "Nothing changed"} {
		r.want(r.get(r.post("/desk/tickets/T-25/person", "do", "code", "other", other).Header().Get("Location")), http.StatusOK, want)
	}
	r.want(r.get(r.post("/desk/tickets/T-25/person?lang=zh", "do", "code", "other", "T-27").Header().Get("Location")+"&lang=zh"), http.StatusOK)
}

// TestWhoMayBeTheSamePersonIsSuggested: with what speaks for it, to be joined or told apart by one click of who may.
func TestWhoMayBeTheSamePersonIsSuggested(t *testing.T) {
	r := newRig(t)
	f := fakePersons{r.desk}
	f.names(25)
	k := r.desk.tickets[25]
	k.Same.Suggested = []acts.Suggested{{Number: 26, Subject: "<i>退款", Who: acts.Known{ID: 26, Channel: "email", Address: "wang@customer.example"}, Evidence: []string{"wrote", "name"}, Why: contacts.WhyNumber}}
	r.want(r.get("/desk/tickets/T-25"), http.StatusOK, "Perhaps the same person:", "wang@customer.example", "One has written the other&#39;s address in a message", "The same name", "&lt;i&gt;退款", `name="do" value="apart"`, `name="why" value="number"`)
	k.Same.May = false
	page := r.get("/desk/tickets/T-25?lang=zh")
	r.want(page, http.StatusOK, "可能是同一个人：", "名字相同")
	if strings.Contains(page.Body.String(), `value="apart"`) {
		t.Error("who may not is offered a click")
	}
	k.Same.May = true
	to := r.post("/desk/tickets/T-25/person", "do", "apart", "other", "T-26").Header().Get("Location")
	page = r.get(to + "&lang=en")
	r.want(page, http.StatusOK, "The customer of T-26 is not the same person")
	if strings.Contains(page.Body.String(), "Perhaps the same person") {
		t.Error("it is suggested again")
	}
}
