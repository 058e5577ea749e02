package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/channels/email"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/receive"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// proxyHost and proxyDesk are the names in the example files, of the public listener and of the desk.
const (
	proxyHost = "desk.example.com"
	proxyDesk = "work.example.com"
)

// clientAddress is where the client of these tests calls from: the loopback has many addresses.
const clientAddress = "127.0.0.2"

// proxied is a service behind a real proxy that runs on the file in deploy/proxy.
type proxied struct {
	*rig
	at    string // the proxy's https address
	roots *x509.CertPool
}

// TestBehindTheProxiesOfTheExamples: nobody chooses his own address, and nobody comes to the operator's
// page, by a proxy that is set up as deploy/proxy says.
func TestBehindTheProxiesOfTheExamples(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*proxied, string){"nginx": (*proxied).nginx, "caddy": (*proxied).caddy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := serverProgram(t, name)
			p := &proxied{rig: startProbed(t)}
			begin(p, program)
			p.nobodyChoosesHisAddress(t)
			p.noOperator(t)
			p.bounded(t)
			p.agents(t)
		})
	}
}

// serverProgram finds a server of a Debian package, or skips the test.
func serverProgram(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/usr/bin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path
		}
	}
	if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
		t.Fatalf("%s is not installed, and FRONTDESK_REQUIRE_SERVERS is set", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// startProbed starts a service whose public door has one more page, which tells the caller's address as the door takes it
// and the header fields that reached it. All of the loopback is trusted, the client's address too, so that
// whatever he could slip past the proxy would be believed.
func startProbed(t *testing.T) *rig {
	t.Helper()
	c := testConfig(t)
	c.Listen.TrustedProxies = []string{"127.0.0.0/8"}
	c.Listen.DeskNames = []string{proxyDesk}
	return startWith(t, c, func(o *service.Options) {
		o.Connectors = map[string]wiring.Connect{email.Channel: func(w *wiring.Wiring, in configs.Inbox, n wiring.Needs) error {
			w.Routes = append(w.Routes, receive.Route{Inbox: in.Name, Pattern: "/probe", Pages: http.HandlerFunc(func(out http.ResponseWriter, req *http.Request) {
				fmt.Fprintf(out, "%s\nHost: %s\n", n.Remote(req), req.Host)
				req.Header.Write(out) //nolint:errcheck // the client sees what is missing
			})})
			return wiring.Open(w, in, n)
		}}
	})
}

func (p *proxied) nginx(program string) {
	dir, port := p.t.TempDir(), freeTCP(p.t)
	text := p.changed("../../deploy/proxy/nginx.conf",
		"user www-data;", "", "/run/nginx.pid", dir+"/pid", "/var/log/nginx/error.log", dir+"/error.log",
		"listen 443 ssl", "listen "+port+" ssl", "listen 80;", "listen "+freeTCP(p.t)+";",
		"/etc/ssl/desk/", dir+"/", "127.0.0.1:8080", p.app.Addresses().HTTP, "127.0.0.1:8082", p.app.Addresses().Desk, "http {", "http {\n"+temporary(dir))
	if os.Getuid() == 0 {
		text = "user root;\n" + text // the folders of a test are open to nobody else
	}
	p.certificate(dir)
	write(p.t, dir+"/nginx.conf", text)
	p.run(port, exec.Command(program, "-p", dir, "-c", dir+"/nginx.conf", "-e", dir+"/error.log", "-g", "daemon off;"), dir+"/error.log")
}

// temporary keeps nginx's folders out of the system's.
func temporary(dir string) string {
	var b strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&b, "    %s_temp_path %s/%s;\n", kind, dir, kind)
	}
	return b.String()
}

