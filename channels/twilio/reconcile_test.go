package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/twiliofake"
)

// known answers Reconcile's question from a set of keys.
func known(keys ...string) func(context.Context, []string) (map[string]bool, error) {
	return func(_ context.Context, asked []string) (map[string]bool, error) {
		out := map[string]bool{}
		for _, a := range asked {
			for _, k := range keys {
				out[a] = out[a] || a == k
			}
		}
		return out, nil
	}
}

func TestReconcileBringsWhatTheWebhookMissed(t *testing.T) {
	c, fake := withFake(t)
	now := time.Date(2026, 5, 3, 23, 59, 0, 0, time.UTC) // just before midnight of GMT, as the list's days end
	since := now.Add(30 * time.Second)
	fake.Clock = func() time.Time { return now }
	fake.Arrive(theirs, ours, "before the time asked for, though of a day that is listed")
	now = since
	had, form := fake.Arrive(theirs, ours, "came by webhook")
	missed, _ := fake.Arrive(theirs, ours, "missed")
	now = now.Add(time.Hour)
	fake.Arrive(theirs, "+18005559999", "to another number of the account")
	photo, _ := fake.Arrive(theirs, ours, "", twiliofake.File{MediaType: "image/png", Content: []byte("png")})
	if _, err := c.Send(t.Context(), "k", outbound("our own")); err != nil {
		t.Fatal(err)
	}
	batch, count, err := c.Reconcile(t.Context(), since, known(had))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(channels.Count{Source: 3, Recorded: 1}, count); diff != "" {
		t.Errorf("count (-want +got):\n%s", diff)
	}
	var got []string
	for _, d := range batch.Deliveries {
		m, err := c.Decode(d)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %q %d", d.Key, m.Text, len(m.Attachments)))
	}
	want := []string{missed + ` "missed" 0`, photo + ` "" 1`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deliveries, oldest first (-want +got):\n%s", diff)
	}
	t.Run("with the key of the webhook", func(t *testing.T) {
		r, err := c.Receive(signed(form, ""), testNow())
		if err != nil || r.Deliveries[0].Key != had {
			t.Errorf("webhook's key %+v, %v; the list's is %q", r.Deliveries, err, had)
		}
	})
}

func TestReconcileManyPages(t *testing.T) {
	c, fake := withFake(t)
	at := testNow()
	fake.Clock = func() time.Time { at = at.Add(time.Second); return at }
	for i := range 1150 {
		fake.Arrive(theirs, ours, fmt.Sprint(i))
	}
	recorded := map[string]bool{}
	ask := func(_ context.Context, keys []string) (map[string]bool, error) {
		out := map[string]bool{}
		for _, k := range keys {
			out[k] = recorded[k]
		}
		return out, nil
	}
	last := time.Time{}
	for rounds := 0; ; rounds++ {
		batch, count, err := c.Reconcile(t.Context(), testNow(), ask)
		if err != nil || count.Source != 1150 {
			t.Fatalf("count %+v, %v", count, err)
		}
		for _, d := range batch.Deliveries {
			if recorded[d.Key] || d.At.Before(last) {
				t.Fatalf("%s came twice or out of order", d.Key)
			}
			recorded[d.Key], last = true, d.At
		}
		if !batch.More {
			break
		}
		if rounds > 10 {
			t.Fatal("it does not end")
		}
	}
	if len(recorded) != 1150 {
		t.Errorf("%d messages were caught up, want 1150", len(recorded))
	}
}

func TestReconcileEndsOnAListThatDoesNot(t *testing.T) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		_, _ = io.WriteString(w, `{"messages":[],"next_page_uri":"/2010-04-01/Messages.json?PageToken=same&Page=1"}`)
	}))
	defer server.Close()
	cfg := testConfig()
	cfg.BaseURL = server.URL
	if _, _, err := newConnector(t, cfg).Reconcile(t.Context(), testNow(), known()); err != nil || requests != 2 {
		t.Errorf("%d requests, %v; want the same page to be asked for once", requests, err)
	}
}

