// Package sink keeps mail in a folder of files instead of sending it.
package sink

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/compose"
	"frontdesk/pipeline/message"
)

// listMax is how many mails the list shows: the latest.
const listMax = 500

// Bounds of the folder. What is over them goes, the oldest first: the sink shows what would be sent, and must not fill the
// disk that the database is on.
const (
	most      = 10_000
	mostBytes = 512 << 20
)

// Sink stands in for a relay: it writes each mail as an .eml file into a folder, where people can
// read it. The folder belongs to one process at a time.
// Its methods may be called at the same time.
type Sink struct {
	// now is time.Now, or a test's.
	dir string
	now func() time.Time

	most      int   // files
	mostBytes int64 // of them together

	mu     sync.Mutex
	latest []Mail // newest last
	files  []file // all of them, newest last
	bytes  int64  // of files
}

// file is one mail in the folder.
type file struct {
	// at is the file's time of change, which is set to the time of the send, so that the order outlives a restart.
	name string
	at   time.Time
	size int64
}

// Mail is one mail in the list.
type Mail struct {
	Name string // of the file, for Open
	Key  string // outbox key
	// To, Cc and Subject are decoded; Cc has a comma between addresses. Files is how many go with the mail.
	To, Cc, Subject string
	Files           int
	// At is when it was sent. Key is empty for a file that somebody else put there.
	At   time.Time
	Size int64 // bytes of the file
}

var (
	_ channels.Sender = (*Sink)(nil)
	_ channels.Prober = (*Sink)(nil)
)

// New uses that folder, which is made when it is missing, and reads what is in it.
func New(dir string) (*Sink, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making mail sink: %w", err)
	}
	return newSink(dir, most, mostBytes)
}

// newSink is New with bounds of one's own, for tests.
func newSink(dir string, most int, mostBytes int64) (*Sink, error) {
	s := &Sink{dir: dir, now: time.Now, most: most, mostBytes: mostBytes}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("reading mail sink: %w", err)
	}
	return s, nil
}

// Send writes the mail as from inbox@localhost; For gives other senders.
func (s *Sink) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	from := message.Address{Kind: message.Email, Value: cmp.Or(word(out.Inbox), "frontdesk") + "@localhost"}
	return s.For(compose.Config{From: from}).Send(ctx, key, out)
}

// For returns a sender that writes mail of that inbox into the sink. A zero Now means the time of
// each send.
func (s *Sink) For(cfg compose.Config) channels.Sender { return sender{s, cfg} }

// sender writes into the sink as one inbox.
type sender struct {
	sink *Sink
	cfg  compose.Config
}

// Send composes and stores. A key that is stored already is a success and changes nothing.
func (s sender) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	cfg := s.cfg
	if cfg.Now.IsZero() {
		cfg.Now = s.sink.now()
	}
	cfg.UTF8 = true
	letter, err := compose.Mail(out, cfg)
	if err != nil {
		return channels.Receipt{}, err
	}
	if len(out.Files) > 0 {
		letter = letter.Under(filesField, strconv.Itoa(len(out.Files)))
	}
	if err := s.sink.store(ctx, key, letter.Under(keyField, key), cfg.Now); err != nil {
		if e, ok := errors.AsType[*channels.Error](err); ok {
			return channels.Receipt{}, e
		}
		return channels.Receipt{}, &channels.Error{Op: "writing to mail sink", Err: err}
	}
	return channels.Receipt{Key: key, ProviderID: out.MessageID, Status: channels.StatusSent, At: cfg.Now}, nil
}

// Probe writes and removes a file.
func (s *Sink) Probe(context.Context) (string, error) {
	f, err := os.CreateTemp(s.dir, "probe-*.tmp")
	if err != nil {
		return "", &channels.Error{Op: "probing mail sink", Err: err}
	}
	_ = f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return "", &channels.Error{Op: "probing mail sink", Err: err}
	}
	return "folder is writable", nil
}

// keyField holds the outbox key, as the first line of the file; filesField, in the next, how many files the mail has, if any: a list
// need not read through them.
const (
	keyField   = "X-Outbox-Key"
	filesField = "X-Outbox-Files"
)

// store writes the file in one step: it is there whole or not at all. Its name is made of the key
// alone, so that a key has one file. An error that is a *channels.Error is that of a file that could not be read.
func (s *Sink) store(ctx context.Context, key string, l compose.Letter, at time.Time) error {
	sum := sha256.Sum256([]byte(key))
	tmp, err := s.write(ctx, l, at)
	if err != nil {
		return err
	}
	m := Mail{Name: hex.EncodeToString(sum[:16]) + ".eml", At: at, Size: l.Size()}
	err = m.fill(tmp)
	kept := false
	if err == nil {
		kept, err = s.keep(tmp, m)
	}
	if !kept {
		_ = os.Remove(tmp)
	}
	return err
}

