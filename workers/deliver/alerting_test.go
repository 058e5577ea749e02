package deliver

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/domain/effects"
	written "frontdesk/templates/alerts"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// ringing are the rules of the suite: nothing is gathered for long.
var ringing = alerting.Rules{Bounds: alerts.Bounds{Gather: time.Minute, Hourly: 60}, Inbox: "support", Channel: "email", Hooks: true}

// bell is a person who is told something.
type bell struct {
	*rig
	who viewer.Viewer
	d   *Deliverer
}

// newBell is a desk at which one ticket is somebody's, who wants to be told of everything in one way.
func newBell(t *testing.T, way alerts.Way, language string) *bell {
	r := newRig(t)
	writer, err := written.New(map[string]map[string]string{"en": {"queue.general": "General"}, "zh": {"queue.general": "综合"}})
	r.Must(err)
	r.alerts = Alerts{Texts: writer, Client: http.DefaultClient, Base: "https://desk.example", Hooks: true, Private: true}
	u, err := r.Store.Users.Add(t.Context(), users.User{Login: "li", Name: "Li\r\nBcc: mallory@evil.example", Email: "li@desk.example", Language: language}, r.Time(), "test")
	r.Must(err)
	r.Must(r.Store.Users.SetGrants(t.Context(), u.ID, []viewer.Grant{{Role: viewer.Agent}}, r.Time(), "test"))
	b := &bell{rig: r}
	b.who, err = r.Store.Users.Viewer(t.Context(), u.ID)
	r.Must(err)
	c := alerts.Default()
	c.On[alerts.Named], c.Mail = []alerts.Way{way}, alerts.Always
	r.Must(r.Store.Alerts.Choose(t.Context(), b.who, c, r.Time()))
	return b
}

// names has a note on a ticket name him, and gives the row of what he is told of it.
func (b *bell) names(ticket int64) int64 {
	b.T.Helper()
	ctx := b.T.Context()
	other := viewer.Viewer{User: 99, Login: "wu", Grants: []viewer.Grant{{Role: viewer.Agent}}}
	_, err := b.Store.Mentions.Note(ctx, other, b.Time().UnixNano(), ticket, "@li look: =cmd|' /C calc'!A0 <b>4111 1111 1111 1111</b>", b.Time())
	b.Must(err)
	b.Must(b.Store.Alerts.Names(ctx, ringing, b.Time(), 100))
	b.Pass(2 * time.Minute)
	_, err = b.Store.Alerts.Gather(ctx, ringing, b.Time(), 100)
	b.Must(err)
	rows, err := b.Store.View.Outbox(ctx, view.Page{Limit: 1})
	b.Must(err)
	if len(rows) != 1 || rows[0].Kind != effects.KindAlert {
		b.T.Fatalf("no row was made: %+v", rows)
	}
	return rows[0].ID
}

func TestSomebodyIsToldByMail(t *testing.T) {
	for _, c := range []struct {
		language, subject, text string
		subjects                bool
	}{
		{"en", "Acme: you were named in a note (T-1)", "T-1, queue General: you were named in a note\n  https://desk.example/desk/tickets/T-1\n\nWhat you are told, and how: https://desk.example/desk/me/alerts\n", false},
		{"zh-Hans", "Acme：有备注提到您（T-1）", "T-1，队列 综合：有备注提到您\n  https://desk.example/desk/tickets/T-1\n\n通知设置：https://desk.example/desk/me/alerts\n", false},
		{"", "Acme: you were named in a note (T-1)", "– “", true},
	} {
		t.Run(c.language, func(t *testing.T) {
			b := newBell(t, alerts.Mail, c.language)
			ticket := b.ticket()
			var got []channels.Outbound
			var keys []string
			b.senders["support"] = sendFunc(func(_ context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
				got, keys = append(got, out), append(keys, key)
				return channels.Receipt{}, nil
			})
			b.alerts.Subjects = c.subjects
			row := b.names(ticket)
			d := b.deliverer()
			b.deliver(d, row)
			b.deliver(d, row)
			if len(got) != 1 {
				t.Fatalf("%d mails", len(got))
			}
			out := got[0]
			if out.Subject != c.subject || !strings.Contains(out.Text, c.text) || out.To.Value != "li@desk.example" || out.To.Name != "" || !out.Automatic || out.MessageID == "" {
				t.Errorf("%+v", out)
			}
			if !c.subjects && (out.Text != c.text || strings.Contains(out.Text, "4111")) {
				t.Errorf("more is said than is to be: %q", out.Text)
			}
			b.Same("sent", "sent", b.Effect(row).State)
		})
	}
}

// TestASummaryThatMayHaveArrivedIsNotSentAgain: one that comes twice disturbs twice.
func TestASummaryThatMayHaveArrivedIsNotSentAgain(t *testing.T) {
	b := newBell(t, alerts.Mail, "en")
	calls := 0
	b.senders["support"] = sendFunc(func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
		calls++
		return channels.Receipt{}, &channels.Error{Op: "sending", Class: channels.Unknown, Err: errors.New("cut off")}
	})
	row := b.names(b.ticket())
	d := b.deliverer()
	b.deliver(d, row)
	b.Pass(time.Hour)
	b.deliver(d, row)
	b.Same("failed, after one call", []any{"failed", 1}, []any{b.Effect(row).State, calls})
}

