// Package assets serves embedded files under addresses that hold their digest, so that a browser may keep them for ever and still gets
// the ones of a new version.
package assets

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// Files are the files of one folder. It is safe for concurrent use.
type Files struct {
	Addresses map[string]string // name → address
	files     map[string][]byte // address → content
}

// Load reads all files of a folder into memory at the start; they are some tens of kilobytes in the program itself. below is the path
// under which they are served, with slashes at both ends.
func Load(from fs.FS, below string) (*Files, error) {
	a := &Files{Addresses: map[string]string{}, files: map[string][]byte{}}
	names, err := fs.Glob(from, "*")
	if err != nil {
		return nil, fmt.Errorf("listing assets: %w", err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("reading asset: %w", err)
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(name)
		address := below + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.Addresses[name], a.files[address] = address, content
	}
	return a, nil
}

// ServeHTTP serves a file by its address. Since the address changes with the content, a browser need never ask again.
func (a *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, r.URL.Path, time.Time{}, bytes.NewReader(content))
}
