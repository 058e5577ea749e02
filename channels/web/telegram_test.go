package web

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// TestATelegramSenderIsANumber: what a bot can write to is taken, as a number and as a string, everything else is refused at once.
func TestATelegramSenderIsANumber(t *testing.T) {
	a := newTestAPI(t)
	for _, c := range []struct{ name, json, want string }{ // want empty: refused
		{"a string", `"4711"`, "4711"},
		{"a number", `4711`, "4711"},
		{"beyond 32 bits", `7123456789012`, "7123456789012"},
		{"a group", `"-1001234567890"`, "-1001234567890"},
		{"a group as a number", `-1001234567890`, "-1001234567890"},
		{"spaces around it", `" 4711\n"`, "4711"},
		{"a user name", `"@lilei"`, ""},
		{"a user name without the sign", `"lilei"`, ""},
		{"a link", `"https://t.me/lilei"`, ""},
		{"a telephone number", `"+85291234567"`, ""},
		{"a line break within", `"4711\n2027"`, ""},
		{"a fraction", `4711.5`, ""},
		{"an exponent", `4e3`, ""},
		{"more than a number holds", `"99999999999999999999"`, ""},
		{"nobody", `"0"`, ""},
		{"leading zeros", `"0004711"`, ""},
		{"full width", `"４７１１"`, ""},
		{"a topic", `"-100/7"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := fmt.Sprintf(`{"from":{"telegram":%s},"text":"payment failed"}`, c.json)
			got, err := a.Receive(apiRequest(tokenA, "application/json", raw), testTime)
			if c.want == "" {
				e, ok := errors.AsType[*channels.Error](err)
				if !ok || e.Answer == nil || e.Answer.Status != http.StatusBadRequest || !bytes.Contains(e.Answer.Body, []byte("from.telegram is no Telegram chat id")) {
					t.Errorf("%v, want it refused", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := a.Decode(got.Deliveries[0])
			if err != nil || m.From != (message.Address{Kind: "telegram", Value: c.want}) {
				t.Errorf("from %+v, %v", m.From, err)
			}
		})
	}
	t.Run("beside another address", func(t *testing.T) {
		_, err := a.Receive(apiRequest(tokenA, "application/json", `{"from":{"telegram":"@lilei","email":"li@example.com"},"text":"x"}`), testTime)
		if e, ok := errors.AsType[*channels.Error](err); !ok || e.Class != channels.Permanent {
			t.Errorf("%v, want it refused: the caller should know", err)
		}
	})
	t.Run("as a form", func(t *testing.T) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("from.telegram", "@lilei")
		_ = w.WriteField("text", "x")
		_ = w.Close()
		r := apiRequest(tokenA, "application/json", b.String())
		r.Header.Set("Content-Type", w.FormDataContentType())
		if _, err := a.Receive(r, testTime); err == nil || !strings.Contains(fmt.Sprint(err), "chat id") {
			t.Errorf("%v, want it refused", err)
		}
	})
	t.Run("neither a number nor a string", func(t *testing.T) {
		for _, raw := range []string{`true`, `{}`, `["4711"]`} {
			_, err := a.Receive(apiRequest(tokenA, "application/json", fmt.Sprintf(`{"from":{"telegram":%s},"text":"x"}`, raw)), testTime)
			if e, ok := errors.AsType[*channels.Error](err); !ok || e.Class != channels.Permanent {
				t.Errorf("%s: %v, want it refused", raw, err)
			}
		}
	})
}
