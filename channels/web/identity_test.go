package web

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/internal/signature"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// The worked example of docs/channels/api.md.
const (
	exampleKey   = "5b0f6d3a9c7e4182b6d05f3e8a1c97d4"
	exampleUntil = "2026-11-22T12:00:00+08:00"
	exampleEmail = "6bf4c4643109a85b565d37d7ad74c2eb52e824d212569f7ea59e20032a16c4ee"
	examplePhone = "e823371dfd4d158e1b0610ec08c5f99544f493e34538eb593270ceb42641b21a"
)

func signingAPI(t testing.TB, change func(*APIConfig)) *API {
	t.Helper()
	c := APIConfig{Inbox: "app", Tokens: []string{tokenA}, Digest: testDigest, IdentityKeys: []string{"an-older-key-of-thirty-two-letters", exampleKey}}
	if change != nil {
		change(&c)
	}
	a, err := NewAPI(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// signedFrom is what an application puts into from, made without this package's own function.
func signedFrom(key, inbox, kind, value, until string) string {
	return hex.EncodeToString(signature.SHA256([]byte(key), []byte("frontdesk-identity-v1\n"+inbox+"\n"+kind+"\n"+value+"\n"+until)))
}

func call(t testing.TB, a *API, from map[string]string, at time.Time) (channels.Delivery, error) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"from": from, "text": "Where is my refund?"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Receive(apiRequest(tokenA, "application/json", string(text)), at)
	if err != nil {
		return channels.Delivery{}, err
	}
	return got.Deliveries[0], nil
}

func TestTheDocumentedSignatureIsTaken(t *testing.T) {
	page, err := os.ReadFile("../../docs/channels/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{exampleKey, exampleUntil, exampleEmail, examplePhone, identityVersion} {
		if !strings.Contains(string(page), part) {
			t.Errorf("docs/channels/api.md does not show %s", part)
		}
	}
	before := time.Date(2026, 11, 22, 3, 59, 59, 0, time.UTC)
	for name, from := range map[string]map[string]string{
		"mail":   {"email": " Li@Example.com", "phone": "+8613900139000", "signature": exampleEmail, "signed_until": exampleUntil},
		"number": {"phone": "138 0013 8000", "signature": strings.ToUpper(examplePhone)},
	} {
		d, err := call(t, signingAPI(t, nil), from, before)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m, err := signingAPI(t, nil).Decode(d)
		if err != nil || !m.Proven {
			t.Errorf("%s: proven %v, %v", name, m.Proven, err)
		}
		if name == "mail" && (m.From.Kind != message.Email || len(m.Also) != 1) {
			t.Errorf("from %v, also %v", m.From, m.Also)
		}
	}
}

func TestASignatureThatDoesNotHoldIsRefused(t *testing.T) {
	const until = "2026-05-06T12:00:00Z"
	good := func(value string) string { return signedFrom(exampleKey, "app", "email", value, "") }
	for _, c := range []struct {
		name string
		from map[string]string
		want string // in the answer
	}{
		{"another address", map[string]string{"email": "victim@example.com", "signature": good("li@example.com")}, "not valid"},
		{"another kind", map[string]string{"telegram": "4711", "signature": signedFrom(exampleKey, "app", "phone", "4711", "")}, "not valid"},
		{"another inbox", map[string]string{"email": "li@example.com", "signature": signedFrom(exampleKey, "shop", "email", "li@example.com", "")}, "not valid"},
		{"another key", map[string]string{"email": "li@example.com", "signature": signedFrom(tokenA, "app", "email", "li@example.com", "")}, "not valid"},
		{"a signature over the address alone", map[string]string{"email": "li@example.com", "signature": hex.EncodeToString(signature.SHA256([]byte(exampleKey), []byte("li@example.com")))}, "not valid"},
		{"not the first of the addresses", map[string]string{"email": "victim@example.com", "phone": "+8613800138000", "signature": examplePhone}, "not valid"},
		{"no hex", map[string]string{"email": "li@example.com", "signature": "yes"}, "not valid"},
		{"cut off", map[string]string{"email": "li@example.com", "signature": good("li@example.com")[:62]}, "not valid"},
		{"something behind it", map[string]string{"email": "li@example.com", "signature": good("li@example.com") + "00"}, "not valid"},
		{"the end taken away", map[string]string{"email": "li@example.com", "signature": signedFrom(exampleKey, "app", "email", "li@example.com", until)}, "not valid"},
		{"an end added", map[string]string{"email": "li@example.com", "signature": good("li@example.com"), "signed_until": "2027-01-01T00:00:00Z"}, "not valid"},
		{"a later end", map[string]string{"email": "li@example.com", "signature": signedFrom(exampleKey, "app", "email", "li@example.com", until), "signed_until": "2027-01-01T00:00:00Z"}, "not valid"},
		{"the same moment written otherwise", map[string]string{"email": "li@example.com", "signature": signedFrom(exampleKey, "app", "email", "li@example.com", until), "signed_until": "2026-05-06T20:00:00+08:00"}, "not valid"},
		{"expired", map[string]string{"email": "li@example.com", "signature": signedFrom(exampleKey, "app", "email", "li@example.com", "2026-05-06T01:00:00Z"), "signed_until": "2026-05-06T01:00:00Z"}, "expired"},
		{"expired this moment", map[string]string{"email": "li@example.com", "signature": signedFrom(exampleKey, "app", "email", "li@example.com", testTime.Format(time.RFC3339)), "signed_until": testTime.Format(time.RFC3339)}, "expired"},
		{"an end that is no time", map[string]string{"email": "li@example.com", "signature": signedFrom(exampleKey, "app", "email", "li@example.com", "never"), "signed_until": "never"}, "no time"},
		{"an end alone", map[string]string{"email": "li@example.com", "signed_until": "2027-01-01T00:00:00Z"}, "without from.signature"},
		{"the Kelvin sign for a k", map[string]string{"email": "mar\u212a@example.com", "signature": good("mark@example.com")}, "cannot be signed"},
	} {
		for _, trust := range []bool{false, true} {
			_, err := call(t, signingAPI(t, func(a *APIConfig) { a.TrustSender = trust }), c.from, testTime)
			e, ok := errors.AsType[*channels.Error](err)
			if !ok || e.Answer == nil || e.Answer.Status != 422 || !strings.Contains(string(e.Answer.Body), c.want) || !strings.Contains(string(e.Answer.Body), "what_to_do") {
				t.Errorf("%s (trust %v): %v", c.name, trust, err)
			}
		}
	}
	_, err := call(t, newTestAPI(t), map[string]string{"email": "li@example.com", "signature": good("li@example.com")}, testTime)
	if e, ok := errors.AsType[*channels.Error](err); !ok || e.Answer.Status != 422 || !strings.Contains(string(e.Answer.Body), "identity_keys") {
		t.Errorf("without keys: %v", err)
	}
}

// TestOnlyTheSignedAddressIsProven: the further addresses stay claims, and so does all that nobody signs.
func TestOnlyTheSignedAddressIsProven(t *testing.T) {
	for _, c := range []struct {
		name  string
		trust bool
		sign  bool
		want  bool
	}{{"unsigned", false, false, false}, {"signed", false, true, true}, {"trusted", true, false, true}, {"trusted and signed", true, true, true}} {
		a := signingAPI(t, func(a *APIConfig) { a.TrustSender = c.trust })
		from := map[string]string{"phone": "+8613800138000", "telegram": "4711", "name": "Li"}
		if c.sign {
			from["signature"] = examplePhone
		}
		d, err := call(t, a, from, testTime)
		if err != nil {
			t.Fatal(err)
		}
		m, err := a.Decode(d)
		if err != nil || m.Proven != c.want || m.From.Kind != message.Phone || len(m.Also) != 1 {
			t.Errorf("%s: proven %v, from %v, also %v, %v", c.name, m.Proven, m.From, m.Also, err)
		}
	}
}

// TestWhatWasProvenStaysProven when keys are replaced, and nothing becomes proven by a later configuration.
func TestWhatWasProvenStaysProven(t *testing.T) {
	signed, err := call(t, signingAPI(t, nil), map[string]string{"phone": "+8613800138000", "signature": examplePhone}, testTime)
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := call(t, signingAPI(t, nil), map[string]string{"phone": "+8613800138000"}, testTime)
	if err != nil {
		t.Fatal(err)
	}
	later := signingAPI(t, func(a *APIConfig) { a.IdentityKeys, a.TrustSender = nil, true })
	for d, want := range map[*channels.Delivery]bool{&signed: true, &claimed: false} {
		if m, err := later.Decode(*d); err != nil || m.Proven != want {
			t.Errorf("proven %v, want %v, %v", m.Proven, want, err)
		}
	}
}

// TestADeliveryIsJudgedByItsOwnTime where nothing was noted at the door.
func TestADeliveryIsJudgedByItsOwnTime(t *testing.T) {
	until := testTime.Add(time.Hour).Format(time.RFC3339)
	raw := `{"from":{"email":"li@example.com","signed_until":"` + until + `","signature":"` + signedFrom(exampleKey, "app", "email", "li@example.com", until) + `"},"text":"x"}`
	for at, want := range map[time.Duration]bool{0: true, 59 * time.Minute: true, time.Hour: false, 1000 * time.Hour: false} {
		d := channels.Delivery{Inbox: "app", Channel: "api", Raw: []byte(raw), At: testTime.Add(at), Meta: map[string]string{meta.Content: "application/json"}}
		if m, err := signingAPI(t, nil).Decode(d); err != nil || m.Proven != want {
			t.Errorf("at %v: proven %v, %v", at, m.Proven, err)
		}
	}
}

// TestAFreshSignatureIsTheSameMessage, with a key of the caller's and with the content as key, by either way of writing it.
func TestAFreshSignatureIsTheSameMessage(t *testing.T) {
	a := signingAPI(t, nil)
	with := func(until string) map[string]string {
		return map[string]string{"email": "li@example.com", "signed_until": until, "signature": signedFrom(exampleKey, "app", "email", "li@example.com", until)}
	}
	all := []map[string]string{with("2027-01-01T00:00:00Z"), with("2027-02-01T00:00:00Z"), {"email": "li@example.com"}}
	first, err := call(t, a, all[0], testTime)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range all[1:] {
		again, err := call(t, a, from, testTime)
		if err != nil || again.Key != first.Key || again.Content != first.Content {
			t.Errorf("key %s and %s, %v", first.Key, again.Key, err)
		}
	}
	values := map[string]string{"text": "Where is my refund?"}
	for name, value := range all[1] {
		values["from."+name] = value
	}
	kind, raw := multi(t, values)
	got, m := receive(t, a, apiRequest(tokenA, kind, string(raw)))
	if got.Key != first.Key || !m.Proven {
		t.Errorf("as a form: key %s, proven %v", got.Key, m.Proven)
	}
}

func TestNewAPIRefusesAShortIdentityKey(t *testing.T) {
	for _, k := range []string{"", exampleKey[1:]} {
		if _, err := NewAPI(APIConfig{Inbox: "app", Tokens: []string{tokenA}, Digest: testDigest, IdentityKeys: []string{k}}); err == nil {
			t.Errorf("%d characters are enough", len(k))
		}
	}
}

// FuzzIdentity: no from but the signed one is proven by a signature.
func FuzzIdentity(f *testing.F) {
	a := signingAPI(f, nil)
	f.Add("li@example.com", "+8613800138000", "4711", exampleUntil, exampleEmail)
	f.Add("", "", "4711\n", "", examplePhone)
	f.Fuzz(func(t *testing.T, mail, number, chat, until, given string) {
		d, err := call(t, a, map[string]string{"email": mail, "phone": number, "telegram": chat, "signed_until": until, "signature": given}, testTime)
		if err != nil {
			return
		}
		m, err := a.Decode(d)
		if err != nil {
			t.Fatal(err)
		}
		known := m.From.Identity() == message.Identity{Kind: message.Email, Value: "li@example.com"} || m.From.Identity() == message.Identity{Kind: message.Phone, Value: "+8613800138000"}
		if m.Proven != (given != "") || m.Proven && !known {
			t.Errorf("proven %v: %v by %q", m.Proven, m.From, given)
		}
	})
}
