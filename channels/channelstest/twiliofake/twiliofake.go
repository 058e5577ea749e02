// Package twiliofake is a stand-in for Twilio at the wire: it takes, lists and signs messages as the
// real one does, keeps what it was sent, and fails on demand. It is made for tests and for the
// demonstration; it imports nothing of testing.
package twiliofake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is how the next API request fails.
type Fault string

// The faults, with the names of channelstest.
const (
	Slow         Fault = "slow"
	ServerError  Fault = "server-error"
	Throttle     Fault = "throttle"
	Drop         Fault = "drop"
	Unauthorized Fault = "unauthorized"
	Refuse       Fault = "refuse"
	Unroutable   Fault = "unroutable" // this message cannot be sent to that number, now or later
)

// Message is one message in the account, in either direction.
type Message struct {
	SID            string
	From, To, Body string
	Inbound        bool
	Service        string // messaging service that the number belongs to; empty: none
	Status         string // queued, sent, delivered, received …
	ErrorCode      int
	At             time.Time
	StatusCallback string
	Media          []File
	hidden         int // of its files: announced, and not listed yet
}

// File is one file of an MMS.
type File struct {
	SID, MediaType string
	Content        []byte
}

// Server is one Twilio account behind http.Handler. It is safe for concurrent use.
type Server struct {
	account, token string
	// Base is the URL under which the server is reached, for the links it gives out.
	Base string
	// StoreURL is where files are redirected to, another host than Base as with the real one. Empty
	// means Base itself.
	StoreURL string
	// Clock dates the messages; nil means time.Now. Set it before the first request.
	Clock func() time.Time

	mu       sync.Mutex
	messages []*Message
	faults   []Fault
	serial   int
	lists    int
	services map[string]string // by number
	unnamed  bool              // messages do not name the service that they came by
	onlyList bool              // messages are not to be had by their ids
}

// New makes an empty account.
func New(accountSID, authToken string) *Server {
	return &Server{account: accountSID, token: authToken}
}

// Begin makes the ids that are given out from now on follow serial, so that a server started anew
// beside an old database repeats none of them.
func (s *Server) Begin(serial int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial = serial
}

// Fail makes the next API requests fail, one each, in this order.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Heal ends all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Sent lists what was sent out, oldest first.
func (s *Server) Sent() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.messages {
		if !m.Inbound {
			out = append(out, *m)
		}
	}
	return out
}

// HideFiles leaves the last n files of a message out of its list, as Twilio does in the first moments.
func (s *Server) HideFiles(sid string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.SID == sid {
			m.hidden = n
		}
	}
}

// Unnamed makes listed messages name no service.
func (s *Server) Unnamed(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unnamed = on
}

// pool answers for the numbers of a messaging service.
func (s *Server) pool(w http.ResponseWriter, service string) {
	items := []any{}
	for number, of := range s.services {
		if of == service {
			items = append(items, map[string]any{"sid": "PN" + number[1:], "phone_number": number, "service_sid": service})
		}
	}
	reply(w, http.StatusOK, map[string]any{"phone_numbers": items, "meta": map[string]any{"next_page_url": nil}})
}

// OnlyList makes messages known in the list alone.
func (s *Server) OnlyList(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onlyList = on
}

// Pool puts a number into a messaging service.
func (s *Server) Pool(number, service string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.services == nil {
		s.services = map[string]string{}
	}
	s.services[number] = service
}

// Lists counts the list requests, so that a test can see that paging ends.
func (s *Server) Lists() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists
}

// Arrive lets a customer write. It returns the message's SID and the parameters of the webhook call
// that Twilio would make now; whether it is made, once, many times or never, is the caller's choice.
func (s *Server) Arrive(from, to, body string, files ...File) (string, url.Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kind := "SM"
	if len(files) > 0 {
		kind = "MM"
	}
	m := &Message{SID: s.sid(kind), From: from, To: to, Body: body, Inbound: true, Status: "received", At: s.now(), Service: s.services[to]}
	for _, f := range files {
		f.SID = s.sid("ME")
		m.Media = append(m.Media, f)
	}
	s.messages = append(s.messages, m)
	return m.SID, s.webhook(m)
}

func (s *Server) webhook(m *Message) url.Values {
	v := url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "SmsMessageSid": {m.SID}, "AccountSid": {s.account},
		"From": {m.From}, "To": {m.To}, "Body": {m.Body}, "SmsStatus": {"received"}, "NumSegments": {"1"},
		"NumMedia": {strconv.Itoa(len(m.Media))}, "ApiVersion": {"2010-04-01"}, "FromCountry": {"US"}, "ToCountry": {"US"},
	}
	if m.Service != "" {
		v.Set("MessagingServiceSid", m.Service)
	}
	for i, f := range m.Media {
		v.Set(fmt.Sprintf("MediaUrl%d", i), s.Base+s.mediaPath(m, f))
		v.Set(fmt.Sprintf("MediaContentType%d", i), f.MediaType)
	}
	return v
}

