package imap

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-imap/v2"

	"frontdesk/channels"
)

// cursor is the bookmark of one folder. Every UID up to Last is delivered, gone, history, or
// listed in Pending.
// It is written as JSON into the database in the same commit as the mails before it, and read back at each Fetch, perhaps by
// another process. So new fields may be left out (omitempty), and none may change its meaning.
type cursor struct {
	// UIDValidity is never 0 in a cursor that was written; Last is 0 before the first mail. Both are 32 bits (RFC 9051 §9).
	UIDValidity uint32   `json:"uidvalidity"`
	Turn        int      `json:"turn,omitempty"` // how often UIDs began anew under one UIDVALIDITY
	Last        imap.UID `json:"last"`
	// Mails up to Fence were in the folder when this epoch began. Of these only those received at
	// Since or later are ours; none when Since is zero.
	Fence imap.UID  `json:"fence,omitempty"`
	Since time.Time `json:"since,omitzero"`
	// Begun is when the folder was first connected: what is older is history, in every epoch.
	Begun time.Time `json:"begun"`
	// Floor is the last time at which nothing was outstanding: whatever a new epoch must look
	// through again was received later.
	Floor time.Time `json:"floor"`
	// Pending are in UID order, pendingMax at most.
	Pending []pending   `json:"pending,omitempty"`
	Epochs  []time.Time `json:"epochs,omitempty"` // changes of UIDVALIDITY in the last day
	Gone    int         `json:"gone,omitempty"`   // mails that vanished before they could be read
}

// pending is a mail that could not be read so far.
type pending struct {
	// Tries counts the attempts so far, the one in which it was asked for with others included.
	UID   imap.UID  `json:"uid"`
	Tries int       `json:"tries"`
	After time.Time `json:"after"`          // not to be asked for earlier
	At    time.Time `json:"at,omitzero"`    // INTERNALDATE, as far as known
	Size  int64     `json:"size,omitempty"` // RFC822.SIZE, as far as known
	// Why is what the last attempt came to, for people; never the server's own words.
	Why string `json:"why,omitempty"`
}

const (
	// pendingMax bounds the cursor, which is written at every commit. When so many mails cannot be read, new mail waits: the
	// trouble is the server's.
	pendingMax = 1000
	epochsMax  = 3 // changes of UIDVALIDITY a day that are followed without alarm
	day        = 24 * time.Hour
	// overlap is how far before Floor a new epoch is looked through: clocks and the servers'
	// idea of a day differ (RFC 9051 §6.4.4: SINCE disregards time and time zone).
	overlap = 3 * day
	// skew is how far the server's clock may be behind ours at the first connection.
	skew = 15 * time.Minute
)

// decodeCursor reads what encode wrote. The runner never passes another connector's cursor; a failure is a fault of the database.
func decodeCursor(raw channels.Cursor) (cursor, error) {
	var c cursor
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("reading cursor: %w", err)
	}
	if c.UIDValidity == 0 {
		return c, fmt.Errorf("reading cursor: no UIDVALIDITY in it")
	}
	return c, nil
}

// encode never fails for times and numbers that came from a mailbox; the error is json's.
func (c cursor) encode() (channels.Cursor, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("writing cursor: %w", err)
	}
	return channels.Cursor(raw), nil
}

// clone makes a copy that shares no list with c.
func (c cursor) clone() cursor {
	c.Pending = slices.Clone(c.Pending)
	c.Epochs = slices.Clone(c.Epochs)
	return c
}

// owns reports whether a mail belongs to us or to the time before the folder was connected.
// Mails behind the fence came after this epoch began and are ours whatever their date says: moved mail keeps its old one.
func (c cursor) owns(uid imap.UID, at time.Time) bool {
	if uid > c.Fence {
		return true
	}
	return !c.Since.IsZero() && !at.Before(c.Since)
}

// due returns the first pending mail whose time has come.
func (c cursor) due(now time.Time) (pending, bool) {
	for _, p := range c.Pending {
		if !p.After.After(now) {
			return p, true
		}
	}
	return pending{}, false
}

// nextDue is the time until the next pending mail is due.
func (c cursor) nextDue(now time.Time) (time.Duration, bool) {
	if len(c.Pending) == 0 {
		return 0, false
	}
	first := slices.MinFunc(c.Pending, func(a, b pending) int { return a.After.Compare(b.After) })
	return max(0, first.After.Sub(now)), true
}

