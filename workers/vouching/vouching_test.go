package vouching

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/message"
)

const secret = "a secret of the company's own"

func asker(url string) *Asker {
	return &Asker{URL: url, Secret: []byte(secret), Client: &http.Client{Timeout: time.Second}, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
}

var ann = []Known{{Address: message.Address{Kind: message.Email, Value: "ann@example.com"}, Proven: true}, {Address: message.Address{Kind: message.Phone, Value: "+4930111111"}}}

// TestTheCompanysSystemIsAsked: by a signed call that says what we know, and what it answers is taken as it is.
func TestTheCompanysSystemIsAsked(t *testing.T) {
	var asked struct {
		Type string
		Data struct {
			Ticket    string
			Addresses []struct {
				Kind, Address string
				Proven        bool
			}
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(r.Header.Get("Webhook-Id") + "." + r.Header.Get("Webhook-Timestamp") + "." + string(body)))
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("Webhook-Signature") != want || r.Method != http.MethodPost {
			t.Errorf("signed %q, want %q", r.Header.Get("Webhook-Signature"), want)
		}
		if err := json.Unmarshal(body, &asked); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `{"addresses":[{"kind":"phone","address":"+4930222222","label":"+49 •••• 22"},{"kind":"email","address":"ann@work.example","label":"a•••@work.example"}]}`)
	}))
	defer server.Close()
	got, err := asker(server.URL).Ask(t.Context(), 12, ann)
	if err != nil || len(got) != 2 || got[0] != (Vouched{message.Address{Kind: message.Phone, Value: "+4930222222"}, "+49 •••• 22"}) || got[1].Address.Kind != message.Email {
		t.Errorf("%+v, %v", got, err)
	}
	if a := asked.Data.Addresses; asked.Type != "customer.addresses" || asked.Data.Ticket != "T-12" || len(a) != 2 || !a[0].Proven || a[1].Proven || a[1].Kind != "phone" {
		t.Errorf("asked %+v", asked)
	}
}

// TestWhatIsNoAnswerCountsNothing: none is guessed at, no error holds an address, and nobody is led anywhere else.
func TestWhatIsNoAnswerCountsNothing(t *testing.T) {
	one := func(kind, address, label string) string {
		return `{"addresses":[{"kind":"` + kind + `","address":"` + address + `","label":"` + label + `"}]}`
	}
	for _, c := range []struct {
		name   string
		status int
		kind   string
		body   string
		want   error
	}{
		{"an empty list is an answer", 200, "application/json", `{"addresses":[]}`, nil},
		{"a fault of its own", 500, "application/json", `{"addresses":[]}`, ErrSilent},
		{"too many questions", 429, "", "", ErrSilent},
		{"a refusal", 403, "", "", ErrRefused},
		{"a way elsewhere", 302, "", "", ErrRefused},
		{"something made", 201, "application/json", `{"addresses":[]}`, ErrRefused},
		{"a page", 200, "text/html", `{"addresses":[]}`, ErrUnreadable},
		{"no list", 200, "application/json", `{}`, ErrUnreadable},
		{"a field that nobody knows", 200, "application/json", `{"addresses":[],"more":1}`, ErrUnreadable},
		{"two values", 200, "application/json", `{"addresses":[]}{}`, ErrUnreadable},
		{"no JSON", 200, "application/json", `addresses`, ErrUnreadable},
		{"a long one", 200, "application/json", `{"addresses":[]}` + strings.Repeat(" ", mostAnswer), ErrUnreadable},
		{"too many", 200, "application/json", `{"addresses":[` + strings.TrimSuffix(strings.Repeat(`{"kind":"phone","address":"+4930222222","label":"x"},`, 11), ",") + `]}`, ErrUnreadable},
		{"another kind", 200, "application/json", one("fax", "+4930222222", "x"), ErrUnreadable},
		{"an address with a name", 200, "application/json", one("email", "Ann <a@b.example>", "x"), ErrUnreadable},
		{"two addresses in one", 200, "application/json", one("email", "a@b.example, c@d.example", "x"), ErrUnreadable},
		{"a line behind it", 200, "application/json", one("email", `a@b.example\r\nBcc: c@d.example`, "x"), ErrUnreadable},
		{"a number as people write it", 200, "application/json", one("phone", "030 222222", "x"), ErrUnreadable},
		{"no label", 200, "application/json", one("phone", "+4930222222", " "), ErrUnreadable},
		{"a label that shows the address", 200, "application/json", one("email", "a@b.example", "mail A@b.example"), ErrUnreadable},
		{"a label that moves the page", 200, "application/json", one("phone", "+4930222222", `x\u202ey`), ErrUnreadable},
		{"a long label", 200, "application/json", one("phone", "+4930222222", strings.Repeat("x", 81)), ErrUnreadable},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		}))
		got, err := asker(server.URL).Ask(t.Context(), 12, ann)
		server.Close()
		if !errors.Is(err, c.want) || c.want == nil && err != nil || err != nil && (len(got) > 0 || strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), "+49")) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	if _, err := asker("http://127.0.0.1:1/").Ask(t.Context(), 12, ann); !errors.Is(err, ErrSilent) || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("nobody there: %v", err)
	}
	gone := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-gone }))
	defer hung.Close()
	defer close(gone)
	short, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	if _, err := asker(hung.URL).Ask(short, 12, ann); !errors.Is(err, ErrSilent) {
		t.Errorf("one that lets wait: %v", err)
	}
}

// FuzzAnswers: whatever comes is a list within its bounds, or nothing.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"addresses":[{"kind":"phone","address":"+4930222222","label":"x"}]}`))
	f.Add([]byte(`{"addresses":[{"kind":"email","address":"a@b.example","label":"a•••"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parse(body)
		if err != nil && !errors.Is(err, ErrUnreadable) || err != nil && got != nil || len(got) > mostAddresses {
			t.Fatalf("%d addresses, %v", len(got), err)
		}
		for _, v := range got {
			if v.Address.IsZero() || strings.Contains(v.Label, v.Address.Value) || strings.ContainsAny(v.Address.Value, "\r\n ,<>") {
				t.Fatalf("%+v", v)
			}
		}
	})
}
