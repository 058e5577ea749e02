package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/enrich"
	"frontdesk/workers/store"
	"frontdesk/workers/store/outbox"
)

// fetching brings the files that a provider keeps for us, before they expire there. They are large and slow, so they
// have their own row and their own tries. A file that is here already is not fetched again: each is kept under the
// digest of its content and named in its message's row.
type fetching struct {
	store *store.Store
	media *wayOut[channels.MediaFetcher]
	limit int64            // bytes of one file
	scan  *enrich.Scanners // nil: nobody is asked
	now   func() time.Time
}

// do fetches what the row's payload names (pipeline.MediaPayload).
func (f *fetching) do(ctx context.Context, row outbox.EffectRow) commands.SendEnded {
	fetcher := f.media.get(row.Inbox)
	if fetcher == nil {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "no-media", Detail: "the inbox cannot fetch files"}
	}
	var p pipeline.MediaPayload
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "payload", Detail: err.Error()}
	}
	return f.fetchAll(ctx, fetcher, row, p.Refs)
}

// fetchAll brings every file that can be had: one that never can be, or is not there yet, keeps none of the others away.
func (f *fetching) fetchAll(ctx context.Context, from channels.MediaFetcher, row outbox.EffectRow, refs []string) commands.SendEnded {
	here, err := f.here(ctx, row)
	if err != nil {
		return failure(row, err, f.now())
	}
	done := commands.SendEnded{ID: row.ID, State: effects.Sent}
	for _, ref := range refs {
		if here[ref] {
			continue
		}
		err := f.fetch(ctx, from, row, ref)
		if err == nil {
			continue
		}
		o := failure(row, err, f.now())
		switch {
		case done.State != effects.Due:
			done = o
		case o.State == effects.Due && o.Next.Before(done.Next):
			done = o
		}
		if ctx.Err() != nil || refusesAll(err) {
			break
		}
	}
	return done
}

// here are the files that an earlier attempt has brought.
func (f *fetching) here(ctx context.Context, row outbox.EffectRow) (map[string]bool, error) {
	if row.Attempts <= 1 {
		return nil, nil
	}
	return f.store.Files.Fetched(ctx, row.Message)
}

// refusesAll reports whether an error says that the provider gives us nothing now, whatever is asked for.
func refusesAll(err error) bool {
	var e *channels.Error
	return errors.As(err, &e) && (e.Class == channels.Throttled || e.Class == channels.Unauthorized || e.Class == channels.Refused)
}

// fetch brings one file and keeps it, unless a virus scanner finds something in it.
// The content is scanned before it is kept, so that no page ever offers a file that nobody has looked at where a
// scanner is configured. It lies in memory meanwhile: limit, times the sends of an inbox that run side by side,
// bounds that.
func (f *fetching) fetch(ctx context.Context, from channels.MediaFetcher, row outbox.EffectRow, ref string) error {
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
	found, err := f.scan.File(ctx, row.Inbox, row.Message, ref, content)
	if err != nil {
		return fmt.Errorf("scanning media: %w", err)
	}
	if found != "" {
		return f.store.Files.RefuseBlob(ctx, row.Message, ref, "not kept: a virus scanner found "+found)
	}
	digest, err := f.store.Files.PutBlob(ctx, content)
	if err != nil {
		return fmt.Errorf("keeping media: %w", err)
	}
	return f.store.Files.AttachBlob(ctx, row.Message, ref, digest, int64(len(content)))
}
