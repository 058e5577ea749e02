package worldtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/workers"
	"frontdesk/workers/receive"
	"frontdesk/workers/store/intake"
)

// past is a mail of an archive: history, which nobody is promised anything for.
const past = "past"

// imports brings an archive of old mails, beside whatever is going on, until it is in.
func (w *world) imports() {
	var all []*item
	for range 2 + w.script.n(8) {
		from := w.person()
		it := w.mail(past, from, support, from, "About an old order", w.words())
		w.book.lies(it, "support", fmt.Sprintf("import:%d", it.n), time.Now().AddDate(-1, 0, it.n))
		all = append(all, it)
	}
	acknowledge := w.script.chance(0.2)
	if acknowledge {
		for _, it := range all {
			it.what = person
		}
	}
	w.story.tell("an archive of %d mails is imported (as new: %v)", len(all), acknowledge)
	w.after(0, func() {
		for try := 0; !w.over.Load(); try++ {
			if err := w.importing(all, acknowledge); err == nil {
				return
			}
			time.Sleep(min(5*time.Second<<min(try, 5), time.Minute))
		}
	})
}

// importing is one run of the command, as cmd/frontdesk/importing makes it.
func (w *world) importing(all []*item, acknowledge bool) error {
	p := w.anyone(func(p *process) bool { return p.works })
	if p == nil {
		return errDead
	}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	im := receive.NewImporter(p.store, "support", receive.NewIntake(receive.IntakeConfig{Store: p.store, Notifier: workers.NewNotifier(nil, logger), Logger: logger}))
	im.Limit = 24
	if err := w.archive(p, im, all, acknowledge); err != nil {
		w.story.tell("%s: the import is broken off: %v", p.name(), err)
		return err
	}
	for _, it := range all {
		w.book.received(it, "support", it.keys["support"])
	}
	return nil
}

func (w *world) archive(p *process, im *receive.Importer, all []*item, acknowledge bool) error {
	for _, it := range all {
		at := it.born
		if acknowledge {
			at = time.Now()
		}
		if err := im.Add(p.back, intake.Item{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: it.keys["support"], At: at, Raw: it.stamped()}, Imported: !acknowledge}); err != nil {
			return err
		}
	}
	return im.Flush(p.back)
}

const apiToken = "a test token of the app"

// posts is a message that another system hands over by the HTTP API, until we have it.
func (w *world) posts() {
	from := fmt.Sprintf("user%d@c5.example", w.script.n(5))
	if w.script.chance(0.3) {
		from = w.person()
	}
	it := &item{what: person, from: from, text: w.words()}
	if w.script.chance(0.1) {
		it.text += " card " + pick(w.script, cards...)
	}
	w.book.add(it)
	sender := map[string]string{"email": from}
	if w.script.chance(0.4) {
		it.signed, sender["signature"] = true, signature("app", "email", from, "")
	}
	w.intoApp(it, sender, "From the app")
	for range 1 + w.storm() {
		w.after(w.lateness(), func() { w.handsOver(it) })
	}
}

// intoApp notes what the app is going to hand over.
func (w *world) intoApp(it *item, from map[string]string, subject string) {
	id := fmt.Sprintf("order-%d", it.n)
	it.raw, _ = json.Marshal(map[string]any{"id": id, "from": from, "subject": subject, "text": it.text})
	w.book.lies(it, "app", "id:"+id, time.Now())
}

// identityKey signs who a user of the app is.
const identityKey = "a test key of the app's identities, long enough"

// signature is the app's, as docs/channels/api.md shows it.
func signature(inbox, kind, value, until string) string {
	mac := hmac.New(sha256.New, []byte(identityKey))
	mac.Write([]byte(strings.Join([]string{"frontdesk-identity-v1", inbox, kind, value, until}, "\n")))
	return hex.EncodeToString(mac.Sum(nil))
}

func (w *world) handsOver(it *item) {
	header := appHeader()
	for try := 0; !w.over.Load(); try++ {
		body := it.raw
		cut := w.trouble(w.odds.cut, "a call of the API is cut off")
		if cut {
			body = body[:len(body)/2]
		}
		p, status := w.post("/api/app", header, body)
		switch {
		case cut && status/100 == 2:
			w.fail("nothing half", "%s took a call that was cut off", p.name())
		case status/100 == 2:
			w.book.received(it, "app", it.keys["app"])
			return
		case !cut && (status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusUnprocessableEntity):
			w.fail("nothing lost", "%s refused a call for good: %d", p.name(), status)
			return
		}
		time.Sleep(min(5*time.Second<<min(try, 6), 5*time.Minute))
	}
}
