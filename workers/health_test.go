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
	return NewHealth(r.Store, r.Logger, func(st service.InboxStatus) { *alarms = append(*alarms, st.Inbox+": "+st.Err) }), alarms
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
	r.Same("at first", "connecting ", h.stateOf("support"))
	h.Failing("support", "INBOX", errors.New("refused"))
	h.Failing("support", "INBOX", errors.New("refused again"))
	r.Same("failing", "failing refused again", h.stateOf("support"))
	h.Alive("support", "INBOX", time.Minute, noon)
	r.Same("recovered", "ok ", h.stateOf("support"))
	h.Failing("support", "INBOX", errors.New("refused"))
	r.Same("alarms", []string{"support: refused", "support: refused"}, *alarms)
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
			r.Same("recoveries while it cannot send", 0, strings.Count(log.String(), "inbox has recovered"))
			h.Taken("support", noon)
			h.Taken("support", noon)
			r.Same("recoveries", 1, strings.Count(log.String(), "inbox has recovered"))
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
		r.Same("state", "failing no such folder", h.stateOf("support"))
		r.Must(h.Connected(t.Context(), "support", "Archive", noon))
	}
	r.Same("alarms", []string{"support: no such folder"}, *alarms)
	h.Alive("support", "Junk", 0, noon)
	r.Same("in the end", "ok ", h.stateOf("support"))
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
	r.Same("alarms of the one that never answered", []string{"never: " + errSilent.Error()}, *alarms)
	h.Alive("alive", "INBOX", 0, noon.Add(silentAfter))
	h.silence(noon.Add(silentAfter + 2*time.Minute))
	h.silence(noon.Add(silentAfter + 3*time.Minute))
	r.Same("alarms", []string{"never: " + errSilent.Error(), "quiet: " + errSilent.Error()}, *alarms)
}

func TestWhatIsMissingAfterAReconciliationIsAnAlarm(t *testing.T) {
	r := newRig(t)
	h, alarms := r.health()
	h.Open("support", "email", "", true, noon)
	h.Counted("support", channels.Count{Source: 3, Recorded: 3}, noon)
	r.Same("alarms when all is here", 0, len(*alarms))
	h.Counted("support", channels.Count{Source: 3, Recorded: 2}, noon)
	r.Same("alarms", 1, len(*alarms))
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
		list, err := r.Store.View.Inboxes(t.Context())
		r.Must(err)
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

// A process without the intake role knows nothing of an inbox but that its sends are refused.
func TestWhatIsKnownOfAnInboxOutlivesAProcessThatOnlySends(t *testing.T) {
	r := newRig(t)
	intake, _ := r.health()
	intake.Open("support", "email", "support@desk.example", false, noon)
	r.Must(intake.Flush(context.Background()))
	sends, _ := r.health()
	sends.Refused("support", &channels.Error{Op: "naming sender to relay", Class: channels.Refused, Err: context.Canceled})
	r.Must(sends.Flush(t.Context()))
	list, err := r.Store.View.Inboxes(t.Context())
	r.Must(err)
	for _, in := range list {
		if in.Name == "support" {
			r.Same("inbox", []string{"email", "support@desk.example", "failing"}, []string{in.Channel, in.Address, in.State})
		}
	}
}

// TestARefusalIsSeenWhicheverProcessHeardIt: one takes in and is well, another sends and is refused.
func TestARefusalIsSeenWhicheverProcessHeardIt(t *testing.T) {
	r := newRig(t)
	now := r.Time()
	intake, _ := r.health()
	first, alarms := r.health()
	second, _ := r.health()
	refused := &channels.Error{Op: "sending an SMS", Class: channels.Unauthorized, Code: "20003", Err: context.Canceled}
	state := func(what, want string) {
		t.Helper()
		for _, h := range []*Health{intake, first, second} {
			r.Must(h.Flush(t.Context()))
		}
		list, err := r.Store.View.Inboxes(t.Context())
		r.Must(err)
		for _, in := range list {
			if in.Name == "hotline" {
				r.Same(what, want, in.State)
				r.Same(what+", with the reason", want == InboxFailing, in.SendingError != "" && in.LastError != "")
			}
		}
	}
	intake.Open("hotline", "sms", "+85230000000", false, now)
	state("at the start", InboxOK)
	first.Refused("hotline", refused)
	first.Refused("hotline", refused)
	state("refused", InboxFailing)
	r.Same("alarms", 1, len(*alarms))
	intake.Heard("hotline", now.Add(time.Second))
	intake.Alive("hotline", "catchup", 0, now.Add(time.Second))
	state("while customers go on writing", InboxFailing)
	r.Same("in a process that was started since", "ok ", intake.stateOf("hotline"))
	second.Taken("hotline", now.Add(time.Minute))
	state("when another process sends again", InboxOK)
	first.Refused("hotline", refused)
	state("refused again", InboxFailing)
	first.Taken("hotline", now.Add(2*time.Minute))
	intake.Failing("hotline", "catchup", context.DeadlineExceeded)
	r.Must(intake.Flush(t.Context()))
	first.Taken("hotline", now.Add(3*time.Minute))
	r.Must(first.Flush(t.Context()))
	list, err := r.Store.View.Inboxes(t.Context())
	r.Must(err)
	r.Same("what cannot be fetched is not well because something was sent", InboxFailing, list[0].State)
}
