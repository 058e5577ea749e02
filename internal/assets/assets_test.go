package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAFileIsServedUnderItsDigest(t *testing.T) {
	load := func(content string) *Files {
		f, err := Load(fstest.MapFS{"a.css": {Data: []byte(content)}}, "/below/")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	one, two := load("body{margin:1px}"), load("body{margin:0}")
	at := one.Addresses["a.css"]
	if !strings.HasPrefix(at, "/below/a.") || !strings.HasSuffix(at, ".css") || at == two.Addresses["a.css"] {
		t.Fatalf("addresses are %q and %q", at, two.Addresses["a.css"])
	}
	get := func(f *Files, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	w := get(one, at)
	if w.Body.String() != "body{margin:1px}" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("%q with %v", w.Body, w.Header())
	}
	if w := get(two, at); w.Code != http.StatusNotFound {
		t.Errorf("another version's address gives %d", w.Code)
	}
}

func TestAFileIsSentSmall(t *testing.T) {
	script := "// why this is so\n" + strings.Repeat("export function longName(value) {\n  return value + 1;\n}\n", 20)
	f, err := Load(fstest.MapFS{"a.js": {Data: []byte(script)}, "b.svg": {Data: []byte("<svg/>")}}, "/below/")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, file, accept, coding string }{
		{"packed for who takes gzip", "a.js", "br, gzip", "gzip"},
		{"packed with a weight", "a.js", "gzip;q=0.5", "gzip"},
		{"plain for who says nothing", "a.js", "", ""},
		{"plain for who refuses it", "a.js", "gzip;q=0", ""},
		{"plain for who refuses it at length", "a.js", "gzip; q=0.000", ""},
		{"plain where packing saves nothing", "b.svg", "gzip", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, f.Addresses[c.file], nil)
		r.Header.Set("Accept-Encoding", c.accept)
		r.Header.Set("Range", "bytes=0-")
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		body := w.Body.Bytes()
		if w.Header().Get("Content-Encoding") != c.coding || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", c.name, w.Header())
		}
		if c.coding == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if s := string(body); strings.Contains(s, "why") || c.file == "a.js" && !strings.Contains(s, "longName(value)") {
			t.Errorf("%s: sent %q", c.name, s)
		}
	}
	if _, err := Load(fstest.MapFS{"a.js": {Data: []byte("function (")}}, "/below/"); err == nil {
		t.Error("a script that is none is taken")
	}
}