func TestAMailThatIsRefusedForNowIsTriedAgain(t *testing.T) {
	b := newBell(t, alerts.Mail, "en")
	calls := 0
	b.senders["support"] = sendFunc(func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
		if calls++; calls < 3 {
			return channels.Receipt{}, &channels.Error{Op: "sending", Class: channels.Temporary, Code: "451", Err: errors.New("greylisted")}
		}
		return channels.Receipt{}, nil
	})
	row := b.names(b.ticket())
	d := b.deliverer()
	for range 3 {
		b.deliver(d, row)
		if c, err := b.Store.Alerts.Of(t.Context(), b.who); err != nil || calls < 3 && c.States[alerts.Mail].Reason != "451" {
			t.Errorf("after %d calls he is shown %+v (%v)", calls, c.States, err)
		}
		b.Pass(10 * time.Minute)
	}
	c, err := b.Store.Alerts.Of(t.Context(), b.who)
	b.Must(err)
	b.Same("sent in the end, and nothing is wrong any more", []any{"sent", 3, 0}, []any{b.Effect(row).State, calls, len(c.States)})
}

// receives is somebody's webhook, which answers with the statuses in their order.
func receives(t *testing.T, statuses ...int) (url string, bodies *[]string, headers *[]http.Header) {
	bodies, headers = &[]string{}, &[]http.Header{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		at := min(len(*bodies), len(statuses)-1)
		*bodies, *headers = append(*bodies, string(text)), append(*headers, r.Header)
		w.Header().Set("Location", "http://169.254.169.254/latest/meta-data")
		w.WriteHeader(statuses[at])
		fmt.Fprint(w, strings.Repeat("a long answer ", 10000))
	}))
	t.Cleanup(s.Close)
	return s.URL + "/services/secret", bodies, headers
}

func TestAWebhookOfSomebodysIsTold(t *testing.T) {
	t.Run("as a chat takes it", func(t *testing.T) {
		b := newBell(t, alerts.Hook, "en")
		b.alerts.Subjects = true
		url, bodies, headers := receives(t, 200)
		_, err := b.Store.Alerts.SetHook(t.Context(), b.who, url, "127.0.0.1", alerts.Text, b.Time())
		b.Must(err)
		b.here()
		row := b.names(b.ticket())
		b.deliver(b.deliverer(), row)
		var body map[string]string
		b.Must(json.Unmarshal([]byte((*bodies)[0]), &body))
		if len(body) != 1 || !strings.HasPrefix(body["text"], "Acme: you were named in a note (T-1)\nT-1, queue General: you were named in a note – “") || strings.Contains(body["text"], "<") {
			t.Errorf("%q", body)
		}
		if (*headers)[0].Get("Webhook-Signature") != "" || b.Effect(row).State != "sent" {
			t.Errorf("%v, %s", (*headers)[0], b.Effect(row).State)
		}
	})
	t.Run("whatever a customer's subject calls", func(t *testing.T) {
		b := newBell(t, alerts.Hook, "en")
		b.alerts.Subjects = true
		url, bodies, _ := receives(t, 200)
		_, err := b.Store.Alerts.SetHook(t.Context(), b.who, url, "127.0.0.1", alerts.Text, b.Time())
		b.Must(err)
		b.here()
		ticket := b.ticket()
		b.Must(b.Store.Base.Do(t.Context(), "naming it", sql.Do(`UPDATE tickets SET display = '@all <!here> [bank](https://evil.example)' WHERE id = $1`, ticket)))
		b.deliver(b.deliverer(), b.names(ticket))
		var body map[string]string
		b.Must(json.Unmarshal([]byte((*bodies)[0]), &body))
		text := strings.ReplaceAll(body["text"], "https://desk.example/", "")
		for _, call := range []string{"@all", "<", "!here>", "](", "https://"} {
			if strings.Contains(text, call) {
				t.Errorf("%s stands in %q", call, text)
			}
		}
		if seen := strings.ReplaceAll(text, "\u200b", ""); !strings.Contains(seen, "@all &lt;!here&gt; [bank](https://evil.example)") || !strings.Contains(body["text"], "https://desk.example/desk/tickets/T-1") {
			t.Errorf("%q", body["text"])
		}
	})
	t.Run("signed", func(t *testing.T) {
		b := newBell(t, alerts.Hook, "en")
		url, bodies, headers := receives(t, 500, 204)
		secret, err := b.Store.Alerts.SetHook(t.Context(), b.who, url, "127.0.0.1", alerts.Signed, b.Time())
		b.Must(err)
		b.here()
		row := b.names(b.ticket())
		d := b.deliverer()
		b.deliver(d, row)
		b.Same("tried again", "due", b.Effect(row).State)
		b.Pass(time.Minute)
		b.deliver(d, row)
		b.Same("taken", "sent", b.Effect(row).State)
		first, again := (*headers)[0], (*headers)[1]
		if first.Get("Webhook-Id") == "" || first.Get("Webhook-Id") != again.Get("Webhook-Id") || (*bodies)[0] != (*bodies)[1] {
			t.Error("a repeat is known by its id")
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		b.Must(err)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(again.Get("Webhook-Id") + "." + again.Get("Webhook-Timestamp") + "." + (*bodies)[1]))
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); again.Get("Webhook-Signature") != want {
			t.Errorf("signature %q, want %q", again.Get("Webhook-Signature"), want)
		}
		var body calls
		b.Must(json.Unmarshal([]byte((*bodies)[1]), &body))
		b.Same("what is said", []any{"desk.alert", []happen{{Kind: "named", Ticket: "T-1", Queue: "general", Count: 1, URL: "https://desk.example/desk/tickets/T-1"}}}, []any{body.Type, body.Data.Events})
	})
}