func TestReconcileFails(t *testing.T) {
	c, fake := withFake(t)
	fake.Arrive(theirs, ours, "x")
	since := time.Now().Add(-time.Hour)
	broken := errors.New("database down")
	_, _, err := c.Reconcile(t.Context(), since, func(context.Context, []string) (map[string]bool, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the question", err)
	}
	for fault, class := range map[twiliofake.Fault]channels.Class{
		twiliofake.ServerError: channels.Temporary, twiliofake.Drop: channels.Temporary,
		twiliofake.Throttle: channels.Throttled, twiliofake.Unauthorized: channels.Unauthorized,
	} {
		fake.Fail(fault)
		batch, _, err := c.Reconcile(t.Context(), since, known())
		if e, ok := err.(*channels.Error); !ok || e.Class != class || len(batch.Deliveries) != 0 {
			t.Errorf("after %s: %v, want class %q", fault, err, class)
		}
	}
}

// TestFilesThatAreNotListedYetHoldNothingUp: the message comes at once, and its files by their places in the list, as many as it announces.
func TestFilesThatAreNotListedYetHoldNothingUp(t *testing.T) {
	c, fake := withFake(t)
	first, _ := fake.Arrive(theirs, ours, "", twiliofake.File{MediaType: "image/png", Content: []byte("one")}, twiliofake.File{MediaType: "image/png", Content: []byte("two")})
	fake.Arrive(theirs, ours, "another")
	for _, tc := range []struct {
		name string
		hide int // of the files
		fail bool
	}{{"none yet", 2, false}, {"the second not yet", 1, false}, {"the list is refused", 0, true}} {
		t.Run(tc.name, func(t *testing.T) {
			fake.HideFiles(first, tc.hide)
			if tc.fail {
				fake.Fail("", twiliofake.ServerError)
			}
			batch, _, err := c.Reconcile(t.Context(), time.Now().Add(-time.Hour), known())
			if err != nil || len(batch.Deliveries) != 2 {
				t.Fatalf("%d deliveries, %v", len(batch.Deliveries), err)
			}
			i := slices.IndexFunc(batch.Deliveries, func(d channels.Delivery) bool { return d.Key == first })
			m, err := c.Decode(batch.Deliveries[i])
			if err != nil || len(m.Attachments) != 2 || len(m.Problems) != 0 {
				t.Fatalf("%+v, %v; want both files", m, err)
			}
			fake.HideFiles(first, 0)
			for i, want := range []string{"one", "two"} {
				body, _, err := c.FetchMedia(t.Context(), m.Attachments[i].Ref, 10)
				if err != nil {
					t.Fatal(err)
				}
				raw, _ := io.ReadAll(body)
				_ = body.Close()
				if string(raw) != want {
					t.Errorf("file %d is %q, want %q", i, raw, want)
				}
			}
		})
	}
}

func TestFetchMedia(t *testing.T) {
	c, fake := withFake(t)
	store := httptest.NewServer(fake)
	t.Cleanup(store.Close)
	fake.StoreURL = store.URL
	_, form := fake.Arrive(theirs, ours, "", twiliofake.File{MediaType: "image/png", Content: []byte("0123456789")})
	ref := form.Get("MediaUrl0")
	body, kind, err := c.FetchMedia(t.Context(), ref, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if raw, err := io.ReadAll(body); err != nil || string(raw) != "0123456789" || kind != "image/png" {
		t.Errorf("got %q of type %q, %v", raw, kind, err)
	}
	for _, tc := range []struct {
		name, ref string
		limit     int64
		want      channels.Class
	}{
		{"larger than allowed", ref, 9, channels.TooLarge},
		{"a file that is not there, or not yet", ref + "0", 10, channels.NotYet},
		{"a place in a list", strings.Split(ref, "/Media/")[0] + "/Media.json#0", 9, channels.TooLarge},
		{"a place that is not filled yet", strings.Split(ref, "/Media/")[0] + "/Media.json#1", 10, channels.NotYet},
		{"a list that is not there yet", strings.Split(ref, "/Media/")[0] + "0/Media.json#0", 10, channels.NotYet},
		{"no place in a list", strings.Split(ref, "/Media/")[0] + "/Media.json", 10, channels.Permanent},
		{"a list of a stranger's", "https://evil.example/x/Media.json#0", 10, channels.Permanent},
		{"a stranger's URL", "https://evil.example/x", 10, channels.Permanent},
		{"a host that ends like Twilio's", "https://eviltwilio.com/x", 10, channels.Permanent},
		{"the store itself, which must not see the credentials", "https://media.s3.amazonaws.com/x", 10, channels.Permanent},
		{"Twilio by plain http", "http://api.twilio.com/x", 10, channels.Permanent},
		{"a metadata service", "http://169.254.169.254/latest/meta-data/", 10, channels.Permanent},
		{"credentials in the URL", strings.Replace(ref, "//", "//u:p@", 1), 10, channels.Permanent},
		{"no URL", "\x7f", 10, channels.Permanent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := c.FetchMedia(t.Context(), tc.ref, tc.limit)
			if e, ok := err.(*channels.Error); !ok || e.Class != tc.want || strings.Contains(err.Error(), testToken) {
				t.Errorf("error %v, want class %q", err, tc.want)
			}
		})
	}
	t.Run("a redirect to a private address", func(t *testing.T) {
		fake.StoreURL = "http://10.1.2.3"
		if _, _, err := c.FetchMedia(t.Context(), ref, 10); err == nil {
			t.Error("it was followed")
		}
	})
}

func TestProbe(t *testing.T) {
	c, fake := withFake(t)
	if got, err := c.Probe(t.Context()); err != nil || got != "the Full account is active" {
		t.Errorf("probe = %q, %v", got, err)
	}
	fake.Fail(twiliofake.Unauthorized)
	_, err := c.Probe(t.Context())
	if e, ok := err.(*channels.Error); !ok || e.Class != channels.Unauthorized {
		t.Errorf("error %v, want Unauthorized", err)
	}
	_, err = answering(t, 200, nil, `{"status":"suspended"}`).Probe(t.Context())
	if e, ok := err.(*channels.Error); !ok || e.Class != channels.Unauthorized {
		t.Errorf("a suspended account: %v, want Unauthorized", err)
	}
}
