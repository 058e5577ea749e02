package hooks

import (
	"net/http"
	"testing"
	"time"
)

// TestTheSignatureIsThatOfTheStandard: the example of the specification.
func TestTheSignatureIsThatOfTheStandard(t *testing.T) {
	h := http.Header{}
	if err := Sign(h, []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)); err != nil {
		t.Fatal(err)
	}
	if got := h.Get("Webhook-Signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signed %q", got)
	}
	if h.Get("Webhook-Id") != "msg_p5jXN8AQM9LWM0D4loKWxJek" || h.Get("Webhook-Timestamp") != "1614265330" {
		t.Errorf("fields %v", h)
	}
	if err := Sign(h, []byte("whsec_!"), "a", time.Unix(1, 0), nil); err == nil {
		t.Error("what is no key signs")
	}
}
