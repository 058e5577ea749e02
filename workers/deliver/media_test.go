package deliver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/kinds"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/enrich"
	"frontdesk/workers/enrich/scanners"
	"frontdesk/workers/store/view"
	"frontdesk/workers/workerstest"
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
	r.T.Helper()
	story := r.Opened("hotline", key, letter{From: "+8613800138000", Text: payment + key, Refs: refs})
	for _, e := range story.Effects {
		if e.Kind == effects.KindMedia {
			return story, e.ID
		}
	}
	r.T.Fatal("no row fetches the files")
	return view.Story{}, 0
}

func (r *rig) mediaDeliverer(s shelf) *Deliverer {
	r.media["hotline"] = s
	d := r.deliverer()
	d.kinds[effects.KindMedia].(*fetching).limit = 1000
	return d
}

func TestFilesAreFetchedFromTheirProvider(t *testing.T) {
	r := newRig(t)
	d := r.mediaDeliverer(shelf{"a": "one", "b": "two"})
	story, id := r.withMedia("k1", "a", "b")
	r.deliver(d, id)
	r.Same("state", "sent", r.Effect(id).State)
	r.Same("files", map[string]string{"a": "one", "b": "two"}, r.Kept(story.Message.ID))
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
			r.Same("state and cause", []string{c.state, c.cause}, []string{r.Effect(id).State, r.Effect(id).Cause})
			if c.state == "due" {
				s["bad"] = "late"
				r.Pass(claimFor)
				r.deliver(d, id)
				r.Same("files in the end", map[string]string{"bad": "late", "good": "two"}, r.Kept(story.Message.ID))
				return
			}
			r.Same("files", map[string]string{"good": "two"}, r.Kept(story.Message.ID))
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
			began := r.Time()
			for n := 1; r.Effect(id).State != c.state; n++ {
				if n > 100 {
					t.Fatalf("after %d attempts: %+v", n, r.Effect(id))
				}
				if n == c.comes+1 && c.comes > 0 {
					s.shelf["late"] = "one"
				}
				r.deliver(d, id)
				r.Same("the other one", "two", r.Kept(story.Message.ID)["good"])
				r.Pass(10 * time.Minute)
			}
			if over := r.Time().Sub(began); c.comes == 0 && (over < notYetFor || over > 2*notYetFor) {
				t.Errorf("given up after %s", over)
			}
			r.Same("times that the other one was asked for", 1, s.asked["good"])
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
	r.Same("state", "sent", r.Effect(id).State)
}

// scanning makes a deliverer that has fetched files scanned.
func (r *rig) scanning(virus workerstest.VirusScanner) *Deliverer {
	scanner := enrich.Scanner{Name: "clamd", File: virus, Probe: workerstest.Probed{}}
	asks := enrich.NewScanners(r.Store, enrich.ScanConfig{Channels: kinds.All().Line(), Scanners: []enrich.Scanner{scanner}, Inboxes: map[string]bool{"hotline": true},
		Deadline: 20 * time.Second, Told: r.meter.Scanned, Now: r.Time}, r.Logger)
	d := NewDeliverer(r.Store, r.notifier, "worker-1", Outlets{Senders: r.senders, Media: r.media, Scanners: asks}, r.writer, r.meter, r.Logger)
	d.now = r.Time
	return d
}

func TestAFetchedFileIsScannedBeforeItIsKept(t *testing.T) {
	r := newRig(t)
	r.media["hotline"] = shelf{"good": "a picture", "bad": "a VIRUS"}
	message, fetch := r.withMedia("k1", "good", "bad")
	r.deliver(r.scanning(workerstest.Infected), fetch)
	r.Same("row", "sent", r.Effect(fetch).State)
	r.Same("kept", map[string]string{"good": "a picture"}, r.Kept(message.Message.ID))
	story := r.Story(message.Message.ID)
	notes := map[string]string{}
	for _, a := range story.Attachments {
		notes[a.Name] = a.Note
	}
	r.Same("notes", map[string]string{"good": "", "bad": "not kept: a virus scanner found Test.Virus"}, notes)
	verdicts := map[string]string{}
	for _, o := range story.Opinions {
		verdicts[o.Part] = o.Verdict
	}
	r.Same("opinions of files", map[string]string{"good": "clean", "bad": "malware"}, verdicts)
}

func TestAFetchedFileIsKeptWhenNobodyAnswers(t *testing.T) {
	r := newRig(t)
	r.media["hotline"] = shelf{"good": "a picture"}
	message, fetch := r.withMedia("k1", "good")
	r.deliver(r.scanning(func(context.Context, []byte) (scanners.Opinion, error) { return scanners.Opinion{}, errors.New("away") }), fetch)
	r.Same("kept", map[string]string{"good": "a picture"}, r.Kept(message.Message.ID))
}
