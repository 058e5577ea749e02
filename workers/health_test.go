package workers

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store"
)

// healthRig is a health book with the alarms it raised.
func (r *rig) health() (*Health, *[]string) {
	alarms := &[]string{}
	return NewHealth(r.store, r.logger, func(st store.InboxStatus) { *alarms = append(*alarms, st.Inbox+": "+st.Err) }), alarms
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
		list, err := r.store.Inboxes(t.Context())
		r.must(err)
		if len(list) != 1 || list[0].State != InboxOK || !list[0].LastContactAt.Equal(noon.Add(time.Second)) {
			t.Errorf("inboxes: %+v", list)
		}
	})
}
