package channels

import (
	"errors"

	"frontdesk/channels/attach"
	"frontdesk/pipeline/message"
)

// htmlMax bounds a formatted body, in bytes: it is ours, and made of what one person typed and quoted.
const htmlMax = 1 << 20

// Fits says whether a channel carries all of the message. Every Sender asks it first, so that nothing is left out silently and nothing
// goes out by half; whoever composes a message asks it, too, while a person can still change it. The error is a permanent *Error whose
// Code says what does not fit: no-copies, too-many-copies, copies-of-automatic, no-html, html-alone, html-too-large, no-files,
// too-many-files, file-empty, file-unreadable, file-too-large, files-too-large, bad-content-id, content-id-twice. No file is opened.
func (o Outbound) Fits(c message.Carries) error {
	code, why := o.misfit(c)
	if code == "" {
		return nil
	}
	return &Error{Op: "fitting a message to its channel", Class: Permanent, Code: code, Done: o.Skip, Err: errors.New(why)}
}

// misfit is the first thing that does not fit; empty for none.
func (o Outbound) misfit(c message.Carries) (code, why string) {
	switch {
	case len(o.Cc) > 0 && c.Cc == 0:
		return "no-copies", "the channel sends no copies"
	case len(o.Cc) > c.Cc:
		return "too-many-copies", "more copies are asked for than the channel sends"
	case len(o.Cc) > 0 && o.Automatic:
		return "copies-of-automatic", "automatic messages have one recipient" // RFC 3834 §4
	case o.HTML != "" && !c.HTML:
		return "no-html", "the channel takes no formatted text"
	case o.HTML != "" && o.Text == "":
		return "html-alone", "a formatted text needs a plain one beside it"
	case len(o.HTML) > htmlMax:
		return "html-too-large", "the formatted text is too large"
	case len(o.Files) > 0 && c.Files == 0:
		return "no-files", "the channel takes no files"
	case len(o.Files) > c.Files:
		return "too-many-files", "there are more files than the channel takes with one message"
	}
	return misfits(o.Files, c)
}

// misfits is the same of the files.
func misfits(files []attach.File, c message.Carries) (code, why string) {
	together := int64(0)
	ids := map[string]bool{}
	for _, f := range files {
		together += min(max(f.Size, 0), c.FileMax)
		switch {
		case f.Size <= 0:
			return "file-empty", "a file is empty"
		case f.Open == nil:
			return "file-unreadable", "a file has no content"
		case f.Size > c.FileMax:
			return "file-too-large", "a file is larger than the channel takes"
		case together > c.FilesMax:
			return "files-too-large", "the files are larger together than the channel takes"
		case f.ContentID != "" && !attach.IsContentID(f.ContentID):
			return "bad-content-id", "a part of the formatted text has no usable name"
		case ids[f.ContentID]:
			return "content-id-twice", "two parts of the formatted text have one name"
		}
		ids[f.ContentID] = f.ContentID != ""
	}
	return "", ""
}
