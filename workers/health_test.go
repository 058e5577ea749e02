package workers

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store/service"
)

// healthRig is a health book with the alarms it raised.
func (r *rig) health() (*Health, *[]string) {
	alarms := &[]string{}
	return NewHealth(r.store, r.logger, func(st service.InboxStatus) { *alarms = append(*alarms, st.Inbox+": "+st.Err) }), alarms
}

func (h *Health) stateOf(inbox string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h.state[inbox]
	return st.State + " " + st.Err
}

func TestTheFirstFailureIsAnAlarmAndTheRecoveryEndsIt(t *testing.T) {
	r := newRig(t)
	h, alarms := r.health()
	h.Open("support", "email", "support@desk.example", true, noon)
	r.same("at first", "connecting ", h.stateOf("support"))
	h.Failing("support", "INBOX", errors.New("refused"))
	h.Failing("support", "INBOX", errors.New("refused again"))
	r.same("failing", "failing refused again", h.stateOf("support"))
	h.Alive("support", "INBOX", time.Minute, noon)
	r.same("recovered", "ok ", h.stateOf("support"))
	h.Failing("support", "INBOX", errors.New("refused"))
	r.same("alarms", []string{"support: refused", "support: refused"}, *alarms)
}

// TestARecoveryIsLoggedOnce, by whichever way it shows; what never failed has not recovered.
func TestARecoveryIsLoggedOnce(t *testing.T) {
	for name, well := range map[string]func(h *Health) error{
		"its source answers": func(h *Health) error {
			h.Alive("support", "INBOX", 0, noon)
			h.Alive("support", "INBOX", 0, noon)
			return nil
		},
		"it connects": func(h *Health) error { return h.Connected(t.Context(), "support", "INBOX", noon) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			var log bytes.Buffer
			h, _ := r.health()
			h.logger = slog.New(slog.NewTextHandler(&log, nil))
			h.Open("support", "email", "support@desk.example", true, noon)
			if err := well(h); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(log.String(), "recovered") {
				t.Errorf("at first: %s", log.String())
			}
			h.Failing("support", "INBOX", errors.New("refused"))
			h.Refused("support", errors.New("refused"))
			if err := well(h); err != nil {
				t.Fatal(err)
			}
			r.same("recoveries while it cannot send", 0, strings.Count(log.String(), "inbox has recovered"))
			h.Taken("support", noon)
			h.Taken("support", noon)
			r.same("recoveries", 1, strings.Count(log.String(), "inbox has recovered"))
		})
	}
}

func TestOneWellFolderDoesNotHideAnotherThatFails(t *testing.T) {
	r := newRig(t)
	h, alarms := r.health()
	h.Open("support", "email", "support@desk.example", true, noon)
	for range 3 {
		h.Failing("support", "Junk", errors.New("no such folder"))
		h.Alive("support", "INBOX", 0, noon)
		r.same("state", "failing no such folder", h.stateOf("support"))
		r.must(h.Connected(t.Context(), "support", "Archive", noon))
	}
	r.same("alarms", []string{"support: no such folder"}, *alarms)
	h.Alive("support", "Junk", 0, noon)
	r.same("in the end", "ok ", h.stateOf("support"))
}

func TestSilenceIsAnAlarmForWhatThisProcessFetches(t *testing.T) {
	r := newRig(t)
	h, alarms := r.health()
	for _, inbox := range []string{"never", "quiet", "left", "alive"} {
		h.Open(inbox, "email", "", true, noon)
		h.Hold(inbox, "INBOX", noon)
	}
	h.Open("webhook", "sms", "", false, noon)
	h.Heard("webhook", noon)
	h.Alive("quiet", "INBOX", 0, noon.Add(time.Minute))
	h.Alive("left", "INBOX", 0, noon.Add(time.Minute))
	h.Leave("left", "INBOX")
	h.Alive("alive", "INBOX", 0, noon.Add(2*time.Minute))
	h.silence(noon.Add(silentAfter + time.Second))
	r.same("alarms of the one that never answered", []string{"never: " + errSilent.Error()}, *alarms)
	h.Alive("alive", "INBOX", 0, noon.Add(silentAfter))
	h.silence(noon.Add(silentAfter + 2*time.Minute))
	h.silence(noon.Add(silentAfter + 3*time.Minute))
	r.same("alarms", []string{"never: " + errSilent.Error(), "quiet: " + errSilent.Error()}, *alarms)
}

