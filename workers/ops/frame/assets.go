package frame

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

// assets serves the embedded files under addresses that hold their digest, so that a browser may
// keep them for ever and still gets the ones of a new version.
type assets struct {
	addresses map[string]string // name → address
	files     map[string][]byte // address → content
}

// loadAssets reads all files into memory at the start; they are some tens of kilobytes in the program itself.
func loadAssets(from fs.FS) (*assets, error) {
	a := &assets{addresses: map[string]string{}, files: map[string][]byte{}}
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
		address := "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.addresses[name], a.files[address] = address, content
	}
	return a, nil
}

// ServeHTTP serves a file by its address. Since the address changes with the content, a browser need never ask again.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, r.URL.Path, time.Time{}, bytes.NewReader(content))
}
