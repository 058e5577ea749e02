package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFormNamesTheDeskInThePagesLanguage: a visitor reads the name that the desk has in his language, wherever the page says it.
func TestFormNamesTheDeskInThePagesLanguage(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) {
		c.Desk, c.Names = "Desk & Co", map[string]string{"zh": "示例客服", "zh-Hant": "示範<客服>"}
	})
	for lang, want := range map[string]string{"zh-Hans": "示例客服", "zh-Hant": "示範<客服>", "en": "Desk & Co"} {
		w := httptest.NewRecorder()
		f.Page().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/form/contact?lang="+lang, nil))
		page := w.Body.String()
		for _, part := range []string{" · " + want + "</title>", `<p class="desk">` + want + "</p>"} {
			if shown := strings.ReplaceAll(part, want, html.EscapeString(want)); !strings.Contains(page, shown) {
				t.Errorf("%s: the page does not show %q", lang, shown)
			}
		}
		again := string(f.answer(http.StatusUnprocessableEntity, shown{Language: lang, Problem: "no-text"}).Body)
		if !strings.Contains(again, html.EscapeString(want)) {
			t.Errorf("%s: the form that comes back does not name the desk", lang)
		}
	}
}
