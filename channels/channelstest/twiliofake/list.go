package twiliofake

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// list answers Messages.json: newest first, filtered by number and day of GMT, in pages.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	s.lists++
	q := r.URL.Query()
	var hits []*Message
	for _, m := range slices.Backward(s.messages) {
		if matches(q, m) {
			hits = append(hits, m)
		}
	}
	size, _ := strconv.Atoi(q.Get("PageSize"))
	if size <= 0 || size > 1000 {
		size = 50
	}
	page, _ := strconv.Atoi(q.Get("Page"))
	start := min(page*size, len(hits))
	end := min(start+size, len(hits))
	items := []any{}
	for _, m := range hits[start:end] {
		items = append(items, s.messageJSON(m))
	}
	var next any
	if end < len(hits) {
		q.Set("Page", strconv.Itoa(page+1))
		q.Set("PageToken", "PASM"+strconv.Itoa(end))
		next = s.Base + s.path() + "/Messages.json?" + q.Encode()
	}
	reply(w, http.StatusOK, map[string]any{
		"messages": items, "page": page, "page_size": size, "start": start, "end": max(end-1, 0), "next_page_uri": next,
		"first_page_uri": s.Base + s.path() + "/Messages.json", "previous_page_uri": nil, "uri": s.Base + s.path() + "/Messages.json",
	})
}

func matches(q url.Values, m *Message) bool {
	day := func(name string) string { return q.Get(name)[:min(10, len(q.Get(name)))] }
	sent := m.At.UTC().Format(time.DateOnly)
	queued := m.Status == "queued" // not sent yet: no day to compare
	switch {
	case q.Get("To") != "" && q.Get("To") != m.To, q.Get("From") != "" && q.Get("From") != m.From:
		return false
	case q.Has("DateSent>") && (queued || sent < day("DateSent>")), q.Has("DateSent") && (queued || sent != day("DateSent")):
		return false
	}
	return true
}

// one answers for one message, its list of files, and one file.
func (s *Server) one(w http.ResponseWriter, r *http.Request, path []string) {
	i := slices.IndexFunc(s.messages, func(m *Message) bool { return m.SID == path[0] })
	if i < 0 || s.onlyList && len(path) == 1 {
		fail(w, http.StatusNotFound, 20404)
		return
	}
	m := s.messages[i]
	switch {
	case len(path) == 1:
		reply(w, http.StatusOK, s.messageJSON(m))
	case path[1] != "Media":
		fail(w, http.StatusNotFound, 20404)
	case len(path) == 2:
		reply(w, http.StatusOK, s.mediaJSON(m))
	default:
		// Twilio redirects to a store that must not see the credentials.
		http.Redirect(w, r, s.StoreURL+"/store/"+m.SID+"/"+path[2], http.StatusTemporaryRedirect)
	}
}

// store hands out a file, and refuses to be told an account's credentials.
func (s *Server) store(w http.ResponseWriter, r *http.Request) {
	if s.StoreURL != "" && r.Header.Get("Authorization") != "" {
		fail(w, http.StatusBadRequest, 20001)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		for _, f := range m.Media {
			if strings.HasSuffix(r.URL.Path, "/"+m.SID+"/"+f.SID) {
				w.Header().Set("Content-Type", f.MediaType)
				_, _ = w.Write(f.Content) // the client has gone
				return
			}
		}
	}
	http.NotFound(w, r)
}

func (s *Server) messageJSON(m *Message) map[string]any {
	uri := s.path() + "/Messages/" + m.SID
	direction, service := "outbound-api", any(nil)
	if m.Inbound {
		direction = "inbound"
	}
	if m.Service != "" && !s.unnamed {
		service = m.Service
	}
	var sent, code any = m.At.UTC().Format(time.RFC1123Z), nil
	if m.Status == "queued" {
		sent = nil
	}
	if m.ErrorCode != 0 {
		code = m.ErrorCode
	}
	return map[string]any{
		"sid": m.SID, "account_sid": s.account, "from": m.From, "to": m.To, "body": m.Body, "direction": direction,
		"status": m.Status, "error_code": code, "error_message": nil, "num_segments": "1",
		"num_media": strconv.Itoa(len(m.Media)), "date_created": m.At.UTC().Format(time.RFC1123Z), "date_sent": sent,
		"date_updated": m.At.UTC().Format(time.RFC1123Z), "api_version": "2010-04-01", "price": nil, "price_unit": "USD",
		"messaging_service_sid": service, "uri": uri + ".json", "subresource_uris": map[string]string{"media": uri + "/Media.json"},
	}
}

func (s *Server) mediaJSON(m *Message) map[string]any {
	items := []any{}
	for _, f := range m.Media[:len(m.Media)-m.hidden] {
		at := m.At.UTC().Format(time.RFC1123Z)
		items = append(items, map[string]any{
			"sid": f.SID, "account_sid": s.account, "parent_sid": m.SID, "content_type": f.MediaType,
			"date_created": at, "date_updated": at, "uri": s.mediaPath(m, f) + ".json",
		})
	}
	uri := s.Base + s.path() + "/Messages/" + m.SID + "/Media.json"
	return map[string]any{"media_list": items, "page": 0, "page_size": 50, "start": 0, "end": max(len(items)-1, 0),
		"first_page_uri": uri, "next_page_uri": nil, "previous_page_uri": nil, "uri": uri}
}

func (s *Server) accountJSON() map[string]any {
	return map[string]any{"sid": s.account, "friendly_name": "Fake", "status": "active", "type": "Full", "uri": s.path() + ".json"}
}
