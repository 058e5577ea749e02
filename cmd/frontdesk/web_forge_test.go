package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/channelstest/twiliofake"
)

// TestPain22ForgedWebhooks: on each channel a call without, with a wrong, and where a time is signed with an
// old proof is refused with 401 and no details; it is counted, and nothing of it is stored.
func TestPain22ForgedWebhooks(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	sms, bot := withHotline(t, &c), withBot(t, &c, "webhook")
	withDoors(&c)
	r := opened(t, c)
	secrets := []string{twilioToken, botToken, botSecret, appToken, "a-test-form-secret-of-32-letters"}
	for inbox, calls := range map[string]map[string]func() reply{
		"hotline": forgedSMS(r, sms), "bot": forgedUpdates(r, bot), "app": forgedAPI(r), "contact": forgedForms(r, &secrets),
	} {
		for name, call := range calls {
			got := call()
			if got.status != http.StatusUnauthorized {
				t.Errorf("%s, %s: answered %d, want 401", inbox, name, got.status)
			}
			for _, secret := range secrets {
				if strings.Contains(got.body+fmt.Sprint(got.header), secret) {
					t.Errorf("%s, %s: the answer holds what only we know", inbox, name)
				}
			}
			if inbox != "contact" && len(got.body) > 80 {
				t.Errorf("%s, %s: the answer says too much: %q", inbox, name, got.body)
			}
		}
		if n := r.counted("frontdesk_refused_total", "inbox", inbox, "status", "401"); n != float64(len(calls)) {
			t.Errorf("%s: %v refusals were counted, want %d", inbox, n, len(calls))
		}
	}
	if m := r.messages(); len(m) != 0 {
		t.Errorf("%d messages are stored: %v", len(m), r.causes())
	}
	for _, secret := range secrets {
		if strings.Contains(r.logs.String(), secret) {
			t.Error("the log holds what only we know")
		}
	}
}

func forgedSMS(r *rig, fake *twiliofake.Server) map[string]func() reply {
	_, form := twiliofake.New(twilioAccount, twilioToken).Arrive("+8613800138000", twilioNumber, "forged")
	other, query := cloned(form), publicURL+"/hooks/hotline?bodySHA256=00"
	other.Set("Body", "changed on the way")
	with := func(v url.Values, signature ...string) func() reply {
		return func() reply {
			headers := []string{}
			for _, s := range signature {
				headers = append(headers, "X-Twilio-Signature", s)
			}
			return r.post("/hooks/hotline", formKind, v.Encode(), headers...)
		}
	}
	stranger := cloned(form)
	stranger.Set("AccountSid", "AC99999999999999999999999999999999")
	return map[string]func() reply{
		"without a signature":           with(form),
		"with an empty signature":       with(form, ""),
		"with a signature of nothing":   with(form, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
		"with another token's":          with(form, twiliofake.Sign("another-token", publicURL+"/hooks/hotline", form)),
		"with another inbox's token":    with(form, twiliofake.Sign(appToken, publicURL+"/hooks/hotline", form)),
		"with an empty token's":         with(form, twiliofake.Sign("", publicURL+"/hooks/hotline", form)),
		"with the signature of another": with(other, twiliofake.Sign(twilioToken, publicURL+"/hooks/hotline", form)),
		"with that of another address":  with(form, twiliofake.Sign(twilioToken, "https://evil.example/hooks/hotline", form)),
		"with that of another query":    with(form, twiliofake.Sign(twilioToken, query, form)),
		"about another account":         with(stranger, twiliofake.Sign(twilioToken, publicURL+"/hooks/hotline", stranger)),
		"as JSON without a signed digest": func() reply {
			return r.post("/hooks/hotline", "application/json", `{"Body":"forged"}`, "X-Twilio-Signature", twiliofake.Sign(twilioToken, publicURL+"/hooks/hotline", nil))
		},
	}
}

func cloned(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		out[name] = append([]string(nil), values...)
	}
	return out
}

