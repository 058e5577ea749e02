package stored

import (
	"errors"
	"strings"
	"testing"

	"frontdesk/pipeline/message"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/viewer"
)

// TestAnAnswerGoesByTheWayThatWasChosen: the box shows that address alone, by its channel, and tells it to nobody from whom addresses are hidden (D13).
func TestAnAnswerGoesByTheWayThatWasChosen(t *testing.T) {
	s := storetest.SQLite(t)
	h := storetest.NewHousehold(t, s)
	const number = "+8613900001111"
	if err := s.Base.DB.Write(t.Context(), func(tx sql.Tx) error {
		return tx.Run(t.Context(), sql.Do(`INSERT INTO identities (address, kind, value, contact, verified, opted_out, failed, created_at)
SELECT $1, 'phone', $2, contact, true, false, false, 1 FROM tickets WHERE id = $3`, s.Base.Address(message.Identity{Kind: message.Phone, Value: number}), number, h.BobTicket))
	}); err != nil {
		t.Fatal(err)
	}
	house := answering.House{Carries: map[string]message.Carries{"email": {Cc: 9, Files: 3, FileMax: 1 << 20, FilesMax: 1 << 20}}, Ways: func(inbox string, kind message.AddressKind) (string, string, bool) {
		if kind == message.Phone {
			return "hotline", "sms", true
		}
		return inbox, "email", true
	}}
	d := New(Config{Store: s, House: house})
	own, err := d.Box(t.Context(), agent, h.BobTicket, "")
	if err != nil || own.By != "" || own.Limits.NoFiles || len(own.Ways) < 2 || own.Ways[0].ID != acts.ByItself || !own.Ways[0].Chosen {
		t.Fatalf("the box of itself: %+v, %v", own, err)
	}
	way := own.Ways[len(own.Ways)-1]
	if way.Address != number || way.Channel != "sms" || way.Why != "" {
		t.Fatalf("offered is %+v", way)
	}
	box, err := d.Box(t.Context(), agent, h.BobTicket, way.ID)
	if err != nil || box.By != way.ID || box.Channel != "sms" || !box.Limits.NoFiles || recipients(box.Recipients) != number+" (verified)" || box.Ways[0].Chosen {
		t.Errorf("the box by that way: %+v, %v", box, err)
	}
	if gone, err := d.Box(t.Context(), agent, h.BobTicket, "0123456789abcdef01234567"); err != nil || gone.By != "" || gone.Ground != own.Ground {
		t.Errorf("a way that is none: %+v, %v", gone, err)
	}
	veiled := agent
	veiled.Veiled = []viewer.Role{viewer.Agent}
	hidden, err := d.Box(t.Context(), veiled, h.BobTicket, way.ID)
	if err != nil || hidden.By != way.ID || strings.Contains(recipients(hidden.Recipients)+hidden.Ways[len(hidden.Ways)-1].Address, "13900001111") {
		t.Errorf("from whom addresses are hidden he sees %+v, %v", hidden, err)
	}
	out := pages.Outgoing{Key: "page", Seen: box.Seen, Ground: box.Ground, Text: "Here it is."}
	if _, err := d.Reply(t.Context(), agent, h.BobTicket, out); !errors.Is(err, pages.ErrChanged) {
		t.Errorf("what was shown for one way goes by another: %v", err)
	}
	out.By = way.ID
	id, err := d.Reply(t.Context(), agent, h.BobTicket, out)
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := s.Desk.Reply(t.Context(), agent, id)
	if err != nil || r.Channel != "sms" || len(r.Recipients.To) != 1 || r.Recipients.To[0].Value != number || len(r.Recipients.Cc) != 0 {
		t.Errorf("it goes by %q to %+v, %v", r.Channel, r.Recipients, err)
	}
}
