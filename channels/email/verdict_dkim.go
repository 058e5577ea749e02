package email

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/emersion/go-msgauth/dkim"

	"frontdesk/pipeline/message"
)

// Bounds of what is verified of one message. The library's cost grows with the square of a field's folded lines,
// of an empty stretch of the body, and with the product of listed and present fields.
const (
	verdictSignatures = 5         // aligned signatures of one message, from the top
	verdictHeader     = 256 << 10 // bytes of a header
	verdictFieldCount = 1000      // fields of a header
	verdictFolding    = 128 << 20 // bytes that joining the folded lines of a header copies
	verdictEmpty      = 32 << 10  // bytes of line ends in a row within a body
	verdictListed     = 200       // field names that one signature lists
)

// verdictSigned is what the aligned DKIM signatures of a message said together.
type verdictSigned struct {
	verdict message.Verdict
	pass    []verdictSignature // those that hold
}

// verdictSignature is one DKIM-Signature field.
type verdictSignature struct {
	field            verdictField
	domain, selector string   // d= and s=
	listed           []string // h=, in lower case
	covers           bool     // every From and Subject of the mail is signed
}

func (s verdictSignature) keyName() string { return s.selector + "._domainkey." + s.domain }

// verdictField is one header field as the DKIM library reads it: bytes raw[start:end].
type verdictField struct {
	name       string // in lower case
	start, end int
}

// checkSignatures verifies those signatures that are aligned with the sender. A sender that can be read in more
// than one way is vouched for by no signature.
func (c *SenderChecker) checkSignatures(ctx context.Context, from verdictSender, raw []byte) verdictSigned {
	if from.domain == "" || !from.whole {
		return verdictSigned{verdict: message.VerdictNone}
	}
	fields, body, ok := verdictSplit(raw)
	if !ok {
		return verdictSigned{verdict: message.VerdictPermError}
	}
	sigs := verdictAlignedSignatures(raw, fields, from.domain)
	if len(sigs) == 0 {
		return verdictSigned{verdict: message.VerdictNone}
	}
	text, ok := verdictBody(raw[body:])
	if !ok {
		return verdictSigned{verdict: message.VerdictPermError}
	}
	keys := c.askKeys(ctx, sigs)
	select { // names are asked for by all at a time; computing is for a few
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return verdictSigned{verdict: message.VerdictTempError}
	}
	out := verdictSigned{verdict: message.VerdictNone}
	for _, sig := range sigs {
		one := verdictVerify(ctx, raw[:body], text, sig, keys)
		if one == message.VerdictPass {
			out.pass = append(out.pass, sig)
		}
		if verdictRank(one) > verdictRank(out.verdict) {
			out.verdict = one
		}
	}
	return out
}

// verdictKey is what DNS said of one key.
type verdictKey struct {
	txt []string
	err error
}

// askKeys looks the keys of all signatures up, side by side.
func (c *SenderChecker) askKeys(ctx context.Context, sigs []verdictSignature) map[string]verdictKey {
	asked := map[string]<-chan verdictKey{}
	for _, sig := range sigs {
		name := sig.keyName()
		if asked[name] == nil {
			asked[name] = verdictAsk(func() verdictKey {
				txt, err := c.lookupTXT(ctx)(name)
				return verdictKey{txt, err}
			})
		}
	}
	keys := map[string]verdictKey{}
	for name, done := range asked {
		keys[name] = verdictAwait(ctx, done, verdictKey{err: context.DeadlineExceeded})
	}
	return keys
}

// verdictVerify verifies one signature. It stands first in what the library gets, which verifies only the first:
// several at a time it would give to goroutines that wait for ever when reading fails.
func verdictVerify(ctx context.Context, head, body []byte, sig verdictSignature, keys map[string]verdictKey) message.Verdict {
	pieces := io.MultiReader(bytes.NewReader(head[sig.field.start:sig.field.end]), bytes.NewReader(head[:sig.field.start]),
		bytes.NewReader(head[sig.field.end:]), bytes.NewReader(body))
	checks, err := dkim.VerifyWithOptions(verdictReader{ctx, pieces}, &dkim.VerifyOptions{
		MaxVerifications: 1,
		LookupTXT: func(name string) ([]string, error) {
			key, ok := keys[name]
			if !ok {
				return nil, errors.New("another key than that of its tags")
			}
			return key.txt, key.err
		},
	})
	switch {
	case ctx.Err() != nil:
		return message.VerdictTempError
	case err != nil && !errors.Is(err, dkim.ErrTooManySignatures), len(checks) != 1:
		return message.VerdictPermError
	}
	return verdictDKIM(checks[0].Err)
}

