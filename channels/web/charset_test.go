package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/channels"
	"frontdesk/channels/meta"
)

// The same words in several charsets.
const (
	inGBK      = "\xb8\xb6\xbf\xee\xca\xa7\xb0\xdc" // 付款失败
	inBig5     = "\xa5\x49\xb4\xda\xa5\xa2\xb1\xd1" // 付款失敗
	inLatin    = "Zahlung f\xfcr Bestellung"
	inUTF16    = "\xff\xfe\xd8\x4e>k1Y%\x8d"
	oneGBKPair = "\xc4\xa3" // 模, and ģ in UTF-8
)

func TestAPIReadsATextInItsCharsetOrRefusesIt(t *testing.T) {
	a := newTestAPI(t)
	json := func(text string) string { return `{"from":{"email":"li@example.com"},"text":"` + text + `"}` }
	encoded := func(text string) string { return "from.email=li%40example.com&text=" + url.QueryEscape(text) }
	parts := func(head, text string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"from.email\"\r\n\r\nli@example.com\r\n--b\r\nContent-Disposition: form-data; name=\"text\"\r\n" + head + "\r\n" + text + "\r\n--b--\r\n"
	}
	multipart := "multipart/form-data; boundary=b"
	for name, c := range map[string]struct{ contentType, body, want string }{
		"JSON in the charset that it names":            {"application/json; charset=gb18030", json(inGBK), "付款失败"},
		"JSON in Big5":                                 {"application/json; charset=Big5", json(inBig5), "付款失敗"},
		"one pair of GBK that is UTF-8, too":           {"application/json; charset=GBK", json(oneGBKPair), "模"},
		"JSON in a charset of Latin letters":           {"application/json; charset=ISO-8859-1", json(inLatin), "Zahlung für Bestellung"},
		"UTF-8 under a name that was left from habit":  {"application/json; charset=ISO-8859-1", json("付款失败"), "付款失败"},
		"UTF-8 under the name of GBK":                  {"application/json; charset=GBK", json("付款失败"), "付款失败"},
		"JSON behind a byte order mark":                {"application/json", "\ufeff" + json("付款失败"), "付款失败"},
		"a replacement character that was written":     {"application/json", json("is shown as \ufffd"), "is shown as \ufffd"},
		"JSON that names nothing and is no UTF-8":      {"application/json", json(inGBK), ""},
		"JSON that says UTF-8 and is none":             {"application/json; charset=utf-8", json(inGBK), ""},
		"JSON that is cut within a letter":             {"application/json", json("付款\xe5\xa4"), ""},
		"JSON in a charset that nobody knows":          {"application/json; charset=x-klingon", json("hello"), ""},
		"bytes that the charset does not have":         {"application/json; charset=GBK", json("\xff\xff\x80"), ""},
		"a key that is no UTF-8":                       {"application/json", `{"from":{"email":"li@example.com"},"text":"x","fields":{"` + inGBK + `":"1"}}`, ""},
		"an encoded form in its charset":               {"application/x-www-form-urlencoded; charset=gbk", encoded(inGBK), "付款失败"},
		"an encoded form that says its charset within": {"application/x-www-form-urlencoded", "_charset_=gbk&" + encoded(inGBK), "付款失败"},
		"an encoded form that says nothing":            {"application/x-www-form-urlencoded", encoded(inGBK), ""},
		"a part in its charset":                        {multipart, parts("Content-Type: text/plain; charset=gbk\r\n", inGBK), "付款失败"},
		"a part in UTF-16":                             {multipart, parts("Content-Type: text/plain; charset=utf-16\r\n", inUTF16), "付款失败"},
		"a part that says nothing and is no UTF-8":     {multipart, parts("", inGBK), ""},
		"a part in a charset that nobody knows":        {multipart, parts("Content-Type: text/plain; charset=utf-7x\r\n", "hello"), ""},
		"the JSON of a message in a part, in no UTF-8": {multipart, strings.ReplaceAll(parts("", json(inGBK)), `name="text"`, `name="message"`), ""},
		"the name of a file that is no UTF-8":          {multipart, strings.ReplaceAll(parts("", "x"), `name="text"`, `name="f"; filename="`+inGBK+`.pdf"`), ""},
		"the bytes of a file, which have no charset":   {multipart, strings.ReplaceAll(parts("", "x")[:len(parts("", "x"))-len("--b--\r\n")], "%", "%") + "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\n" + inGBK + "\r\n--b--\r\n", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := a.Receive(apiRequest(tokenA, c.contentType, c.body), testTime)
			if c.want == "" {
				e, ok := errors.AsType[*channels.Error](err)
				if !ok || e.Answer == nil || e.Answer.Status != http.StatusBadRequest || !strings.Contains(string(e.Answer.Body), "UTF-8") {
					t.Fatalf("got %v, want 400 that names UTF-8", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := a.Decode(got.Deliveries[0])
			if err != nil || m.Text != c.want {
				t.Errorf("text %q, want %q (%v)", m.Text, c.want, err)
			}
		})
	}
}

// TestWhatWasRecordedBeforeIsStillRead: originals of before the refusal must go on to be decided.
func TestWhatWasRecordedBeforeIsStillRead(t *testing.T) {
	a := newTestAPI(t)
	m, err := a.Decode(channels.Delivery{Inbox: "app", Channel: "api", Meta: map[string]string{meta.Content: "application/json"},
		Raw: []byte(`{"from":{"email":"li@example.com"},"text":"order 77 ` + inGBK + `"}`)})
	if err != nil || !strings.HasPrefix(m.Text, "order 77 ") || !utf8.ValidString(m.Text) {
		t.Errorf("got %q, %v", m.Text, err)
	}
}

func TestFormReadsATextInItsCharsetOrShowsTheFormAgain(t *testing.T) {
	f := newTestForm(t, nil)
	for name, c := range map[string]struct{ contentType, text, want string }{
		"in its charset":           {"application/x-www-form-urlencoded; charset=GBK", inGBK, "付款失败"},
		"in UTF-8":                 {"application/x-www-form-urlencoded", "付款失败", "付款失败"},
		"in a charset not named":   {"application/x-www-form-urlencoded", inGBK, ""},
		"in a charset not known":   {"application/x-www-form-urlencoded; charset=none", "hello", ""},
		"cut within a letter":      {"application/x-www-form-urlencoded", "付\xe6\xac", ""},
		"in another than it names": {"application/x-www-form-urlencoded; charset=euc-kr", "\xff\xfe\xff", ""},
	} {
		t.Run(name, func(t *testing.T) {
			typed := goodForm(t, f, testTime.Add(-time.Minute))
			values := url.Values{"text": {c.text}, "email": {typed["email"]}, "altcha": {typed["altcha"]}, "lang": {"en"}, "order": {"A-77"}}
			r := formRequest(t, typed)
			r.Header.Set("Content-Type", c.contentType)
			r.Body = []byte(values.Encode())
			got, err := f.Receive(r, testTime)
			if c.want == "" {
				e, ok := errors.AsType[*channels.Error](err)
				if !ok || e.Answer == nil || e.Answer.Status != http.StatusBadRequest {
					t.Fatalf("got %v, want 400", err)
				}
				page := string(e.Answer.Body)
				if !utf8.ValidString(page) || !strings.Contains(page, "A-77") || strings.Contains(page, "\ufffd") {
					t.Error("the page does not show what could be read, and that only")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := f.Decode(got.Deliveries[0])
			if err != nil || m.Text != c.want {
				t.Errorf("text %q, want %q (%v)", m.Text, c.want, err)
			}
		})
	}
}

// TestAnAnswerNamesWhatIsWrong: a caller that compresses, and one whose files are not base64.
func TestAnAnswerNamesWhatIsWrong(t *testing.T) {
	a := newTestAPI(t)
	good := `{"from":{"email":"li@example.com"},"text":"x"}`
	for _, c := range []struct {
		name, coding, body, says string
		status                   int
	}{
		{"gzip", "gzip", "\x1f\x8b\x08", "without Content-Encoding", 415},
		{"brotli", "br", "x", "without Content-Encoding", 415},
		{"identity", "identity", good, "", 0},
		{"no base64", "", `{"from":{"email":"li@example.com"},"attachments":[{"name":"a","content":"%%%"}]}`, "attachments is not base64", 400},
		{"base64 that is cut off", "", `{"from":{"email":"li@example.com"},"attachments":[{"name":"a","content":"QUJ"}]}`, "attachments is not base64", 400},
	} {
		r := apiRequest(tokenA, "application/json", c.body)
		r.Header.Set("Content-Encoding", c.coding)
		_, err := a.Receive(r, testTime)
		e, refused := errors.AsType[*channels.Error](err)
		switch {
		case !refused:
			if c.status != 0 {
				t.Errorf("%s: taken, %v", c.name, err)
			}
		case e.Answer.Status != c.status || !strings.Contains(string(e.Answer.Body), c.says) || c.status == 415 && e.Answer.Header.Get("Accept-Encoding") != "identity":
			t.Errorf("%s: %d %s", c.name, e.Answer.Status, e.Answer.Body)
		}
	}
}

// FuzzCharset: whatever is read is UTF-8, and UTF-8 under no name comes through unchanged.
func FuzzCharset(f *testing.F) {
	for _, seed := range []struct{ name, text string }{{"gbk", inGBK}, {"", "付款"}, {"utf-16", inUTF16}, {"iso-2022-jp", "\x1b$B"}, {"replacement", "x"}, {"x-user-defined", "\x80"}} {
		f.Add(seed.name, []byte(seed.text))
	}
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		text, ok := charsetNamed(name).read(raw)
		if ok && !utf8.ValidString(text) {
			t.Errorf("%q of %q is read as %q", raw, name, text)
		}
		if plain, ok := (charset{}).read(raw); ok != utf8.Valid(raw) || ok && plain != strings.TrimPrefix(string(raw), "\ufeff") {
			t.Errorf("UTF-8 %q is read as %q, %v", raw, plain, ok)
		}
	})
}

func BenchmarkCharset(b *testing.B) {
	raw := []byte(fmt.Sprint(strings.Repeat(inGBK, 10_000)))
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		charsetNamed("gbk").read(raw)
	}
}
