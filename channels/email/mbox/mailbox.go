// Package mbox reads folders of mail that are to be imported: mbox files, Maildirs and single files.
package mbox

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/header"
)

// Stored is one mail out of a file, byte for byte except for what the file's own form added.
type Stored struct {
	// Raw is the consumer's to keep. Path is that of the file; of an mbox, many mails have the same one.
	Raw  []byte
	Path string
	At   time.Time // from its topmost Received field, else Date, else the mailbox's own note, else the file
	Size int64     // of the whole mail; greater than len(Raw) where that was cut at the limit
	Key  string    // keyed digest of the mail: the same in every form of file
	Read int64     // bytes of all files that were read so far
	Skip Skip      // why it is none that counts; empty for all others
}

// ErrNoMail is yielded for a file in a folder that looks like no mail and is left out.
var ErrNoMail = errors.New("no mail")

// Mailboxes reads mails from files: mbox in its dialects, Maildir with its nested folders, single
// mails, and folders of them.
// It keeps no more than one mail in memory. An import goes through it twice: Size for the progress, Mails for the mails.
// It is for one goroutine.
type Mailboxes struct {
	// Paths are files or folders, read in this order. What is named itself is read whatever its name; below a folder names count (nameSkip).
	Paths  []string
	Limit  int64 // bytes of the largest mail that is taken whole
	Digest channels.Digest

	read int64
}

// Size adds up what there is to read, in bytes.
func (m *Mailboxes) Size(ctx context.Context) (total int64, err error) {
	for f, err := range m.files(ctx) {
		if err == nil {
			total += f.size
		}
	}
	return total, ctx.Err()
}

// Mails yields mail after mail, those with a Skip too, a folder's in the order of its file names. An error belongs to one
// path, and the others go on; a mail that was read in part is not yielded.
func (m *Mailboxes) Mails(ctx context.Context) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		m.read = 0
		for f, err := range m.files(ctx) {
			if err != nil {
				if !yield(Stored{Path: f.path}, err) {
					return
				}
				continue
			}
			if !m.file(ctx, f, yield) {
				return
			}
		}
	}
}

// mailFile is one file that holds mails.
type mailFile struct {
	// path is the file's; size and at are the file system's, at zero where it could not be asked.
	path   string
	size   int64
	at     time.Time
	single bool // one mail, whatever it looks like
	mbox   bool // many mails, however the first begins
	sniff  bool // left out when it looks like no mail
	own    bool // a mail server's own file
	skip   Skip // of all its mails, by its folder, its name or its flags
}

// files walks over the paths.
// Nothing is opened here. A path that cannot be read yields an error and its path; the others go on.
func (m *Mailboxes) files(ctx context.Context) iter.Seq2[mailFile, error] {
	return func(yield func(mailFile, error) bool) {
		for _, path := range m.Paths {
			info, err := os.Stat(path)
			switch {
			case err != nil:
				if !yield(mailFile{path: path}, fmt.Errorf("reading mails: %w", err)) {
					return
				}
			case info.IsDir():
				if !folder(ctx, path, "", yield) { // what is named is meant, whatever its name
					return
				}
			case !info.Mode().IsRegular(): // to open a pipe that nobody writes to waits for ever
				if !yield(mailFile{path: path}, fmt.Errorf("reading mails: %s is neither a file nor a folder; write what it gives to a file first", path)) {
					return
				}
			default:
				if !yield(plainFile(path, info, false), nil) {
					return
				}
			}
		}
	}
}

// plainFile is a file outside of a Maildir. Its extension says what it is; without a known one its beginning does (sniff).
func plainFile(path string, info fs.FileInfo, sniff bool) mailFile {
	f := mailFile{path: path, size: info.Size(), at: info.ModTime(), single: strings.EqualFold(filepath.Ext(path), ".eml")}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".eml":
	case ".mbox", ".mbx":
		f.mbox = true
	default:
		f.sniff = sniff
	}
	return f
}