func TestWhatIsMissingAfterAReconciliationIsAnAlarm(t *testing.T) {
	r := newRig(t)
	h, alarms := r.health()
	h.Open("support", "email", "", true, noon)
	h.Counted("support", channels.Count{Source: 3, Recorded: 3}, noon)
	r.same("alarms when all is here", 0, len(*alarms))
	h.Counted("support", channels.Count{Source: 3, Recorded: 2}, noon)
	r.same("alarms", 1, len(*alarms))
}

func TestTheBookIsWrittenDown(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		h, _ := r.health()
		h.Open("support", "email", "support@desk.example", true, noon)
		h.Heard("unknown", noon)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { h.Run(ctx); close(done) }()
		time.Sleep(time.Second)
		h.Alive("support", "INBOX", time.Minute, time.Now())
		stop()
		<-done
		list, err := r.store.View.Inboxes(t.Context())
		r.must(err)
		if len(list) != 1 || list[0].State != InboxOK || !list[0].LastContactAt.Equal(noon.Add(time.Second)) {
			t.Errorf("inboxes: %+v", list)
		}
	})
}

// TestASetBackClockIsNoticed: the wall's clock against the time that has passed.
func TestASetBackClockIsNoticed(t *testing.T) {
	last := time.Now()
	for name, c := range map[string]struct{ passed, shown, want time.Duration }{
		"two seconds pass, two are shown":             {2 * time.Second, 2 * time.Second, 0},
		"set back by eight hours":                     {2 * time.Second, 2*time.Second - 8*time.Hour, 8 * time.Hour},
		"set forward by eight hours":                  {2 * time.Second, 2*time.Second + 8*time.Hour, 0},
		"slewed, so that it falls behind by a little": {2 * time.Second, 1800 * time.Millisecond, 0},
		"set back by a minute":                        {2 * time.Second, -58 * time.Second, time.Minute},
	} {
		// What the monotonic clock says is in the difference of the two; the wall's is what is left when it is stripped.
		if got := stepped(c.passed, c.shown); got != c.want {
			t.Errorf("%s: set back by %s, want %s", name, got, c.want)
		}
	}
	if got := setBack(last, last.Add(2*time.Second)); got != 0 {
		t.Errorf("nothing happened, and the clock was set back by %s", got)
	}
}

// TestCatchUpsInTheFutureAreNotBelieved: a clock that was ahead wrote down when the source was asked.
func TestCatchUpsInTheFutureAreNotBelieved(t *testing.T) {
	now := noon
	for name, c := range map[string]struct{ was, want caughtUp }{
		"as ever":                        {caughtUp{At: now.Add(-time.Hour), First: now.Add(-1000 * time.Hour)}, caughtUp{At: now.Add(-time.Hour), First: now.Add(-1000 * time.Hour)}},
		"first and last ahead":           {caughtUp{At: now.Add(8 * time.Hour), First: now.Add(7 * time.Hour)}, caughtUp{At: now.Add(-catchupOverlap), First: now.Add(-catchupOverlap)}},
		"only the last ahead":            {caughtUp{At: now.Add(8 * time.Hour), First: now.Add(-time.Hour)}, caughtUp{At: now.Add(-catchupOverlap), First: now.Add(-time.Hour)}},
		"the first time, at this moment": {caughtUp{At: now, First: now}, caughtUp{At: now, First: now}},
	} {
		if got := c.was.believed(now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