func forgedUpdates(r *rig, _ *telegramfake.Server) map[string]func() reply {
	body := string(telegramfake.New(botToken).Write(telegramfake.Customer{ID: 9, Name: "Forger"}, "forged"))
	with := func(headers ...string) func() reply {
		return func() reply { return r.post("/hooks/bot", "application/json", body, headers...) }
	}
	const name = "X-Telegram-Bot-Api-Secret-Token"
	return map[string]func() reply{
		"without the secret":        with(),
		"with an empty secret":      with(name, ""),
		"with a wrong secret":       with(name, "guess"),
		"with the secret and more":  with(name, botSecret+"x"),
		"with a part of the secret": with(name, botSecret[:8]),
		"with the bot's token":      with(name, "4242"),
		"with another inbox's":      with(name, appToken),
		"in another header":         with("Authorization", "Bearer "+"guess"),
		"in the query":              func() reply { return r.post("/hooks/bot?secret_token=guess", "application/json", body) },
	}
}

func forgedAPI(r *rig) map[string]func() reply {
	const body = `{"from":{"email":"forger@evil.example"},"text":"forged"}`
	with := func(headers ...string) func() reply {
		return func() reply { return r.post("/api/v1/inboxes/app/messages", "application/json", body, headers...) }
	}
	return map[string]func() reply{
		"without a token":      with(),
		"with an empty token":  with("Authorization", "Bearer "),
		"with a wrong token":   with("Authorization", "Bearer guess"),
		"with half a token":    with("Authorization", "Bearer "+appToken[:7]),
		"as Basic":             with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("app:guess"))),
		"with a bare token":    with("Authorization", "guess"),
		"with another inbox's": with("Authorization", "Bearer "+botSecret),
	}
}

// forgedForms also adds what the answers must not tell to the secrets.
func forgedForms(r *rig, secrets *[]string) map[string]func() reply {
	with := func(proof string) func() reply {
		return func() reply { return r.form("forger@evil.example", "forged", proof) }
	}
	salt := fmt.Sprintf("00112233?expires=%d&", time.Now().Add(time.Hour).Unix())
	own := hashed(salt + "7")
	old := formProof(time.Now().Add(-time.Minute))
	*secrets = append(*secrets, formSignature(own))
	return map[string]func() reply{
		"without a proof":                  with(""),
		"with nonsense":                    with("not base64 at all"),
		"with a challenge of its own":      with(proofOf(own, 7, salt, strings.Repeat("ab", 32))),
		"with an unsigned challenge":       with(proofOf(own, 7, salt, "")),
		"with a signature of another key":  with(proofOf(own, 7, salt, hex.EncodeToString(macOf([]byte("guess"), own)))),
		"with a challenge that is too old": with(old),
		"with version 2 of nothing":        with(base64.StdEncoding.EncodeToString([]byte(`{"challenge":{"parameters":{}},"solution":{}}`))),
	}
}

// formSignature signs a challenge as the form of withDoors does.
func formSignature(challenge string) string {
	key := macOf([]byte("a-test-form-secret-of-32-letters"), "altcha contact")
	return hex.EncodeToString(macOf(key, challenge))
}

// formProof is a solved challenge that ends at that time.
func formProof(expires time.Time) string {
	salt := fmt.Sprintf("00112233?expires=%d&", expires.Unix())
	challenge := hashed(salt + "7")
	return proofOf(challenge, 7, salt, formSignature(challenge))
}

func macOf(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// TestPain22MereRepeatIs200AndNothingNew: what was genuine once and comes again is no forgery.
func TestPain22MereRepeatIs200AndNothingNew(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	bot := withBot(t, &c, "webhook")
	withDoors(&c)
	r := opened(t, c)
	_, call := fake.Arrive("+8613800138000", twilioNumber, "Where is my refund?")
	update := bot.Write(telegramfake.Customer{ID: 9, Name: "Mei"}, "我的账户被锁定了")
	proof := formProof(time.Now().Add(time.Hour - 5*time.Second))
	for range 3 {
		for name, got := range map[string]reply{
			"Twilio": r.sms(call), "Telegram": r.update(update), "form": r.form("zhao@customer.example", "The wrong amount was charged.", proof),
			"API": r.api("one-id", map[string]any{"from": map[string]any{"email": "wu@other.example"}, "text": "I cannot register"}),
		} {
			if got.status/100 != 2 {
				t.Errorf("%s: answered %d %s", name, got.status, got.body)
			}
		}
	}
	r.settled(4)
	if m := r.messages(); len(m) != 4 {
		t.Errorf("%d messages, want 4: %v", len(m), r.causes())
	}
}
