package thread

import (
	"strings"
	"testing"
)

// TestNoTokenIsGuessed: whatever one character of a token is changed to, it names no ticket; nor does one of another purpose.
func TestNoTokenIsGuessed(t *testing.T) {
	t.Parallel()
	const id = 417
	subject, address, messageID := SubjectToken(testMAC, id), ReplyAddress(testMAC, "support@desk.example", id), MessageID(testMAC, "ack", id, "key-1", "desk.example")
	for _, c := range []struct {
		name, token, proof string
		read               func(string) (int64, bool)
	}{
		{"a subject's", subject, sign(testMAC, purposeSubject, id), func(s string) (int64, bool) { return FindSubjectToken(testMAC, s) }},
		{"an address's", address, sign(testMAC, purposeAddress, id), func(s string) (int64, bool) { return ParseReplyAddress(testMAC, s) }},
		{"a Message-ID's", messageID, sign(testMAC, purposeMessageID, id), func(s string) (int64, bool) { return ParseMessageID(testMAC, s) }},
	} {
		if got, ok := c.read(c.token); !ok || got != id {
			t.Fatalf("%s: %q names %d, %v", c.name, c.token, got, ok)
		}
		at := strings.Index(c.token, c.proof)
		for i := at; i < at+len(c.proof); i++ {
			for _, other := range "abcdefghjkmnpqrstuvwxyz23456789x0-. ]@" {
				if byte(other) == c.token[i] {
					continue
				}
				if got, ok := c.read(c.token[:i] + string(other) + c.token[i+1:]); ok && other != ' ' {
					t.Errorf("%s: with %q for its character %d it names %d", c.name, other, i, got)
				}
			}
		}
		for _, number := range []string{"416", "4170", "41", "-417", "0417x", "", "99999999999999999999"} {
			if got, ok := c.read(strings.Replace(c.token, "417", number, 1)); ok {
				t.Errorf("%s: with the number %q it names %d", c.name, number, got)
			}
		}
		for _, other := range []string{subject, address, messageID} {
			if got, ok := c.read(strings.Replace(c.token, c.proof, other, 1)); ok && got != id {
				t.Errorf("%s: with another's whole token for a proof it names %d", c.name, got)
			}
		}
	}
	for _, purpose := range []string{purposeAddress, purposeMessageID} {
		if got, ok := FindSubjectToken(testMAC, "[#T-417-"+sign(testMAC, purpose, id)+"]"); ok {
			t.Errorf("the proof of %s names ticket %d in a subject", purpose, got)
		}
	}
}

func TestWhereATokenStandsInASubject(t *testing.T) {
	t.Parallel()
	token := SubjectToken(testMAC, 417)
	other := SubjectToken(testMAC, 8)
	for _, c := range []struct {
		name, subject string
		want          int64
	}{
		{"by itself", token, 417},
		{"behind the subject", "Re: refund " + token, 417},
		{"before the subject", token + " Re: refund", 417},
		{"in Chinese", "回复：退款" + token + "谢谢", 417},
		{"in capitals", strings.ToUpper(token), 417},
		{"in small letters", strings.ToLower(token), 417},
		{"folded over two lines", strings.Replace(token, "-4", "-\r\n 4", 1), 417},
		{"with spaces in it", strings.Replace(token, "T-", "T- ", 1), 417},
		{"two of them", "Re: " + token + other, 417},
		{"a forged one before it", "[#T-8-aaaaaaaaaa] " + token, 417},
		{"behind brackets that say nothing", strings.Repeat("[#T-", 20) + token, 417},
		{"behind too many", strings.Repeat("[#T-", maxTokens) + token, 0},
		{"without its bracket", strings.TrimSuffix(token, "]"), 0},
		{"with a bracket that is far away", strings.TrimSuffix(token, "]") + strings.Repeat(" ", maxWidth) + "]", 0},
		{"without its sign", strings.Replace(token, "#", "", 1), 0},
		{"with signs of full width", strings.Replace(token, "[#", "［＃", 1), 0},
		{"nothing", "", 0},
		{"half of one", "[#", 0},
		{"a beginning", "[#T-", 0},
		{"no number", "[#T--" + sign(testMAC, purposeSubject, 0) + "]", 0},
		{"ticket nought", "[#T-0-" + sign(testMAC, purposeSubject, 0) + "]", 0},
	} {
		if got, ok := FindSubjectToken(testMAC, c.subject); got != c.want || ok != (c.want > 0) {
			t.Errorf("%s: %q names %d, %v, want %d", c.name, c.subject, got, ok, c.want)
		}
	}
}

