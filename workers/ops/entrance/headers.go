package entrance

import "net/http"

// queuePolicy is for Asynq's monitor alone, whose pages carry their script and style inline. It too
// reaches no other host.
const queuePolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// QueueHeaders are for Asynq's monitor alone.
func QueueHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", queuePolicy)
		next.ServeHTTP(w, r)
	})
}