func (p *proxied) caddy(program string) {
	dir, port := p.t.TempDir(), freeTCP(p.t)
	_, number, _ := net.SplitHostPort(port)
	site := func(name string) string {
		return fmt.Sprintf("\nhttps://%s:%s {\n\tbind 127.0.0.1\n\ttls %s/fullchain.pem %s/privkey.pem", name, number, dir, dir)
	}
	text := p.changed("../../deploy/proxy/Caddyfile", "\n"+proxyHost+" {", site(proxyHost), "\n"+proxyDesk+" {", site(proxyDesk),
		"\tadmin off\n", "\tadmin off\n\tauto_https disable_redirects\n", "127.0.0.1:8080", p.app.Addresses().HTTP, "127.0.0.1:8082", p.app.Addresses().Desk)
	p.certificate(dir)
	write(p.t, dir+"/Caddyfile", text)
	cmd := exec.Command(program, "run", "--config", dir+"/Caddyfile", "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	p.run(port, cmd, "")
}

// changed is an example file with other places; each must be in it.
func (p *proxied) changed(file string, pairs ...string) string {
	p.t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			p.t.Fatalf("%s does not hold %q", file, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// run runs the proxy until the test ends, and waits until it answers.
func (p *proxied) run(at string, cmd *exec.Cmd, log string) {
	p.t.Helper()
	said := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait() //nolint:errcheck // its end is all that counts
	}()
	p.t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill() //nolint:errcheck // see above
			<-ended
		}
		if p.t.Failed() {
			own, _ := os.ReadFile(log)
			p.t.Logf("%s said:\n%s%s", cmd.Path, tail(said.String(), 4000), tail(string(own), 4000))
		}
	})
	p.at = at
	p.eventually(30*time.Second, func() string {
		select {
		case <-ended:
			p.t.Fatal("the proxy ended at its start")
		default:
		}
		res, _, err := p.ask(http.MethodGet, "/healthz", proxyHost, nil, nil)
		if err != nil {
			return err.Error()
		}
		if res.StatusCode != http.StatusOK {
			return res.Status
		}
		return ""
	})
}

// certificate writes a certificate for the proxy's names, and lets the client trust it.
func (p *proxied) certificate(dir string) {
	p.t.Helper()
	cert, key := newCertificate(p.t, proxyHost, proxyDesk)
	p.roots = x509.NewCertPool()
	p.roots.AppendCertsFromPEM(cert)
	write(p.t, dir+"/fullchain.pem", string(cert))
	write(p.t, dir+"/privkey.pem", string(key))
}

// newCertificate makes a certificate that is its own authority, and its key, for a name or an address, and for further names.
func newCertificate(t testing.TB, name string, more ...string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true}
	if ip := net.ParseIP(name); ip != nil {
		tmpl.IPAddresses = []net.IP{ip}
	} else {
		tmpl.DNSNames = append([]string{name}, more...)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// freeTCP is an address of the loopback that nothing listens on.
func freeTCP(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// client calls the proxy from clientAddress, under one of its names.
func (p *proxied) client(name string) *http.Client {
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientAddress)}, Timeout: 5 * time.Second}
	return &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: p.roots, ServerName: name},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return from.DialContext(ctx, network, p.at)
			}}}
}

// ask calls the proxy from clientAddress, with the header fields as they stand.
func (p *proxied) ask(method, path, host string, header http.Header, body io.Reader) (*http.Response, string, error) {
	client := p.client(proxyHost)
	req, err := http.NewRequestWithContext(p.t.Context(), method, "https://"+proxyHost+path, body)
	if err != nil {
		return nil, "", err
	}
	req.Host = host
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return res, string(raw), err
}