func TestAddressesThatAreSigned(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"support@desk.example", "support+team@desk.example", "s@d", "客服@desk.example"} {
		signed := ReplyAddress(testMAC, address, 12)
		for _, way := range []string{signed, strings.ToUpper(signed)} {
			if got, ok := ParseReplyAddress(testMAC, way); !ok || got != 12 {
				t.Errorf("%s as %q names %d, %v", address, way, got, ok)
			}
		}
		if again := ReplyAddress(testMAC, signed, 12); again != signed {
			t.Errorf("signed again it is %q", again)
		}
	}
	for _, address := range []string{"", "@", "support", "support@desk.example", "support+t12@desk.example", "support+t12.@desk.example", "support+12.abcdefghjk@desk.example", "support+t.abcdefghjk@desk.example", "+t12.abcdefghjk@desk.example"} {
		if got, ok := ParseReplyAddress(testMAC, address); ok {
			t.Errorf("%q names %d", address, got)
		}
	}
	if got := ReplyAddress(testMAC, "nobody", 12); got != "nobody" {
		t.Errorf("an address without a domain becomes %q", got)
	}
}

func TestMessageIDsOfRows(t *testing.T) {
	t.Parallel()
	id := MessageID(testMAC, "ack", 12, "key-1", "desk.example")
	if id != MessageID(testMAC, "ack", 12, "key-1", "desk.example") || id == MessageID(testMAC, "ack", 12, "key-2", "desk.example") {
		t.Error("a Message-ID is not made of the row's key")
	}
	if !MadeFor(testMAC, id, "key-1") || MadeFor(testMAC, id, "key-2") || MadeFor(testMAC, "", "key-1") || MadeFor(testMAC, "a.b.c", "key-1") {
		t.Error("a Message-ID is taken for another row's")
	}
	for _, way := range []string{id, "<" + id + ">", " <" + id + "> ", strings.Replace(id, "desk.example", "relay.example", 1)} {
		if got, ok := ParseMessageID(testMAC, way); !ok || got != 12 {
			t.Errorf("%q names %d, %v", way, got, ok)
		}
	}
}

// TestTokensOfFormerVersionsAreRead: what was sent once is in mailboxes for years. A change of the alphabet fails here.
func TestTokensOfFormerVersionsAreRead(t *testing.T) {
	for _, c := range []struct {
		name, token string
		read        func(string) (int64, bool)
	}{
		{"a subject's", "[#T-417-74pg62tgfa]", func(s string) (int64, bool) { return FindSubjectToken(testMAC, s) }},
		{"an address's", "support+t417.a8zmhnbdg7@desk.example", func(s string) (int64, bool) { return ParseReplyAddress(testMAC, s) }},
		{"a Message-ID's", "ack.417.6jkuhmzb8c.s5tk4jyv2w@desk.example", func(s string) (int64, bool) { return ParseMessageID(testMAC, s) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := c.read(c.token); !ok || got != 417 {
				t.Errorf("%q names %d, %v", c.token, got, ok)
			}
		})
	}
}

// TestTheAlphabetOfTokens holds what the comment on its strength counts with.
func TestTheAlphabetOfTokens(t *testing.T) {
	times := map[rune]int{}
	for _, r := range alphabet {
		times[r]++
	}
	if len(alphabet) != 32 || len(times) != 31 || times['x'] != 2 {
		t.Errorf("%d characters, %d different ones, x %d times", len(alphabet), len(times), times['x'])
	}
	if i := strings.IndexAny(alphabet, "ilo01ABCDEFGHIJKLMNOPQRSTUVWXYZ"); i >= 0 {
		t.Errorf("%q is read as another one", alphabet[i])
	}
}
