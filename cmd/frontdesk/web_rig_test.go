package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/channels/channelstest/twiliofake"
	"frontdesk/channels/telegram"
	"frontdesk/channels/twilio"
	"frontdesk/channels/web"
	"frontdesk/configs"
	"frontdesk/configs/values"
)

// What the fakes beyond the doors know of the desk.
const (
	twilioAccount = "AC00000000000000000000000000000001"
	twilioToken   = "test-twilio-auth-token"
	twilioNumber  = "+85221234567"
	botToken      = "4242:test-bot-token"
	botSecret     = "test-webhook-secret"
	appToken      = "test-api-token"
	publicURL     = "https://desk.example"
)

// opened is start that returns when the doors are open: what reaches a provider before that is
// history, which nobody is owed anything for.
func opened(t testing.TB, c configs.Config) *rig {
	t.Helper()
	r := start(t, c)
	r.eventually(30*time.Second, func() string {
		res, err := http.Get(r.httpURL("/healthz"))
		if err != nil {
			return err.Error()
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return res.Status
		}
		return ""
	})
	return r
}

// withHotline adds an SMS inbox whose Twilio is a fake at the wire.
func withHotline(t testing.TB, c *configs.Config) *twiliofake.Server {
	t.Helper()
	fake := twiliofake.New(twilioAccount, twilioToken)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	fake.Base, c.Listen.PublicURL = server.URL, publicURL
	c.SMS.Countries = []string{"CN", "HK", "US"}
	c.Inboxes = append(c.Inboxes, configs.Inbox{Name: "hotline", Channel: twilio.Channel, Address: twilioNumber,
		Section: &twilio.Section{Twilio: &twilio.Account{AccountSID: twilioAccount, AuthToken: values.NewSecret(twilioToken), From: twilioNumber, BaseURL: server.URL}}})
	return fake
}

// withBot adds a Telegram inbox whose Bot API is a fake at the wire. mode is poll or webhook.
func withBot(t testing.TB, c *configs.Config, mode string) *telegramfake.Server {
	t.Helper()
	fake := telegramfake.New(botToken)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	c.Inboxes = append(c.Inboxes, configs.Inbox{Name: "bot", Channel: telegram.Channel, Address: "desk_bot",
		Section: &telegram.Section{Telegram: &telegram.Bot{Token: values.NewSecret(botToken), Mode: mode, Secret: values.NewSecret(botSecret), BaseURL: server.URL}}})
	return fake
}

// withDoors adds the inboxes that need nobody outside: the API and the form.
func withDoors(c *configs.Config) {
	c.Inboxes = append(c.Inboxes,
		configs.Inbox{Name: "app", Channel: web.APIChannel, Section: &web.APISection{API: &web.APISettings{Tokens: []values.Secret{values.NewSecret(appToken)}}}},
		configs.Inbox{Name: "contact", Channel: web.FormChannel, Section: &web.FormSection{Form: &web.FormSettings{Languages: []string{"en", "zh-Hans"}, Fields: []string{"phone"},
			Difficulty: 200, MinimumFill: values.Duration(time.Second), PerHour: 1000, Secret: values.NewSecret("a-test-form-secret-of-32-letters")}}})
}

// reply is what a caller of the public listener was answered.
type reply struct {
	status int
	body   string
	header http.Header
}

// post calls the public listener. An error is a connection that broke: status 0.
func (r *rig) post(path, kind, body string, headers ...string) reply {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.httpURL(path), strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := (&http.Client{Timeout: 40 * time.Second}).Do(req)
	if err != nil {
		return reply{body: err.Error()}
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{body: err.Error()}
	}
	return reply{res.StatusCode, string(answer), res.Header}
}

const formKind = "application/x-www-form-urlencoded; charset=UTF-8"

// sms makes Twilio's signed call.
func (r *rig) sms(form url.Values) reply {
	return r.post("/hooks/hotline", formKind, form.Encode(), "X-Twilio-Signature", twiliofake.Sign(twilioToken, publicURL+"/hooks/hotline", form))
}

// update makes Telegram's call with the secret.
func (r *rig) update(body []byte) reply {
	return r.post("/hooks/bot", "application/json", string(body), "X-Telegram-Bot-Api-Secret-Token", botSecret)
}

// api posts one message with the token.
func (r *rig) api(key string, body map[string]any) reply {
	r.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	headers := []string{"Authorization", "Bearer " + appToken}
	if key != "" {
		headers = append(headers, "Idempotency-Key", key)
	}
	return r.post("/api/v1/inboxes/app/messages", "application/json", string(text), headers...)
}