func (p *proxied) nobodyChoosesHisAddress(t *testing.T) {
	for _, c := range []struct {
		name   string
		header http.Header
	}{
		{"nothing of his own", nil},
		{"another's address in X-Forwarded-For", http.Header{"X-Forwarded-For": {"203.0.113.9"}}},
		{"a chain of addresses", http.Header{"X-Forwarded-For": {"203.0.113.9, 127.0.0.1"}}},
		{"the field twice", http.Header{"X-Forwarded-For": {"203.0.113.9", "127.0.0.1"}}},
		{"the field in small letters", http.Header{"x-forwarded-for": {"203.0.113.9"}}},
		{"the field with underscores", http.Header{"X_Forwarded_For": {"203.0.113.9"}}},
		{"an empty field", http.Header{"X-Forwarded-For": {""}}},
		{"a Forwarded field", http.Header{"Forwarded": {"for=203.0.113.9;proto=http;host=evil.example"}}},
		{"an X-Real-IP field", http.Header{"X-Real-Ip": {"203.0.113.9"}}},
		{"another scheme and host", http.Header{"X-Forwarded-Proto": {"http"}, "X-Forwarded-Host": {"evil.example"}}},
		{"all of them", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "Forwarded": {"for=203.0.113.9"}, "X-Real-Ip": {"203.0.113.9"}, "True-Client-Ip": {"203.0.113.9"}}},
		{"the field named as one of this connection alone", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "Connection": {"close, X-Forwarded-For, X-Forwarded-Proto"}}},
	} {
		res, body, err := p.ask(http.MethodGet, "/probe", proxyHost, c.header, nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: %v, %v", c.name, res, err)
			continue
		}
		if address, _, _ := strings.Cut(body, "\n"); address != clientAddress {
			t.Errorf("%s: the door takes the address %q, want %s", c.name, address, clientAddress)
		}
		for _, want := range []string{"Host: " + proxyHost + "\n", "X-Forwarded-For: " + clientAddress + "\r\n", "X-Forwarded-Proto: https\r\n"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %q does not reach the door:\n%s", c.name, want, body)
			}
		}
		for _, never := range []string{"\nForwarded:", "\nX-Real-Ip:", "evil.example"} {
			if strings.Contains(body, never) {
				t.Errorf("%s: %q reaches the door:\n%s", c.name, never, body)
			}
		}
	}
}

// noOperator asks for the pages of the operator's listener, which runs beside, by every way that a proxy could mistake.
func (p *proxied) noOperator(t *testing.T) {
	operator := p.app.Addresses().Ops
	if res := browse(t, "http://"+operator+"/tickets"); res.StatusCode != http.StatusUnauthorized {
		t.Fatalf("the operator's page answers %d, want one that runs and asks for its secret", res.StatusCode)
	}
	token := p.rig.token()
	for _, path := range []string{"/", "/tickets", "/tickets/1", "/messages", "/parked", "/outbox", "/promises", "/login", "/metrics", "/readyz", "/queues", "/sink",
		"/events", "/api/overview", "/wake", "/assets/", "/?token=" + token, "//tickets", "/probe/../tickets", "/%2e%2e/tickets"} {
		res, body, err := p.ask(http.MethodGet, path, proxyHost, http.Header{"Authorization": {"Bearer " + token}}, nil)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if res.StatusCode/100 == 3 && !strings.HasPrefix(res.Header.Get("Location"), "/login") {
			res, body, err = p.ask(http.MethodGet, res.Header.Get("Location"), proxyHost, nil, nil) // a path is made clean first
		}
		if err != nil || res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %v, %v: %s", path, res, err, tail(body, 200))
		}
	}
	if res, _, err := p.ask(http.MethodPost, "/login", proxyHost, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, strings.NewReader("token="+token)); err != nil ||
		res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /login: %v, %v", res, err)
	}
	for _, host := range []string{operator, "localhost:8081", "127.0.0.1"} {
		// Caddy has an empty answer for a name that it does not know.
		if res, body, err := p.ask(http.MethodGet, "/tickets", host, nil, nil); err == nil && res.StatusCode != http.StatusNotFound && (res.StatusCode != http.StatusOK || body != "") {
			t.Errorf("by the name %s: %v: %s", host, res, tail(body, 200))
		}
	}
}

// bounded sends more than limits.max_body allows.
func (p *proxied) bounded(t *testing.T) {
	for name, body := range map[string]io.Reader{"announced": bytes.NewReader(make([]byte, 21<<20)), "not announced": io.MultiReader(bytes.NewReader(make([]byte, 21<<20)))} {
		// The proxy ends the connection while the body is still coming; whether its answer is read is chance.
		if res, _, err := p.ask(http.MethodPost, "/probe", proxyHost, nil, body); err == nil && res.StatusCode/100 != 4 && res.StatusCode != http.StatusBadGateway {
			t.Errorf("a body of 21 MiB, %s: %v", name, res)
		}
	}
	// Whatever came of it, the next one is served.
	if res, _, err := p.ask(http.MethodGet, "/healthz", proxyHost, nil, nil); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("after a body that is too large: %v, %v", res, err)
	}
}

