package imap

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
)

func TestIMAPKeyNamesOneMail(t *testing.T) {
	for folder, want := range map[string]string{
		"INBOX":       "INBOX:7:9",
		"inbox":       "INBOX:7:9",
		"Support/新邮件": "Support/新邮件:7:9",
		"a:7":         "a%3A7:7:9",
		"100%":        "100%25:7:9",
		"tab\there":   "tab%09here:7:9",
	} {
		key := cursor{UIDValidity: 7}.key(folder, 9)
		if key != want {
			t.Errorf("key of %q = %q, want %q", folder, key, want)
		}
		k, err := parseKey(key)
		if folder == "inbox" {
			folder = "INBOX"
		}
		if err != nil || k != (mailKey{folder: folder, validity: 7, uid: 9}) {
			t.Errorf("key %q reads as %+v, %v", key, k, err)
		}
	}
	if got, want := (cursor{UIDValidity: 7, Turn: 2}).key("INBOX", 9), "INBOX:7.2:9"; got != want {
		t.Errorf("key of the second turn = %q, want %q", got, want)
	}
	for _, bad := range []string{"", "INBOX:7", "INBOX:7:x", "INBOX:x:7", "INBOX:7.x:7", "a%zz:7:9", "INBOX:7:4294967296", "a:b:7:9"} {
		if _, err := parseKey(bad); err == nil {
			t.Errorf("key %q is accepted", bad)
		}
	}
}

func TestIMAPCursorForm(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	c := cursor{UIDValidity: 42, Last: 7, Fence: 3, Begun: at, Floor: at, Epochs: []time.Time{at}}
	c.put(pending{UID: 6, Tries: 2, After: at})
	raw, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	_ = json.Unmarshal(raw, &got)
	_ = json.Unmarshal([]byte(`{"uidvalidity":42,"last":7,"fence":3,"begun":"2026-03-04T05:06:07Z","floor":"2026-03-04T05:06:07Z",
		"pending":[{"uid":6,"tries":2,"after":"2026-03-04T05:06:07Z"}],"epochs":["2026-03-04T05:06:07Z"]}`), &want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cursor (-want +got):\n%s", diff)
	}
	if back := cursorOf(t, raw); !cmp.Equal(back, c) {
		t.Errorf("reads back as %+v, want %+v", back, c)
	}
	for _, bad := range []string{"{", `{"last":3}`, `[]`, `"x"`} {
		if _, err := decodeCursor(channels.Cursor(bad)); err == nil {
			t.Errorf("cursor %s is accepted", bad)
		}
	}
}

func TestIMAPCursorPendingStaysInOrder(t *testing.T) {
	var c cursor
	for _, uid := range []imap.UID{5, 2, 9, 5} {
		c.put(pending{UID: uid, Tries: int(uid)})
	}
	c.settle(2)
	c.settle(100)
	if len(c.Pending) != 2 || c.Pending[0].UID != 5 || c.Pending[1].UID != 9 {
		t.Errorf("pending = %+v, want 5 and 9", c.Pending)
	}
}

func TestIMAPCursorEpoch(t *testing.T) {
	now := time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return now.Add(time.Duration(n) * day) }
	cases := map[string]struct {
		cur   cursor
		since time.Time
	}{
		"three days before all was fetched":          {cursor{Begun: day(-100), Floor: day(-1)}, day(-4)},
		"earlier for a mail that waits":              {cursor{Begun: day(-100), Floor: day(-1), Pending: []pending{{UID: 3, At: day(-20)}}}, day(-23)},
		"never before the folder was connected":      {cursor{Begun: day(-2), Floor: day(-1)}, day(-2).Add(-skew)},
		"a long outage is looked through as a whole": {cursor{Begun: day(-100), Floor: day(-30)}, day(-33)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.cur.UIDValidity, c.cur.Last = 1, 500
			n, _, changed := c.cur.epoch(2, 301, now)
			if !changed || !n.Since.Equal(c.since) {
				t.Errorf("since = %v, want %v", n.Since, c.since)
			}
			if n.UIDValidity != 2 || n.Last != 0 || n.Fence != 300 || len(n.Pending) != 0 || !n.Begun.Equal(c.cur.Begun) {
				t.Errorf("cursor = %+v", n)
			}
			if n.owns(300, c.since.Add(-time.Second)) || !n.owns(300, c.since) || !n.owns(301, time.Time{}) {
				t.Error("owns the wrong mails")
			}
		})
	}
}

func TestIMAPCursorEpochTooOften(t *testing.T) {
	now := time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
	c := cursor{UIDValidity: 1, Begun: now, Floor: now}
	for i := range uint32(3) {
		var changed bool
		if c, _, changed = c.epoch(2+i, 1, now.Add(time.Duration(i)*time.Hour)); !changed {
			t.Fatalf("change %d is refused", i+1)
		}
	}
	same, wait, changed := c.epoch(9, 1, now.Add(3*time.Hour))
	if changed || wait != 21*time.Hour || same.UIDValidity != 4 {
		t.Errorf("the fourth change: changed %v, wait %v, validity %d", changed, wait, same.UIDValidity)
	}
	if _, _, changed = c.epoch(9, 1, now.Add(24*time.Hour)); !changed {
		t.Error("a change on the next day is refused")
	}
}

func FuzzIMAPCursor(f *testing.F) {
	f.Add(`{"uidvalidity":42,"last":7,"pending":[{"uid":6,"tries":2}]}`, "INBOX:42:7")
	f.Add(`{"uidvalidity":1e9}`, "a%3A:7.2:9")
	f.Fuzz(func(t *testing.T, at, key string) {
		if c, err := decodeCursor(channels.Cursor(at)); err == nil {
			if raw, err := c.encode(); err == nil {
				if _, err := decodeCursor(raw); err != nil {
					t.Errorf("cursor %s does not read back: %v", raw, err)
				}
			}
		}
		k, err := parseKey(key)
		if err != nil {
			return
		}
		again, err := parseKey(cursor{UIDValidity: k.validity, Turn: max(k.turn, 0)}.key(k.folder, k.uid))
		if k.turn >= 0 && (err != nil || again.uid != k.uid || again.validity != k.validity) {
			t.Errorf("key %q reads back as %+v, %v", key, again, err)
		}
	})
}
