package scannerstest

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// GTUBE is the text that every spam filter takes for spam.
const GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

// Pills is a text that the test's rspamd gives PillsScore for, and would not refuse.
const (
	Pills      = "free pills for the test"
	PillsScore = 7.5
)

// Rspamd is one rspamd with one worker.
type Rspamd struct {
	*server
	URL string
}

// StartRspamd starts an rspamd that knows GTUBE and one rule, and asks no one.
func StartRspamd(t testing.TB) *Rspamd {
	t.Helper()
	program := find(t, "rspamd", "rspamd")
	s := start(t, "rs")
	port := strconv.Itoa(freePort(t))
	r := &Rspamd{server: s, URL: "http://127.0.0.1:" + port}
	s.write("tld", "com\nnet\norg\nexample\ntest\n")
	s.write("rules.lua", `config['regexp'] = config['regexp'] or {}
config['regexp']['TEST_PILLS'] = { re = '/`+Pills+`/i{mime}', score = 7.5, description = 'words of the tests' }
`)
	conf := s.write("rspamd.conf", rspamdConfiguration+`worker "normal" { bind_socket = "127.0.0.1:`+port+`"; count = 1; }
`)
	s.args = []string{program, "-f", "-c", conf}
	if s.nobody() {
		s.args = append(s.args, "-u", "nobody", "-g", "nogroup")
	}
	client := &http.Client{Timeout: time.Second}
	s.alive = func() bool {
		res, err := client.Get(r.URL + "/ping")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(io.LimitReader(res.Body, 16))
		return len(body) >= 4 && string(body[:4]) == "pong"
	}
	s.Restart()
	return r
}

const rspamdConfiguration = `options {
  pidfile = "DIR/pid";
  url_tld = "DIR/tld";
  disable_hyperscan = true;
  dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
  control_socket = "DIR/control";
  hs_cache_dir = "DIR";
  cache_file = "DIR/symbols";
  history_file = "DIR/history";
  tempdir = "DIR";
  stats_file = "DIR/stats";
  filters = "regexp";
  local_addrs = [];
}
lua = "DIR/rules.lua";
logging { type = "file"; filename = "DIR/log"; level = "notice"; }
actions { reject = 15; add_header = 6; }
`

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
