package reading

import (
	"bytes"
	"net/http"
	"slices"
)

// pictures are the types that browsers show and that run nothing: SVG is none of them.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// picture is the type of a picture by its content; "" for anything else.
func picture(content []byte) string {
	if kind := http.DetectContentType(content); slices.Contains(pictures, kind) {
		return kind
	}
	return ""
}

// begins is how a file of a type begins, from a place on.
type begins struct {
	at   int
	with string
	kind string
}

// sounds are what browsers play, as their content begins.
var sounds = []begins{
	{0, "OggS", "audio/ogg"}, {0, "ID3", "audio/mpeg"}, {0, "\xff\xfb", "audio/mpeg"}, {0, "\xff\xf3", "audio/mpeg"}, {0, "\xff\xf2", "audio/mpeg"},
	{0, "\xff\xf1", "audio/aac"}, {0, "\xff\xf9", "audio/aac"}, {8, "WAVE", "audio/wav"}, {0, "fLaC", "audio/flac"}, {4, "ftypM4A ", "audio/mp4"},
}

// sound is the type of a sound by its content; "" for anything else.
func sound(content []byte) string {
	for _, s := range sounds {
		if len(content) > s.at && bytes.HasPrefix(content[s.at:], []byte(s.with)) {
			return s.kind
		}
	}
	return ""
}
