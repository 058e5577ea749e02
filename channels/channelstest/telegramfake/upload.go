package telegramfake

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	_ "image/jpeg" // formats that a picture may have
	_ "image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
)

// Bounds of uploads.
const (
	documentMax = 50_000_000
	photoMax    = 10_000_000
	jsonMax     = 1 << 20
)

// upload is the file of a form, under the name of its field.
type upload struct {
	field string
	File
}

// errForm is what parameters that nobody can read end with.
var errForm = errors.New("the parameters cannot be read")

// parameters reads those of a request. Any error but errForm means that the client has gone.
func parameters(r *http.Request) (p params, err error) {
	kind, media, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		body, err := io.ReadAll(io.LimitReader(r.Body, jsonMax))
		if err == nil && len(body) > 0 && json.Unmarshal(body, &p) != nil {
			err = errForm
		}
		return p, err
	}
	for form := multipart.NewReader(r.Body, media["boundary"]); ; {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return p, err
		}
		value, err := io.ReadAll(io.LimitReader(part, documentMax+1))
		if err != nil {
			return p, err
		}
		switch name := part.FormName(); {
		case part.FileName() != "":
			p.upload = upload{name, File{Name: part.FileName(), Type: part.Header.Get("Content-Type"), Content: value}}
		case name == "chat_id":
			p.ChatID, err = strconv.ParseInt(string(value), 10, 64)
		case name == "message_thread_id":
			p.Topic, err = strconv.ParseInt(string(value), 10, 64)
		}
		if err != nil {
			return p, errForm
		}
	}
}

// sendFile takes a document or a photo.
func (s *Server) sendFile(w http.ResponseWriter, p params, field string, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := p.upload.File
	f.Photo = field == "photo"
	switch {
	case s.closedTo(w, p):
	case p.upload.field != field:
		refuse(w, http.StatusBadRequest, "Bad Request: there is no "+field+" in the request", nil)
	case len(f.Content) == 0:
		refuse(w, http.StatusBadRequest, "Bad Request: file must be non-empty", nil)
	case len(f.Content) > most && f.Photo:
		refuse(w, http.StatusBadRequest, "Bad Request: file is too big", nil)
	case len(f.Content) > most:
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large", nil)
	case f.Photo && !shown(f.Content):
		refuse(w, http.StatusBadRequest, "Bad Request: PHOTO_INVALID_DIMENSIONS", nil)
	default:
		s.take(w, p, Sent{File: &f})
	}
}

// shown reports whether a picture is one that clients show.
func shown(content []byte) bool {
	c, _, err := image.DecodeConfig(bytes.NewReader(content))
	return err == nil && c.Width+c.Height <= 10_000 && c.Width <= 20*c.Height && c.Height <= 20*c.Width
}
