package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/internal/signature"
	"frontdesk/channels/meta"
	"frontdesk/channels/webhook"
	"frontdesk/pipeline/message"
)

const (
	tokenA = "test-token-a-0123456789"
	tokenB = "test-token-b-0123456789"
)

// testDigest is a keyed digest as the installation has one.
func testDigest(parts ...[]byte) string {
	text, err := json.Marshal(parts)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(signature.SHA256([]byte("test"), text))
}

func newTestAPI(t testing.TB) *API {
	t.Helper()
	a, err := NewAPI(APIConfig{Inbox: "app", Tokens: []string{tokenA, tokenB}, Digest: testDigest, MaxBody: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const goodJSON = `{"id":"m-1","from":{"email":"Li.Lei@Example.COM","phone":"138 0013 8000","name":"李雷"},"subject":"退款\n没有到账",
"text":"订单 20260506 的退款还没有到账。","language":"zh-Hans","fields":{"order_number":"20260506"},"sent_at":"2026-05-06T09:59:00+08:00","thread":"chat-7"}`

func apiRequest(token, contentType, body string) webhook.Request {
	h := http.Header{}
	h.Set("Content-Type", contentType)
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	return webhook.Request{Method: http.MethodPost, URL: &url.URL{Path: "/api/v1/inboxes/app/messages"}, Header: h, Body: []byte(body), Remote: "192.0.2.7"}
}

func TestAPIConformance(t *testing.T) {
	a := newTestAPI(t)
	with := func(token, body string) func(time.Time) webhook.Request {
		return func(time.Time) webhook.Request { return apiRequest(token, "application/json", body) }
	}
	channelstest.Webhook(t, channelstest.WebhookCase{
		Webhook: a, Decoder: a, Now: testTime, Secrets: []string{tokenA, tokenB, "Li.Lei"},
		One: with(tokenB, goodJSON), Missing: with("", goodJSON), Wrong: with(tokenA+"x", goodJSON),
		Oversize: with(tokenA, strings.Repeat(" ", 1<<20)+goodJSON),
	})
}

func TestAPIOverHTTP(t *testing.T) {
	h := newHost(t, newTestAPI(t), nil)
	post := func(header map[string]string, body string) (int, string) {
		all := map[string]string{"Authorization": "Bearer " + tokenA, "Content-Type": "application/json"}
		for name, value := range header {
			all[name] = value
		}
		status, _, text := exchange(t, http.MethodPost, h.URL+"/api/v1/inboxes/app/messages", all, []byte(body))
		return status, strings.TrimSpace(text)
	}
	noID := strings.Replace(goodJSON, `"id":"m-1",`, "", 1)
	contentKey := "content:" + testDigest(mustBody(t, noID).content()...)
	for _, c := range []struct {
		name   string
		header map[string]string
		body   string
		status int
		text   string
	}{
		{"the id of the body is the key", nil, goodJSON, 202, `{"messages":[{"id":1,"key":"id:m-1","new":true}]}`},
		{"the same again is known", nil, goodJSON, 200, `{"messages":[{"id":1,"key":"id:m-1","new":false}]}`},
		{"Idempotency-Key goes before the id", map[string]string{"Idempotency-Key": "k-1"}, goodJSON, 202, `{"messages":[{"id":2,"key":"api:k-1","new":true}]}`},
		{"quotes around the key do not matter", map[string]string{"Idempotency-Key": `"k-1"`}, goodJSON, 200, `{"messages":[{"id":2,"key":"api:k-1","new":false}]}`},
		{"another token opens the same door", map[string]string{"Idempotency-Key": "k-1", "Authorization": "bearer " + tokenB}, goodJSON, 200, `{"messages":[{"id":2,"key":"api:k-1","new":false}]}`},
		{"without both the content is the key", nil, noID, 202, `{"messages":[{"id":3,"key":"` + contentKey + `","new":true}]}`},
		{"and the order of its keys does not matter", nil, `{"thread":"chat-7",` + strings.Replace(noID[1:], `,"thread":"chat-7"`, "", 1), 200, `{"messages":[{"id":3,"key":"` + contentKey + `","new":false}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, text := post(c.header, c.body)
			if status != c.status || text != c.text {
				t.Errorf("got %d %s, want %d %s", status, text, c.status, c.text)
			}
		})
	}
	if len(h.recorded) != 3 {
		t.Errorf("got %d messages, want 3", len(h.recorded))
	}
}

func mustBody(t *testing.T, text string) body {
	t.Helper()
	in, wrong := readJSON([]byte(text), true)
	if wrong != nil {
		t.Fatal(wrong.text)
	}
	return in
}

func TestAPIRefusalsSayWhatToDo(t *testing.T) {
	h := newHost(t, newTestAPI(t), nil)
	from := `"from":{"email":"a@example.com"}`
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		want                    string // part of the answer
	}{
		{"no JSON", "application/json", `{"from":`, 400, "not JSON"},
		{"a list", "application/json", `[]`, 400, "wrong type"},
		{"an unknown key", "application/json", `{` + from + `,"body":"x"}`, 400, `\"body\"`},
		{"an unknown key that may be a customer's words", "application/json", `{` + from + `,"4111111111111111":"x"}`, 400, "is not documented"},
		{"a wrong type", "application/json", `{` + from + `,"text":7}`, 400, `\"text\"`},
		{"two objects", "application/json", `{` + from + `,"text":"x"}{}`, 400, "one message"},
		{"no sender", "application/json", `{"text":"x","from":{"name":"Li"}}`, 400, "from.email"},
		{"a bad mail address", "application/json", `{"text":"x","from":{"email":"nobody"}}`, 400, "name@example.com"},
		{"a bad number", "application/json", `{"text":"x","from":{"phone":"12"}}`, 400, "country code"},
		{"no text", "application/json", `{` + from + `,"text":"  "}`, 400, "empty"},
		{"a bad time", "application/json", `{` + from + `,"text":"x","sent_at":"today"}`, 400, "RFC 3339"},
		{"a bad language", "application/json", `{` + from + `,"text":"x","language":"!"}`, 400, "BCP 47"},
		{"a bad attachment", "application/json", `{` + from + `,"attachments":[{"name":"a","content":"%"}]}`, 400, "error"},
		{"another type", "text/plain", `hello`, 415, "multipart/form-data"},
		{"no type", "", `hello`, 415, "application/json"},
		{"multipart without boundary", "multipart/form-data", `hello`, 400, "boundary"},
		{"multipart cut off", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhel", 400, "multipart"},
		{"a field of no meaning", "application/x-www-form-urlencoded", `from.email=a@example.com&bodytext=x`, 400, "fields.NAME"},
		{"too large", "application/json", strings.Repeat(" ", 1<<20) + goodJSON, 413, "at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, header, text := exchange(t, http.MethodPost, h.URL, map[string]string{"Authorization": "Bearer " + tokenA, "Content-Type": c.contentType}, []byte(c.body))
			if status != c.status || !strings.Contains(text, c.want) {
				t.Errorf("got %d %s, want %d with %q", status, text, c.status, c.want)
			}
			var answer struct {
				Error string `json:"error"`
				ToDo  string `json:"what_to_do"`
			}
			if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Error == "" || answer.ToDo == "" {
				t.Errorf("the answer does not explain: %s", text)
			}
			if got := header.Get("Content-Type"); got != "application/json; charset=utf-8" {
				t.Errorf("content type: %s", got)
			}
		})
	}
	if len(h.recorded) != 0 {
		t.Errorf("%d refused calls were recorded", len(h.recorded))
	}
}

func TestAPIUnauthorizedTellsNothing(t *testing.T) {
	h := newHost(t, newTestAPI(t), nil)
	for _, auth := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + tokenA, tokenA, "Bearer " + tokenA[:10]} {
		status, header, text := exchange(t, http.MethodPost, h.URL, map[string]string{"Authorization": auth, "Content-Type": "application/json"}, []byte(goodJSON))
		if status != 401 || text != "" || header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%q: got %d %q", auth, status, text)
		}
	}
	if len(h.recorded) != 0 {
		t.Error("an unauthorized call was recorded")
	}
}

// receive takes one request and decodes what came of it.
func receive(t *testing.T, a *API, r webhook.Request) (channels.Delivery, message.Message) {
	t.Helper()
	got, err := a.Receive(r, testTime)
	if err != nil {
		t.Fatal(err)
	}
	m, err := a.Decode(got.Deliveries[0])
	if err != nil {
		t.Fatal(err)
	}
	return got.Deliveries[0], m
}

func TestAPIDecodesJSON(t *testing.T) {
	_, got := receive(t, newTestAPI(t), apiRequest(tokenA, "application/json; charset=utf-8", goodJSON))
	want := message.Message{
		Inbox: "app", Channel: "api", Key: "id:m-1", At: testTime, SentAt: time.Date(2026, 5, 6, 1, 59, 0, 0, time.UTC),
		From:     message.Address{Kind: message.Email, Value: "Li.Lei@example.com", Name: "李雷"},
		Also:     []message.Address{{Kind: message.Phone, Value: "+8613800138000", Name: "李雷"}},
		Envelope: message.Envelope{Remote: "192.0.2.7"},
		Subject:  "退款 没有到账", Text: "订单 20260506 的退款还没有到账。", Language: "zh-Hans", Thread: "chat-7",
		Fields: map[string]string{"order_number": "20260506"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPIDecodesMultipart(t *testing.T) {
	a := newTestAPI(t)
	png := "\x89PNG\r\n\x1a\n"
	files := []file{{"files", `C:\Users\li\发票.pdf`, "application/pdf", "%PDF-1.7"}, {"files", "../../etc/合同.png", "", png}, {"files", "", "", ""}}
	plain := map[string]string{
		"id": "m-2", "from.telegram": "4711", "text": "hello\x00 world\ufffd", "html": "<p>hello</p>", "fields.amount": "88.00", "received_at": "2020-01-01T00:00:00Z",
	}
	wrapped := map[string]string{"message": `{"id":"m-2","from":{"telegram":"4711"},"text":"hello\u0000 world\ufffd","html":"<p>hello</p>","fields":{"amount":"88.00"},"received_at":"2020-01-01T00:00:00Z"}`}
	want := message.Message{
		Inbox: "app", Channel: "api", Key: "id:m-2", At: testTime, From: message.Address{Kind: "telegram", Value: "4711"},
		Envelope: message.Envelope{Remote: "192.0.2.7"}, Text: "hello world\ufffd", HTML: "<p>hello</p>", Fields: map[string]string{"amount": "88.00"},
		Attachments: []message.Attachment{
			{Name: "发票.pdf", MediaType: "application/pdf", Size: 8, Content: []byte("%PDF-1.7")},
			{Name: "合同.png", MediaType: "image/png", Size: 8, Content: []byte(png)},
		},
		Problems: []string{"received_at of the caller was not used"},
	}
	for name, values := range map[string]map[string]string{"plain fields": plain, "a message part": wrapped} {
		contentType, raw := multi(t, values, files...)
		d, got := receive(t, a, apiRequest(tokenA, contentType, string(raw)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if string(d.Raw) != string(raw) {
			t.Errorf("%s: the raw bytes are not the body", name)
		}
	}
}

// TestAPIContentKeyIgnoresTheBoundary: a client that builds its multipart anew for a retry sends
// another boundary, and the same message.
func TestAPIContentKeyIgnoresTheBoundary(t *testing.T) {
	a := newTestAPI(t)
	values := map[string]string{"from.email": "a@example.com", "text": "hello"}
	contentType, raw := multi(t, values, file{"f", "a.txt", "text/plain", "content"})
	first, _ := receive(t, a, apiRequest(tokenA, contentType, string(raw)))
	again, _ := receive(t, a, apiRequest(tokenA, strings.ReplaceAll(contentType, "a-boundary", "b-boundary"), strings.ReplaceAll(string(raw), "a-boundary", "b-boundary")))
	if first.Key != again.Key {
		t.Errorf("keys %s and %s", first.Key, again.Key)
	}
	contentType, raw = multi(t, values, file{"f", "a.txt", "text/plain", "CONTENT"})
	if other, _ := receive(t, a, apiRequest(tokenA, contentType, string(raw))); other.Key == first.Key {
		t.Error("another file has the same key")
	}
}

func TestAPILongKeysBecomeDigests(t *testing.T) {
	a := newTestAPI(t)
	for _, id := range []string{strings.Repeat("k", 600), "line\tbreak", "\xff\xfe"} {
		r := apiRequest(tokenA, "application/json", goodJSON)
		r.Header.Set("Idempotency-Key", id)
		d, _ := receive(t, a, r)
		if !strings.HasPrefix(d.Key, "api:digest:") || len(d.Key) > maxKey {
			t.Errorf("%q: key %q", id, d.Key)
		}
	}
}

func TestAPIParksWhatItCannotDecode(t *testing.T) {
	_, err := newTestAPI(t).Decode(channels.Delivery{Raw: []byte("{"), Meta: map[string]string{meta.Content: "application/json"}})
	e, ok := err.(*channels.Error)
	if !ok || e.Cause != "unparsable" {
		t.Errorf("got %v", err)
	}
}

func TestNewAPIRefusesAnOpenDoor(t *testing.T) {
	for _, c := range []APIConfig{{}, {Inbox: "a", Digest: testDigest}, {Inbox: "a", Digest: testDigest, Tokens: []string{""}}, {Inbox: "a", Tokens: []string{tokenA}}} {
		if _, err := NewAPI(c); err == nil {
			t.Errorf("%d tokens are enough", len(c.Tokens))
		}
	}
}

func TestPhone(t *testing.T) {
	for given, want := range map[string]string{
		"+852 2123 4567": "+85221234567", "13800138000": "+8613800138000", "138-0013-8000": "+8613800138000", "＋８６ １３８００１３８０００": "+8613800138000",
		"0085221234567": "+85221234567", "+1 (500) 555-0006": "+15005550006",
		"\u202a13800138000\u202c": "+8613800138000", "\u202d+852 2123 4567\u202c": "+85221234567", "138\u200b0013\u200b8000": "+8613800138000", // out of an address book
		"138‑0013‑8000": "+8613800138000", "138–0013–8000": "+8613800138000", "+852\u202f2123\u20094567": "+85221234567",
		"+44 (0)20 7946 0958": "+442079460958", "0044 (0) 20 7946 0958": "+442079460958", "＋４４（０）２０７９４６０９５８": "+442079460958",
		"+39 06 1234 5678": "+390612345678", "+39 (0)6 1234 5678": "+390612345678", "(0)13800138000": "", "+(0)442079460958": "",
		"21234567": "", "12": "", "hello": "", "+0123456789": "", "": "", "+1234567890123456": "",
	} {
		if got := phone(given); got != want {
			t.Errorf("%s: got %q, want %q", given, got, want)
		}
	}
}

func TestEmail(t *testing.T) {
	for given, want := range map[string]string{
		" Li.Lei@Example.COM ": "Li.Lei@example.com", "李雷@例子.中国": "李雷@例子.中国", "a+b@x.example": "a+b@x.example",
		"nobody": "", "a@b": "", "a@b@c.d": "", "a b@c.d": "", "a@.d": "", "a@b..c": "", "<a@b.c>": "", "a@b.c\r\nBcc: x@y.z": "", strings.Repeat("a", 65) + "@b.c": "",
	} {
		if got := email(given); got != want {
			t.Errorf("%s: got %q, want %q", given, got, want)
		}
	}
}

func FuzzAPI(f *testing.F) {
	a := newTestAPI(f)
	contentType, raw := multi(f, map[string]string{"from.email": "a@example.com", "text": "x"}, file{"f", "a.txt", "", "y"})
	f.Add("application/json", []byte(goodJSON), "k")
	f.Add(contentType, raw, "")
	f.Add("application/x-www-form-urlencoded", []byte("from.phone=%2B85221234567&text=x"), "\xff")
	f.Fuzz(func(t *testing.T, contentType string, raw []byte, id string) {
		r := apiRequest(tokenA, contentType, string(raw))
		r.Header.Set("Idempotency-Key", id)
		got, err := a.Receive(r, testTime)
		if err != nil {
			return
		}
		d := got.Deliveries[0]
		if d.Key == "" || len(d.Key) > maxKey {
			t.Errorf("key %q", d.Key)
		}
		m, err := a.Decode(d)
		if err != nil {
			t.Fatalf("what was taken cannot be decoded: %v", err)
		}
		if m.From.IsZero() || strings.ContainsRune(m.Text+m.Subject+m.From.Name, 0) {
			t.Errorf("message %+v", m)
		}
	})
}