func (s *Server) mediaPath(m *Message, f File) string {
	return s.path() + "/Messages/" + m.SID + "/Media/" + f.SID
}

// Settle moves a sent message to a status and returns the status callback that Twilio would make: the
// URL it was given at the send and the parameters. The URL is empty when none was given.
func (s *Server) Settle(sid, status string, errorCode int) (string, url.Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.SID != sid {
			continue
		}
		m.Status, m.ErrorCode = status, errorCode
		v := url.Values{
			"MessageSid": {sid}, "SmsSid": {sid}, "AccountSid": {s.account}, "From": {m.From}, "To": {m.To},
			"MessageStatus": {status}, "SmsStatus": {status}, "ApiVersion": {"2010-04-01"},
		}
		if errorCode != 0 {
			v.Set("ErrorCode", strconv.Itoa(errorCode))
		}
		to, _, _ := strings.Cut(m.StatusCallback, "#") // how often it is tried is for Twilio alone
		return to, v
	}
	return "", nil
}

func (s *Server) path() string { return "/2010-04-01/Accounts/" + s.account }

func (s *Server) sid(kind string) string {
	s.serial++
	return fmt.Sprintf("%s%032x", kind, s.serial)
}

func (s *Server) now() time.Time {
	if s.Clock != nil {
		return s.Clock()
	}
	return time.Now()
}

// ServeHTTP answers as the API of 2010-04-01 does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/store/") {
		s.store(w, r)
		return
	}
	if err := r.ParseForm(); err != nil {
		fail(w, http.StatusBadRequest, 20001)
		return
	}
	user, pass, _ := r.BasicAuth()
	fault := s.fault()
	switch {
	case fault == Slow:
		<-r.Context().Done()
	case fault == ServerError:
		http.Error(w, "<html>something broke</html>", http.StatusInternalServerError)
	case fault == Throttle:
		w.Header().Set("Retry-After", "2")
		fail(w, http.StatusTooManyRequests, 20429)
	case fault == Refuse:
		fail(w, http.StatusBadRequest, 21610)
	case fault == Unroutable:
		fail(w, http.StatusBadRequest, 21612)
	case fault == Unauthorized || user != s.account || pass != s.token:
		fail(w, http.StatusUnauthorized, 20003)
	case fault == Drop:
		s.route(discard{w}, r)
		cut(w)
	default:
		s.route(w, r)
	}
}

func (s *Server) fault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return ""
	}
	f := s.faults[0]
	s.faults = s.faults[1:]
	return f
}

func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if service, ok := strings.CutPrefix(r.URL.Path, "/v1/Services/"); ok {
		s.pool(w, strings.TrimSuffix(service, "/PhoneNumbers"))
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, s.path())
	parts := strings.Split(strings.TrimPrefix(strings.TrimSuffix(rest, ".json"), "/"), "/")
	switch {
	case !ok || parts[0] != "Messages" && rest != ".json" || len(parts) > 4:
		fail(w, http.StatusNotFound, 20404)
	case rest == ".json":
		reply(w, http.StatusOK, s.accountJSON())
	case len(parts) == 1 && r.Method == http.MethodPost:
		s.create(w, r)
	case len(parts) == 1:
		s.list(w, r)
	default:
		s.one(w, r, parts[1:])
	}
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	f := r.PostForm
	switch body := f.Get("Body"); {
	case f.Get("To") == "":
		fail(w, http.StatusBadRequest, 21604)
		return
	case f.Get("From") == "" && f.Get("MessagingServiceSid") == "":
		fail(w, http.StatusBadRequest, 21603)
		return
	case body == "" && f.Get("MediaUrl") == "":
		fail(w, http.StatusBadRequest, 21602)
		return
	case len([]rune(body)) > 1600:
		fail(w, http.StatusBadRequest, 21617)
		return
	}
	m := &Message{
		SID: s.sid("SM"), From: cmp.Or(f.Get("From"), "+15005550006"), To: f.Get("To"), Body: f.Get("Body"),
		Status: "queued", At: s.now(), StatusCallback: f.Get("StatusCallback"),
	}
	s.messages = append(s.messages, m)
	reply(w, http.StatusCreated, s.messageJSON(m))
}

// discard lets a request act without its answer going out.
type discard struct{ http.ResponseWriter }

func (discard) Header() http.Header         { return http.Header{} }
func (discard) WriteHeader(int)             {}
func (discard) Write(p []byte) (int, error) { return len(p), nil }

// cut closes the connection inside an answer.
func cut(w http.ResponseWriter) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = buf.WriteString("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"sid\":")
	_ = buf.Flush()
	_ = conn.Close()
}

func fail(w http.ResponseWriter, status, code int) {
	reply(w, status, map[string]any{
		"code": code, "status": status, "message": "refused for +15551230000",
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone
}