// folder walks over one folder: a Maildir with its folders, or any folder of mails.
// skip is what a folder above it is for.
// Hidden folders are read in a Maildir only, where a leading dot is Maildir++'s form of a name. Outside of a Maildir symbolic links to
// files are followed; those to folders never are. false means that nobody wants more.
func folder(ctx context.Context, path string, skip Skip, yield func(mailFile, error) bool) bool {
	if ctx.Err() != nil {
		return false
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return yield(mailFile{path: path}, fmt.Errorf("reading mails: %w", err))
	}
	maildir := isMaildir(entries)
	if maildir && !maildirMails(path, skip, yield) {
		return false
	}
	for _, e := range entries {
		below := filepath.Join(path, e.Name())
		switch {
		case e.IsDir() && maildir && slices.Contains([]string{"cur", "new", "tmp"}, e.Name()):
		case e.IsDir() && !maildir && strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			if !folder(ctx, below, cmp.Or(skip, nameSkip(below)), yield) {
				return false
			}
		case maildir: // the mail server's own files
			if !yield(mailFile{path: below, own: true}, nil) {
				return false
			}
		default:
			info, err := os.Stat(below)
			if err == nil && !info.Mode().IsRegular() {
				continue
			}
			if err != nil {
				if !yield(mailFile{path: below}, fmt.Errorf("reading mails: %w", err)) {
					return false
				}
				continue
			}
			f := plainFile(below, info, true)
			f.skip = cmp.Or(skip, nameSkip(below))
			if !yield(f, nil) {
				return false
			}
		}
	}
	return ctx.Err() == nil
}

// isMaildir reports whether a folder holds cur, and new or tmp beside it.
func isMaildir(entries []fs.DirEntry) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() && e.Name() == name })
	}
	return has("cur") && (has("new") || has("tmp")) || has("new") && has("tmp")
}

// maildirMails yields the mails of one Maildir in the order of their names, which begin with the time of delivery.
// All names of a folder are held in memory to sort them; tmp holds deliveries that never ended and is not read.
func maildirMails(path string, skip Skip, yield func(mailFile, error) bool) bool {
	keywords := dovecotKeywords(beginning(filepath.Join(path, "dovecot-keywords"))) // where there is none, no letter has a word
	type mail struct{ name, path string }
	var mails []mail
	for _, sub := range []string{"cur", "new"} {
		entries, err := os.ReadDir(filepath.Join(path, sub))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			if !yield(mailFile{path: filepath.Join(path, sub)}, fmt.Errorf("reading mails: %w", err)) {
				return false
			}
		}
		for _, e := range entries {
			if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
				mails = append(mails, mail{e.Name(), filepath.Join(path, sub, e.Name())})
			}
		}
	}
	slices.SortFunc(mails, func(a, b mail) int { return strings.Compare(a.name, b.name) })
	for _, x := range mails {
		info, err := os.Stat(x.path)
		f := mailFile{path: x.path, single: true, skip: cmp.Or(skip, maildirSkip(x.name, keywords))}
		if err == nil {
			f.size, f.at = info.Size(), deliveredAt(x.name, info.ModTime())
		}
		if !yield(f, err) {
			return false
		}
	}
	return true
}

// beginning is what a small file begins with; nothing of what is no file: a mailbox belongs to somebody else, and to open a pipe waits for
// ever.
func beginning(path string) string {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, sniffBytes)) // as far as it can be read
	return string(text)
}

// deliveredAt is the time at the beginning of a Maildir name, where there is one.
// The bounds are the years 1973 and 5138: other numbers are counters or message numbers.
func deliveredAt(name string, otherwise time.Time) time.Time {
	digits, _, _ := strings.Cut(name, ".")
	seconds, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || seconds < 1e8 || seconds > 1e11 {
		return otherwise
	}
	return time.Unix(seconds, 0).UTC()
}

// file yields the mails of one file; false means that nobody wants more.
// Of a file that is no mail at all only its beginning is read.
func (m *Mailboxes) file(ctx context.Context, f mailFile, yield func(Stored, error) bool) bool {
	if ctx.Err() != nil {
		return false
	}
	if f.own {
		return yield(Stored{Path: f.path, Read: m.read, Skip: SkipSystem}, nil)
	}
	file, err := os.Open(f.path)
	if err != nil {
		return yield(Stored{Path: f.path}, fmt.Errorf("reading mails: %w", err))
	}
	defer file.Close()
	before := m.read
	r := bufio.NewReaderSize(&counted{r: file, n: &m.read}, mboxBuffer)
	head, err := r.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return yield(Stored{Path: f.path}, fmt.Errorf("reading mails: %w", err))
	}
	if f.sniff && !looksLikeMail(head) {
		m.read = before + f.size
		return yield(Stored{Path: f.path, Read: m.read}, ErrNoMail)
	}
	box := &mbox{r: r, limit: m.Limit, single: f.single || !f.mbox && !isFrom(head)}
	if f.mbox && !isFrom(head) { // what is before the first separator is the first mail
		box.ahead, box.begun = []byte{}, true
	}
	for ctx.Err() == nil {
		mail, err := box.next()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return yield(Stored{Path: f.path, Read: m.read}, fmt.Errorf("reading mails: %w", err))
		}
		if !yield(m.stored(mail, f), nil) {
			return false
		}
	}
	return false
}

