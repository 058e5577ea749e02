package deliver

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"

	"frontdesk/channels/email/relay"
	"frontdesk/pipeline/domain/replies"
	letters "frontdesk/pipeline/letter"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/answering"
)

// mailServer takes one mail by SMTP, and gives its bytes.
func mailServer(t *testing.T) (addr string, got chan []byte) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	got = make(chan []byte, 4)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go speaks(c, got)
		}
	}()
	return l.Addr().String(), got
}

// speaks is the server's side of a dialogue.
func speaks(c net.Conn, got chan []byte) {
	defer c.Close()
	r := bufio.NewReader(c)
	fmt.Fprint(c, "220 here\r\n")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if !strings.HasPrefix(strings.ToUpper(line), "DATA") {
			fmt.Fprint(c, "250 yes\r\n")
			continue
		}
		fmt.Fprint(c, "354 go on\r\n")
		var body bytes.Buffer
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line == ".\r\n" {
				break
			}
			body.WriteString(strings.TrimPrefix(line, "."))
		}
		got <- body.Bytes()
		fmt.Fprint(c, "250 taken\r\n")
	}
}

// part is one of a mail.
type part struct{ kind, id, disposition, content string }

// parts are those of a mail that hold something, with the kinds of those around them.
func parts(t *testing.T, contentType, encoding string, header func(string) string, body io.Reader) (out []part, around []string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		if encoding == "base64" {
			body = base64.NewDecoder(base64.StdEncoding, body)
		} else if encoding == "quoted-printable" {
			body = quotedprintable.NewReader(body)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return []part{{kind, header("Content-ID"), header("Content-Disposition"), string(content)}}, nil
	}
	around = append(around, kind)
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return out, around
		}
		if err != nil {
			t.Fatal(err)
		}
		more, inner := parts(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get, p)
		out, around = append(out, more...), append(around, inner...)
	}
}

// TestD20PastedImage: an image that was pasted into an answer is a part of the mail, by Content-ID, and a file that was put beside it is attached.
func TestD20PastedImage(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	addr, got := mailServer(t)
	by, err := relay.New(relay.Config{Addr: addr, Security: "none", From: message.Address{Kind: message.Email, Value: "support@desk.example"}})
	if err != nil {
		t.Fatal(err)
	}
	defer by.Close()
	r.senders["support"] = by
	story := r.Opened("support", "k1", letter{From: "li@customer.example", Text: payment})
	const png = "\x89PNG\r\n\x1a\npixels"
	puts := func(name, kind string, shown bool, content string) answering.Enclosure {
		e, err := r.Store.Answering.Enclose(t.Context(), agent, answering.Enclosure{Ticket: story.Message.Ticket, Kind: replies.Answer, Name: name, Type: kind, Shown: shown}, []byte(content), r.Settings.Channels["email"].Carries, r.Time())
		r.Must(err)
		return e
	}
	image := puts("screen\r\nBcc: evil@example.com", "image/png", true, png)
	puts("list.svg", "image/svg+xml", true, "<svg onload='alert(1)'/>")
	sent, _ := r.answer(story, "Look:\n\n"+letters.Image("screen", fmt.Sprint(image.ID))+"\n\nDone.")
	r.Pass(answering.UndoFor)
	r.deliver(d, sent.Effect)
	var raw []byte
	select {
	case raw = <-got:
	case <-t.Context().Done():
		t.Fatal("nothing came")
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	all, around := parts(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Header.Get, m.Body)
	if fmt.Sprint(around) != "[multipart/mixed multipart/related multipart/alternative]" || len(all) != 4 {
		t.Fatalf("the mail is %v with %d parts", around, len(all))
	}
	id := strings.Trim(all[2].id, "<>")
	if all[0].kind != "text/plain" || !strings.Contains(all[0].content, "[screen]") || strings.Contains(all[0].content, "file:") {
		t.Errorf("the plain text is %q", all[0].content)
	}
	if all[1].kind != "text/html" || id == "" || !strings.Contains(all[1].content, `<img src="cid:`+id+`" alt="screen">`) {
		t.Errorf("the formatted text does not show <%s>: %s", id, all[1].content)
	}
	if all[2].kind != "image/png" || all[2].content != png || !strings.HasPrefix(all[2].disposition, "inline") {
		t.Errorf("the image is %+v", all[2])
	}
	if all[3].kind != "image/svg+xml" || !strings.HasPrefix(all[3].disposition, "attachment") || all[3].id != "" {
		t.Errorf("the drawing is %+v", all[3])
	}
	if m.Header.Get("Bcc") != "" || bytes.Contains(raw, []byte("\r\nBcc:")) {
		t.Error("a file's name has become a header")
	}
}
