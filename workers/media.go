package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/workers/store"
)

// fetching brings the files that a provider keeps for us, before they expire there. They are large
// and slow, so they have their own row and their own tries.
type fetching struct {
	store *store.Store
	media map[string]channels.MediaFetcher // by inbox
	limit int64                            // bytes of one file
	scans *Scans                           // nil: nobody is asked
	now   func() time.Time
}

func (f *fetching) do(ctx context.Context, row store.EffectRow) store.Outcome {
	fetcher := f.media[row.Inbox]
	if fetcher == nil {
		return store.Outcome{ID: row.ID, State: store.EffectFailed, Code: "no-media", Detail: "the inbox cannot fetch files"}
	}
	var p pipeline.MediaPayload
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return store.Outcome{ID: row.ID, State: store.EffectFailed, Code: "payload", Detail: err.Error()}
	}
	return f.fetchAll(ctx, fetcher, row, p.Refs)
}

// fetchAll brings every file that can be had: one that never can be keeps none of the others away.
func (f *fetching) fetchAll(ctx context.Context, from channels.MediaFetcher, row store.EffectRow, refs []string) store.Outcome {
	done := store.Outcome{ID: row.ID, State: store.EffectSent}
	for _, ref := range refs {
		err := f.fetch(ctx, from, row, ref)
		if err == nil {
			continue
		}
		o := failure(row, err, f.now())
		if o.State == store.EffectDue {
			return o
		}
		done = o
	}
	return done
}

// fetch brings one file and keeps it, unless a virus scanner finds something in it.
func (f *fetching) fetch(ctx context.Context, from channels.MediaFetcher, row store.EffectRow, ref string) error {
	body, _, err := from.FetchMedia(ctx, ref, f.limit)
	if err != nil {
		return err
	}
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, f.limit+1))
	if err != nil {
		return &channels.Error{Op: "reading media", Class: channels.Temporary, Err: err}
	}
	if int64(len(content)) > f.limit {
		return &channels.Error{Op: "reading media", Class: channels.TooLarge, Err: errors.New("the file is larger than limits.max_media")}
	}
	found, err := f.scans.file(ctx, row.Inbox, row.Message, ref, content)
	if err != nil {
		return fmt.Errorf("scanning media: %w", err)
	}
	if found != "" {
		return f.store.RefuseBlob(ctx, row.Message, ref, "not kept: a virus scanner found "+found)
	}
	digest, err := f.store.PutBlob(ctx, content)
	if err != nil {
		return fmt.Errorf("keeping media: %w", err)
	}
	return f.store.AttachBlob(ctx, row.Message, ref, digest, int64(len(content)))
}
