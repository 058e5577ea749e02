package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/internal/accepts"
	"frontdesk/pipeline/message"
)

// body is the message of one API call. In multipart it is either the JSON of a part named
// "message", or plain fields named like the keys here, with from.email and fields.NAME; every file
// of the multipart is an attachment.
type body struct {
	// ID is the caller's own, such as a row number: the key where no Idempotency-Key header comes.
	ID string `json:"id,omitempty"`
	// From has one address at least; the first of email, phone, telegram is the sender, the others become message.Also.
	From sender `json:"from"`
	// Subject may be empty. Of Text, HTML and Files one must be there. Language is a BCP 47 tag; empty leaves it to the line.
	Subject  string `json:"subject,omitempty"`
	Text     string `json:"text,omitempty"`
	HTML     string `json:"html,omitempty"`
	Language string `json:"language,omitempty"`
	// Fields are facts beside the text, such as order-number; categories ask for some of them by name (pipeline/answer).
	Fields values `json:"fields,omitempty"`
	SentAt string `json:"sent_at,omitempty"` // RFC 3339; the customer's clock
	// Thread is the caller's own name of a conversation, such as a chat's id: by it pipeline/thread finds the ticket to continue.
	Thread string `json:"thread,omitempty"`
	// ReceivedAt is taken so that callers need not cut it out, and not believed: promises count from
	// the moment of the call.
	ReceivedAt string         `json:"received_at,omitempty"`
	Files      []attachedFile `json:"attachments,omitempty"`
}

// sender is whom a call names as the customer. Every address is a claim until it is signed or the caller is trusted (vouches).
type sender struct {
	// Each may be empty, one may not be. Phone is read by phone: E.164, or a mobile number of mainland China without its country code.
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Telegram chatID `json:"telegram,omitempty"`
	Name     string `json:"name,omitempty"`
	// Signature is the application's, over the first of the three addresses that is given (identity.go).
	Signature   string `json:"signature,omitempty"`
	SignedUntil string `json:"signed_until,omitempty"` // RFC 3339
}

// chatID is the id of a Telegram chat as it was written: a number of JSON, or the same in a string.
type chatID string

// UnmarshalJSON implements json.Unmarshaler.
func (c *chatID) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && (raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9') {
		*c = chatID(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(c))
}

// value is the id, or empty for what is none: user names, and numbers that are written otherwise than Telegram does.
func (c chatID) value() string {
	s := strings.TrimSpace(string(c))
	if n, err := strconv.ParseInt(s, 10, 64); err != nil || n == 0 || strconv.FormatInt(n, 10) != s {
		return ""
	}
	return s
}

// attachedFile is one file of a call: an entry of attachments, or a file part of multipart.
type attachedFile struct {
	// Name may be a path; only its last element is kept. MediaType is guessed from the bytes where it is missing or says nothing.
	Name      string `json:"name"`
	MediaType string `json:"media_type,omitempty"`
	Content   []byte `json:"content"` // base64 in JSON
}

// bad is the refusal of what can never be taken: 400, which a caller must not repeat. Neither text holds anything that was sent.
func bad(text, todo string) *refusal {
	return &refusal{channels.Permanent, http.StatusBadRequest, text, todo}
}

// badCharset refuses what could only be kept as a text of replacement characters. The caller still has it.
func badCharset() *refusal {
	return bad(errCharset.Error(), "send UTF-8 (RFC 8259 §8.1), or name the charset in the Content-Type, such as charset=gb18030")
}

// readBody reads either form of the body. strict refuses what is not in its charset; otherwise that is read as far as
// it can be, as what was recorded before has to be.
// Receive reads strictly, Decode does not: what is recorded was accepted once, perhaps by an older version with fewer rules, and
// a message that nobody can read any more would be lost. The cost is linear in the body.
func readBody(contentType string, raw []byte, strict bool) (body, *refusal) {
	if isJSON(contentType) {
		c := charsetOf(contentType)
		text, ok := c.read(raw)
		if strict && (c.unknown || !ok) {
			return body{}, badCharset()
		}
		return readJSON([]byte(text), strict)
	}
	p, err := readPost(contentType, raw, 0)
	switch {
	case errors.Is(err, errMediaType):
		return body{}, &refusal{channels.Permanent, http.StatusUnsupportedMediaType, err.Error(), "send application/json or multipart/form-data"}
	case err != nil:
		return body{}, bad(err.Error(), "send multipart/form-data as RFC 7578 describes it, with at most 128 parts")
	}
	if strict && p.unread {
		return body{}, badCharset()
	}
	if _, whole := p.values["message"]; strict && (p.twice || whole && len(p.values) > 1) {
		return body{}, bad("a part of the message is given twice", "send each field once, or the whole message as JSON in one field named message")
	}
	in, wrong := bodyOf(p, strict)
	for _, f := range p.files {
		in.Files = append(in.Files, attachedFile{f.Name, f.MediaType, f.Content})
	}
	return in, wrong
}

