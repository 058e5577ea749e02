package workers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/view"
)

// shelf is a provider that keeps files; an error value stands for a file that cannot be had.
type shelf map[string]any

func (s shelf) FetchMedia(_ context.Context, ref string, _ int64) (io.ReadCloser, string, error) {
	switch v := s[ref].(type) {
	case string:
		return io.NopCloser(bytes.NewBufferString(v)), "image/png", nil
	case int: // a file of that size, whatever limit was asked for
		return io.NopCloser(io.LimitReader(zeros{}, int64(v))), "image/png", nil
	case error:
		return nil, "", v
	}
	return nil, "", errors.New("no such file")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// withMedia takes in a message with files at its provider, and returns its story and the row that
// is to fetch them.
func (r *rig) withMedia(key string, refs ...string) (view.Story, int64) {
	r.t.Helper()
	story := r.opened("hotline", key, letter{From: "+8613800138000", Text: payment + key, Refs: refs})
	for _, e := range story.Effects {
		if e.Kind == effects.KindMedia {
			return story, e.ID
		}
	}
	r.t.Fatal("no row fetches the files")
	return view.Story{}, 0
}

func (r *rig) mediaDeliverer(s shelf) *Deliverer {
	r.media["hotline"] = s
	d := r.deliverer()
	d.kinds[effects.KindMedia].(*fetching).limit = 1000
	return d
}

// kept are the contents of a message's files that are here.
func (r *rig) kept(message int64) map[string]string {
	r.t.Helper()
	out := map[string]string{}
	for _, a := range r.story(message).Attachments {
		if a.Digest == "" {
			continue
		}
		content, err := r.store.Files.Blob(r.t.Context(), a.Digest)
		r.must(err)
		out[a.Name] = string(content)
	}
	return out
}

func TestFilesAreFetchedFromTheirProvider(t *testing.T) {
	r := newRig(t)
	d := r.mediaDeliverer(shelf{"a": "one", "b": "two"})
	story, id := r.withMedia("k1", "a", "b")
	r.deliver(d, id)
	r.same("state", "sent", r.effect(id).State)
	r.same("files", map[string]string{"a": "one", "b": "two"}, r.kept(story.Message.ID))
}

func TestAFileThatCanNeverBeHadKeepsNoOtherAway(t *testing.T) {
	forbidden := &channels.Error{Op: "fetching media", Class: channels.Permanent, Code: "forbidden-address", Err: errors.New("the address is not public")}
	for _, c := range []struct {
		name  string
		bad   any
		state string
		cause string
	}{
		{"an address that the guard refuses", forbidden, "failed", "forbidden-address"},
		{"a file beyond the limit", 1001, "failed", "too-large"},
		{"a provider that is away", errors.New("away"), "due", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			s := shelf{"bad": c.bad, "good": "two"}
			d := r.mediaDeliverer(s)
			story, id := r.withMedia("k1", "bad", "good")
			r.deliver(d, id)
			r.same("state and cause", []string{c.state, c.cause}, []string{r.effect(id).State, r.effect(id).Cause})
			if c.state == "due" {
				s["bad"] = "late"
				r.pass(claimFor)
				r.deliver(d, id)
				r.same("files in the end", map[string]string{"bad": "late", "good": "two"}, r.kept(story.Message.ID))
				return
			}
			r.same("files", map[string]string{"good": "two"}, r.kept(story.Message.ID))
		})
	}
}

// TestAFileThatIsNotThereYetIsAskedForAgain, for hours, while the others come at once and are not asked for twice.
func TestAFileThatIsNotThereYetIsAskedForAgain(t *testing.T) {
	notYet := &channels.Error{Op: "fetching media", Class: channels.NotYet, Code: "404", Err: errors.New("not yet")}
	for _, c := range []struct {
		name  string
		comes int // attempts after which it is there; 0: never
		state string
	}{{"it comes a moment later", 1, "sent"}, {"it comes after minutes", 6, "sent"}, {"it never comes", 0, "failed"}} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			s := counted{shelf{"late": notYet, "good": "two", "gone": &channels.Error{Op: "x", Class: channels.Permanent, Err: errors.New("no")}}, map[string]int{}}
			r.media["hotline"] = s
			d := r.deliverer()
			story, id := r.withMedia("k1", "late", "good")
			began := r.now
			for n := 1; r.effect(id).State != c.state; n++ {
				if n > 100 {
					t.Fatalf("after %d attempts: %+v", n, r.effect(id))
				}
				if n == c.comes+1 && c.comes > 0 {
					s.shelf["late"] = "one"
				}
				r.deliver(d, id)
				r.same("the other one", "two", r.kept(story.Message.ID)["good"])
				r.pass(10 * time.Minute)
			}
			if over := r.now.Sub(began); c.comes == 0 && (over < notYetFor || over > 2*notYetFor) {
				t.Errorf("given up after %s", over)
			}
			r.same("times that the other one was asked for", 1, s.asked["good"])
		})
	}
}

// counted counts what is asked for.
type counted struct {
	shelf
	asked map[string]int
}

func (c counted) FetchMedia(ctx context.Context, ref string, limit int64) (io.ReadCloser, string, error) {
	c.asked[ref]++
	return c.shelf.FetchMedia(ctx, ref, limit)
}

func TestAFileAtTheLimitIsKept(t *testing.T) {
	r := newRig(t)
	d := r.mediaDeliverer(shelf{"a": 1000})
	_, id := r.withMedia("k1", "a")
	r.deliver(d, id)
	r.same("state", "sent", r.effect(id).State)
}
