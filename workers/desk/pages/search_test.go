package pages

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestWhatIsLookedFor(t *testing.T) {
	r := newRig(t)
	r.desk.open(35, "payments", "email", "en", "Ann", "Refund of <b>40</b> EUR", "Where is it?", time.Hour)
	r.desk.open(36, "accounts", "email", "en", "Bob", "Refund to a locked account", "Hello", time.Hour)
	for _, c := range []struct {
		name, path string
		status     int
		to         string
		has, not   []string
	}{
		{"a word, marked where it stands", "/desk/search?q=Refund", 200, "", []string{"<mark>Refund</mark> of &lt;b&gt;40&lt;/b&gt; EUR", `value="Refund"`}, []string{"locked account"}},
		{"a ticket by its number", "/desk/search?q=T-35", 303, "/desk/tickets/T-35", nil, nil},
		{"one of another queue is not there", "/desk/search?q=T-36", 200, "", []string{"Nothing was found"}, nil},
		{"nothing", "/desk/search?q=elephant", 200, "", []string{"Nothing was found"}, []string{"<mark>"}},
		{"nothing typed", "/desk/search", 200, "", []string{"Nothing was found"}, nil},
		{"only what is closed", "/desk/search?q=Refund&state=closed", 200, "", []string{"Nothing was found", "state=closed\" aria-current"}, nil},
		{"a state that is none", "/desk/search?q=Refund&state=odd", 200, "", []string{"<mark>Refund</mark>"}, nil},
		{"a stranger's words in the address", "/desk/search?q=%3Cscript%3Ealert(1)%3C/script%3E", 200, "", []string{"&lt;script&gt;"}, []string{"<script>alert"}},
		{"longer than anybody types", "/desk/search?q=" + strings.Repeat("a", 5000), 200, "", []string{`value="` + strings.Repeat("a", 200) + `"`}, []string{strings.Repeat("a", 201)}},
	} {
		w := r.get(c.path)
		body := w.Body.String()
		if w.Code != c.status || w.Header().Get("Location") != c.to {
			t.Errorf("%s: %d to %q", c.name, w.Code, w.Header().Get("Location"))
		}
		for _, text := range c.has {
			if !strings.Contains(body, text) {
				t.Errorf("%s: it does not say %q", c.name, text)
			}
		}
		for _, text := range c.not {
			if strings.Contains(body, text) {
				t.Errorf("%s: it says %q", c.name, text)
			}
		}
	}
	r.desk.down = errors.New("no connection")
	r.want(r.get("/desk/search?q=x"), http.StatusServiceUnavailable)
}
