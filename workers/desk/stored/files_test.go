package stored

import (
	"testing"

	"frontdesk/workers/store/view"
)

// TestAnImageBesideWordsOfACardIsMarked: nobody can mask a picture, so who opens one is told what it may show.
func TestAnImageBesideWordsOfACardIsMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, file, media string
		want                    bool
	}{
		{"a photo beside words of a card", "this is my card", "IMG_1.jpg", "image/jpeg", true},
		{"a photo whose name says it", "see the picture", "银行卡.png", "image/png", true},
		{"a photo beside other words", "the parcel is torn", "IMG_1.jpg", "image/jpeg", false},
		{"a document beside words of a card", "this is my card", "terms.pdf", "application/pdf", false},
	} {
		f := attached("/desk/tickets/T-1/messages/1", c.text, view.Attached{Name: c.file, MediaType: c.media, Digest: "d", Scan: view.ScanClean})
		if f.Card != c.want {
			t.Errorf("%s: marked %v", c.name, f.Card)
		}
	}
}
