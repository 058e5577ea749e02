package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
)

// failure is a call that did not succeed. Its text is ours: Telegram's descriptions may grow to hold
// what does not belong in a log.
type failure struct {
	sent   bool // the request left
	status int  // 0: no answer
	api    bool // the answer has the API's form
	// why is one of the texts below; wait is what an answer asks for, 0 for none. err is the transport's, without the URL.
	why     string
	wait    time.Duration
	migrate int64 // the group's new id
	err     error
}

// Error implements error.
func (f *failure) Error() string {
	if f.err != nil {
		return fmt.Sprintf("%s: %v", f.why, f.err)
	}
	return f.why
}

// Unwrap implements error wrapping.
func (f *failure) Unwrap() error { return f.err }

// maxRetryAfter bounds the wait that an answer may ask for, in seconds.
const maxRetryAfter = 24 * 60 * 60

// read takes the result out of an answer, or makes a failure of it.
// The form of answers is that of "Making requests" in the Bot API: ok, result, description, error_code, parameters.
func read(status int, raw []byte) (json.RawMessage, error) {
	var a struct {
		OK          bool            `json:"ok"`
		Result      json.RawMessage `json:"result"`
		Description string          `json:"description"`
		Parameters  struct {
			RetryAfter int   `json:"retry_after"`
			Migrate    int64 `json:"migrate_to_chat_id"`
		} `json:"parameters"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, &failure{sent: true, status: status, why: "the answer is not in the API's form"}
	}
	if a.OK && status == http.StatusOK {
		return a.Result, nil
	}
	return nil, &failure{
		sent: true, status: status, api: a.Description != "", why: meaning(a.Description),
		wait: time.Duration(min(max(a.Parameters.RetryAfter, 0), maxRetryAfter)) * time.Second, migrate: a.Parameters.Migrate,
	}
}

// Meanings that decide a class.
const (
	whyGone    = "the user has blocked the bot or is gone"
	whyUnknown = "the chat is not known"
	whyOutside = "the bot is not in the chat"
	whyTooBig  = "the file is too big for the Bot API"
	whyNotYet  = "the file is not there, or not yet"
	whyNoTopic = "the topic is no more"
	whyPicture = "Telegram takes the picture for none that it can show"
	whyWebhook = "a webhook is set for this bot: delete it, or receive by webhook"
)

// meaning puts Telegram's description into words of ours.
// The Bot API has few codes and tells most by its description, in English words that have been stable for years. What is not known
// is a refusal without a reason. Part is in lower case; the first that fits counts.
func meaning(description string) string {
	d := strings.ToLower(description)
	for _, m := range []struct{ part, why string }{
		{"blocked by the user", whyGone},
		{"user is deactivated", whyGone},
		{"bot was kicked", whyOutside},
		{"bot is not a member", whyOutside},
		{"group chat was deactivated", whyOutside},
		{"chat not found", whyUnknown},
		{"user not found", whyUnknown},
		{"peer_id_invalid", whyUnknown},
		{"can't initiate conversation", whyUnknown},
		{"not enough rights", "the bot may not write in the chat"},
		{"have no rights", "the bot may not write in the chat"},
		{"chat_write_forbidden", "the bot may not write in the chat"},
		{"topic_closed", "the topic is closed"},
		{"message thread not found", whyNoTopic},
		{"topic_deleted", whyNoTopic},
		{"temporarily unavailable", whyNotYet},
		{"file is too big", whyTooBig},
		{"request entity too large", whyTooBig},
		{"photo_invalid_dimensions", whyPicture},
		{"photo_save_file_invalid", whyPicture},
		{"photo_ext_invalid", whyPicture},
		{"image_process_failed", whyPicture},
		{"webhook is active", whyWebhook},
		{"other getupdates", "another process polls for this bot"},
		{"message is too long", "the text is too long"},
		{"text is empty", "the text is empty"},
		{"upgraded to a supergroup", "the group has a new id"},
		{"unauthorized", "the token is not valid"},
	} {
		if strings.Contains(d, m.part) {
			return m.why
		}
	}
	return "Telegram refused the request"
}

// fail makes the connector's error. write says that the call would have sent something, so that
// silence leaves it unknown.
func fail(op string, err error, write bool) *channels.Error {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = &failure{why: "the call failed", err: err}
	}
	e := &channels.Error{Op: op, Class: f.class(write), After: f.wait, Err: f}
	if f.status != 0 {
		e.Code = strconv.Itoa(f.status)
	}
	switch {
	case e.Class == channels.Throttled:
		e.After = max(f.wait, time.Second)
	case f.status == http.StatusConflict && f.why == whyWebhook:
		e.After = time.Minute
	case f.status == http.StatusConflict:
		e.After = 15 * time.Second // let the other poller's turn end
	}
	return e
}

// class follows the API's error codes. A 401 or, for a token that was never one, a 404 is about the
// token. An answer of a gateway that waited in vain (502, 504) is as good as none.
func (f *failure) class(write bool) channels.Class {
	switch f.status {
	case 0, http.StatusOK, http.StatusBadGateway, http.StatusGatewayTimeout:
		if write && f.sent {
			return channels.Unknown
		}
		return channels.Temporary
	case http.StatusTooManyRequests:
		return channels.Throttled
	}
	if f.why == whyNotYet {
		return channels.NotYet
	}
	if !f.api || f.status >= 500 || f.status == http.StatusConflict {
		return channels.Temporary
	}
	switch {
	case f.status == http.StatusUnauthorized || f.status == http.StatusNotFound:
		return channels.Unauthorized
	case f.why == whyGone || f.why == whyUnknown || f.why == whyOutside:
		return channels.Gone
	case f.why == whyTooBig:
		return channels.TooLarge
	}
	return channels.Permanent
}
