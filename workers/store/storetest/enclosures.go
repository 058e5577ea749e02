package storetest

import (
	"bytes"
	"errors"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/viewer"
)

// pixel begins as a picture does.
var pixel = []byte("\x89PNG\r\n\x1a\n0000")

// encloses puts a file beside a draft.
func (d *desk) encloses(v viewer.Viewer, ticket int64, name string, content []byte) answering.Enclosure {
	d.t.Helper()
	e, err := d.Answering.Enclose(d.ctx, v, answering.Enclosure{Ticket: ticket, Kind: replies.Answer, Name: name, Type: "text/html", Shown: true}, content, manyFiles, d.now)
	d.must(err)
	return e
}

var manyFiles = message.Carries{Files: 3, FileMax: 1 << 20, FilesMax: 1 << 20, HTML: true}

// answerEnclosed: files go with what is sent of their draft, come back with it, and are seen by those alone who may read them.
func answerEnclosed(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	picture := d.encloses(wang, ticket, "a\r\nb/\u202esc.png", pixel)
	list := d.encloses(wang, ticket, "list.html", []byte("<script>"))
	d.same("what they are", []any{"a b_sc.png", "image/png", true, "text/html", false}, []any{picture.Name, picture.Type, picture.Shown, list.Type, list.Shown})
	sealed, err := d.Base.Blobs.Get(d.ctx, list.Digest)
	d.must(err)
	if bytes.Contains(sealed, []byte("<script>")) {
		d.t.Error("a file lies readable")
	}
	for _, c := range []struct {
		name string
		v    viewer.Viewer
		want error
	}{{"its writer", wang, nil}, {"a colleague, of a draft", chen, store.ErrNotFound}, {"who may not read the queue", zhao, store.ErrNotFound}} {
		if _, _, err := d.Answering.File(d.ctx, c.v, ticket, list.ID); !errors.Is(err, c.want) {
			d.t.Errorf("%s reads: %v", c.name, err)
		}
	}
	if err := d.Answering.Remove(d.ctx, chen, ticket, list.ID); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("a colleague takes a file away: %v", err)
	}
	if _, err := d.Answering.Enclose(d.ctx, zhao, answering.Enclosure{Ticket: ticket, Kind: replies.Answer, Name: "a"}, pixel, manyFiles, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who may not answer puts a file there: %v", err)
	}
	more := d.encloses(wang, ticket, "c", pixel)
	for what, err := range map[string]error{"too many": d.refuses(wang, ticket, pixel), "too large": d.refuses(wang, ticket, make([]byte, 2<<20)), "an empty one": d.refuses(wang, ticket, nil)} {
		if !errors.Is(err, answering.ErrNoFiles) && !errors.Is(err, answering.ErrTooLong) {
			d.t.Errorf("%s: %v", what, err)
		}
	}
	d.must(d.Answering.Remove(d.ctx, wang, ticket, more.ID))
	if _, err := d.Base.Blobs.Get(d.ctx, more.Digest); !errors.Is(err, blobs.ErrNotFound) {
		d.t.Errorf("what was taken away is kept: %v", err)
	}

	w := d.answer(wang, ticket, "page-1", "Here: "+"![a](file:1)")
	if _, err := d.Answering.Send(d.ctx, wang, house, w, d.now); err == nil {
		d.t.Error("a channel without files sends some")
	}
	w.Carries = manyFiles
	sent := d.sends(wang, w)
	d.same("the draft has none any more", 0, len(d.enclosed(wang, ticket)))
	if _, content, err := d.Answering.File(d.ctx, chen, ticket, list.ID); err != nil || string(content) != "<script>" {
		d.t.Errorf("a colleague reads what was sent: %q, %v", content, err)
	}
	_, r, err := d.Desk.Reply(d.ctx, wang, sent.Reply)
	d.must(err)
	d.same("sent", "Here: ![a](file:1)", r.Text)
	d.must(d.Answering.Undo(d.ctx, wang, sent.Reply, d.now))
	d.same("they come back with the draft", 2, len(d.enclosed(wang, ticket)))
	w.Key = "page-2"
	w.Seen, w.Anyway = d.ground(wang, ticket).Talk, true
	sent = d.sends(wang, w)
	d.now = sent.Until
	rows := d.claim(sent.Effect)
	if len(rows) != 1 || len(rows[0].Reply.Files) != 2 || rows[0].Reply.Files[0].Digest != picture.Digest || !rows[0].Reply.Files[0].Shown {
		d.t.Fatalf("claimed %+v", rows)
	}
	d.counted()
	d.clean()
}

func (d *desk) enclosed(v viewer.Viewer, ticket int64) []answering.Enclosure {
	d.t.Helper()
	all, err := d.Answering.Enclosed(d.ctx, v, ticket, replies.Answer)
	d.must(err)
	return all
}

func (d *desk) refuses(v viewer.Viewer, ticket int64, content []byte) error {
	_, err := d.Answering.Enclose(d.ctx, v, answering.Enclosure{Ticket: ticket, Kind: replies.Answer, Name: "x"}, content, manyFiles, d.now)
	return err
}

// eraseEnclosed: files to a person go with him, and in the names of those to others he is masked.
func eraseEnclosed(d *desk) {
	h := NewHousehold(d.t, d.Store)
	hers, err := d.Answering.Enclose(d.ctx, chen, answering.Enclosure{Ticket: h.AnnTicket, Kind: replies.Answer, Name: "contract.pdf"}, pixel, manyFiles, d.now)
	d.must(err)
	others, err := d.Answering.Enclose(d.ctx, chen, answering.Enclosure{Ticket: h.BobTicket, Kind: replies.Answer, Name: "for ann.smith@customer.example, final.pdf"}, pixel, manyFiles, d.now)
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, h.Ann, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	if _, err := d.Base.Blobs.Get(d.ctx, hers.Digest); !errors.Is(err, blobs.ErrNotFound) {
		d.t.Errorf("a file to her is kept: %v", err)
	}
	e, content, err := d.Answering.File(d.ctx, chen, h.BobTicket, others.ID)
	if err != nil || bytes.Contains([]byte(e.Name), []byte("ann.smith")) || !bytes.Equal(content, pixel) {
		d.t.Errorf("a file to another: %q, %v", e.Name, err)
	}
}
