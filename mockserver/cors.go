package mockserver

import "net/http"

// The headers that a browser has to be allowed to send.
//
// Source: what Ping's web SDK sends.
const (
	allowedHeaders = "authorization, content-type, interactionid, interactiontoken, " +
		"x-requested-platform, x-requested-with"
	allowedMethods = "GET, POST, OPTIONS"
)

// allow lets a page of any origin read the answer, as an application whose
// origin is registered may. The origin is repeated and never a star, for
// answers carry cookies. It reports whether the request only asked for that.
func allow(w http.ResponseWriter, r *http.Request) (done bool) {
	header := w.Header()
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin != "" {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Allow-Credentials", "true")
	}
	if r.Method != http.MethodOptions {
		return false
	}
	if origin != "" && r.Header.Get("Access-Control-Request-Method") != "" {
		header.Set("Access-Control-Allow-Methods", allowedMethods)
		header.Set("Access-Control-Allow-Headers", allowedHeaders)
		header.Set("Access-Control-Max-Age", "600")
	}
	header.Set("Allow", allowedMethods)
	w.WriteHeader(http.StatusNoContent)
	return true
}
