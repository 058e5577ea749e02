package ops

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// readyWithin bounds the questions of /readyz.
const readyWithin = 3 * time.Second

// healthz says that the process runs.
func (d *desk) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte("ok\n")) //nolint:errcheck // the caller has gone away
}

// readyz asks the database and Redis, and says which of them does not answer. Why goes to the log:
// the answer is open to everyone.
func (d *desk) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	redis := make(chan error, 1)
	go func() { redis <- d.Engine.Ping(ctx) }()
	status := http.StatusOK
	answer := map[string]string{}
	for _, part := range []struct {
		name string
		err  error
	}{{"database", d.Store.Ping(ctx)}, {"redis", <-redis}} {
		answer[part.name] = "ok"
		if part.err != nil {
			d.Logger.Warn("not ready", "part", part.name, "error", part.err)
			answer[part.name], status = "failing", http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer) //nolint:errcheck // the caller has gone away
}