// stored joins what the file's form says with what the mail's own header says.
func (m *Mailboxes) stored(mail boxed, f mailFile) Stored {
	at := mail.at
	if at.IsZero() {
		at = f.at
	}
	skip := cmp.Or(f.skip, markedSkip(mail.raw))
	if mail.internal {
		skip = SkipSystem
	}
	return Stored{Raw: mail.raw, Path: f.path, At: storedAt(mail.raw, at), Size: mail.size, Read: m.read, Skip: skip,
		Key: storedKey(m.Digest, mail.raw, mail.size)}
}

// counted counts what is read.
type counted struct {
	// n is Mailboxes.read: what progress is shown by.
	r io.Reader
	n *int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}

// storedKey is the key of a stored mail: a keyed digest of its bytes, with line ends made one and
// without empty lines at the end, which forms of file add and take away. size is that of the whole
// mail where raw is cut.
// So a mail that is imported from an mbox today and from a Maildir tomorrow is recorded once.
func storedKey(digest channels.Digest, raw []byte, size int64) string {
	whole := ""
	if size > int64(len(raw)) {
		whole = strconv.FormatInt(size, 10)
	}
	if bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	}
	return "stored:" + digest([]byte("stored mail"), bytes.TrimRight(raw, "\r\n"), []byte(whole))
}

// storedAt is when the mail's own fields say that it was received: the topmost Received, else Date.
// The topmost Received is the one that the own server wrote; its date stands behind the last semicolon (RFC 5321 §4.4).
func storedAt(raw []byte, otherwise time.Time) time.Time {
	received, date := fieldOf(raw, "received:"), ""
	if i := strings.LastIndexByte(received, ';'); i >= 0 {
		if t := header.Date(received[i+1:]); !t.IsZero() {
			return t.UTC()
		}
	}
	if date = fieldOf(raw, "date:"); date != "" {
		if t := header.Date(date); !t.IsZero() {
			return t.UTC()
		}
	}
	return otherwise.UTC()
}

// fieldOf is the first header field of that lower-case name with its colon, unfolded.
// It scans line by line within headerBytes and parses nothing else: it is asked some ten times for each mail.
func fieldOf(raw []byte, name string) string {
	var found []byte
	for line := range bytes.Lines(raw[:min(len(raw), headerBytes)]) {
		trimmed := bytes.TrimRight(line, "\r\n")
		if len(trimmed) == 0 {
			break
		}
		folded := trimmed[0] == ' ' || trimmed[0] == '\t'
		if found != nil {
			if !folded {
				break
			}
			found = append(append(found, ' '), bytes.TrimSpace(trimmed)...)
			continue
		}
		if !folded && len(trimmed) >= len(name) && strings.EqualFold(string(trimmed[:len(name)]), name) {
			found = append(append([]byte{}, trimmed[len(name):]...), ' ')
		}
	}
	return string(bytes.TrimSpace(found))
}

// Bounds of what is looked at.
const (
	// sniffBytes are read of a file to tell what it is; headerBytes of a mail to find a field.
	sniffBytes  = 4 << 10
	headerBytes = 256 << 10
)

// looksLikeMail reports whether a file of unknown name begins like an mbox or like a mail's header.
func looksLikeMail(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if isFrom(head) {
		return true
	}
	if first, _, _ := bytes.Cut(head, []byte("\n")); !isField(first) {
		return false
	}
	for line := range bytes.Lines(head) {
		if knownField(line) {
			return true
		}
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	return false
}

// isField reports whether a line is a header field (RFC 5322 §3.6.8).
func isField(line []byte) bool {
	for i, b := range line {
		switch {
		case b == ':':
			return i > 0
		case b <= ' ' || b > '~':
			return false
		}
	}
	return false
}

// knownField reports whether a line is a field that mails begin with.
// The list is there to tell a header from a text with colons; a field that is missing in it costs a mail that begins with it alone.
func knownField(line []byte) bool {
	name, _, ok := bytes.Cut(line[:min(len(line), 128)], []byte(":"))
	if !ok || len(name) == 0 {
		return false
	}
	lower := strings.ToLower(string(name))
	return strings.HasPrefix(lower, "x-") || slices.Contains([]string{"from", "to", "cc", "subject", "date", "received", "message-id", "return-path",
		"delivered-to", "mime-version", "content-type", "sender", "reply-to", "dkim-signature", "arc-seal", "authentication-results", "status", "envelope-to",
		"content-length", "received-spf", "in-reply-to", "references", "list-id", "precedence"}, lower)
}
