package assets

import (
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
	one, two := load("body{}"), load("body{margin:0}")
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
	if w.Body.String() != "body{}" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("%q with %v", w.Body, w.Header())
	}
	if w := get(two, at); w.Code != http.StatusNotFound {
		t.Errorf("another version's address gives %d", w.Code)
	}
}
