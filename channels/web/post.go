package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"

	"frontdesk/pipeline/message"
)

// maxParts bounds the parts of one multipart body.
const maxParts = 128

// post is a posted form, whichever way it was encoded.
type post struct {
	values map[string]string // the first value of each name
	files  []message.Attachment
}

var (
	errMediaType = errors.New("the content type is not supported")
	errParts     = errors.New("the body has too many parts")
)

// readPost reads multipart/form-data or application/x-www-form-urlencoded (HTML §4.10.21). Files
// keep their bytes; their names lose any path.
func readPost(contentType string, body []byte) (post, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return post{}, errMediaType
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		return readEncoded(body)
	case "multipart/form-data":
		return readMultipart(params["boundary"], body)
	}
	return post{}, errMediaType
}

func readEncoded(body []byte) (post, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return post{}, errors.New("the body is not form-urlencoded")
	}
	p := post{values: map[string]string{}}
	for name := range values {
		p.values[name] = values.Get(name)
	}
	return p, nil
}

func readMultipart(boundary string, body []byte) (post, error) {
	if boundary == "" {
		return post{}, errors.New("the content type names no boundary")
	}
	p := post{values: map[string]string{}}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for count := 0; ; count++ {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return post{}, errors.New("the multipart body is broken")
		}
		if count >= maxParts {
			return post{}, errParts
		}
		if err := p.add(part); err != nil {
			return post{}, err
		}
	}
}

func (p *post) add(part *multipart.Part) error {
	content, err := io.ReadAll(part)
	if err != nil {
		return errors.New("the multipart body is cut off")
	}
	name, isFile := fileName(part)
	if !isFile {
		if _, twice := p.values[part.FormName()]; !twice {
			p.values[part.FormName()] = string(content)
		}
		return nil
	}
	if name == "" && len(content) == 0 {
		return nil // a file field that was left empty
	}
	p.files = append(p.files, attachment(name, part.Header.Get("Content-Type"), content))
	return nil
}

// fileName returns the file name of a part without any path, and whether it is a file at all.
func fileName(part *multipart.Part) (string, bool) {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return "", part.FormName() == ""
	}
	name, isFile := params["filename"]
	return name, isFile
}

// attachment makes an attachment of a file that came along.
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
