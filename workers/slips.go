package workers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"frontdesk/workers/store"
)

// Slips keep in a file what a provider has just taken, until the database knows it too. Between the
// two a process may be killed, or the database be away: the send would then be made again. Writing a
// line costs microseconds, and the system keeps it however the process ends; nothing is synced,
// because after a power cut a repeat is the rule anyway. All methods may be called on nil.
type Slips struct {
	logger *slog.Logger
	path   string

	mu   sync.Mutex
	file *os.File
	open map[int64]slip
	size int64
}

// slip is a line of the file: no address and no text.
type slip struct {
	ID       int64             `json:"id"`
	Key      string            `json:"key"`
	Created  int64             `json:"created"` // of the row, in microseconds: after a backup was restored the same id may be another's
	State    store.EffectState `json:"state"`
	Provider string            `json:"provider,omitempty"`
}

// slipsSize is how long the file may grow before it is written anew.
const slipsSize = 256 << 10

// OpenSlips opens the file and returns what the last process has left in it. Only one process may have it.
func OpenSlips(path string, logger *slog.Logger) (*Slips, []store.Slip, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening slips: %w", err)
	}
	s := &Slips{logger: logger, path: path, file: f, open: map[int64]slip{}}
	var left []store.Slip
	for in := bufio.NewScanner(f); in.Scan(); {
		var p slip
		if json.Unmarshal(in.Bytes(), &p) != nil || p.ID == 0 {
			continue // the last line of a process that died in it
		}
		left = append(left, store.Slip{Key: p.Key, CreatedAt: time.UnixMicro(p.Created), Outcome: store.Outcome{ID: p.ID, State: p.State, ProviderID: p.Provider}})
	}
	return s, left, nil
}

// Forget empties the file, once the database knows what was in it.
func (s *Slips) Forget() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renew()
}

// note writes a line about a send that was just taken.
func (s *Slips) note(row store.EffectRow, o store.Outcome) {
	if s == nil || o.State != store.EffectSent && o.State != store.EffectDelivered {
		return
	}
	p := slip{ID: row.ID, Key: row.Key, Created: row.CreatedAt.UnixMicro(), State: o.State, Provider: o.ProviderID}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[p.ID] = p
	if err := s.write(p); err != nil {
		s.logger.Warn("noting a send failed; should the process die just now, it may be made again", "error", err)
	}
}

// known is the outcome of a row that was sent, though the database was not told.
func (s *Slips) known(row store.EffectRow) (store.Outcome, bool) {
	if s == nil {
		return store.Outcome{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.open[row.ID]
	return store.Outcome{ID: p.ID, State: p.State, ProviderID: p.Provider}, ok && p.Key == row.Key
}

// settled forgets a row: the database knows.
func (s *Slips) settled(id int64) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.open[id]; !ok {
		return
	}
	delete(s.open, id)
	if s.size < slipsSize { // emptying the file costs far more than a line does
		return
	}
	if err := s.renew(); err != nil {
		s.logger.Warn("clearing the notes of what was sent failed", "error", err)
	}
}

func (s *Slips) write(p slip) error {
	line, err := json.Marshal(p)
	if err != nil {
		return err
	}
	n, err := s.file.Write(append(line, '\n'))
	s.size += int64(n)
	return err
}

// renew leaves only what is open in the file.
func (s *Slips) renew() error {
	if len(s.open) == 0 {
		s.size = 0
		return s.file.Truncate(0)
	}
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for _, p := range s.open {
		if err := lines.Encode(p); err != nil {
			return err
		}
	}
	fresh := s.path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(text.Bytes()); err != nil {
		f.Close()
		return err
	}
	if err := os.Rename(fresh, s.path); err != nil {
		f.Close()
		return err
	}
	s.file.Close()
	s.file, s.size = f, int64(text.Len())
	return nil
}

// Tidy leaves only what is open in the file. Lines of settled sends stay for a while otherwise, and a
// provider's id may tell whom it went to: on Telegram it holds the chat.
func (s *Slips) Tidy() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tidy()
}

func (s *Slips) tidy() {
	if err := s.renew(); err != nil {
		s.logger.Warn("clearing the notes of what was sent failed", "error", err)
	}
}

// Close closes the file; what is open in it is for the next process.
func (s *Slips) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tidy()
	s.file.Close()
}
