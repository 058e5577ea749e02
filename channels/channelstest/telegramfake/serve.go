package telegramfake

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf16"
)

// params are those of every method that is known.
type params struct {
	Offset  int64  `json:"offset"`
	Limit   int    `json:"limit"`
	Timeout int    `json:"timeout"`
	ChatID  int64  `json:"chat_id"`
	Topic   int64  `json:"message_thread_id"`
	Text    string `json:"text"`
	FileID  string `json:"file_id"`
	upload  upload // of a form
}

// ServeHTTP answers as the Bot API does. Parameters come as JSON, and with a file as a form.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, err := parameters(r)
	if errors.Is(err, errForm) {
		refuse(w, http.StatusBadRequest, "Bad Request: can't parse parameters", nil)
		return
	}
	if err != nil {
		return // the client has gone
	}
	switch s.fault() {
	case Slow:
		<-r.Context().Done()
	case ServerError:
		http.Error(w, "<html>something broke</html>", http.StatusInternalServerError)
	case Throttle:
		refuse(w, http.StatusTooManyRequests, "Too Many Requests: retry after 3", map[string]any{"retry_after": 3})
	case Unauthorized:
		refuse(w, http.StatusUnauthorized, "Unauthorized", nil)
	case Refuse:
		refuse(w, http.StatusForbidden, "Forbidden: bot was blocked by the user", nil)
	case Conflict:
		conflict(w)
	case Drop:
		s.route(discard{}, r, p)
		cut(w)
	default:
		s.route(w, r, p)
	}
}

func (s *Server) route(w http.ResponseWriter, r *http.Request, p params) {
	if path, ok := strings.CutPrefix(r.URL.Path, "/file/bot"+s.token+"/"); ok {
		s.file(w, path)
		return
	}
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+s.token+"/")
	if !ok {
		refuse(w, http.StatusUnauthorized, "Unauthorized", nil)
		return
	}
	switch strings.ToLower(method) {
	case "getupdates":
		s.getUpdates(w, r, p)
	case "sendmessage":
		s.sendMessage(w, p)
	case "senddocument":
		s.sendFile(w, p, "document", documentMax)
	case "sendphoto":
		s.sendFile(w, p, "photo", photoMax)
	case "getfile":
		s.getFile(w, p)
	case "getme":
		reply(w, map[string]any{"id": 1, "is_bot": true, "first_name": "Desk", "username": "desk_bot"})
	default:
		refuse(w, http.StatusNotFound, "Not Found", nil)
	}
}

func (s *Server) getUpdates(w http.ResponseWriter, r *http.Request, p params) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offsets = append(s.offsets, p.Offset)
	if s.webhook {
		refuse(w, http.StatusConflict, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", nil)
		return
	}
	s.confirm(p.Offset)
	if s.poll != nil {
		close(s.poll) // the poll that waits loses to this one
	}
	mine := make(chan struct{})
	s.poll = mine
	end := time.NewTimer(time.Duration(p.Timeout) * time.Second)
	defer end.Stop()
	for timedOut := p.Timeout == 0; len(s.updates) == 0 && !timedOut; {
		wake := s.wake
		s.mu.Unlock()
		select {
		case <-wake:
		case <-mine:
		case <-end.C:
			timedOut = true
		case <-r.Context().Done():
			timedOut = true
		}
		s.mu.Lock()
		if s.poll != mine {
			conflict(w)
			return
		}
	}
	s.poll = nil
	reply(w, s.batch(p.Limit))
}

// confirm forgets what is below the offset.
func (s *Server) confirm(offset int64) {
	var keep []update
	for _, u := range s.updates {
		if u.id >= offset {
			keep = append(keep, u)
		}
	}
	s.updates = keep
}

func (s *Server) batch(limit int) []json.RawMessage {
	if limit <= 0 || limit > 100 {
		limit = 100
	}
	out := []json.RawMessage{}
	for _, u := range s.updates[:min(limit, len(s.updates))] {
		out = append(out, u.body)
	}
	return out
}

func (s *Server) sendMessage(w http.ResponseWriter, p params) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closedTo(w, p):
	case strings.TrimSpace(p.Text) == "":
		refuse(w, http.StatusBadRequest, "Bad Request: message text is empty", nil)
	case len(utf16.Encode([]rune(p.Text))) > 4096:
		refuse(w, http.StatusBadRequest, "Bad Request: message is too long", nil)
	default:
		s.take(w, p, Sent{Text: p.Text})
	}
}

// closedTo refuses what goes to a chat that the bot cannot write to. The lock is held.
func (s *Server) closedTo(w http.ResponseWriter, p params) bool {
	switch to := s.moved[p.ChatID]; {
	case to != 0:
		refuse(w, http.StatusBadRequest, "Bad Request: group chat was upgraded to a supergroup chat", map[string]any{"migrate_to_chat_id": to})
	case s.blocked[p.ChatID]:
		refuse(w, http.StatusForbidden, "Forbidden: bot was blocked by the user", nil)
	case !s.chats[p.ChatID]:
		refuse(w, http.StatusBadRequest, "Bad Request: chat not found", nil)
	case p.Topic == 1 || s.closed[[2]int64{p.ChatID, p.Topic}]: // the general topic has no number to send to
		refuse(w, http.StatusBadRequest, "Bad Request: message thread not found", nil)
	default:
		return false
	}
	return true
}

// take keeps a message. The lock is held.
func (s *Server) take(w http.ResponseWriter, p params, m Sent) {
	s.serial++
	m.Chat, m.ID, m.Topic, m.At = p.ChatID, s.serial, p.Topic, s.now()
	s.sent = append(s.sent, m)
	reply(w, map[string]any{"message_id": m.ID, "date": m.At.Unix(), "text": m.Text, "chat": map[string]any{"id": m.Chat, "type": "private"}})
}

func (s *Server) getFile(w http.ResponseWriter, p params) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.files[p.FileID]
	switch {
	case p.FileID == s.lost && s.lost != "":
		reply(w, map[string]any{"file_id": p.FileID, "file_unique_id": "u", "file_size": 1, "file_path": "documents/" + p.FileID})
	case !ok:
		refuse(w, http.StatusBadRequest, "Bad Request: wrong file_id or the file is temporarily unavailable", nil)
	case len(content) > 20<<20:
		refuse(w, http.StatusBadRequest, "Bad Request: file is too big", nil)
	default:
		reply(w, map[string]any{"file_id": p.FileID, "file_unique_id": "u", "file_size": len(content), "file_path": "documents/" + p.FileID})
	}
}

func (s *Server) file(w http.ResponseWriter, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.files[strings.TrimPrefix(path, "documents/")]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(content) // the client has gone
}

func conflict(w http.ResponseWriter) {
	refuse(w, http.StatusConflict, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", nil)
}

func refuse(w http.ResponseWriter, status int, description string, parameters map[string]any) {
	body := map[string]any{"ok": false, "error_code": status, "description": description}
	if parameters != nil {
		body["parameters"] = parameters
	}
	write(w, status, body)
}

func reply(w http.ResponseWriter, result any) {
	write(w, http.StatusOK, map[string]any{"ok": true, "result": result})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone
}

// discard lets a request act without its answer going out.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) WriteHeader(int)             {}
func (discard) Write(p []byte) (int, error) { return len(p), nil }

// cut closes the connection inside an answer.
func cut(w http.ResponseWriter) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"ok\":true")
	_ = buf.Flush()
	_ = conn.Close()
}
