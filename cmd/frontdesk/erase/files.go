package erase

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"frontdesk/workers/store/erasure"
)

// fileProof is what the search of the data directory's bytes found. Found says where and what kind of word, never the
// word itself: the report may be kept as evidence.
type fileProof struct {
	// Files, Bytes and Words are how much was searched, and for how many words of the person (addresses, phrases of
	// texts).
	Files   int   `json:"files"`
	Bytes   int64 `json:"bytes"`
	Words   int   `json:"words"`
	Rewrote bool  `json:"rewrote"` // the database file was written anew, since deleted text lay in its gaps
	// Logged says that somebody read for so long that the write-ahead log could not be emptied: it may hold erased text in
	// words that were not searched for.
	Logged bool     `json:"log_left,omitempty"`
	Found  []string `json:"found"`
}

// rewriteAtMost is the size up to which a SQLite file is rewritten without being asked for, in bytes: some seconds,
// in which nobody else can write. VACUUM needs that much room on the disk once more.
const rewriteAtMost = 1 << 30

// files empties SQLite's log, searches the bytes of the data directory, and rewrites the database file when deleted
// text is found in its gaps. SQLite does not overwrite what was deleted: it lies in free pages until they are used
// again, and in the write-ahead log until a checkpoint. On PostgreSQL the files are the server's.
// With --vacuum the file is rewritten in any case: the run that asked for it knew words that are gone from the tables now.
func (e *erasing) files(done erasure.Erased) (*fileProof, error) {
	ctx, until := e.cmd.Context(), time.Now().Add(e.f.wait)
	if e.s.Base.Dialect() != "sqlite" {
		return nil, nil
	}
	proof, err := e.compact(ctx, done, false, until)
	if err != nil || len(proof.Found) == 0 && !e.f.vacuum {
		return proof, err
	}
	if info, err := os.Stat(e.database()); err != nil || info.Size() > rewriteAtMost && !e.f.vacuum {
		return proof, nil
	}
	return e.compact(ctx, done, true, until)
}

// compact makes deleted text leave the database's files and searches them. A reading may stand in the way until then: that is
// no error here, but no proof either.
func (e *erasing) compact(ctx context.Context, done erasure.Erased, rewrite bool, until time.Time) (*fileProof, error) {
	err := e.s.Erasure.Compact(ctx, rewrite, max(time.Until(until), time.Second)) // a rewriting begins though the log has used up the time
	if err != nil && !errors.Is(err, erasure.ErrRead) {
		return nil, err
	}
	proof, searching := e.searchFiles(ctx, done.Words)
	proof.Rewrote, proof.Logged = rewrite, err != nil
	return proof, searching
}

// database is the path of the SQLite file.
func (e *erasing) database() string {
	return strings.TrimPrefix(e.c.Database.URL.Reveal(), "sqlite:")
}

// searchFiles looks for the words in every file of the data directory and in the database's own (with -wal and -shm),
// which may lie elsewhere. The service goes on meanwhile: a file that vanishes is no error. A name that cannot be
// read is, since an unread file proves nothing. What is sealed cannot be found this way, and need not: its rows are
// gone, and its keys are searched by nobody.
func (e *erasing) searchFiles(ctx context.Context, words []erasure.Word) (*fileProof, error) {
	proof := &fileProof{Words: len(words), Found: []string{}}
	seen := map[string]bool{}
	look := func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil || !entry.Type().IsRegular() || seen[path] {
			return err
		}
		seen[path] = true
		n, found, err := searchFile(path, words)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		proof.Files, proof.Bytes = proof.Files+1, proof.Bytes+n
		for _, kind := range found {
			proof.Found = append(proof.Found, filepath.Base(path)+": "+kind)
		}
		return errors.Join(err, ctx.Err())
	}
	if err := filepath.WalkDir(e.c.DataDir, look); err != nil {
		return proof, fmt.Errorf("searching the data directory: %w", err)
	}
	near, err := filepath.Glob(e.database() + "*")
	if err != nil {
		return proof, fmt.Errorf("searching the database's files: %w", err)
	}
	for _, path := range near {
		info, err := os.Stat(path)
		if err == nil {
			err = look(path, fs.FileInfoToDirEntry(info), nil)
		}
		if err != nil {
			return proof, fmt.Errorf("searching the database's files: %w", err)
		}
	}
	return proof, nil
}

// searchWindow is how much of a file is looked at at once, in bytes: memory stays the same whatever the file's size.
const searchWindow = 1 << 20

// searchFile looks for the words, overlapping windows by the longest, so that one that lies across two windows is
// found in the second. Addresses are compared without case. found names kinds, each once a file.
func searchFile(path string, words []erasure.Word) (size int64, found []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	longest := 0
	for _, w := range words {
		longest = max(longest, len(w.Text))
	}
	window := make([]byte, searchWindow+longest)
	kept := 0
	for {
		n, err := io.ReadFull(f, window[kept:])
		size += int64(n)
		part := window[:kept+n]
		for _, kind := range wordsIn(part, words) {
			if !slices.Contains(found, kind) {
				found = append(found, kind)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return size, found, nil
		}
		if err != nil {
			return size, found, err
		}
		kept = copy(window, part[max(0, len(part)-longest):])
	}
}

// wordsIn are the kinds of the words that stand in a part. It is one pass for each word; a person has some dozens.
func wordsIn(part []byte, words []erasure.Word) []string {
	var out []string
	var folded []byte
	for _, w := range words {
		text := part
		if w.Kind == "address" {
			if folded == nil {
				folded = foldASCII(part)
			}
			text = folded
		}
		if bytes.Contains(text, []byte(w.Text)) {
			out = append(out, w.Kind)
		}
	}
	return out
}

// foldASCII is a copy with ASCII letters in lower case; other bytes are no text here.
func foldASCII(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

// sink removes what was sent to the person from the mail sink, where no relay is configured: by the key of the
// effect, from which the sink makes its names (16 bytes of SHA-256, in hexadecimal), or because the person is named
// in it. A file that cannot be read is left to the search of the files, which reports it.
func (e *erasing) sink(p erasure.Person, done erasure.Erased) (int, error) {
	dir := filepath.Join(e.c.DataDir, "sink")
	names := e.s.Erasure.Names(p)
	keys := map[string]bool{}
	for _, sent := range done.Effected {
		sum := sha256.Sum256([]byte(sent.Key))
		keys[hex.EncodeToString(sum[:16])+".eml"] = true
	}
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the mail sink: %w", err)
	}
	n := 0
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		text, err := os.ReadFile(path)
		if err != nil || !keys[f.Name()] && !names(string(text)) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return n, fmt.Errorf("emptying the mail sink: %w", err)
		}
		n++
	}
	return n, nil
}
