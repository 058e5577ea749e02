package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"frontdesk/channels"
	"frontdesk/channels/internal/safehttp"
)

// FetchMedia gets a file by its file_id. Telegram hands out files of up to 20 MB and forgets name and
// type, so the type it tells is worth little; the message's own is better.
// The caller closes the reader; a file that turns out larger than limit ends it with an error (safehttp.Limit).
func (c *Connector) FetchMedia(ctx context.Context, ref string, limit int64) (io.ReadCloser, string, error) {
	const op = "fetching a file"
	raw, err := c.call(ctx, "getFile", map[string]string{"file_id": ref})
	if err != nil {
		return nil, "", fail(op, err, false)
	}
	var f struct {
		Path string `json:"file_path"`
		Size int64  `json:"file_size"`
	}
	if err := json.Unmarshal(raw, &f); err != nil || !local(f.Path) {
		return nil, "", &channels.Error{Op: op, Class: channels.Permanent, Err: errors.New("the file has no path")}
	}
	if f.Size > limit {
		return nil, "", &channels.Error{Op: op, Class: channels.TooLarge, Err: safehttp.ErrTooLarge}
	}
	res, err := c.open(ctx, f.Path)
	if err != nil {
		return nil, "", fail(op, err, false)
	}
	return safehttp.Limit(res.Body, limit), res.Header.Get("Content-Type"), nil
}

// local admits paths below the bot's folder.
func local(p string) bool {
	return p != "" && !strings.HasPrefix(p, "/") && path.Clean("/"+p) == "/"+p
}

// open asks for a file by the path that getFile gave.
func (c *Connector) open(ctx context.Context, file string) (*http.Response, error) {
	where := c.base + "/file/bot" + c.cfg.Token + "/" + (&url.URL{Path: file}).EscapedPath()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return nil, &failure{why: "the request cannot be made"}
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, &failure{why: "no answer came", err: c.safe(err)}
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		why := "the file was refused"
		if res.StatusCode == http.StatusNotFound {
			why = whyNotYet // paths are good for an hour; the next attempt asks for a new one
		}
		return nil, &failure{sent: true, status: res.StatusCode, why: why}
	}
	return res, nil
}