// challenge fetches a challenge of the form and solves it, as a browser does.
func (r *rig) challenge() string {
	r.t.Helper()
	res, err := http.Get(r.httpURL("/form/contact/challenge"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	var c struct {
		Algorithm, Challenge, Salt, Signature string
		MaxNumber                             int
	}
	if err := json.NewDecoder(res.Body).Decode(&c); err != nil {
		r.t.Fatalf("reading the challenge: %v", err)
	}
	for n := 0; n <= c.MaxNumber; n++ {
		if hashed(c.Salt+strconv.Itoa(n)) == c.Challenge {
			return proofOf(c.Challenge, n, c.Salt, c.Signature)
		}
	}
	r.t.Fatalf("no number up to %d solves the challenge", c.MaxNumber)
	return ""
}

func proofOf(challenge string, n int, salt, signature string) string {
	text, err := json.Marshal(map[string]any{"algorithm": "SHA-256", "challenge": challenge, "number": n, "salt": salt, "signature": signature})
	if err != nil {
		panic(err) // strings and a number
	}
	return base64.StdEncoding.EncodeToString(text)
}

// form posts the contact form with a proof.
func (r *rig) form(from, text, proof string) reply {
	return r.post("/form/contact", formKind, url.Values{"name": {"Li"}, "email": {from}, "text": {text}, "altcha": {proof}}.Encode())
}

// counted is the value of a metric, summed over the labels that are not named.
func (r *rig) counted(name string, labels ...string) float64 {
	r.t.Helper()
	sum := 0.0
	for text := range strings.Lines(metricsAt(r.t, r.app.Addresses().Ops, r.token())) {
		series, value, _ := strings.Cut(strings.TrimSpace(text), " ")
		if series != name && !strings.HasPrefix(series, name+"{") {
			continue
		}
		match := true
		for i := 0; i < len(labels); i += 2 {
			match = match && strings.Contains(series, labels[i]+"="+strconv.Quote(labels[i+1]))
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			r.t.Fatalf("reading metrics: %v", err)
		}
		if match {
			sum += n
		}
	}
	return sum
}

// quiet waits until everything recorded is decided and nothing is due by now. Unlike settled it
// leaves alone what waits for a later hour.
func (r *rig) quiet(n int) {
	r.t.Helper()
	r.eventually(60*time.Second, func() string {
		counts, err := r.store.View.Counts(r.t.Context(), time.Now())
		if err != nil {
			return err.Error()
		}
		decided := int64(0)
		for _, c := range counts.Messages {
			decided += c
		}
		if decided < int64(n) || len(counts.Undecided) > 0 {
			return fmt.Sprintf("%d of %d messages decided, undecided %v", decided, n, counts.Undecided)
		}
		for _, o := range r.outbox("") {
			if o.State == "sending" || o.State == "due" && !o.DueAt.After(time.Now()) {
				return fmt.Sprintf("effect %d (%s) is %s", o.ID, o.Kind, o.State)
			}
		}
		return ""
	})
}

// causes are the states and causes of all messages, sorted, one word each.
func (r *rig) causes() []string {
	var out []string
	for _, m := range r.messages() {
		out = append(out, strings.TrimSuffix(m.State+":"+m.Cause, ":"))
	}
	slices.Sort(out)
	return out
}

// letters are the mails in the sink to addresses that hold the word, parsed.
func (r *rig) letters(to string) []*mail.Message {
	r.t.Helper()
	var out []*mail.Message
	for _, raw := range r.sent() {
		m, err := mail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			r.t.Fatalf("reading a mail of ours: %v", err)
		}
		if strings.Contains(m.Header.Get("To"), to) {
			out = append(out, m)
		}
	}
	return out
}

// letter is the one mail in the sink to addresses that hold the word.
func (r *rig) letter(to string) *mail.Message {
	r.t.Helper()
	all := r.letters(to)
	if len(all) != 1 {
		r.t.Fatalf("%d mails went to %s, want 1", len(all), to)
	}
	return all[0]
}

func subjectOf(m *mail.Message) string {
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return m.Header.Get("Subject")
	}
	return s
}

// bodyOf decodes the text of a mail of ours.
func bodyOf(t testing.TB, m *mail.Message) string {
	t.Helper()
	raw, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := decodeTransfer(m.Header.Get("Content-Transfer-Encoding"), raw)
	if err != nil {
		t.Fatalf("decoding a mail of ours: %v", err)
	}
	return text
}

