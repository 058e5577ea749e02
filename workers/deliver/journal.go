package deliver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/outbox"
)

// Journal keeps in a file what is being handed over to a provider, and what it has just taken, until the database knows it too. Between the
// two a process may be killed, or the database be away: the send would then be made again. Writing a
// line costs microseconds, and the system keeps it however the process ends; nothing is synced,
// because after a power cut a repeat is the rule anyway. The file is as long as it may become from the
// beginning, filled up with zeros, so that a disk that is full by now has room for the lines. All
// methods may be called on nil.
type Journal struct {
	logger *slog.Logger
	path   string

	mu     sync.Mutex
	file   *os.File
	open   map[int64]slip  // taken
	begun  map[int64]begun // being handed over, or taken
	size   int64           // of the lines in the file
	room   int64           // length of the file
	most   int64           // size at which the file is written anew
	behind bool            // a line of open is not in the file
}

// slip is a line of the file about a send that was taken: no address and no text. Its JSON names stay: the next
// process may be of a newer version.
type slip struct {
	ID       int64         `json:"id"`
	Key      string        `json:"key"`
	Created  int64         `json:"created"` // of the row, in microseconds: after a backup was restored the same id may be another's
	State    effects.State `json:"state"`
	Provider string        `json:"provider,omitempty"`
	Ask      int64         `json:"ask,omitempty"` // when the provider is to be asked what became of it, in microseconds
	Attempt  int           `json:"attempt,omitempty"`
	words    []byte        // of the line about its beginning
}

// begun is a line about a send that begins, with what is handed over, sealed. A program that does not know such lines passes
// them over, since they have no id.
type begun struct {
	Begun   int64  `json:"begun"` // the row's id
	Key     string `json:"key"`
	Created int64  `json:"created"`
	At      int64  `json:"at"` // in microseconds
	Attempt int    `json:"attempt"`
	Words   []byte `json:"words"` // as commands.SendEnded's
}

// outcome is what the line says of its row.
func (p slip) outcome() commands.SendEnded {
	o := commands.SendEnded{ID: p.ID, State: p.State, ProviderID: p.Provider, Attempt: p.Attempt, Words: p.words}
	if p.Ask != 0 {
		o.Ask = time.UnixMicro(p.Ask)
	}
	return o
}

// Sizes of the file, in bytes.
const (
	slipsSize  = 512 << 10  // of lines, before it is written anew
	slipsRoom  = 1024 << 10 // of the file: writing it anew fails for as long as the disk is full
	slipsSpare = 256 << 10  // must be free before a send is begun: for those that are under way beside it
	slipWords  = 2 << 10    // of what is handed over, sealed; a longer text is known to the database alone
)

// errNoNote says that a send is not begun because it could not be noted.
var errNoNote = errors.New("what is sent cannot be noted; free some room in data_dir")

// OpenJournal opens the file and returns what the last process has left in it, for the database; Forget is to be
// called before anything is sent. Only one process may have the file: the data directory's owner has it. A last line
// that was cut off by the death of its process is passed over.
func OpenJournal(path string, logger *slog.Logger) (*Journal, []outbox.Slip, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening slips: %w", err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("reading slips: %w", err)
	}
	lines, _, _ := bytes.Cut(text, []byte{0})
	s := &Journal{logger: logger, path: path, file: f, open: map[int64]slip{}, begun: map[int64]begun{}, size: int64(len(lines)), room: int64(len(text)), most: slipsSize}
	return s, s.read(lines), nil
}

// read takes what a process has left: until Forget, so that one that fails to tell the database, and closes the file, leaves it
// to the next. Of a send that was begun and not taken it is told what it may have handed over.
// The lines about beginnings come before those about acceptance, so a later line of one row says more than an earlier
// one.
func (s *Journal) read(lines []byte) (left []outbox.Slip) {
	for line := range bytes.Lines(lines) {
		var p slip
		var b begun
		switch {
		case json.Unmarshal(line, &p) == nil && p.ID != 0:
			if b := s.begun[p.ID]; b.Attempt == p.Attempt {
				p.words = b.Words
			}
			s.open[p.ID] = p
			left = append(left, outbox.Slip{Key: p.Key, CreatedAt: time.UnixMicro(p.Created), SendEnded: p.outcome()})
		case json.Unmarshal(line, &b) == nil && b.Begun != 0: // else the last line of a process that died in it
			s.begun[b.Begun] = b
			left = append(left, outbox.Slip{Key: b.Key, CreatedAt: time.UnixMicro(b.Created), BegunAt: time.UnixMicro(b.At),
				SendEnded: commands.SendEnded{ID: b.Begun, State: effects.Sending, Attempt: b.Attempt, Words: b.Words}})
		}
	}
	return left
}

// Forget empties the file, once the database knows what was in it, and makes it as long as it may become.
func (s *Journal) Forget() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.open)
	clear(s.begun)
	if err := s.clear(); err != nil {
		return fmt.Errorf("clearing the notes of what was sent: %w", err)
	}
	if err := s.reserve(); err != nil {
		s.logger.Warn("keeping room for the notes of what is sent failed; nothing is sent until there is some", "error", err)
	}
	return nil
}

