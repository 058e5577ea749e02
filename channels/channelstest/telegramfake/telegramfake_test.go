package telegramfake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ask calls a method and returns the status and the answer.
func ask(t *testing.T, server *httptest.Server, method, params string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/bot1:x/"+method, strings.NewReader(params))
	if err != nil {
		t.Fatal(err)
	}
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("answer %q: %v", raw, err)
	}
	return res.StatusCode, out
}

func ids(answer map[string]any) []int {
	out := []int{}
	list, _ := answer["result"].([]any)
	for _, u := range list {
		out = append(out, int(u.(map[string]any)["update_id"].(float64)))
	}
	return out
}

func TestAnOffsetConfirms(t *testing.T) {
	s := New("1:x")
	server := httptest.NewServer(s)
	defer server.Close()
	for range 3 {
		s.Write(Customer{ID: 5, Name: "Bo"}, "hi")
	}
	for _, c := range []struct {
		name, params string
		want         []int
	}{
		{"everything at first", `{}`, []int{1001, 1002, 1003}},
		{"again, as nothing was confirmed", `{}`, []int{1001, 1002, 1003}},
		{"from an offset", `{"offset":1002,"limit":1}`, []int{1002}},
		{"what is below is gone", `{}`, []int{1002, 1003}},
		{"nothing left", `{"offset":1004}`, []int{}},
	} {
		_, answer := ask(t, server, "getUpdates", c.params)
		if diff := cmp.Diff(c.want, ids(answer)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAPollWaitsForAMessage(t *testing.T) {
	s := New("1:x")
	server := httptest.NewServer(s)
	defer server.Close()
	got := make(chan []int, 1)
	go func() { _, answer := ask(t, server, "getUpdates", `{"timeout":30}`); got <- ids(answer) }()
	s.Write(Customer{ID: 5}, "hi")
	if diff := cmp.Diff([]int{1001}, <-got); diff != "" {
		t.Errorf("updates (-want +got):\n%s", diff)
	}
}

func TestSends(t *testing.T) {
	s := New("1:x")
	server := httptest.NewServer(s)
	defer server.Close()
	s.Write(Customer{ID: 5}, "hi")
	s.Write(Customer{ID: 6}, "hi")
	s.Block(6)
	for _, c := range []struct {
		name, params string
		want         int
	}{
		{"to a customer", `{"chat_id":5,"text":"hello"}`, 200},
		{"to one who blocked the bot", `{"chat_id":6,"text":"hello"}`, 403},
		{"to nobody", `{"chat_id":7,"text":"hello"}`, 400},
		{"nothing", `{"chat_id":5,"text":" "}`, 400},
		{"too much", `{"chat_id":5,"text":"` + strings.Repeat("😀", 2049) + `"}`, 400},
		{"what is no JSON", `chat_id=5`, 400},
	} {
		if status, _ := ask(t, server, "sendMessage", c.params); status != c.want {
			t.Errorf("%s: status %d, want %d", c.name, status, c.want)
		}
	}
	if sent := s.Sent(); len(sent) != 1 || sent[0].Text != "hello" || sent[0].Chat != 5 {
		t.Errorf("sent %+v, want the one good message", sent)
	}
}
