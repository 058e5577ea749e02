package parse

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

type verdicts struct{ SPF, DKIM, DMARC message.Verdict }

func TestParseAuthResults(t *testing.T) {
	cases := []struct {
		name, in, server, from string
		want                   verdicts
	}{
		{"Gmail", "mx.google.com;\r\n dkim=pass header.i=@e.cn header.s=s1 header.b=abc;\r\n spf=pass (google.com: domain of a@e.cn designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@e.cn;\r\n dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=e.cn",
			"mx.google.com", "e.cn", verdicts{"pass", "pass", "pass"}},
		{"Microsoft 365 without authserv-id", "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=e.cn; dkim=none (message not signed)\r\n header.d=none;dmarc=bestguesspass action=none\r\n header.from=e.cn;compauth=pass reason=109",
			"", "e.cn", verdicts{"pass", "none", "none"}},
		{"Yahoo", "atlas.mail.yahoo.com; dkim=unknown; spf=none smtp.mailfrom=e.cn; dmarc=success(p=NONE) header.from=e.cn;", "atlas.mail.yahoo.com", "e.cn", verdicts{"none", "", "pass"}},
		{"a version and a method version", "mx.e.cn 1; spf/1=fail; dmarc/1 = fail header.from = e.cn", "mx.e.cn", "e.cn", verdicts{"fail", "", "fail"}},
		{"two signatures, the second good", "mx.e.cn; dkim=fail header.d=a; dkim=pass header.d=e.cn", "mx.e.cn", "", verdicts{"", "pass", ""}},
		{"a second dmarc result does not count", "mx.e.cn; dmarc=fail header.from=e.cn; dmarc=pass header.from=e.cn", "mx.e.cn", "e.cn", verdicts{"", "", "fail"}},
		{"nor does a first one that passes", "mx.e.cn; dmarc=pass header.from=e.cn; dmarc=fail header.from=e.cn", "mx.e.cn", "e.cn", verdicts{"", "", "fail"}},
		{"a signature of somebody else", "mx.e.cn; dkim=pass header.d=evil.example; dmarc=fail header.from=e.cn", "mx.e.cn", "e.cn", verdicts{"", "none", "fail"}},
		{"somebody else's key that cannot be asked for", "mx.e.cn; dkim=temperror header.d=evil.example; dmarc=none header.from=e.cn", "mx.e.cn", "e.cn", verdicts{"", "none", "none"}},
		{"a pass of nobody in particular", "mx.e.cn; dkim=pass; dmarc=none header.from=e.cn", "mx.e.cn", "e.cn", verdicts{"", "", "none"}},
		{"a quoted local part that holds a result", `mx.e.cn; spf=fail smtp.mailfrom="x; dmarc=pass header.from=e.cn"@evil.cn; dmarc=fail header.from=e.cn`, "mx.e.cn", "e.cn", verdicts{"fail", "", "fail"}},
		{"a comment that holds a result", "mx.e.cn; spf=fail (helo ;dmarc=pass); dmarc=fail (nested (dmarc=pass) ;) header.from=e.cn", "mx.e.cn", "e.cn", verdicts{"fail", "", "fail"}},
		{"no results", "mx.e.cn; none", "mx.e.cn", "", verdicts{}},
		{"an unknown word", "mx.e.cn; spf=perhaps", "mx.e.cn", "", verdicts{}},
		{"errors", "mx.e.cn; spf=temperror; dkim=permerror; dmarc=softfail", "mx.e.cn", "", verdicts{"temperror", "permerror", "softfail"}},
		{"nothing", "", "", "", verdicts{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := parseAuthResults(c.in)
			got := verdicts{r.worst("spf"), r.signed("e.cn"), r.worst("dmarc")}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			judged := ""
			for _, m := range r.methods {
				if m.name == "dmarc" && judged == "" {
					judged = m.props["header.from"]
				}
			}
			if r.server != c.server || judged != c.from {
				t.Errorf("server %q, from %q", r.server, judged)
			}
		})
	}
}