// age moves everything in the database back in time, as if so long had passed. The service itself
// has no clock that could be set.
func (r *rig) age(d time.Duration) {
	r.t.Helper()
	r.aged += d
	var statements []string
	if url := r.config.Database.URL.Reveal(); strings.HasPrefix(url, "postgres") {
		c, err := pgx.Connect(r.t.Context(), url)
		if err != nil {
			r.t.Fatal(err)
		}
		defer c.Close(context.WithoutCancel(r.t.Context()))
		statements = shifts(r.t, d, func(each func(table, column string)) error {
			rows, err := c.Query(r.t.Context(), `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bigint'`)
			if err != nil {
				return err
			}
			var table, column string
			_, err = pgx.ForEachRow(rows, []any{&table, &column}, func() error { each(table, column); return nil })
			return err
		})
		for range 5 { // the service may stand in the way, and PostgreSQL then gives one of the two up
			if _, err = c.Exec(r.t.Context(), strings.Join(statements, ";")); err == nil {
				return
			}
		}
		r.t.Fatalf("moving the database back: %v", err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.config.DataDir, "frontdesk.db")+"?_pragma=busy_timeout(20000)&_txlock=immediate")
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	statements = shifts(r.t, d, func(each func(table, column string)) error {
		rows, err := db.Query(`SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, column string
			if err := rows.Scan(&table, &column); err != nil {
				return err
			}
			each(table, column)
		}
		return rows.Err()
	})
	tx, err := db.Begin()
	if err != nil {
		r.t.Fatal(err)
	}
	defer tx.Rollback()
	for _, s := range statements {
		if _, err := tx.Exec(s); err != nil {
			r.t.Fatalf("moving the database back: %v", err)
		}
	}
	if err := tx.Commit(); err != nil {
		r.t.Fatal(err)
	}
}

// shifts makes one statement for each table that holds times.
func shifts(t testing.TB, d time.Duration, columns func(each func(table, column string)) error) []string {
	t.Helper()
	sets := map[string][]string{}
	err := columns(func(table, column string) {
		if column == "at" || strings.HasSuffix(column, "_at") {
			sets[table] = append(sets[table], fmt.Sprintf("%[1]s = CASE WHEN %[1]s > 0 THEN %[1]s - %[2]d ELSE %[1]s END", column, d.Microseconds()))
		}
	})
	if err != nil || len(sets) < 10 {
		t.Fatalf("found times in %d tables: %v", len(sets), err)
	}
	var out []string
	for table, set := range sets {
		if table != "leases" && table != "schema_migrations" {
			out = append(out, "UPDATE "+table+" SET "+strings.Join(set, ", "))
		}
	}
	return out
}

// cable is the network between Frontdesk and a server: it can be down, and it can break inside an
// answer.
type cable struct {
	t      testing.TB
	target string
	listen net.Listener

	mu    sync.Mutex
	down  bool
	cut   int // answers of the server until the connections break; 0: never
	conns map[net.Conn]struct{}
}

// newCable stands before the server at target.
func newCable(t testing.TB, target string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &cable{t: t, target: target, listen: l, conns: map[net.Conn]struct{}{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.carry(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.Break()
		running.Wait()
	})
	return w
}

func (w *cable) addr() string { return w.listen.Addr().String() }

// Down makes the server unreachable until Up.
func (w *cable) Down() {
	w.mu.Lock()
	w.down = true
	w.mu.Unlock()
	w.Break()
}

// Up makes it reachable again.
func (w *cable) Up() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = false
}

// CutAfter breaks all connections when the server has answered n more times; that answer is lost.
func (w *cable) CutAfter(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = n
}

// Break ends all connections.
func (w *cable) Break() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		c.Close()
	}
	clear(w.conns)
}

func (w *cable) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.target)
	w.mu.Lock()
	if err != nil || w.down {
		w.mu.Unlock()
		if err == nil {
			server.Close()
		}
		return
	}
	w.conns[client], w.conns[server] = struct{}{}, struct{}{}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.conns, client)
		delete(w.conns, server)
		w.mu.Unlock()
	}()
	defer server.Close()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		if w.lost() {
			w.Break()
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (w *cable) lost() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut == 0 {
		return false
	}
	w.cut--
	return w.cut == 0
}

// through gives an address that leads over the cable.
func (w *cable) through(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		w.t.Fatal(err)
	}
	u.Host = w.addr()
	return u.String()
}

func hostOf(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// frontdesk runs a command of the binary in this process.
func frontdesk(t testing.TB, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, &o, &e)
	return code, o.String(), e.String()
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func decodeTransfer(encoding string, raw []byte) (string, error) {
	var in io.Reader = bytes.NewReader(raw)
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		in = quotedprintable.NewReader(in)
	case "base64":
		in = base64.NewDecoder(base64.StdEncoding, in)
	}
	out, err := io.ReadAll(in)
	return string(out), err
}