// write makes the file under a name that nobody looks for.
func (s *Sink) write(ctx context.Context, l compose.Letter, at time.Time) (string, error) {
	tmp, err := os.CreateTemp(s.dir, "mail-*.tmp")
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(tmp)
	err = l.Write(ctx, w)
	if err := errors.Join(err, w.Flush(), tmp.Close(), os.Chtimes(tmp.Name(), at, at)); err != nil {
		_ = os.Remove(tmp.Name())
		return "", err
	}
	return tmp.Name(), nil
}

// keep gives the file its name and lists it, unless the key has a file already.
// false without an error means that the key is there already: a repeat of a send, which is what the outbox does after a crash.
func (s *Sink) keep(tmp string, m Mail) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := filepath.Join(s.dir, m.Name)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err := os.Rename(tmp, path); err != nil {
		return false, err
	}
	s.latest = append(s.latest, m)
	if extra := len(s.latest) - listMax; extra > 0 {
		s.latest = slices.Delete(s.latest, 0, extra)
	}
	s.files, s.bytes = append(s.files, file{m.Name, m.At, m.Size}), s.bytes+m.Size
	s.trim()
	return true, nil
}

// trim removes the oldest files until the folder is within its bounds; the newest stays, however large. The lock is held, or
// nobody else has the sink yet. A file that cannot be removed is not looked at again before the next start.
func (s *Sink) trim() {
	gone := 0
	for gone < len(s.files)-1 && (len(s.files)-gone > s.most || s.bytes > s.mostBytes) {
		_ = os.Remove(filepath.Join(s.dir, s.files[gone].name))
		s.bytes -= s.files[gone].size
		gone++
	}
	s.files = slices.Delete(s.files, 0, gone)
}

// List returns the latest mails, newest first, at most 500.
func (s *Sink) List() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latest = slices.DeleteFunc(s.latest, func(m Mail) bool {
		_, err := os.Lstat(filepath.Join(s.dir, m.Name))
		return errors.Is(err, fs.ErrNotExist) // somebody was erased
	})
	list := slices.Clone(s.latest)
	slices.Reverse(list)
	return list
}

// mailFile is how the sink names its files; nothing else is opened.
var mailFile = regexp.MustCompile(`^[0-9a-f]{32}\.eml$`)

// Open opens one mail of the list. A name that the sink did not give is fs.ErrNotExist.
func (s *Sink) Open(name string) (io.ReadCloser, error) {
	if !mailFile.MatchString(name) {
		return nil, &fs.PathError{Op: "open", Path: "mail", Err: fs.ErrNotExist}
	}
	f, err := os.Open(filepath.Join(s.dir, name))
	if err != nil {
		return nil, fmt.Errorf("opening mail: %w", err)
	}
	return f, nil
}

// load fills the list from the folder, removes what a crash left half-written, and brings the folder within its bounds.
// A folder may hold more files than anybody expects, so it is read a thousand entries at a time and trimmed meanwhile; only the
// latest listMax files are opened.
func (s *Sink) load() error {
	dir, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		infos, err := dir.Readdir(1024)
		s.know(infos)
		if len(s.files) > 4*s.most {
			s.sort()
			s.trim()
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	s.sort()
	s.trim()
	for _, f := range s.files[max(0, len(s.files)-listMax):] {
		m := Mail{Name: f.name, At: f.at, Size: f.size}
		if m.fill(filepath.Join(s.dir, f.name)) == nil {
			s.latest = append(s.latest, m)
		}
	}
	return nil
}

// know takes in files of ours and removes unfinished ones. Whatever else is in the folder is left alone.
func (s *Sink) know(infos []fs.FileInfo) {
	for _, fi := range infos {
		switch {
		case mailFile.MatchString(fi.Name()):
			s.files, s.bytes = append(s.files, file{fi.Name(), fi.ModTime(), fi.Size()}), s.bytes+fi.Size()
		case strings.HasSuffix(fi.Name(), ".tmp"):
			_ = os.Remove(filepath.Join(s.dir, fi.Name()))
		}
	}
}

// sort orders by age, and by name within one moment, so that it is the same at each start.
func (s *Sink) sort() {
	slices.SortFunc(s.files, func(a, b file) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name))
	})
}

// fill reads the list's fields from a file.
func (m *Mail) fill(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	m.read(f)
	return nil
}

// read reads the fields of the list from a file's header.
// 64 KiB are looked at. A file that is no mail leaves them empty.
func (m *Mail) read(r io.Reader) {
	msg, err := mail.ReadMessage(bufio.NewReader(io.LimitReader(r, 64<<10)))
	if err != nil {
		return
	}
	field := func(name string) string {
		v := msg.Header.Get(name)
		if text, err := new(mime.WordDecoder).DecodeHeader(v); err == nil {
			return text
		}
		return v
	}
	bare := strings.NewReplacer("<", "", ">", "")
	m.Key, m.Subject = field(keyField), field("Subject")
	m.To, m.Cc = bare.Replace(msg.Header.Get("To")), bare.Replace(msg.Header.Get("Cc"))
	m.Files, _ = strconv.Atoi(msg.Header.Get(filesField)) // 0 where it is not there
}

// word keeps what a local part may hold.
func word(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, s[:min(len(s), 64)])
}
