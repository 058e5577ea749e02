package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/hibiken/asynq"
)

// FuzzPayload hands a worker foreign bytes as a task: it is refused for good, or its ids are ones that
// a message can have, and enqueued again they are the same.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(`{"ids":[1,2,3],"again":true}`))
	f.Add([]byte(`{"ids":[0,-1,9223372036854775808]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got *Work
		err := (&Engine{coming: &arrivals{}}).handler(Process, func(_ context.Context, w Work) error {
			got = &w
			return nil
		})(t.Context(), asynq.NewTask(string(Process), raw))
		if (err == nil) != (got != nil) || err != nil && !errors.Is(err, asynq.SkipRetry) {
			t.Fatalf("error %v, work %v", err, got)
		}
		if err != nil {
			return
		}
		if len(got.IDs) == 0 || len(got.IDs) > maxIDs || slices.Min(got.IDs) < 0 {
			t.Errorf("work %+v", got)
		}
		body, err := json.Marshal(payload{IDs: got.IDs, Again: got.Again})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decode(body); err != nil || !slices.Equal(again.IDs, got.IDs) || again.Again != got.Again {
			t.Errorf("written again it is %+v, %v", again, err)
		}
	})
}
