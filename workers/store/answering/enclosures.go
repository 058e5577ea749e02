package answering

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/outgoing"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Bounds of what is put beside a text, whatever its channel takes.
const (
	LargestFile = 25 << 20 // bytes
	mostFiles   = 50       // of a draft
)

// ErrNoFiles says that a channel takes no such file, or no more of them.
var ErrNoFiles = errors.New("the channel takes no such file, or no more of them")

// Enclosure is a file beside a text. Its content lies sealed in the blob store, under a name of its own: no other file has the same.
type Enclosure struct {
	ID, Ticket int64
	Author     int64
	Kind       replies.Kind
	Reply      int64  // 0: of its author's draft
	Name, Type string // as they may stand in headers (package attach)
	Size       int64  // bytes
	Shown      bool   // an image that stands in the text, by "![…](file:ID)"
	Digest     string
	At         time.Time
}

// insertEnclosures writes files.
var insertEnclosures = sql.Inserting[Enclosure]("enclosures", "")

// pictures are the types that browsers and mail programs show and that run nothing. What a file is says its content.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// Picture is the type of an image that may be shown within a text; "" for any other content.
func Picture(content []byte) string {
	kind := http.DetectContentType(content)
	for _, p := range pictures {
		if kind == p {
			return p
		}
	}
	return ""
}

// Enclose puts a file beside the viewer's draft of that kind on a ticket. pasted: it is to stand in the text, which an image does where the
// channel carries HTML; else it is a file like others. ErrTooLong: it is too large; ErrNoFiles. carries is what the answer's channel takes; of a note nothing is asked.
func (s *Store) Enclose(ctx context.Context, v viewer.Viewer, e Enclosure, content []byte, carries message.Carries, now time.Time) (Enclosure, error) {
	if e.Kind == replies.Note {
		carries = message.Carries{Files: mostFiles, FileMax: LargestFile, FilesMax: 4 * LargestFile, HTML: true}
	}
	if len(content) == 0 || int64(len(content)) > min(LargestFile, carries.FileMax) && carries.Files > 0 {
		return Enclosure{}, fmt.Errorf("putting a file beside a draft on ticket %d: %w", e.Ticket, ErrTooLong)
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return Enclosure{}, fmt.Errorf("putting a file beside a draft: %w", err)
	}
	picture := Picture(content)
	e = Enclosure{ID: ids[0], Ticket: e.Ticket, Author: v.User, Kind: e.Kind, Name: sql.Clean(attach.FileName(e.Name)), Type: attach.MediaType(e.Type), Size: int64(len(content)),
		Shown: e.Shown && picture != "" && carries.HTML, Digest: s.base.Digest([]byte("enclosure"), []byte(rand.Text())), At: now}
	if picture != "" {
		e.Type = picture
	}
	if err = s.base.DB.Read(ctx, func(t sql.Tx) error { return readable(ctx, t, v, viewer.Answer, e.Ticket) }); err != nil {
		return Enclosure{}, fmt.Errorf("putting a file beside a draft on ticket %d: %w", e.Ticket, err)
	}
	if err = s.base.Blobs.Put(ctx, e.Digest, s.base.Ring.Seal(content, base.BlobAt(e.Digest))); err != nil {
		return Enclosure{}, fmt.Errorf("keeping a file: %w", err)
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		if _, err := lock(ctx, t, e.Ticket); err != nil {
			return err
		}
		there, err := drafted(ctx, t, e.Ticket, v.User, e.Kind)
		if err != nil {
			return err
		}
		if len(there) >= mostFiles || (channels.Outbound{Files: filed(append(there, e))}).Fits(carries) != nil {
			return ErrNoFiles
		}
		return t.Run(ctx, insertEnclosures.Put(e))
	})
	if err != nil {
		return Enclosure{}, errors.Join(fmt.Errorf("putting a file beside a draft on ticket %d: %w", e.Ticket, err), s.base.Blobs.Delete(ctx, e.Digest))
	}
	return e, nil
}

const askEnclosures = `SELECT id, ticket, author, kind, reply, name, type, size, shown, digest, at FROM enclosures WHERE `

func scanEnclosure(row sql.Row) (e Enclosure, err error) {
	var at int64
	err = row.Scan(&e.ID, &e.Ticket, &e.Author, &e.Kind, &e.Reply, &e.Name, &e.Type, &e.Size, &e.Shown, &e.Digest, &at)
	e.At = sql.Moment(at)
	return e, err
}