// readJSON is strict: a key that nobody reads would be a text that is lost, and so would the first text of a key that stands there twice.
// A repeated key is looked for only when the body is otherwise right, because givenTwice relies on its shape.
func readJSON(raw []byte, strict bool) (body, *refusal) {
	var in body
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return body{}, bad(jsonTrouble(err), "send one JSON object with from, subject, text and the other documented keys")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return body{}, bad("there is more after the JSON object", "send one message in a call")
	}
	if key := givenTwice(raw); strict && key != "" {
		return body{}, bad(fmt.Sprintf("the key %q is given twice", key), "give each key once")
	}
	return in, nil
}

// givenTwice names a key that an object of a message holds twice (RFC 8259 §4); empty for none. encoding/json takes keys for the same
// that differ in case only, but for those of fields, which are the caller's. raw is a message: nothing in it is nested deeply.
// It walks the tokens once; encoding/json itself takes the last value of a repeated key and says nothing.
func givenTwice(raw []byte) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	var keys []map[string]bool // of each object around; nil for a list
	var own bool               // inside of fields
	for last, isKey := "", false; ; {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{':
				own = len(keys) == 1 && strings.EqualFold(last, "fields")
				keys, isKey = append(keys, map[string]bool{}), true
				continue
			case '[':
				keys = append(keys, nil)
			default:
				keys, own = keys[:len(keys)-1], false
			}
		case string:
			if isKey {
				name := t
				if !own {
					name = strings.ToLower(t)
				}
				if keys[len(keys)-1][name] {
					return shownKey(t)
				}
				keys[len(keys)-1][name], last, isKey = true, t, false
				continue
			}
		}
		isKey = len(keys) > 0 && keys[len(keys)-1] != nil
	}
}

// shownKey is a key as an answer may show it: its name may be what a customer wrote.
func shownKey(name string) string {
	if !plainKey.MatchString(strconv.Quote(name)) {
		return "of fields"
	}
	return name
}

// plainKey finds quoted names that a programmer gave a key.
var plainKey = regexp.MustCompile(`^"[A-Za-z_]{1,40}"$`)

// jsonTrouble says what is wrong with a JSON text without repeating what is in it.
func jsonTrouble(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%q has the wrong type", wrong.Field)
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("the body is not JSON at byte %d", wrong.Offset)
	}
	if _, ok := errors.AsType[base64.CorruptInputError](err); ok {
		return "the content of a file in attachments is not base64 (RFC 4648 §4)"
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "the body is not JSON: it ends too early"
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if plainKey.MatchString(name) {
			return "there is no key " + name
		}
		return "a key of the body is not documented" // its name may be what a customer wrote
	}
	return "the body is not the JSON of a message"
}

// bodyOf makes a body of plain fields.
// The names are those of the JSON, with a dot for each level: a form of HTML or a line of curl can post them without any JSON.
func bodyOf(p post, strict bool) (body, *refusal) {
	if text, ok := p.values["message"]; ok {
		return readJSON([]byte(text), strict)
	}
	in := body{}
	to := map[string]*string{
		"id": &in.ID, "from.email": &in.From.Email, "from.phone": &in.From.Phone, "from.telegram": (*string)(&in.From.Telegram),
		"from.name": &in.From.Name, "from.signature": &in.From.Signature, "from.signed_until": &in.From.SignedUntil, "subject": &in.Subject, "text": &in.Text, "html": &in.HTML, "language": &in.Language,
		"sent_at": &in.SentAt, "thread": &in.Thread, "received_at": &in.ReceivedAt,
	}
	for name, value := range p.values {
		if field, ok := strings.CutPrefix(name, "fields."); ok {
			if in.Fields == nil {
				in.Fields = map[string]string{}
			}
			in.Fields[field] = value
		} else if target := to[name]; target != nil {
			*target = value
		} else {
			return body{}, bad("there is a field that has no meaning here", "send message as JSON, or fields named from.email, subject, text, fields.NAME and so on")
		}
	}
	return in, nil
}

// Bounds of one message. What an application sends on behalf of a customer is what a person has written: more is another
// thing than a message, and each file and each field costs a row or a line of its own, however small it is.
const (
	// maxFiles is as many as a multipart body may have parts (maxParts).
	maxFiles   = 128
	maxPairs   = 128      // fields
	maxWritten = 2 << 20  // bytes of text and HTML together
	maxAround  = 64 << 10 // bytes of all that stands around them
)

