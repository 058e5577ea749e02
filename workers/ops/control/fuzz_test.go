package control

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// FuzzControl says foreign requests to the control socket: only POST /wake wakes, and nothing is
// answered but a status.
func FuzzControl(f *testing.F) {
	f.Add("POST /wake HTTP/1.1\r\nHost: x\r\n\r\n")
	f.Add("GET /wake?x HTTP/1.1\r\nHost: x\r\n\r\n")
	f.Add("POST //wake/../wake HTTP/1.0\r\nContent-Length: 99999999\r\n\r\nx")
	f.Fuzz(func(t *testing.T, raw string) {
		req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			return
		}
		var woken atomic.Int32
		w := httptest.NewRecorder()
		Handler(func() { woken.Add(1) }).ServeHTTP(w, req)
		wake := req.Method == http.MethodPost && req.URL.Path == "/wake"
		if (woken.Load() == 1) != wake || (w.Code == http.StatusNoContent) != wake {
			t.Errorf("%s %q: woken %d times, status %d", req.Method, req.URL.Path, woken.Load(), w.Code)
		}
	})
}
