package sweep

import (
	"context"
	"testing"
	"time"

	"frontdesk/workers"
	"frontdesk/workers/store/find"
)

// finds is how many tickets a query finds.
func (r *rig) finds(typed string) int {
	r.T.Helper()
	f, err := r.Store.Find.Search(r.T.Context(), find.Seek{Query: r.Store.Find.Reader().Read(typed)})
	r.Must(err)
	return len(f.Tickets)
}

func TestTicketsAreFoundBehindTheirCommit(t *testing.T) {
	r := newRig(t)
	one, other := NewSearch(r.Store, &workers.Courtesy{}, r.Logger), NewSearch(r.Store, &workers.Courtesy{}, r.Logger)
	r.Process(r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))...)
	r.Same("before", 0, r.finds("13800138000"))
	for range 3 {
		for _, s := range []*Search{one, other} {
			_, err := s.beat(t.Context(), time.Now())
			r.Must(err)
		}
	}
	r.Same("behind the commit", 1, r.finds("138 0013 8000"))
	_, walked, err := r.Store.Find.Findable(t.Context())
	r.Must(err)
	r.Same("all are looked at", true, walked.Done)
	wait, err := one.beat(t.Context(), time.Now())
	r.Must(err)
	r.Same("the next look", searchEvery, wait)
}

// TestMakingTicketsFindableGoesOn: Run indexes what comes while it runs, and ends with its context.
func TestMakingTicketsFindableGoesOn(t *testing.T) {
	r := newRig(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); NewSearch(r.Store, &workers.Courtesy{}, r.Logger).Run(ctx) }()
	for i, from := range []string{"+8613800138000", "+8613800138001"} {
		r.Process(r.Accept(r.Delivery("hotline", "k"+from, letter{From: from, Text: payment}))...)
		for r.finds(from) == 0 {
			select {
			case <-time.After(20 * time.Millisecond):
			case <-t.Context().Done():
				t.Fatalf("message %d is never found", i)
			}
		}
	}
	stop()
	<-done
}