// tooMuch says which of the bounds a message goes over.
// The size of files is not counted here: MaxBody bounds it together with all else.
func (in body) tooMuch() *refusal {
	large := func(what, todo string) *refusal {
		return &refusal{channels.TooLarge, http.StatusRequestEntityTooLarge, what, todo}
	}
	around := len(in.ID) + len(in.From.Email) + len(in.From.Phone) + len(in.From.Telegram) + len(in.From.Name) + len(in.Subject) + len(in.Thread)
	for name, value := range in.Fields {
		around += len(name) + len(value)
	}
	for _, f := range in.Files {
		around += len(f.Name) + len(f.MediaType)
	}
	switch {
	case len(in.Files) > maxFiles:
		return large("there are too many attachments", fmt.Sprintf("send at most %d in a message, or one archive", maxFiles))
	case len(in.Fields) > maxPairs:
		return large("there are too many fields", fmt.Sprintf("send at most %d in a message", maxPairs))
	case len(in.Text)+len(in.HTML) > maxWritten:
		return large("text and html are too long", fmt.Sprintf("send at most %d bytes of both together, and the rest as an attachment", maxWritten))
	case around > maxAround:
		return large("subject, names and fields are too long", fmt.Sprintf("send at most %d bytes of all but text, html and content together", maxAround))
	}
	return nil
}

// check says what is missing or cannot be used.
// It runs for calls only, never for what is recorded. What passes here can be answered: at least one address is one that a
// mail, a text message or a bot can be sent to.
func (in body) check() *refusal {
	if much := in.tooMuch(); much != nil {
		return much
	}
	switch {
	case in.From.Email == "" && in.From.Phone == "" && strings.TrimSpace(string(in.From.Telegram)) == "":
		return bad("nobody is named as the sender", "give from.email, from.phone or from.telegram, so that the customer can be answered")
	case in.From.Email != "" && email(in.From.Email) == "":
		return bad("from.email is no mail address", "write it as name@example.com")
	case in.From.Phone != "" && phone(in.From.Phone) == "":
		return bad("from.phone is no telephone number", "write it with + and country code, such as +85221234567")
	case strings.TrimSpace(string(in.From.Telegram)) != "" && in.From.Telegram.value() == "":
		return bad("from.telegram is no Telegram chat id", "give the number of the chat, such as 4711, which every message to your bot carries; no bot can write to a user name")
	case strings.TrimSpace(in.Text+in.HTML) == "" && len(in.Files) == 0:
		return bad("the message is empty", "give text, html or a file")
	case in.SentAt != "" && in.sentAt().IsZero():
		return bad("sent_at is no time", "write it as 2026-05-06T10:00:00+08:00 (RFC 3339)")
	}
	if _, ok := accepts.Tag(in.Language); in.Language != "" && !ok {
		return bad("language is no language", "write a BCP 47 tag of at most 35 characters such as zh-Hans or en")
	}
	return nil
}

// sender lists the sender's addresses in the order email, phone, telegram; the first is the one that a signature covers.
func (in body) sender() []message.Address {
	return addresses(email(in.From.Email), phone(in.From.Phone), strings.TrimSpace(string(in.From.Telegram)), cleanLine(in.From.Name))
}

// sentAt is zero for none, and for what is no time.
func (in body) sentAt() time.Time {
	t, err := time.Parse(time.RFC3339, in.SentAt)
	if err != nil {
		return time.Time{}
	}
	return t
}

// content is what the digest of a message without an id is taken of: the same for the same message,
// however it was encoded, and whenever its sender was signed.
// received_at and the signature are left out of it: a caller that repeats a call after a timeout writes them anew.
func (in body) content() [][]byte {
	files := in.Files
	in.Files, in.ReceivedAt, in.From.Signature, in.From.SignedUntil = nil, "", "", ""
	text, err := json.Marshal(in)
	if err != nil {
		text = []byte(in.Text) // strings always marshal
	}
	parts := [][]byte{[]byte("api content"), text}
	for _, f := range files {
		parts = append(parts, []byte(f.Name), f.Content)
	}
	return parts
}

// message makes the parts of the normalized message that stand in the body. It works on bodies that check would refuse today:
// an address that cannot be read is kept as a field, so that a person sees what was typed.
func (in body) message() message.Message {
	m := message.Message{
		Subject: cleanLine(in.Subject), Text: clean(in.Text), HTML: clean(in.HTML), Language: in.Language,
		Thread: cleanLine(in.Thread), SentAt: in.sentAt(),
	}
	if all := in.sender(); len(all) > 0 {
		m.From = all[0]
		m.Also = append(m.Also, all[1:]...)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Fields)) { // in one order, since several names may be read alike
		if m.Fields == nil {
			m.Fields = map[string]string{}
		}
		if line := cleanLine(name); line == name || m.Fields[line] == "" { // the one that is written as it is read goes first
			m.Fields[line] = clean(in.Fields[name])
		}
	}
	rest := map[string]string{}
	unread(rest, in.From.Email, in.From.Phone, string(in.From.Telegram), in.From.Name)
	for name, typed := range rest {
		if m.Fields == nil {
			m.Fields = map[string]string{}
		}
		if m.Fields[name] == "" {
			m.Fields[name] = typed
		}
	}
	for _, f := range in.Files {
		m.Attachments = append(m.Attachments, attachment(f.Name, f.MediaType, f.Content))
	}
	if in.ReceivedAt != "" {
		m.Problems = append(m.Problems, "received_at of the caller was not used")
	}
	return m
}
