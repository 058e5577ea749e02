package workers

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
			large := r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment + strings.Repeat(" And so on.", 40_000)})
			ids := r.accept(large, r.delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
			away := &awayBlobs{Store: r.blobs.Store, fault: fault}
			r.blobs.Store = away
			r.process(ids...)
			r.same("states", []string{"parked original-missing", "ticketed"}, r.states(ids...))
			if e := r.story(ids[0]).Evidence; !strings.Contains(e, fault.Error()) {
				t.Errorf("evidence is %q", e)
			}
			s := r.sweep()
			r.must(s.returned(t.Context(), r.time()))
			r.same("before it is back", []string{"parked original-missing", "ticketed"}, r.states(ids...))
			away.fault = nil
			r.must(s.returned(t.Context(), r.time()))
			r.must(s.returned(t.Context(), r.time())) // once
			r.same("undecided", 1, r.undecided("hotline"))
			pending, err := r.store.Backlog.Undecided(t.Context(), ids)
			r.must(err)
			r.same("nobody has looked at it", false, pending[0].Released)
			r.process(ids...)
			r.same("states", []string{"ticketed", "ticketed"}, r.states(ids...))
		})
	}
}

// TestManyOriginalsComeBack: more than one look reads at a time, some of them meanwhile let go by a person, or dismissed.
func TestManyOriginalsComeBack(t *testing.T) {
	r := newRig(t)
	away := &awayBlobs{Store: r.blobs.Store}
	r.blobs.Store = away
	var all []channels.Delivery
	for i := range returnedRows + 3 {
		all = append(all, r.delivery("hotline", fmt.Sprint(i), letter{From: fmt.Sprintf("+86138001%05d", i), Text: payment + strings.Repeat(" And so on.", 24_000)}))
	}
	var ids []int64
	for _, d := range all {
		ids = append(ids, r.accept(d)...)
	}
	away.fault = blobs.ErrNotFound
	r.process(ids...)
	r.must(r.store.Acts.Dismiss(t.Context(), ids[0], r.time(), "lin"))
	r.must(r.store.Acts.Release(t.Context(), ids[1], r.time(), "lin"))
	away.fault = nil
	r.must(r.sweep().returned(t.Context(), r.time()))
	r.same("undecided", len(ids)-1, r.undecided("hotline"))
	if got := r.states(ids[0]); got[0] != string(messages.Dismissed) && got[0] != "dismissed original-missing" {
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
