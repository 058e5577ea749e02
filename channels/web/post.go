package web

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"frontdesk/channels/internal/signature"
	"frontdesk/pipeline/message"
)

// Bounds of a posted form.
const (
	// Each part costs allocations, however short it is. The page's own form posts ten fields and some files.
	maxParts = 128      // parts of one multipart body
	maxTyped = 64 << 10 // bytes of all text fields together, names included
	maxField = 4 << 10  // bytes of one header field of a part
	// maxEncoded bounds an urlencoded form, in which a byte may be written as three.
	maxEncoded = 3*maxTyped + 4<<10
)

// charsetField is the name of the field that says in which charset a form was written (HTML §4.10.21.4, RFC 7578 §4.6).
const charsetField = "_charset_"

// post is a posted form, whichever way it was encoded.
type post struct {
	values map[string]string // of a name that comes twice, both values, one below the other
	// files are in the order of the post; a file field that was left empty is none.
	files []message.Attachment
	// unread says that a text, or the name of a field or file, is not in the charset that it should be in. It is among
	// the values as it came.
	unread bool
	twice  bool                // a name came twice, with different values
	all    map[string][]string // while it is read
}

// put takes in a value.
func (p *post) put(name, value string) { p.all[name] = append(p.all[name], value) }

// join makes one value of those of a name. No text that stands under a name is lost because another stands there, too; of the
// proof and the page's language, which are nobody's words, and of a whole message the first counts.
func (p *post) join() {
	for name, all := range p.all {
		distinct := slices.DeleteFunc(all[1:], func(value string) bool { return value == "" || value == all[0] })
		if all[0] != "" || len(distinct) == 0 {
			distinct = append([]string{all[0]}, distinct...)
		}
		aside := name == "altcha" || name == "lang"
		p.twice = p.twice || !aside && len(distinct) > 1
		if aside || name == "message" {
			distinct = distinct[:1]
		}
		p.values[name] = strings.Join(distinct, "\n")
	}
	p.all = nil
}

// text reads one piece of text in its charset.
func (p *post) text(c charset, raw string) string {
	read, ok := c.read([]byte(raw))
	p.unread = p.unread || !ok
	return read
}

var (
	// The faults that callers tell apart. All others of readPost say in their text what is broken, and quote nothing.
	errMediaType = errors.New("the content type is not supported")
	errParts     = errors.New("the body has too many parts")
	errTyped     = errors.New("the text fields are too long together")
)

// readPost reads multipart/form-data or application/x-www-form-urlencoded (HTML §4.10.21). Files
// keep their bytes; their names lose any path. typed bounds the text fields together, where it is not 0.
// http.Request.ParseMultipartForm is not used: it writes files to disk, and has no bound of its own for text fields alone.
func readPost(contentType string, body []byte, typed int) (post, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return post{}, errMediaType
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		return readEncoded(charsetNamed(params["charset"]), body, typed)
	case "multipart/form-data":
		return readMultipart(charsetNamed(params["charset"]), params["boundary"], body, typed)
	}
	return post{}, errMediaType
}

// readEncoded reads name=value pairs. The charset that the form names itself (charsetField) counts more than the header's. url.ParseQuery
// gives no order between names; between the values of one name it keeps theirs.
func readEncoded(c charset, body []byte, typed int) (post, error) {
	if typed > 0 && len(body) > maxEncoded {
		return post{}, errTyped
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return post{}, errors.New("the body is not form-urlencoded")
	}
	p := post{values: map[string]string{}, all: map[string][]string{}, unread: c.unknown}
	if own := values.Get(charsetField); own != "" {
		c = charsetNamed(own)
		p.unread = c.unknown
		delete(values, charsetField)
	}
	long := 0
	for name, all := range values {
		for _, value := range all {
			long += len(name) + len(value)
			p.put(p.text(c, name), p.text(c, value))
		}
	}
	if typed > 0 && long > typed {
		return post{}, errTyped
	}
	p.join()
	return p, nil
}

