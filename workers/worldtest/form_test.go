package worldtest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"
)

// fillsForm is somebody who writes by the contact form.
func (w *world) fillsForm() {
	d := w.script
	from := fmt.Sprintf("user%d@c5.example", d.n(5))
	if d.chance(0.3) {
		from = w.person()
	}
	email, number := from, ""
	if d.chance(0.2) {
		from, email, number = w.number(), "", ""
		number = from
	}
	w.fills(w.book.add(&item{what: person, from: from, text: w.words()}), email, number)
}

// fills posts the form until it is thanked for, or the challenge has run out: then nothing was promised.
func (w *world) fills(it *item, email, number string) {
	other := w.script.chance(0.3)
	w.after(0, func() {
		altcha, key := w.solves()
		time.Sleep(w.chaos.between(5*time.Second, time.Minute))
		w.book.mu.Lock()
		it.keys["form"] = key
		w.book.mu.Unlock()
		values := url.Values{"name": {"Li"}, "email": {email}, "phone": {number}, "text": {it.text}, "altcha": {altcha}}
		if !w.sendsForm(it, values) || !other {
			return
		}
		values.Set("text", "a second message for the same work")
		values.Set("email", mallory)
		if p, status := w.post("/form/form", formHeader, []byte(values.Encode())); status/100 == 2 {
			w.fail("nothing forged is taken", "%s took a second message for one solved challenge", p.name())
		}
	})
}

var formHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

func (w *world) sendsForm(it *item, values url.Values) bool {
	body := []byte(values.Encode())
	for try := 0; !w.over.Load(); try++ {
		p, status := w.post("/form/form", formHeader, body)
		switch {
		case status/100 == 2:
			w.book.received(it, "form", it.keys["form"])
			return true
		case status == http.StatusUnauthorized:
			return false
		case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
			w.fail("nothing lost", "%s refused a form for good: %d", p.name(), status)
			return false
		}
		time.Sleep(min(5*time.Second<<min(try, 6), 5*time.Minute))
	}
	return false
}

// solves gets a challenge and finds its number, as the page's script does. The key is that of whatever it brings.
func (w *world) solves() (altcha, key string) {
	rec := httptest.NewRecorder()
	w.ready.form.Page().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/form/form/challenge", nil))
	var c struct {
		Algorithm, Challenge, Salt, Signature string
		Max                                   int `json:"maxnumber"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &c); err != nil {
		w.fail("the form has a challenge", "%d: %v", rec.Code, err)
		return "", ""
	}
	for n := range c.Max + 1 {
		if sum := sha256.Sum256([]byte(c.Salt + fmt.Sprint(n))); hex.EncodeToString(sum[:]) == c.Challenge {
			proof, _ := json.Marshal(map[string]any{"algorithm": c.Algorithm, "challenge": c.Challenge, "number": n, "salt": c.Salt, "signature": c.Signature})
			return base64.StdEncoding.EncodeToString(proof), "form:" + c.Signature
		}
	}
	w.fail("the form has a challenge", "it has no solution")
	return "", ""
}
