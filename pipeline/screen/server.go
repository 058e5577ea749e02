package screen

import (
	"encoding/json"
	"strings"
)

// A server's notice is what a program of the mail world writes that is neither a bounce in its form nor anybody's
// answer: an event of a mail service as JSON, the refusal of a list server, the error log of a mail server. A
// website's form that writes JSON is a customer's and none of these.

// serverNotice recognises them. Each takes a sender that is no person and a content that only such a program has.
func (c *check) serverNotice() bool {
	from := c.m.From.Value
	switch {
	case mailEvent(c.m.Text) && (robot(from) || program(from) || c.nullSender() || c.headers.robotField() != ""):
		c.is(Auto, "an event of a mail service, as JSON")
	case c.headers.reportType() == "tlsrpt", dmarcSubject(c.subject) && len(c.m.Attachments) > 0:
		c.is(Auto, "a report of another mail server about many mails (RFC 7489, RFC 8460)")
	case c.fromList() && (posting.In(c.subject, nil) || posting.In(c.text, nil)), c.administers() && (refusals.In(c.subject, nil) || refusals.In(c.text, nil)):
		c.is(Auto, "a list server refuses a mail")
	case strings.HasPrefix(c.subject, "postfix smtp server: errors from") && daemon(from):
		c.is(Auto, "the error log of a mail server")
	default:
		return false
	}
	c.server = true
	return true
}

// dmarcSubject knows the subject that RFC 7489 §7.2.1.1 gives to aggregate reports.
func dmarcSubject(s string) bool {
	return strings.HasPrefix(s, "report domain:") && strings.Contains(s, "submitter:") || strings.HasPrefix(s, "report-domain:") || strings.HasPrefix(s, "[preview] report domain:")
}

// program reports whether an address is one under which services write to programs and people.
func program(address string) bool {
	local, _, _ := strings.Cut(addr(address), "@")
	switch unmarked(local) {
	case "notify", "notifier", "notice", "notices", "event", "events", "webhook", "webhooks", "hook", "hooks", "alert", "alerts", "monitor", "monitoring", "mailer", "mailservice", "emailservice", "delivery", "deliveries", "tracking", "feedback", "bot", "robot", "system", "api", "mta", "smtp", "relay":
		return true
	}
	return false
}

// administers reports whether list software itself wrote, by its name or by its own field.
func (c *check) administers() bool {
	local, _, _ := strings.Cut(addr(c.m.From.Value), "@")
	return software(local) || c.headers.has("x-list-administrivia")
}

// fromList reports whether a list wrote in its own name: from an address for its administration, or from its address
// under the fields of its mail. A list that hands on what somebody wrote puts its address before his name, too, and says so.
func (c *check) fromList() bool {
	local, domain, _ := strings.Cut(addr(c.m.From.Value), "@")
	switch {
	case c.administers(), listAddress(local, domain):
		return true
	case !c.headers.has("list-id") && !c.headers.has("list-post") && !c.headers.has("x-ml-name") && !c.headers.has("x-mlserver") && !c.headers.has("x-beenthere") && !c.headers.has("x-mailman-version"):
		return false
	case strings.Contains(c.m.From.Name, " via ") || len(c.m.ReplyTo) > 0 || c.m.Headers.Has("X-Original-From") || c.m.Headers.Has("X-Original-Sender"):
		return false
	}
	bare := local
	for _, part := range []string{"-admin", "-owner", "-request", "-bounces", "-ctl", "-help", "+owner", "+bounces", "-noreply", "+noreply"} {
		local = strings.TrimSuffix(local, part)
	}
	local = strings.TrimPrefix(strings.TrimPrefix(local, "owner-"), "majordomo-")
	id, _ := c.headers.first("list-id")
	name, _ := c.headers.first("x-ml-name")
	return local != "" && (local != bare && c.headers.has("x-mlserver") || strings.EqualFold(strings.TrimSpace(name), local) || strings.Contains(strings.ToLower(id), "<"+local+".") || c.headers.contains("x-beenthere", local+"@"+domain))
}