// readMultipart reads the parts in order (RFC 7578). It stops at the first bound that is crossed; nothing of the rest is read.
func readMultipart(c charset, boundary string, body []byte, typed int) (post, error) {
	if boundary == "" {
		return post{}, errors.New("the content type names no boundary")
	}
	p := post{values: map[string]string{}, all: map[string][]string{}, unread: c.unknown}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	long := 0
	for count := 0; ; count++ {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			p.join()
			return p, nil
		}
		if err != nil {
			return post{}, errors.New("the multipart body is broken")
		}
		if count >= maxParts {
			return post{}, errParts
		}
		n, err := p.add(c, part)
		if err != nil {
			return post{}, err
		}
		if own, ok := p.all[charsetField]; ok { // RFC 7578 §4.6: it comes first, and counts for what follows
			c = charsetNamed(own[0])
			p.unread = p.unread || c.unknown
			delete(p.all, charsetField)
		}
		if long += n; typed > 0 && long > typed {
			return post{}, errTyped
		}
	}
}

// readBeginning reads the text fields that stand whole in the beginning of a multipart body, at most maxTyped bytes of them.
// It never fails: what is cut off in the middle ends it. It serves Overlong, which has at most webhook.MaxHead bytes.
func readBeginning(boundary string, head []byte) (p post) {
	p = post{values: map[string]string{}, all: map[string][]string{}}
	defer func() { p.join() }()
	reader := multipart.NewReader(bytes.NewReader(head), boundary)
	for count, long := 0, 0; boundary != "" && count < maxParts; count++ {
		part, err := reader.NextPart()
		if err != nil {
			break
		}
		if _, isFile := fileName(part); isFile {
			continue
		}
		n, err := p.add(charset{}, part)
		if long += n; err != nil || long > maxTyped {
			break
		}
	}
	return p
}

// add takes one part in, and says how many bytes of text it holds. A part may name a charset of its own.
func (p *post) add(c charset, part *multipart.Part) (typed int, err error) {
	for _, name := range []string{"Content-Disposition", "Content-Type"} {
		if len(part.Header.Get(name)) > maxField {
			return 0, errors.New("a header field of a part is too long")
		}
	}
	content, err := io.ReadAll(part)
	if err != nil {
		return 0, errors.New("the multipart body is cut off")
	}
	name, isFile := fileName(part)
	if !isFile {
		field := p.text(c, part.FormName())
		if own := charsetOf(part.Header.Get("Content-Type")); own != (charset{}) {
			c = own
			p.unread = p.unread || c.unknown
		}
		p.put(field, p.text(c, string(content)))
		return len(part.FormName()) + len(content), nil
	}
	if name == "" && len(content) == 0 {
		return 0, nil // a file field that was left empty
	}
	p.files = append(p.files, attachment(p.text(c, name), part.Header.Get("Content-Type"), content))
	return 0, nil
}

// fileName returns the file name of a part without any path, and whether it is a file at all.
// A part whose Content-Disposition cannot be parsed counts as a file when it has no name, so that its bytes are kept.
func fileName(part *multipart.Part) (string, bool) {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return "", part.FormName() == ""
	}
	name, isFile := params["filename"]
	return name, isFile
}

// attachment makes an attachment of a file that came along.
// The type that a browser names is kept unless it says nothing; the content decides only then (WHATWG MIME Sniffing, as
// net/http implements it). Nothing here is opened or trusted by its type.
func attachment(name, mediaType string, content []byte) message.Attachment {
	name = cleanLine(path.Base(strings.ReplaceAll(name, `\`, "/")))
	if name == "." || name == "/" {
		name = ""
	}
	kind, _, err := mime.ParseMediaType(mediaType)
	if err != nil || kind == "application/octet-stream" {
		kind, _, _ = mime.ParseMediaType(http.DetectContentType(content))
	}
	return message.Attachment{Name: name, MediaType: kind, Size: int64(len(content)), Content: content}
}

// digest is a keyed digest of what a visitor wrote and chose, the same for the same post, however it was encoded. The
// proof and the page's language are no part of it. Each piece goes in with its length, so that none runs into the next.
// Another post under the same solved challenge is told apart from a repeat by it. It is keyed, since a form's text is short enough to guess.
func (p post) digest(key []byte) string {
	var parts [][]byte
	add := func(piece []byte) {
		parts = append(parts, binary.AppendUvarint(nil, uint64(len(piece))), piece)
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(p.values)), func(name string) bool {
		return p.values[name] == "" || name == "altcha" || name == "lang"
	})
	parts = append(parts, binary.AppendUvarint(nil, uint64(len(names)))) // where the files begin
	for _, name := range names {
		add([]byte(name))
		add([]byte(p.values[name]))
	}
	for _, f := range p.files {
		add([]byte(f.Name))
		add([]byte(f.MediaType))
		add(f.Content)
	}
	return hex.EncodeToString(signature.SHA256(key, parts...))
}
