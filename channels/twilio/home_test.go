package twilio

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/channelstest/twiliofake"
)

const (
	poolOne  = "MG00000000000000000000000000000001"
	poolTwo  = "MG00000000000000000000000000000002"
	pooled   = "+85221230000"
	stranger = "+14155550000"
)

// desk makes the inboxes of one account, each with its own number, sending number and service.
func desk(t *testing.T, inboxes ...Config) ([]*Connector, *twiliofake.Server) {
	t.Helper()
	fake := twiliofake.New(testAccount, testToken)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	fake.Base = server.URL
	var account []Neighbour
	for _, in := range inboxes {
		account = append(account, Neighbour{in.Inbox, in.Number, in.MessagingServiceSID})
	}
	var out []*Connector
	for _, in := range inboxes {
		cfg := testConfig()
		cfg.Inbox, cfg.Number, cfg.From, cfg.MessagingServiceSID = in.Inbox, in.Number, in.From, in.MessagingServiceSID
		cfg.BaseURL, cfg.PublicURL, cfg.Account = server.URL, "https://desk.example/hooks/"+in.Inbox, account
		out = append(out, newConnector(t, cfg))
	}
	return out, fake
}

// TestWhatAnInboxTakesIn: by the list and by webhook alike, what came to its number or its service, whatever it sends from.
func TestWhatAnInboxTakesIn(t *testing.T) {
	for _, tc := range []struct {
		name    string
		inboxes []Config
		pool    map[string]string // number → service
		want    map[string]string // number written to → inbox; none: nobody's
	}{
		{"a number that sends by another", []Config{{Inbox: "hotline", Number: ours, From: "+85229999999"}}, nil, map[string]string{ours: "hotline"}},
		{"a number that sends by a name", []Config{{Inbox: "hotline", Number: ours, From: "Topay"}}, nil, map[string]string{ours: "hotline"}},
		{"a name alone", []Config{{Inbox: "hotline", From: "Topay"}}, nil, map[string]string{}},
		{"a short code", []Config{{Inbox: "hotline", Number: "10086", From: "10086"}}, nil, map[string]string{"10086": "hotline"}},
		{"a service, its number in it", []Config{{Inbox: "hotline", Number: ours, MessagingServiceSID: poolOne}}, map[string]string{ours: poolOne, pooled: poolOne, stranger: poolTwo}, map[string]string{ours: "hotline", pooled: "hotline"}},
		{"a service, its number outside", []Config{{Inbox: "hotline", Number: ours, MessagingServiceSID: poolOne}}, map[string]string{pooled: poolOne}, map[string]string{ours: "hotline", pooled: "hotline"}},
		{"a service without a number", []Config{{Inbox: "hotline", MessagingServiceSID: poolOne}}, map[string]string{pooled: poolOne}, map[string]string{pooled: "hotline"}},
		{"a number beside a service", []Config{{Inbox: "hotline", Number: ours, From: ours}, {Inbox: "pool", Number: pooled, MessagingServiceSID: poolOne}}, map[string]string{pooled: poolOne},
			map[string]string{ours: "hotline", pooled: "pool"}},
		{"a number within the other's service", []Config{{Inbox: "pool", Number: pooled, MessagingServiceSID: poolOne}, {Inbox: "hotline", Number: ours, From: ours}},
			map[string]string{ours: poolOne, pooled: poolOne}, map[string]string{ours: "hotline", pooled: "pool"}},
		{"two inboxes of one service", []Config{{Inbox: "first", Number: ours, MessagingServiceSID: poolOne}, {Inbox: "second", Number: pooled, MessagingServiceSID: poolOne}},
			map[string]string{ours: poolOne, pooled: poolOne, stranger: poolOne}, map[string]string{ours: "first", pooled: "second", stranger: "first"}},
		{"two services", []Config{{Inbox: "first", MessagingServiceSID: poolOne}, {Inbox: "second", MessagingServiceSID: poolTwo}},
			map[string]string{pooled: poolTwo, ours: poolOne}, map[string]string{ours: "first", pooled: "second"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cs, fake := desk(t, tc.inboxes...)
			for number, service := range tc.pool {
				fake.Pool(number, service)
			}
			want, listed, called := []string{}, []string{}, []string{}
			for _, number := range []string{ours, pooled, stranger, "10086"} {
				_, form := fake.Arrive(theirs, number, "hello")
				if home := tc.want[number]; home != "" {
					want = append(want, number+" "+home)
					for _, c := range cs { // whichever inbox's address is set as the webhook
						r := signed(form, "")
						r.Header.Set("X-Twilio-Signature", twiliofake.Sign(testToken, c.cfg.PublicURL, form))
						got, err := c.Receive(r, testNow())
						if err != nil {
							t.Fatal(err)
						}
						called = append(called, number+" "+got.Deliveries[0].Inbox)
					}
				}
			}
			for i, c := range slices.Concat(cs, cs) {
				if fake.Unnamed(i >= len(cs)); i == len(cs) { // the same once more, with a list that names no service
					listed = append(slices.Sorted(slices.Values(listed)), "")
				}
				batch, _, err := c.Reconcile(t.Context(), time.Now().Add(-time.Hour), known())
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range batch.Deliveries {
					m, err := c.Decode(d)
					if err != nil {
						t.Fatal(err)
					}
					listed = append(listed, fmt.Sprint(m.To[0].Value, " ", d.Inbox))
				}
			}
			slices.Sort(want)
			half := slices.Index(listed, "")
			slices.Sort(listed[half+1:])
			slices.Sort(called)
			if diff := cmp.Diff(slices.Concat(want, []string{""}, want), listed); diff != "" {
				t.Errorf("by the list (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, slices.Compact(called)); diff != "" {
				t.Errorf("by webhook (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAWebhookThatSomebodySetOnPurposeIsTakenIn, though nothing else says that the number is ours.
func TestAWebhookThatSomebodySetOnPurposeIsTakenIn(t *testing.T) {
	c := newConnector(t, testConfig())
	r, err := c.Receive(signed(with(sms("hello"), "To", stranger), ""), testNow())
	if err != nil || r.Deliveries[0].Inbox != "hotline" {
		t.Errorf("%+v, %v", r.Deliveries, err)
	}
}