// software reports whether a local part is the name of list software.
func software(local string) bool {
	switch local {
	case "listserv", "majordomo", "sympa", "ezmlm", "fml", "listproc", "lyris":
		return true
	}
	return false
}

// posting is how lists speak of posts to them: nobody else does.

var posting = serverLists.List("posting")

// refusals are how list servers say that they do not take a mail.

var refusals = serverLists.List("refusals")

// Limits of what is read of an event.
const (
	maxEvent      = 64 << 10 // bytes
	maxEventDepth = 6
	maxEventTail  = 800 // bytes behind the event: the footer of the service
)

// mailEvent reports whether a text is the event of a mail service: JSON that names what became of a mail.
// A customer's program may send JSON as well: so it must name a mail, name an event of mails, and hold nobody's sentence.
func mailEvent(text string) bool {
	text = strings.TrimSpace(clip(text, maxEvent))
	if text == "" || text[0] != '{' && text[0] != '[' {
		return false
	}
	text = strings.ReplaceAll(text, "!\n ", "") // where an old mail server has cut the line
	d := json.NewDecoder(strings.NewReader(text))
	var v any
	if d.Decode(&v) != nil || len(text)-int(d.InputOffset()) > maxEventTail {
		return false
	}
	return eventIn(v, 0, mailIn(v, 0)) && !speaks(v, 0)
}

// mailIn reports whether a value says which mail or whose mailbox it is about.
func mailIn(v any, depth int) (found bool) {
	return depth <= maxEventDepth && anyField(v, func(key string, item any) bool {
		s, isText := item.(string)
		return mailKeys[key] && (!isText || strings.Contains(s, "@") || key != "email" && key != "to" && key != "from") || mailIn(item, depth+1)
	})
}

// speaks reports whether a field holds a sentence of somebody's: then it is what a form sent for him.
func speaks(v any, depth int) bool {
	return depth <= maxEventDepth && anyField(v, func(key string, item any) bool {
		s, isText := item.(string)
		return isText && sentenceKeys[key] && !strings.HasPrefix(s, "{") && (strings.Contains(strings.TrimSpace(s), " ") || len(s) > 24) || speaks(item, depth+1)
	})
}

// anyField reports whether a field of an object, or of one of the objects in a list, is such a one.
func anyField(v any, such func(key string, item any) bool) bool {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if anyField(item, such) {
				return true
			}
		}
	case map[string]any:
		for key, item := range v {
			if such(unmarked(strings.ToLower(key)), item) {
				return true
			}
		}
	}
	return false
}

// eventIn looks for a field that names an event of a mail, at most so deep.
func eventIn(v any, depth int, mail bool) bool {
	if depth > maxEventDepth {
		return false
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if eventIn(item, depth+1, mail) {
				return true
			}
		}
	case map[string]any:
		for key, item := range v {
			if s, ok := item.(string); ok && mailEventField(key, s, mail) {
				return true
			}
			if eventIn(item, depth+1, mail) {
				return true
			}
		}
	case string: // notification services put the event, as a text, into an envelope of their own
		if strings.HasPrefix(v, "{") && len(v) < maxEvent {
			var inner any
			return json.Unmarshal([]byte(v), &inner) == nil && eventIn(inner, depth+1, mail || mailIn(inner, 0))
		}
	}
	return false
}

// mailEventField reports whether a field says what became of a mail. Words that other programs use, too, such as
// open and failed, count in a field that is named for events alone, and where a mail is named.
func mailEventField(key, value string, mail bool) bool {
	key, value = unmarked(strings.ToLower(key)), unmarked(strings.ToLower(strings.TrimSpace(value)))
	return (eventKeys[key] || stateKeys[key]) && mailEvents[value] || mail && (eventKeys[key] && anyEvents[value] || (eventKeys[key] || stateKeys[key]) && value == "delivered")
}

// All are compared without marks, lower-case.
var (
	eventKeys = serverLists.Set("event fields")
	stateKeys = serverLists.Set("state fields")

	mailKeys     = serverLists.Set("mail fields")
	sentenceKeys = serverLists.Set("sentence fields")

	mailEvents = serverLists.Set("mail events")
	anyEvents  = serverLists.Set("events")
)