// agents works at the desk through the proxy: signs in, reads a page, and hears on an open stream what happens at that moment.
func (p *proxied) agents(t *testing.T) {
	ctx := t.Context()
	u, err := p.store.Users.Add(ctx, users.User{Login: "wang", Name: "Wang", Language: "en"}, time.Now(), "test")
	if err == nil {
		err = p.store.Users.SetGrants(ctx, u.ID, []viewer.Grant{everywhere}, time.Now(), "test")
	}
	var link string
	if err == nil {
		link, err = p.store.Signins.Invite(ctx, u.ID, time.Now().Add(time.Hour), time.Now(), "test")
	}
	if err != nil {
		t.Fatal(err)
	}
	client := p.client(proxyDesk)
	ask := func(method, path string, form url.Values, cookies ...*http.Cookie) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, method, "https://"+proxyDesk+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if form != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		for _, c := range cookies {
			req.AddCookie(c)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	var cookie *http.Cookie
	welcome := ask(http.MethodPost, "/desk/welcome/"+link, url.Values{"password": {"correct horse battery"}, "again": {"correct horse battery"}})
	for _, c := range welcome.Cookies() {
		if c.Name == "__Host-frontdesk_desk" && c.Secure {
			cookie = c
		}
	}
	if welcome.StatusCode != http.StatusSeeOther || cookie == nil {
		t.Fatalf("the link answers %s with %v, want a secure cookie of this host alone", welcome.Status, welcome.Cookies())
	}
	page := ask(http.MethodGet, "/desk", nil, cookie)
	raw, err := io.ReadAll(page.Body)
	mark := regexp.MustCompile(`data-mark="([0-9.]+)"`).FindSubmatch(raw)
	if err != nil || page.StatusCode != http.StatusOK || mark == nil {
		t.Fatalf("the desk's page: %s, %v: %s", page.Status, err, tail(string(raw), 300))
	}
	sessions, err := p.store.Signins.Of(ctx, u.ID, time.Now())
	if err != nil || len(sessions) != 1 || sessions[0].Address != clientAddress {
		t.Errorf("he is signed in from %+v, %v; want %s", sessions, err, clientAddress)
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+proxyDesk+"/desk/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Accept-Encoding", "gzip") // as a browser says; what is packed is held back
	req.Header.Set("Last-Event-ID", string(mark[1]))
	req.AddCookie(cookie)
	stream, err := client.Do(req)
	if err != nil || stream.StatusCode != http.StatusOK || stream.Header.Get("Content-Encoding") != "" {
		t.Fatalf("the stream: %v, %v", stream, err)
	}
	hears := streamed(stream.Body)
	hears.within(t, 5*time.Second, "event: hello")
	p.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "proxied@customer.example", "Order 20261119001 was refunded last week, and nothing has come."))
	hears.within(t, 10*time.Second, `"kind":"opened"`)
	if got := ask(http.MethodGet, "/probe", nil); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("the public door answers %s under the desk's name", got.Status)
	}
	if res, body, err := p.ask(http.MethodGet, "/desk/sign-in", proxyHost, nil, nil); err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("the desk answers under the public name: %v, %v: %s", res, err, tail(body, 200))
	}
}

// TestTheExamplesNameNoOperator: each names two addresses to pass on to, the defaults of listen.http and of listen.desk.
func TestTheExamplesNameNoOperator(t *testing.T) {
	files, err := filepath.Glob("../../deploy/proxy/*")
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		public, desk := 0, 0
		for line := range strings.Lines(mustRead(t, file)) {
			line, _, _ = strings.Cut(line, "#")
			if strings.Contains(line, "8081") || strings.Contains(line, "unix") {
				t.Errorf("%s: %s", file, line)
			}
			public += strings.Count(line, "127.0.0.1:8080")
			desk += strings.Count(line, "127.0.0.1:8082")
		}
		if public != 1 || desk != 1 {
			t.Errorf("%s passes on to %d public places and %d desks, want one of each", file, public, desk)
		}
	}
}