// put adds or replaces a pending mail, in UID order.
func (c *cursor) put(p pending) {
	i, found := slices.BinarySearchFunc(c.Pending, p.UID, comparePending)
	if found {
		c.Pending[i] = p
		return
	}
	c.Pending = slices.Insert(c.Pending, i, p)
}

// settle takes a mail out of Pending; nothing happens when it is not there.
func (c *cursor) settle(uid imap.UID) {
	if i, found := slices.BinarySearchFunc(c.Pending, uid, comparePending); found {
		c.Pending = slices.Delete(c.Pending, i, i+1)
	}
}

// comparePending is the order of Pending, by which it is searched.
func comparePending(p pending, uid imap.UID) int { return cmp.Compare(p.UID, uid) }

// epoch begins anew after the folder's UIDs have changed: of the mails that are in it now, those
// received since the floor are delivered again under new keys (what we have already is found by its
// content, later), and all that come from now on. changed is false when this happens too often to be
// followed; then nothing changes and wait says when the next change would be.
// A server may do so at any time (RFC 9051 §2.3.1.1), as after a restore or a migration, and does not tell which mails are the
// old ones. Reading again from floor minus overlap costs some days of mails and loses none.
func (c cursor) epoch(validity uint32, next imap.UID, now time.Time) (n cursor, wait time.Duration, changed bool) {
	n = c.clone()
	n.Epochs = slices.DeleteFunc(n.Epochs, func(t time.Time) bool { return now.Sub(t) >= day })
	if len(n.Epochs) >= epochsMax {
		return c, day - now.Sub(n.Epochs[0]), false
	}
	n.Epochs = append(n.Epochs, now)
	if validity == c.UIDValidity {
		n.Turn++
	} else {
		n.Turn = 0
	}
	n.Since = c.Floor
	for _, p := range c.Pending {
		if !p.At.IsZero() && p.At.Before(n.Since) {
			n.Since = p.At
		}
	}
	n.Since = n.Since.Add(-overlap)
	if begun := c.Begun.Add(-skew); n.Since.Before(begun) {
		n.Since = begun
	}
	n.UIDValidity, n.Last, n.Fence, n.Pending = validity, 0, max(next, 1)-1, nil
	return n, 0, true
}

// key is the delivery key of a mail: folder, UIDVALIDITY and UID (RFC 9051 §2.3.1.1), which together
// name one mail for ever.
// Turn is added behind a dot only where it is not 0, so that keys of old stay as they were.
func (c cursor) key(folder string, uid imap.UID) string {
	validity := strconv.FormatUint(uint64(c.UIDValidity), 10)
	if c.Turn > 0 {
		validity += "." + strconv.Itoa(c.Turn)
	}
	return folderName(folder) + ":" + validity + ":" + strconv.FormatUint(uint64(uid), 10)
}

// folderName escapes what would make a key ambiguous or unprintable.
// INBOX has one spelling, since its case means nothing (RFC 9051 §5.1). The result may be three times as long for each byte;
// validateLimits bounds it.
func folderName(folder string) string {
	if strings.EqualFold(folder, "INBOX") {
		return "INBOX"
	}
	var b strings.Builder
	for _, r := range folder {
		if r != '%' && r != ':' && unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// mailKey is a delivery key taken apart.
type mailKey struct {
	// folder is unescaped, as the server knows it.
	folder   string
	validity uint32
	turn     int
	uid      imap.UID
}

// parseKey reads what cursor.key wrote. Mark gets keys out of the database; keys of other channels give an error.
func parseKey(key string) (mailKey, error) {
	parts := strings.Split(key, ":")
	if len(parts) != 3 {
		return mailKey{}, fmt.Errorf("reading mail key: want folder:uidvalidity:uid")
	}
	folder, err := url.PathUnescape(parts[0])
	if err != nil {
		return mailKey{}, fmt.Errorf("reading mail key: %w", err)
	}
	k := mailKey{folder: folder}
	number, turn, turned := strings.Cut(parts[1], ".")
	validity, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return mailKey{}, fmt.Errorf("reading mail key: %w", err)
	}
	if turned {
		if k.turn, err = strconv.Atoi(turn); err != nil {
			return mailKey{}, fmt.Errorf("reading mail key: %w", err)
		}
	}
	uid, err := strconv.ParseUint(parts[2], 10, 32)
	if err != nil {
		return mailKey{}, fmt.Errorf("reading mail key: %w", err)
	}
	k.validity, k.uid = uint32(validity), imap.UID(uid)
	return k, nil
}
