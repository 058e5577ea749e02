// Package telegramfake is a stand-in for the Telegram Bot API at the wire: long polls with offsets
// that confirm, conflicts between pollers, sends, files, and failures on demand. It is made for tests
// and for the demonstration; it imports nothing of testing.
package telegramfake

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Fault is how the next request fails.
type Fault string

// The faults, with the names of channelstest and one more.
const (
	Slow         Fault = "slow"
	ServerError  Fault = "server-error"
	Throttle     Fault = "throttle"
	Drop         Fault = "drop"
	Unauthorized Fault = "unauthorized"
	Refuse       Fault = "refuse"
	Conflict     Fault = "conflict" // 409: another poller
)

// Customer is somebody who writes to the bot.
type Customer struct {
	ID       int64
	Name     string
	Username string
	Language string // language_code
	Chat     int64  // a group's id, below 0; 0 for the private chat
	Bot      bool
}

// Sent is one message of the bot.
type Sent struct {
	Chat  int64
	ID    int64
	Topic int64 // 0: none
	Text  string
	At    time.Time
	File  *File // nil: a text
}

// File is a file that the bot sent.
type File struct {
	Name, Type string
	Content    []byte
	Photo      bool // sent as a picture, else as a document
}

// Server is one bot behind http.Handler. It is safe for concurrent use.
type Server struct {
	token string
	// Clock dates the messages; nil means time.Now. Set it before the first request.
	Clock func() time.Time

	mu      sync.Mutex
	updates []update
	next    int64 // update id
	serial  int64 // message id, of all chats
	sent    []Sent
	chats   map[int64]bool
	blocked map[int64]bool
	moved   map[int64]int64
	closed  map[[2]int64]bool // chat and topic
	files   map[string][]byte
	lost    string // a file that getFile knows and nobody has
	faults  []Fault
	offsets []int64
	webhook bool
	wake    chan struct{} // closed and replaced when an update comes
	poll    chan struct{} // closed when another poll takes over
}

type update struct {
	id   int64
	body json.RawMessage
}

// New makes a bot that nobody has written to. The token has the usual form, 123456:secret.
func New(token string) *Server {
	return &Server{
		token: token, next: 1000, chats: map[int64]bool{}, blocked: map[int64]bool{}, moved: map[int64]int64{}, closed: map[[2]int64]bool{},
		files: map[string][]byte{}, wake: make(chan struct{}),
	}
}

// Fail makes the next requests fail, one each, in this order; "" lets one pass.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Write lets a customer write a text. It returns the update, as a webhook would bring it.
func (s *Server) Write(c Customer, text string) []byte {
	return s.Message(c, map[string]any{"text": text})
}

// Message lets a customer write something else: fields are those of a Bot API Message beside sender,
// chat, id and date.
func (s *Server) Message(c Customer, fields map[string]any) []byte {
	return s.message(c, "message", fields)
}

// Edit lets a customer change a text that was message id of the chat.
func (s *Server) Edit(c Customer, id int64, text string) []byte {
	return s.message(c, "edited_message", map[string]any{"message_id": id, "text": text, "edit_date": s.now().Unix()})
}

func (s *Server) message(c Customer, kind string, fields map[string]any) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	chat := map[string]any{"id": c.ID, "type": "private", "first_name": c.Name}
	if c.Chat != 0 {
		chat = map[string]any{"id": c.Chat, "type": "supergroup", "title": "Group"}
	}
	s.serial++
	m := map[string]any{"message_id": s.serial, "date": s.now().Unix(), "chat": chat, "from": map[string]any{
		"id": c.ID, "is_bot": c.Bot, "first_name": c.Name, "username": c.Username, "language_code": c.Language,
	}}
	for k, v := range fields {
		m[k] = v
	}
	s.chats[chat["id"].(int64)] = true
	return s.add(map[string]any{kind: m})
}

// Push adds an update with these fields, which may be nonsense.
func (s *Server) Push(fields map[string]any) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(fields)
}

func (s *Server) add(fields map[string]any) []byte {
	s.next++
	fields["update_id"] = s.next
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // a caller's value that JSON cannot hold
	}
	s.updates = append(s.updates, update{s.next, body})
	close(s.wake)
	s.wake = make(chan struct{})
	return body
}

// Restart makes the next update start at this id, as Telegram may do after a week without updates.
func (s *Server) Restart(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = id - 1
}

// Sent lists what the bot sent, oldest first.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Sent(nil), s.sent...)
}

// Waiting is how many updates are not confirmed yet.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.updates)
}

// Offsets lists the offsets of the polls so far.
func (s *Server) Offsets() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]int64(nil), s.offsets...)
}

// Block lets a chat's owner block the bot.
func (s *Server) Block(chat int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked[chat] = true
}

// Migrate makes a group a supergroup with another id.
func (s *Server) Migrate(from, to int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved[from], s.chats[to] = to, true
}

// Unblock lets a chat's owner take that back.
func (s *Server) Unblock(chat int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.blocked, chat)
}

// CloseTopic deletes a topic of a chat.
func (s *Server) CloseTopic(chat, topic int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed[[2]int64{chat, topic}] = true
}

// SetWebhook says whether a webhook is set, which forbids polling.
func (s *Server) SetWebhook(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook = on
}

// LosePath makes getFile name a path for this file under which nothing is.
func (s *Server) LosePath(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = id
}

// AddFile keeps a file for getFile.
func (s *Server) AddFile(id string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = content
}

func (s *Server) now() time.Time {
	if s.Clock != nil {
		return s.Clock()
	}
	return time.Now()
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

var _ http.Handler = (*Server)(nil)
