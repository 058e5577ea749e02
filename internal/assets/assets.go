// Package assets serves embedded files under addresses that hold their digest, so that a browser may keep them for ever and still gets
// the ones of a new version. Scripts and styles are sent without their comments and packed: what they say to a reader costs a browser
// nothing.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"
)

// Files are the files of one folder. It is safe for concurrent use.
type Files struct {
	Addresses map[string]string // name → address
	files     map[string]file   // by address
}

// file is a file as it is sent.
type file struct {
	plain  []byte
	packed []byte // gzip, RFC 1952; nil where it would save nothing
}

// Load reads all files of a folder into memory at the start; they are some tens of kilobytes in the program itself. below is the path
// under which they are served, with slashes at both ends. A script or style that cannot be parsed is an error.
func Load(from fs.FS, below string) (*Files, error) {
	a := &Files{Addresses: map[string]string{}, files: map[string]file{}}
	names, err := fs.Glob(from, "*")
	if err != nil {
		return nil, fmt.Errorf("listing assets: %w", err)
	}
	small := minifier()
	for _, name := range names {
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("reading asset: %w", err)
		}
		ext := path.Ext(name)
		f, err := prepared(small, ext, content)
		if err != nil {
			return nil, fmt.Errorf("preparing asset %s: %w", name, err)
		}
		sum := sha256.Sum256(f.plain)
		address := below + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.Addresses[name], a.files[address] = address, f
	}
	return a, nil
}

// minifier knows scripts and styles, by the ends of their names. Names in scripts are kept, so that an error in a browser can be read.
func minifier() *minify.M {
	m := minify.New()
	m.Add(".css", &css.Minifier{})
	m.Add(".js", &js.Minifier{KeepVarNames: true})
	return m
}

func prepared(small *minify.M, ext string, content []byte) (file, error) {
	f := file{plain: content}
	switch ext {
	case ".css", ".js":
		out, err := small.Bytes(ext, content)
		if err != nil {
			return file{}, err
		}
		f.plain = out
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return file{}, err
	}
	if _, err := z.Write(f.plain); err != nil {
		return file{}, err
	}
	if err := z.Close(); err != nil {
		return file{}, err
	}
	if packed.Len() < len(f.plain) {
		f.packed = packed.Bytes()
	}
	return f, nil
}

// ServeHTTP serves a file by its address, packed for who takes it so. Since the address changes with the content, a browser need never
// ask again.
func (a *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	content := f.plain
	// Ranges are of the packed bytes then, so they are asked for in vain: RFC 9110, section 14.2, lets a server send the whole.
	if f.packed != nil && takesGzip(r.Header.Get("Accept-Encoding")) {
		w.Header().Set("Content-Encoding", "gzip")
		r = r.Clone(r.Context())
		r.Header.Del("Range")
		content = f.packed
	}
	http.ServeContent(w, r, r.URL.Path, time.Time{}, bytes.NewReader(content))
}

// takesGzip reads an Accept-Encoding (RFC 9110, section 12.5.3). A weight of 0 refuses; "*" is not taken for gzip, which costs nothing
// but room on the line.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		_, q, _ := strings.Cut(weight, "=")
		return strings.Trim(q, "0. ") != "" || strings.TrimSpace(q) == ""
	}
	return false
}