// verdictReader fails once its time is over, so that the library's work ends.
type verdictReader struct {
	ctx context.Context
	r   io.Reader
}

func (r verdictReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

func verdictDKIM(err error) message.Verdict {
	switch {
	case err == nil:
		return message.VerdictPass
	case dkim.IsTempFail(err):
		return message.VerdictTempError
	case dkim.IsPermFail(err):
		return message.VerdictPermError
	default:
		return message.VerdictFail
	}
}

// verdictRank orders the verdicts of several signatures: one that holds is enough.
func verdictRank(v message.Verdict) int {
	switch v {
	case message.VerdictPass:
		return 4
	case message.VerdictTempError:
		return 3
	case message.VerdictFail:
		return 2
	case message.VerdictPermError:
		return 1
	default:
		return 0
	}
}

// verdictSplit finds the fields of a header as the DKIM library does, and where the body begins; false for a
// header that would cost more than it is worth.
func verdictSplit(raw []byte) (fields []verdictField, body int, ok bool) {
	folding, pos := 0, 0
	for pos < len(raw) {
		end := len(raw)
		if i := bytes.IndexByte(raw[pos:], '\n'); i >= 0 {
			end = pos + i + 1
		}
		line := bytes.TrimSuffix(bytes.TrimSuffix(raw[pos:end], []byte("\n")), []byte("\r"))
		switch {
		case len(line) == 0:
			return fields, end, true
		case len(fields) > 0 && (line[0] == ' ' || line[0] == '\t'):
			last := &fields[len(fields)-1]
			last.end = end
			folding += end - last.start
		default:
			name, _, _ := bytes.Cut(line, []byte(":"))
			fields = append(fields, verdictField{strings.ToLower(string(bytes.TrimSpace(name[:min(len(name), 256)]))), pos, end})
		}
		if pos = end; pos > verdictHeader || len(fields) > verdictFieldCount || folding > verdictFolding {
			return nil, 0, false
		}
	}
	return fields, len(raw), true
}

// verdictBody leaves out the empty lines at the end of a body, which no signature counts (RFC 6376 §3.4); false for
// a body with so long an empty stretch within that the library would copy it again and again.
func verdictBody(body []byte) ([]byte, bool) {
	if text := bytes.TrimRight(body, "\r\n"); len(body)-len(text) > verdictEmpty {
		if body = body[:len(text)]; len(text) > 0 {
			body = append(append(make([]byte, 0, len(text)+2), text...), "\r\n"...)
		}
	}
	for rest := body; len(rest) > 0; {
		at := bytes.IndexAny(rest, "\r\n")
		if at < 0 {
			break
		}
		rest = rest[at:]
		text := bytes.TrimLeft(rest, "\r\n")
		if len(rest)-len(text) > verdictEmpty {
			return nil, false
		}
		rest = text
	}
	return body, true
}

// verdictAlignedSignatures lists the first signatures of domains that belong to the organization of from.
func verdictAlignedSignatures(raw []byte, fields []verdictField, from string) (out []verdictSignature) {
	present := map[string]int{}
	for _, f := range fields {
		present[f.name]++
	}
	for _, f := range fields {
		if f.name != "dkim-signature" || len(out) == verdictSignatures {
			continue
		}
		_, value, _ := strings.Cut(string(raw[f.start:f.end]), ":")
		tags := verdictTags(value)
		sig := verdictSignature{field: f, domain: tags["d"], selector: tags["s"]}
		sig.listed = strings.Split(strings.ToLower(tags["h"]), ":")
		if len(sig.listed) > verdictListed || !verdictRelaxed(from, sig.domain) {
			continue
		}
		sig.covers = verdictCovers(sig.listed, present)
		out = append(out, sig)
	}
	return out
}

// verdictTags reads tag=value pairs as the library does; white space is dropped.
func verdictTags(value string) map[string]string {
	bare := func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}
	tags := map[string]string{}
	for _, pair := range strings.Split(value, ";") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			tags[strings.TrimSpace(k)] = strings.Map(bare, v)
		}
	}
	return tags
}

// verdictCovers reports whether a signature lists From and Subject as often as the mail has them. Whoever holds
// a signed mail could otherwise send it again under a subject of his own.
func verdictCovers(listed []string, present map[string]int) bool {
	times := map[string]int{}
	for _, name := range listed {
		times[name]++
	}
	return times["from"] >= present["from"] && times["subject"] >= present["subject"]
}