func TestTrustedResults(t *testing.T) {
	ours := mimewalk.Field{Name: "Authentication-Results", Value: " mx.us.example; dmarc=pass header.from=e.cn"}
	foreign := mimewalk.Field{Name: "authentication-results", Value: "mx.evil.example; dmarc=pass header.from=e.cn"}
	microsoft := mimewalk.Field{Name: "Authentication-Results", Value: "spf=pass smtp.mailfrom=e.cn; dmarc=pass header.from=e.cn"}
	subject := mimewalk.Field{Name: "Subject", Value: "x"}
	cases := []struct {
		name    string
		fields  []mimewalk.Field
		trusted []string
		want    bool
	}{
		{"the topmost is ours", []mimewalk.Field{subject, ours, foreign}, []string{"MX.us.example"}, true},
		{"ours stands below a foreign one, so it may be forged", []mimewalk.Field{foreign, ours}, []string{"mx.us.example"}, false},
		{"no one is trusted", []mimewalk.Field{ours}, nil, false},
		{"another is trusted", []mimewalk.Field{ours}, []string{"mx.them.example"}, false},
		{"an empty entry trusts no one", []mimewalk.Field{microsoft}, []string{""}, false},
		{"Microsoft 365 when it is configured", []mimewalk.Field{microsoft}, []string{TrustMicrosoft}, true},
		{"Microsoft 365 when it is not", []mimewalk.Field{microsoft}, []string{"mx.us.example"}, false},
		{"a server that calls itself microsoft", []mimewalk.Field{foreign}, []string{TrustMicrosoft}, false},
		{"any host of a provider", []mimewalk.Field{ours}, []string{"*.us.example"}, true},
		{"a host whose name only ends like it", []mimewalk.Field{{Name: ours.Name, Value: "mx.evilus.example; dmarc=pass"}}, []string{"*.us.example"}, false},
		{"any host of nobody", []mimewalk.Field{ours}, []string{"*."}, false},
		{"no field", []mimewalk.Field{subject}, []string{"mx.us.example"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, _ := trustedResults(c.fields, c.trusted)
			ok := len(r.methods) > 0
			if ok != c.want || ok && r.worst("dmarc") != message.VerdictPass {
				t.Errorf("trusted %v, %+v", ok, r)
			}
		})
	}
}

// TestWhatProvidersWrite: the forms that the servers of known providers have, with what DMARC says in them.
func TestWhatProvidersWrite(t *testing.T) {
	for value, want := range map[string]message.Verdict{
		"mx.qq.com; spf=none smtp.mailfrom=; dkim=none; dmarc=none(permerror) header.from=shop.example":                                           message.VerdictNone,
		"mx.qq.com; spf=pass smtp.mailfrom=a@shop.example; dkim=pass header.d=shop.example;\r\n\tdmarc=pass(quarantine) header.from=shop.example": message.VerdictPass,
		"dmarc.icloud.com; dmarc=pass header.from=shop.example":                                                                                   message.VerdictPass,
		"mx.google.com; dkim=pass header.i=@shop.example header.s=s1 header.b=AbC; dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=shop.example": message.VerdictFail,
		"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=shop.example; dmarc=bestguesspass action=none header.from=shop.example;compauth=pass":    message.VerdictNone, // there is no policy
	} {
		if got := parseAuthResults(value).dmarc("shop.example"); got != want {
			t.Errorf("%s: DMARC says %q, want %q", value, got, want)
		}
	}
}

func FuzzAuthres(f *testing.F) {
	f.Add("mx.google.com; dkim=pass header.i=@e.cn; spf=pass (x) smtp.mailfrom=\"a\"@e.cn")
	f.Add("spf=pass;dmarc = fail (((")
	f.Fuzz(func(t *testing.T, in string) {
		r := parseAuthResults(in)
		if len(r.methods) > maxAuthResults {
			t.Errorf("%d methods", len(r.methods))
		}
		if v := r.dmarc("e.cn"); v != "" && v != r.worst("dmarc") {
			t.Errorf("dmarc %q, but the worst is %q", v, r.worst("dmarc"))
		}
	})
}
