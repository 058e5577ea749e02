package parse

import "strings"

// The lines of inline PGP (RFC 9580 §6.2, §7).
const (
	pgpMessage   = "-----BEGIN PGP MESSAGE-----"
	pgpSigned    = "-----BEGIN PGP SIGNED MESSAGE-----"
	pgpSignature = "-----BEGIN PGP SIGNATURE-----"
	pgpEnd       = "-----END PGP SIGNATURE-----"
)

// readPGP notes inline PGP that cannot be read, and takes a signature off a text that is signed and readable. The
// signature is not checked.
// Of several signed texts only the first is unwrapped; the others stay as they stand.
func (j *job) readPGP(t string) string {
	if !strings.Contains(t, "-----BEGIN PGP ") {
		return t
	}
	if lineAt(t, pgpMessage) >= 0 {
		j.m.Encrypted = true
		j.problem("inline PGP: the text is encrypted")
	}
	begin := lineAt(t, pgpSigned)
	if begin < 0 {
		return t
	}
	body := strings.Index(t[begin:], "\n\n") // behind the hash headers
	sign := lineAt(t[begin:], pgpSignature)
	if body < 0 || sign < body {
		return t
	}
	j.problem("inline PGP: a signature was taken off, and not checked")
	rest := ""
	if end := lineAt(t[begin+sign:], pgpEnd); end >= 0 {
		rest = strings.TrimPrefix(t[begin+sign+end+len(pgpEnd):], "\n")
	}
	signed := t[begin+body+2 : begin+sign]
	signed = strings.ReplaceAll("\n"+signed, "\n- ", "\n")[1:] // dash-escaped lines, §7.1
	return t[:begin] + signed + rest
}

// lineAt is where a line begins with words; -1 where none does.
func lineAt(t, words string) int {
	if strings.HasPrefix(t, words) {
		return 0
	}
	if i := strings.Index(t, "\n"+words); i >= 0 {
		return i + 1
	}
	return -1
}