// ready is an error when what is sent now could not be noted. It is asked before each send; mostly it compares two
// numbers.
func (s *Journal) ready() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.behind && s.size+slipsSpare <= s.room {
		return nil
	}
	if err := s.renew(); err != nil {
		return fmt.Errorf("%w: %w", errNoNote, err)
	}
	return nil
}

// begin writes a line about what is about to be handed over. Should the process die before it hears of it, the next one knows
// what may be there.
func (s *Journal) begin(row outbox.EffectRow, words []byte, now time.Time) {
	if s == nil || len(words) == 0 || len(words) > slipWords {
		return
	}
	b := begun{Begun: row.ID, Key: row.Key, Created: row.CreatedAt.UnixMicro(), At: now.UnixMicro(), Attempt: row.Attempts, Words: words}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun[row.ID] = b
	if err := s.write(b); err != nil {
		s.logger.Warn("noting what is being sent failed; should the process die just now, its text is not known", "error", err)
	}
}

// words are what an attempt has begun to hand over.
func (s *Journal) words(row outbox.EffectRow) []byte {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.begun[row.ID]; b.Attempt == row.Attempts && b.Key == row.Key {
		return b.Words
	}
	return nil
}

// note writes a line about a send that was just taken. From here on a death of the process repeats nothing. That the
// line could not be written is only logged: the send has happened.
func (s *Journal) note(row outbox.EffectRow, o commands.SendEnded) {
	if s == nil || o.State != effects.Sent && o.State != effects.Delivered {
		return
	}
	p := slip{ID: row.ID, Key: row.Key, Created: row.CreatedAt.UnixMicro(), State: o.State, Provider: o.ProviderID, Attempt: row.Attempts, words: o.Words}
	if !o.Ask.IsZero() {
		p.Ask = o.Ask.UnixMicro()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[p.ID] = p
	if err := s.write(p); err != nil {
		s.logger.Warn("noting a send failed; should the process die just now, it may be made again", "error", err)
	}
}

// known is the outcome of a row that was sent, though the database was not told.
func (s *Journal) known(row outbox.EffectRow) (commands.SendEnded, bool) {
	if s == nil {
		return commands.SendEnded{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.open[row.ID]
	return p.outcome(), ok && p.Key == row.Key
}

// settled forgets a row: the database knows. Its line stays in the file until that is written anew; the next process
// tells it to the database once more, which changes nothing.
func (s *Journal) settled(id int64) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, taken := s.open[id]
	_, begun := s.begun[id]
	if !taken && !begun {
		return
	}
	delete(s.open, id)
	delete(s.begun, id)
	if s.size < s.most { // writing the file anew costs far more than a line does
		return
	}
	s.tidy()
}

// write adds a line. One that fails is written over by the next. The lock is held.
func (s *Journal) write(p any) error {
	line, err := json.Marshal(p)
	if err == nil {
		_, err = s.file.WriteAt(append(line, '\n'), s.size)
	}
	if err != nil {
		s.behind = true
		return err
	}
	s.size += int64(len(line)) + 1
	s.room = max(s.room, s.size)
	return nil
}

// renew leaves only what is open in the file, and room for more. It writes a new file and renames it, so that a crash
// leaves the old or the new one whole. On an error the old file goes on.
func (s *Journal) renew() error {
	if len(s.open)+len(s.begun) == 0 {
		if err := s.clear(); err != nil {
			return err
		}
		return s.reserve()
	}
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for _, b := range s.begun { // before what was taken, as they were written
		if err := lines.Encode(b); err != nil {
			return err
		}
	}
	for _, p := range s.open {
		if err := lines.Encode(p); err != nil {
			return err
		}
	}
	size := int64(text.Len())
	text.Write(make([]byte, max(0, slipsRoom-size)))
	fresh := s.path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(text.Bytes()); err == nil {
		err = os.Rename(fresh, s.path)
	}
	if err != nil {
		f.Close()
		return errors.Join(err, os.Remove(fresh)) // it would hold room that is needed
	}
	s.file.Close()
	s.file, s.size, s.room, s.most, s.behind = f, size, int64(text.Len()), slipsSize, false
	return nil
}

// clear takes all lines out of the file, which keeps its room. Whoever dies in it leaves fewer lines.
func (s *Journal) clear() error {
	used := s.size
	if s.behind { // part of a line may stand behind them
		used = s.room
	}
	if _, err := s.file.WriteAt(make([]byte, used), 0); err != nil {
		return err
	}
	s.size, s.most, s.behind = 0, slipsSize, false
	return nil
}

// reserve makes the file as long as it may become.
func (s *Journal) reserve() error {
	n, err := s.file.WriteAt(make([]byte, max(0, slipsRoom-s.room)), s.room)
	s.room += int64(n)
	return err
}

// Tidy leaves only what is open in the file. Lines of settled sends stay for a while otherwise, and a
// provider's id may tell whom it went to: on Telegram it holds the chat.
func (s *Journal) Tidy() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tidy()
}

func (s *Journal) tidy() {
	if err := s.renew(); err != nil {
		s.most = s.size + slipsSize/4
		s.logger.Warn("clearing the notes of what was sent failed", "error", err)
	}
}

// Close closes the file; what is open in it is for the next process.
func (s *Journal) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open)+len(s.begun) > 0 {
		s.tidy()
	} else if err := s.file.Truncate(0); err != nil {
		s.logger.Warn("clearing the notes of what was sent failed", "error", err)
	}
	s.file.Close()
}
