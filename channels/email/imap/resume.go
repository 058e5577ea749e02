package imap

import "frontdesk/channels"

// Resume takes up the bookmark of a folder that another process fetches: Reconcile then compares what
// lies before it, and Fetch goes on from the bookmark that it is given itself.
func (f *Fetcher) Resume(at channels.Cursor) error {
	cur, err := decodeCursor(at)
	if err != nil {
		return &channels.Error{Op: "resuming inbox " + f.cfg.Inbox, Class: channels.Permanent, Err: err}
	}
	f.remember(cur)
	return nil
}
