package verdict

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/emersion/go-msgauth/dkim"

	"frontdesk/channels/email/parse"
	"frontdesk/pipeline/message"
)

// Bounds of what is verified of one message. The library's cost grows with the square of a field's folded lines,
// of an empty stretch of the body, and with the product of listed and present fields.
const (
	// Each signature costs a DNS question and a check by a public key.
	maxSignatures = 5         // aligned signatures of one message, from the top
	maxHeader     = 256 << 10 // bytes of a header
	maxFields     = 1000      // fields of a header
	maxFolding    = 128 << 20 // bytes that joining the folded lines of a header copies
	maxEmpty      = 32 << 10  // bytes of line ends in a row within a body
	maxListed     = 200       // field names that one signature lists
)

// signed is what the aligned DKIM signatures of a message said together.
type signed struct {
	verdict message.Verdict
	pass    []signature // those that hold
}

// signature is one DKIM-Signature field.
type signature struct {
	field            field
	domain, selector string   // d= and s=
	listed           []string // h=, in lower case
	covers           bool     // every From and Subject of the mail is signed
}

// keyName is the name under which DNS has its key (RFC 6376 §3.6.2.1).
func (s signature) keyName() string { return s.selector + "._domainkey." + s.domain }

// field is one header field as the DKIM library reads it: bytes raw[start:end].
type field struct {
	name       string // in lower case
	start, end int
}

// checkSignatures verifies those signatures that are aligned with the sender. A sender that can be read in more
// than one way is vouched for by no signature.
//
// Signatures that are not aligned are not looked at: they prove nothing about From, and a mailing list's broken one must not harm it. DNS
// is asked before a slot is taken, so that slow name servers keep nobody from computing.
func (c *Checker) checkSignatures(ctx context.Context, from sender, raw []byte) signed {
	if from.domain == "" || !from.whole {
		return signed{verdict: message.VerdictNone}
	}
	fields, body, ok := split(raw)
	if !ok {
		return signed{verdict: message.VerdictPermError}
	}
	sigs := alignedSignatures(raw, fields, from.domain)
	if len(sigs) == 0 {
		return signed{verdict: message.VerdictNone}
	}
	text, ok := trimBody(raw[body:])
	if !ok {
		return signed{verdict: message.VerdictPermError}
	}
	keys := c.askKeys(ctx, sigs)
	select { // names are asked for by all at a time; computing is for a few
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return signed{verdict: message.VerdictTempError}
	}
	out := signed{verdict: message.VerdictNone}
	for _, sig := range sigs {
		one := verify(ctx, raw[:body], text, sig, keys)
		if one == message.VerdictPass {
			out.pass = append(out.pass, sig)
		}
		if rank(one) > rank(out.verdict) {
			out.verdict = one
		}
	}
	return out
}

// key is what DNS said of one key.
type key struct {
	// txt is the record set as the resolver gives it; err is what the library sorts into passing and lasting failures.
	txt []string
	err error
}

// askKeys looks the keys of all signatures up, side by side.
// Two signatures with one key ask once.
func (c *Checker) askKeys(ctx context.Context, sigs []signature) map[string]key {
	asked := map[string]<-chan key{}
	for _, sig := range sigs {
		name := sig.keyName()
		if asked[name] == nil {
			asked[name] = ask(func() key {
				txt, err := c.lookupTXT(ctx)(name)
				return key{txt, err}
			})
		}
	}
	keys := map[string]key{}
	for name, done := range asked {
		keys[name] = await(ctx, done, key{err: context.DeadlineExceeded})
	}
	return keys
}

// verify verifies one signature. It stands first in what the library gets, which verifies only the first:
// several at a time it would give to goroutines that wait for ever when reading fails.
// The library's cost is bounded by the constants above and by ctx; its keys come from memory, so it never waits for the network.
func verify(ctx context.Context, head, body []byte, sig signature, keys map[string]key) message.Verdict {
	pieces := io.MultiReader(bytes.NewReader(head[sig.field.start:sig.field.end]), bytes.NewReader(head[:sig.field.start]),
		bytes.NewReader(head[sig.field.end:]), bytes.NewReader(body))
	checks, err := dkim.VerifyWithOptions(reader{ctx, pieces}, &dkim.VerifyOptions{
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
	return dkimVerdict(checks[0].Err)
}

// reader fails once its time is over, so that the library's work ends.
type reader struct {
	// ctx ends with the verdict's deadline; a struct may keep it here because it lives as long as one call.
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

// dkimVerdict sorts the library's errors as RFC 8601 §2.7.1 names them.
func dkimVerdict(err error) message.Verdict {
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

// rank orders the verdicts of several signatures: one that holds is enough.
// A passing failure ranks above a lasting one, since a later look may find a pass.
func rank(v message.Verdict) int {
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

// split finds the fields of a header as the DKIM library does, and where the body begins; false for a
// header that would cost more than it is worth.
// It must see fields exactly as the library does: the signature to verify is cut out by these offsets.
func split(raw []byte) (fields []field, body int, ok bool) {
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
			fields = append(fields, field{strings.ToLower(string(bytes.TrimSpace(name[:min(len(name), 256)]))), pos, end})
		}
		if pos = end; pos > maxHeader || len(fields) > maxFields || folding > maxFolding {
			return nil, 0, false
		}
	}
	return fields, len(raw), true
}

// trimBody leaves out the empty lines at the end of a body, which no signature counts (RFC 6376 §3.4); false for
// a body with so long an empty stretch within that the library would copy it again and again.
// The result shares memory with body unless something was cut off. Lines end in CRLF as they came.
func trimBody(body []byte) ([]byte, bool) {
	if text := bytes.TrimRight(body, "\r\n"); len(body)-len(text) > maxEmpty {
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
		if len(rest)-len(text) > maxEmpty {
			return nil, false
		}
		rest = text
	}
	return body, true
}

// alignedSignatures lists the first signatures of domains that belong to the organization of from.
// A signature that lists too many fields is passed over like one that is not there.
func alignedSignatures(raw []byte, fields []field, from string) (out []signature) {
	present := map[string]int{}
	for _, f := range fields {
		present[f.name]++
	}
	for _, f := range fields {
		if f.name != "dkim-signature" || len(out) == maxSignatures {
			continue
		}
		_, value, _ := strings.Cut(string(raw[f.start:f.end]), ":")
		tags := tags(value)
		sig := signature{field: f, domain: tags["d"], selector: tags["s"]}
		sig.listed = strings.Split(strings.ToLower(tags["h"]), ":")
		if len(sig.listed) > maxListed || !parse.Aligned(from, sig.domain) {
			continue
		}
		sig.covers = covers(sig.listed, present)
		out = append(out, sig)
	}
	return out
}

// tags reads tag=value pairs as the library does; white space is dropped.
func tags(value string) map[string]string {
	bare := func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}
	tags := map[string]string{}
	for pair := range strings.SplitSeq(value, ";") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			tags[strings.TrimSpace(k)] = strings.Map(bare, v)
		}
	}
	return tags
}

// covers reports whether a signature lists From and Subject as often as the mail has them. Whoever holds
// a signed mail could otherwise send it again under a subject of his own.
// RFC 6376 §8.15 is about the same trick: a field that is signed once can be added a second time.
func covers(listed []string, present map[string]int) bool {
	times := map[string]int{}
	for _, name := range listed {
		times[name]++
	}
	return times["from"] >= present["from"] && times["subject"] >= present["subject"]
}
