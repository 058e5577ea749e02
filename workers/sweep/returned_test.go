package sweep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/blobs"
)

// TestAMessageWhoseBlobIsMissingIsSeenAndComesBack: it holds up no other, a person sees it under its own cause, and it is decided as it
// would have been once its file is there again.
func TestAMessageWhoseBlobIsMissingIsSeenAndComesBack(t *testing.T) {
	for name, fault := range map[string]error{"gone": blobs.ErrNotFound, "of another user": fs.ErrPermission, "on a broken disk": errors.New("input/output error")} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			large := r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment + strings.Repeat(" And so on.", 40_000)})
			ids := r.Accept(large, r.Delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
			away := &awayBlobs{Store: r.Blobs.Store, fault: fault}
			r.Blobs.Store = away
			r.Process(ids...)
			r.Same("states", []string{"parked original-missing", "ticketed"}, r.States(ids...))
			if e := r.Story(ids[0]).Evidence; !strings.Contains(e, fault.Error()) {
				t.Errorf("evidence is %q", e)
			}
			s := r.sweep()
			r.Must(s.returned(t.Context(), r.Time()))
			r.Same("before it is back", []string{"parked original-missing", "ticketed"}, r.States(ids...))
			away.fault = nil
			r.Must(s.returned(t.Context(), r.Time()))
			r.Must(s.returned(t.Context(), r.Time())) // once
			r.Same("undecided", 1, r.Undecided("hotline"))
			pending, err := r.Store.Backlog.Undecided(t.Context(), ids)
			r.Must(err)
			r.Same("nobody has looked at it", false, pending[0].Released)
			r.Process(ids...)
			r.Same("states", []string{"ticketed", "ticketed"}, r.States(ids...))
		})
	}
}

// TestManyOriginalsComeBack: more than one look reads at a time, some of them meanwhile let go by a person, or dismissed.
func TestManyOriginalsComeBack(t *testing.T) {
	r := newRig(t)
	away := &awayBlobs{Store: r.Blobs.Store}
	r.Blobs.Store = away
	var all []channels.Delivery
	for i := range returnedRows + 3 {
		all = append(all, r.Delivery("hotline", fmt.Sprint(i), letter{From: fmt.Sprintf("+86138001%05d", i), Text: payment + strings.Repeat(" And so on.", 24_000)}))
	}
	var ids []int64
	for _, d := range all {
		ids = append(ids, r.Accept(d)...)
	}
	away.fault = blobs.ErrNotFound
	r.Process(ids...)
	r.Must(r.Store.Acts.Dismiss(t.Context(), ids[0], r.Time(), "lin"))
	r.Must(r.Store.Acts.Release(t.Context(), ids[1], r.Time(), "lin"))
	away.fault = nil
	r.Must(r.sweep().returned(t.Context(), r.Time()))
	r.Same("undecided", len(ids)-1, r.Undecided("hotline"))
	if got := r.States(ids[0]); got[0] != string(messages.Dismissed) && got[0] != "dismissed original-missing" {
		t.Errorf("what a person has dismissed is %s", got[0])
	}
}

// awayBlobs cannot be read while there is a fault.
type awayBlobs struct {
	blobs.Store
	fault error
}

func (a *awayBlobs) Get(ctx context.Context, digest string) ([]byte, error) {
	if a.fault != nil {
		return nil, a.fault
	}
	return a.Store.Get(ctx, digest)
}