// drafted are the files beside a draft, in the order in which they came.
func drafted(ctx context.Context, t sql.Tx, ticket, author int64, kind replies.Kind) (out []Enclosure, err error) {
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		e, err := scanEnclosure(row)
		out = append(out, e)
		return err
	}, askEnclosures+`ticket = $1 AND author = $2 AND kind = $3 AND reply = 0 ORDER BY id`, ticket, author, string(kind)))
	return out, err
}

// Enclosed are the files beside the viewer's draft.
func (s *Store) Enclosed(ctx context.Context, v viewer.Viewer, ticket int64, kind replies.Kind) (out []Enclosure, err error) {
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		if err := readable(ctx, t, v, viewer.Answer, ticket); err != nil {
			return err
		}
		out, err = drafted(ctx, t, ticket, v.User, kind)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the files of a draft on ticket %d: %w", ticket, err)
	}
	return out, nil
}

// Remove takes a file from the viewer's draft. sql.ErrNotFound: there is none.
func (s *Store) Remove(ctx context.Context, v viewer.Viewer, ticket, id int64) error {
	digest := ""
	err := s.base.Write(ctx, func(t sql.Tx) error {
		digest = ""
		if err := readable(ctx, t, v, viewer.Answer, ticket); err != nil {
			return err
		}
		err := t.Run(ctx, sql.Ask(sql.Into(&digest), `DELETE FROM enclosures WHERE id = $1 AND ticket = $2 AND author = $3 AND reply = 0 RETURNING digest`, id, ticket, v.User))
		if err == nil && digest == "" {
			err = sql.ErrNotFound
		}
		return err
	})
	if err == nil {
		err = s.base.Blobs.Delete(ctx, digest)
	}
	if err != nil {
		return fmt.Errorf("taking file %d from a draft: %w", id, err)
	}
	return nil
}

// File reads a file of a ticket that the viewer may read; of a draft its author alone may.
func (s *Store) File(ctx context.Context, v viewer.Viewer, ticket, id int64) (e Enclosure, content []byte, err error) {
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		e = Enclosure{}
		if err := readable(ctx, t, v, viewer.Read, ticket); err != nil {
			return err
		}
		return t.Run(ctx, sql.Ask(func(row sql.Row) (err error) {
			e, err = scanEnclosure(row)
			return err
		}, askEnclosures+`id = $1 AND ticket = $2 AND (reply <> 0 OR author = $3)`, id, ticket, v.User))
	})
	if err == nil && e.ID == 0 {
		err = sql.ErrNotFound
	}
	if err == nil {
		content, err = s.Content(ctx, e.Digest)
	}
	if err != nil {
		return Enclosure{}, nil, fmt.Errorf("reading file %d of ticket %d: %w", id, ticket, err)
	}
	return e, content, nil
}

// Content opens the content of an enclosure.
func (s *Store) Content(ctx context.Context, digest string) ([]byte, error) {
	sealed, err := s.base.Blobs.Get(ctx, digest)
	if err != nil {
		return nil, fmt.Errorf("reading the content of a file: %w", err)
	}
	plain, err := s.base.Ring.Open(ctx, sealed, base.BlobAt(digest))
	if err != nil {
		return nil, fmt.Errorf("opening the content of a file: %w", err)
	}
	return plain, nil
}

// filed are enclosures as they are held to what a channel carries.
func filed(all []Enclosure) (out []attach.File) {
	for _, e := range all {
		out = append(out, attach.File{Name: e.Name, Type: e.Type, Size: e.Size, Open: attach.Bytes("", "", nil).Open})
	}
	return out
}

// names are those of files, one a line, for the outgoing check.
func names(all []Enclosure) string {
	var b strings.Builder
	for _, e := range all {
		b.WriteString(e.Name + "\n")
	}
	return b.String()
}

// enclosed are the files that go with a writing, looked at once more: an answer's must fit its channel, and their names are read, too.
func enclosed(ctx context.Context, t sql.Tx, v viewer.Viewer, h House, w Writing) error {
	there, err := drafted(ctx, t, w.Ticket, v.User, w.Kind)
	if err != nil || w.Kind != replies.Answer || len(there) == 0 {
		return err
	}
	if found := h.Check.Look(names(there), w.Language); outgoing.Blocks(found) {
		return &FoundError{found}
	}
	if err := (channels.Outbound{Text: w.Text, Cc: w.Recipients.Cc, Files: filed(there)}).Fits(w.Carries); err != nil {
		return fmt.Errorf("%w: %w", ErrNoFiles, err)
	}
	return nil
}

// enclose gives the files of a draft to what was sent of it.
func enclose(w Writing, author, reply int64) sql.Call {
	return sql.Do(`UPDATE enclosures SET reply = $4 WHERE ticket = $1 AND author = $2 AND kind = $3 AND reply = 0`, w.Ticket, author, string(w.Kind), reply)
}
