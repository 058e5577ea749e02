package pages

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"frontdesk/workers/store/viewer"
)

// slow is a store whose notes of what was seen wait until they may be written, as behind a long transaction.
type slow struct {
	*fake
	may  chan struct{}
	told chan error
}

func (s *slow) Saw(ctx context.Context, v viewer.Viewer, number int64, line string) error {
	select {
	case <-s.may:
	case <-ctx.Done():
	}
	err := ctx.Err()
	if err == nil {
		err = s.fake.Saw(ctx, v, number, line)
	}
	s.told <- err
	return err
}

// TestAPageIsThereBeforeItIsNotedWhatWasSeen: a page of a ticket is whole at the browser while the note of it still waits for the database, and who goes
// away then has seen it all the same.
func TestAPageIsThereBeforeItIsNotedWhatWasSeen(t *testing.T) {
	s := &slow{fake: newFake(), may: make(chan struct{}), told: make(chan error, 1)}
	s.open(25, "payments", "sms", "en", "Priya Nair", "Charged twice", "Two charges of 1,280.00, forty seconds apart.", 14*time.Minute)
	p, err := New(Config{Desk: "Topay", Tickets: s, Acts: s, Answers: s, Files: s, Snippets: &fakeSnippets{}, Presence: s, Merges: s, Splits: fakeSplits{s.fake}, Many: s, Aside: s, Viewer: func(*http.Request) viewer.Viewer { return chen }})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, h := range p.Routes() {
		mux.HandleFunc(pattern, h)
	}
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		go func() { <-r.Context().Done(); close(gone) }()
		mux.ServeHTTP(w, r)
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/desk/tickets/T-25", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	w, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode != http.StatusOK || int64(len(page)) != w.ContentLength {
		t.Fatalf("%d, %d of %d bytes, %v", w.StatusCode, len(page), w.ContentLength, err)
	}
	w.Body.Close()
	cancel()
	client.CloseIdleConnections()
	<-gone // the server knows of it
	close(s.may)
	if err := <-s.told; err != nil {
		t.Errorf("noting what was seen: %v", err)
	}
}