// here has him sit at the desk.
func (b *bell) here() {
	b.T.Helper()
	_, err := b.Store.Agents.Hear(b.T.Context(), b.who.User, b.Time())
	b.Must(err)
}

// TestAWebhookThatDoesNotTakeItSaysWhy: he sees it on his page; a redirect is not followed.
func TestAWebhookThatDoesNotTakeItSaysWhy(t *testing.T) {
	for status, want := range map[int]string{404: "failed", 302: "due", 503: "due", 410: "failed"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			b := newBell(t, alerts.Hook, "en")
			url, bodies, _ := receives(t, status)
			_, err := b.Store.Alerts.SetHook(t.Context(), b.who, url, "127.0.0.1", alerts.Text, b.Time())
			b.Must(err)
			b.here()
			row := b.names(b.ticket())
			b.deliver(b.deliverer(), row)
			c, err := b.Store.Alerts.Of(t.Context(), b.who)
			b.Must(err)
			s := c.States[alerts.Hook]
			b.Same("its row, the calls, and what he is shown", []any{want, 1, fmt.Sprint(status), status == 410}, []any{b.Effect(row).State, len(*bodies), s.Reason, !s.Off.IsZero()})
			if strings.Contains(b.Effect(row).LastError, "secret") {
				t.Error("the address stands in an error")
			}
		})
	}
}

// TestAWebhookThatTheHouseHasNoMoreIsNotCalled: what was gathered before the configuration changed stays here.
func TestAWebhookThatTheHouseHasNoMoreIsNotCalled(t *testing.T) {
	for name, change := range map[string]func(*Alerts){"none are called": func(a *Alerts) { a.Hooks = false }, "only those of the Internet, by https": func(a *Alerts) { a.Private = false }} {
		t.Run(name, func(t *testing.T) {
			b := newBell(t, alerts.Hook, "en")
			url, bodies, _ := receives(t, 200)
			_, err := b.Store.Alerts.SetHook(t.Context(), b.who, url, "127.0.0.1", alerts.Text, b.Time())
			b.Must(err)
			b.here()
			row := b.names(b.ticket())
			change(&b.alerts)
			b.deliver(b.deliverer(), row)
			b.Same("withheld, and not called", []any{"withheld", "not-configured", 0}, []any{b.Effect(row).State, b.Effect(row).Cause, len(*bodies)})
		})
	}
}

// TestAForeignServerDoesNotSayForHowLongARowIsKept: what its Retry-After asks for is bounded.
func TestAForeignServerDoesNotSayForHowLongARowIsKept(t *testing.T) {
	b := newBell(t, alerts.Hook, "en")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "999999999")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(s.Close)
	_, err := b.Store.Alerts.SetHook(t.Context(), b.who, s.URL, "127.0.0.1", alerts.Text, b.Time())
	b.Must(err)
	b.here()
	row := b.names(b.ticket())
	b.deliver(b.deliverer(), row)
	if e := b.Effect(row); e.State != "due" || e.NextAt.After(b.Time().Add(time.Hour)) {
		t.Errorf("%s, next at %s", e.State, e.NextAt)
	}
}

// TestWhatIsNotToBeToldAnyMoreIsNotSent: rights are those of the moment in which it is sent.
func TestWhatIsNotToBeToldAnyMoreIsNotSent(t *testing.T) {
	b := newBell(t, alerts.Mail, "en")
	b.senders["support"] = sendFunc(func(context.Context, string, channels.Outbound) (channels.Receipt, error) {
		t.Error("it was sent")
		return channels.Receipt{}, nil
	})
	row := b.names(b.ticket())
	b.Must(b.Store.Users.SetGrants(t.Context(), b.who.User, []viewer.Grant{{Role: viewer.Agent, Queue: "cards"}}, b.Time(), "test"))
	b.deliver(b.deliverer(), row)
	b.Same("withheld", "withheld", b.Effect(row).State)
}

// ticket is one that somebody has opened.
func (b *bell) ticket() int64 {
	b.T.Helper()
	return b.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment}).Message.Ticket
}
