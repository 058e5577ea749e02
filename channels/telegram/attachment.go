package telegram

import (
	"cmp"
	"path"
	"strings"

	"frontdesk/pipeline/message"
)

// media are the kinds of file that a message may hold.
// Telegram sends one of them at a time; of an album each picture is a message of its own.
type media struct {
	Photo     []file   `json:"photo"` // one picture in several sizes, the largest last
	Document  *file    `json:"document"`
	Voice     *file    `json:"voice"`
	Audio     *file    `json:"audio"`
	Video     *file    `json:"video"`
	VideoNote *file    `json:"video_note"`
	Animation *file    `json:"animation"` // its document is there as well, for older bots
	Sticker   *sticker `json:"sticker"`
}

// file is a file of Telegram's: PhotoSize, Document, Voice and the like, in the fields that they share.
type file struct {
	// ID is this bot's name of it, good for getFile; Same is the same for every bot and every copy, and good for comparing only.
	ID   string `json:"file_id"`
	Same string `json:"file_unique_id"`
	Name string `json:"file_name"`
	Type string `json:"mime_type"`
	// Size is in bytes, 0 where Telegram does not tell it.
	Size int64 `json:"file_size"`
}

// sticker is a file with the emoji that it stands for, which is what a person reads.
type sticker struct {
	file
	Emoji    string `json:"emoji"`
	Animated bool   `json:"is_animated"`
	Video    bool   `json:"is_video"`
}

// emoji is what a sticker says in one character; "" for anything else.
func (m media) emoji() string {
	if m.Sticker == nil {
		return ""
	}
	return m.Sticker.Emoji
}

// attachments lists the files by their file_id, from which a file can be fetched for as long as the
// bot exists.
// A media type that is not told is that which the Bot API documents for the kind.
func (m media) attachments() []message.Attachment {
	var out []message.Attachment
	add := func(f *file, otherwise string) {
		if f == nil || f.ID == "" {
			return
		}
		out = append(out, message.Attachment{
			Name: base(f.Name), MediaType: cmp.Or(strings.ToLower(f.Type), otherwise), Size: max(f.Size, 0), Ref: f.ID, Unique: f.Same,
		})
	}
	if n := len(m.Photo); n > 0 {
		add(&m.Photo[n-1], "image/jpeg")
	}
	if m.Animation != nil {
		add(m.Animation, "video/mp4")
	} else {
		add(m.Document, "application/octet-stream")
	}
	add(m.Voice, "audio/ogg")
	add(m.Audio, "audio/mpeg")
	add(m.Video, "video/mp4")
	add(m.VideoNote, "video/mp4")
	if s := m.Sticker; s != nil {
		add(&s.file, s.kind())
	}
	return out
}

// kind is the media type of a sticker, which Telegram does not tell.
func (s sticker) kind() string {
	switch {
	case s.Animated:
		return "application/x-tgsticker"
	case s.Video:
		return "video/webm"
	}
	return "image/webp"
}

// base strips what looks like folders from a file name, of either system.
func base(name string) string {
	name = path.Base(strings.ReplaceAll("/"+name, `\`, "/"))
	if name == "/" || name == "." || name == ".." {
		return ""
	}
	return name
}
