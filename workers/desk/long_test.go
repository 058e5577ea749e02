package desk

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// entries is how many lines D40's ticket has.
const entries = 5000

// mostPage bounds what a page of any ticket has, in bytes.
const mostPage = 600 << 10

// lengthen makes Ann's ticket D40's: 5 000 lines of its people, and a mail of 2 MB that quotes as much.
func (h *house) lengthen(tb testing.TB) {
	tb.Helper()
	ctx := tb.Context()
	long := strings.Repeat("a very long mail without an end\n", 1<<16)
	err := h.store.Base.Write(ctx, func(tx sql.Tx) error {
		calls := []sql.Call{sql.Do(`UPDATE messages SET visible = $2, quoted = $2 WHERE id = $1`, h.AnnMessages[1], long)}
		for i := range entries {
			calls = append(calls, sql.Do(`INSERT INTO replies (id, key, ticket, kind, author, author_name, at, channel, inbox, recipients, subject, text, language, answer_to, effect)
VALUES ($1, $2, $3, 'note', 4, 'Chen', $4, '', '', '', '', $5, '', 0, 0)`, int64(1_000_000+i), fmt.Sprint("long-", i), h.AnnTicket, int64(1_700_000_000_000_000+1_000_000*i), fmt.Sprintf("line %d of a very long story", i)))
		}
		return tx.Run(ctx, calls...)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

var before = regexp.MustCompile(`data-earlier="/desk/tickets/T-\d+/earlier\?(before=[^"&]+)`)

// TestD40ALongTicketIsReadByPages: of 5 000 lines and a mail of 2 MB each page has few lines and few bytes; older ones are behind a link, every line is
// reached once, and the long mail's whole text is one click away.
func TestD40ALongTicketIsReadByPages(t *testing.T) {
	h := newHouse(t)
	h.lengthen(t)
	h.user("li", viewer.Grant{Role: viewer.Agent, Queue: viewer.Every})
	b := h.browser().in("li")
	seen, pages := map[string]int{}, 0
	for at := fmt.Sprint("/desk/tickets/T-", h.AnnTicket); at != ""; pages++ {
		w := b.get(at)
		page := w.Body.String()
		if w.Code != http.StatusOK || len(page) > mostPage || pages > entries/40 {
			t.Fatalf("page %d, %s: %d, %d bytes", pages, at, w.Code, len(page))
		}
		for _, id := range regexp.MustCompile(`id="e-(reply-1\d{6})"`).FindAllStringSubmatch(page, -1) {
			seen[id[1]]++
		}
		at = ""
		if m := before.FindStringSubmatch(page); m != nil {
			at = fmt.Sprintf("/desk/tickets/T-%d?%s", h.AnnTicket, m[1])
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s stands on %d pages", id, n)
		}
	}
	if len(seen) != entries || pages < entries/60 {
		t.Errorf("on %d pages stand %d of %d lines", pages, len(seen), entries)
	}
	whole := b.get(fmt.Sprintf("/desk/tickets/T-%d/entries/message-%d", h.AnnTicket, h.AnnMessages[1]))
	if n := whole.Body.Len(); whole.Code != http.StatusOK || n < 4<<20 {
		t.Errorf("the whole of the long mail: %d, %d bytes", whole.Code, n)
	}
}

// BenchmarkD40LongTicket opens that ticket at its end, where the mail of 2 MB is, and at its beginning.
func BenchmarkD40LongTicket(b *testing.B) {
	h := newHouse(b)
	h.lengthen(b)
	h.user("li", viewer.Grant{Role: viewer.Agent, Queue: viewer.Every})
	in := h.browser().in("li")
	for name, path := range map[string]string{"newest": fmt.Sprint("/desk/tickets/T-", h.AnnTicket), "oldest": fmt.Sprintf("/desk/tickets/T-%d?before=reply-1000030", h.AnnTicket)} {
		b.Run(name, func(b *testing.B) {
			var w *httptest.ResponseRecorder
			for b.Loop() {
				w = in.get(path)
			}
			if w.Code != http.StatusOK {
				b.Fatalf("%d %s", w.Code, w.Body)
			}
			b.ReportMetric(float64(w.Body.Len()), "bytes/page")
		})
	}
}

// BenchmarkTicketPage opens an ordinary ticket of one mail: what an agent does all day.
func BenchmarkTicketPage(b *testing.B) {
	h := newHouse(b)
	h.user("li", viewer.Grant{Role: viewer.Agent, Queue: viewer.Every})
	in := h.browser().in("li")
	path := fmt.Sprint("/desk/tickets/T-", h.AnnTicket)
	var w *httptest.ResponseRecorder
	b.ReportAllocs()
	for b.Loop() {
		w = in.get(path)
	}
	if w.Code != http.StatusOK {
		b.Fatalf("%d %s", w.Code, w.Body)
	}
	b.ReportMetric(float64(w.Body.Len()), "bytes/page")
}
