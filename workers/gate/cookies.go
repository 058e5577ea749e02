package gate

import (
	"net/http"
	"strings"
	"time"
	"unicode"
)

// Cookie is the name of a cookie of ours. Where the browser came by TLS it goes under "__Host-" and the name: such a cookie no other host and
// no plain page can set.
type Cookie struct {
	Name string
	// Site says when other sites' links bring it along: Strict never, Lax with a page that they lead to.
	Site http.SameSite
}

const secured = "__Host-"

// Set gives the browser the cookie for a while. HttpOnly: no script reads it.
func (c Cookie) Set(w http.ResponseWriter, r *http.Request, value string, life time.Duration) {
	http.SetCookie(w, c.made(Secure(r), value, int(life.Seconds())))
}

// Drop takes it away again, under both names.
func (c Cookie) Drop(w http.ResponseWriter, r *http.Request) {
	for _, secure := range []bool{true, false} {
		k := c.made(secure, "", -1)
		if _, err := r.Cookie(k.Name); err == nil || secure == Secure(r) {
			k.Secure = secure || Secure(r)
			http.SetCookie(w, k)
		}
	}
}

// Values are what the browser sent, the better name first.
func (c Cookie) Values(r *http.Request) (out []string) {
	for _, name := range []string{secured + c.Name, c.Name} {
		if k, err := r.Cookie(name); err == nil && k.Value != "" {
			out = append(out, k.Value)
		}
	}
	return out
}

func (c Cookie) made(secure bool, value string, age int) *http.Cookie {
	k := &http.Cookie{Name: c.Name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: c.Site, Secure: secure}
	if secure {
		k.Name = secured + c.Name
	}
	return k
}

// Line is a text of a person on one line, without marks that hide or turn other text, and at most so many characters.
func Line(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most]))
	}
	return text
}

// Device says in a word or two what browser on what system it is, so that a person knows his own again. The whole
// text of the header is not kept.
func Device(agent string) string {
	if agent == "" {
		return ""
	}
	find := func(marks ...[2]string) string {
		for _, m := range marks {
			if strings.Contains(agent, m[0]) {
				return m[1]
			}
		}
		return ""
	}
	browser := find([2]string{"MicroMessenger/", "WeChat"}, [2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Firefox/", "Firefox"}, [2]string{"FxiOS/", "Firefox"},
		[2]string{"Chrome/", "Chrome"}, [2]string{"CriOS/", "Chrome"}, [2]string{"Safari/", "Safari"}, [2]string{"curl/", "curl"}, [2]string{"Wget/", "Wget"})
	system := find([2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"OpenHarmony", "HarmonyOS"}, [2]string{"Android", "Android"}, [2]string{"CrOS", "ChromeOS"},
		[2]string{"Windows", "Windows"}, [2]string{"Macintosh", "macOS"}, [2]string{"Linux", "Linux"})
	return strings.Trim(browser+", "+system, ", ")
}
