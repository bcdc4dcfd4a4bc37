// Package fake answers like the management API of one PingOne environment. The environment
// is set up correctly until a test changes it. The package knows neither flows nor
// recordings, and sends no requests.
package fake

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The credentials of the worker app, and ids of the environment.
const (
	WorkerID     = "flowtest-worker"
	WorkerSecret = "demo-worker-Secret-1" //nolint:gosec // of a demonstration, on this machine only
	Application  = "a1000000-0000-4000-8000-00000000da71"
	openID       = "a1000000-0000-4000-8000-0000000000d1"
)

// A Config describes the environment.
type Config struct {
	// Base is the address of the server, without a path: https://127.0.0.1:8910.
	// Required.
	Base string

	// Environment is the environment id, a UUID. Required.
	Environment string

	// ClientID is the id of its only app. Empty means that an app with any id exists. Optional.
	ClientID string

	// RedirectURI is the redirect URI of the app. Required.
	RedirectURI string

	// Policies are the flow policy ids by the names of their flows. Required.
	Policies map[string]string

	// Population is the name of the only population, in which users can be created.
	// Empty means that the environment is read-only. Optional.
	Population string

	// Added is called with the attributes of every user who can sign on: username, password,
	// email, otp and others. The function that it returns is called when the user cannot sign on
	// any longer. It must not call the tenant. Optional.
	Added func(attributes map[string]string) (remove func())

	// Period is how many seconds the code of an authenticator app is valid. Zero means 30.
	// Optional.
	Period int

	// Now is the clock. Nil means [time.Now]. Optional.
	Now func() time.Time
}

// A Tenant is an environment; it implements [http.Handler] for the paths below /v1/ and
// for the token endpoint of the worker app. It may be used by several goroutines at once.
type Tenant struct {
	mu      sync.Mutex
	api     *api
	refuse  map[string][]answer // answers to give first, by path
	issued  int                 // the number of tokens issued; they are numbered from 1
	expired int                 // tokens up to this number have expired
	written []string            // requests other than GET

	settings  *settings
	directory *directory
	history   *history
}

// New returns an environment that is set up correctly.
func New(c Config) *Tenant {
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Period = cmp.Or(c.Period, usualPeriod)
	a := &api{Config: &c, size: 500}
	s := newSettings(a)
	return &Tenant{
		api: a, refuse: map[string][]answer{}, settings: s, directory: &directory{api: a, users: map[string]*person{}},
		history: &history{api: a, level: s.logLevel},
	}
}

// IsToken reports whether a request is a token request of the worker app.
func IsToken(r *http.Request) bool {
	id, _, ok := r.BasicAuth()
	return ok && id == WorkerID && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/as/token")
}

// Change edits the answer to GET path, relative to the environment: an object or a list
// of objects. Nil removes it.
func (t *Tenant) Change(path string, edit func(any) any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := edit(t.settings.answers[path]); now != nil {
		t.settings.answers[path] = now
	} else {
		delete(t.settings.answers, path)
	}
}

// Refuse answers the next requests for a path with a status, a code and a message. The
// path of the token endpoint is "token". A method may precede the path, and * matches any
// id: "DELETE /users/*".
func (t *Tenant) Refuse(path string, times, status int, code, message, retryAfter string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range times {
		t.refuse[path] = append(t.refuse[path], answer{status, failure(code, message), retryAfter})
	}
}

// Expire makes all issued tokens invalid.
func (t *Tenant) Expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expired = t.issued
}

// Pages sets the number of entries on a page of a list.
func (t *Tenant) Pages(entries int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.api.size = entries
}

// Issued returns the number of tokens issued.
func (t *Tenant) Issued() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.issued
}

// Written returns the requests other than GET, including those that were refused.
func (t *Tenant) Written() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.written)
}

// ServeHTTP implements [http.Handler].
func (t *Tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	a := t.answer(r)
	body, err := json.Marshal(a.body) // under the lock, because the body may be a part of the state
	t.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	w.WriteHeader(a.status)
	if a.status != http.StatusNoContent {
		_, _ = w.Write(body)
	}
}

func (t *Tenant) answer(r *http.Request) answer {
	if strings.HasSuffix(r.URL.Path, "/as/token") {
		return t.token(r)
	}
	if r.Method != http.MethodGet {
		t.written = append(t.written, r.Method+" "+r.URL.Path)
	}
	if r.Method != http.MethodGet && t.api.Population == "" {
		return answer{
			status: http.StatusMethodNotAllowed,
			body:   failure("METHOD_NOT_ALLOWED", "This environment is read-only."),
		}
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/v1/environments/"+t.api.Environment)
	switch {
	case !ok:
		return answer{status: http.StatusForbidden, body: failure("ACCESS_FAILED",
			"Invalid key=value pair (missing equal-sign) in Authorization header")}
	case !t.holds(r.Header.Get("Authorization")):
		body := failure("ACCESS_FAILED", "The request could not be completed. You do not have access to this resource.")
		body["details"] = []any{map[string]any{"code": "INVALID_TOKEN", "message": "The token is not valid."}}
		return answer{status: http.StatusUnauthorized, body: body}
	}
	for _, key := range []string{path, r.Method + " " + path, r.Method + " " + anyID.ReplaceAllString(path, "/*")} {
		if list := t.refuse[key]; len(list) > 0 {
			t.refuse[key] = list[1:]
			return list[0]
		}
	}
	switch users := path == "/populations" || path == "/users" || strings.HasPrefix(path, "/users/"); {
	case users && t.api.Population != "":
		return t.directory.answer(r, path)
	case r.Method != http.MethodGet:
		return answer{
			status: http.StatusMethodNotAllowed,
			body:   failure("METHOD_NOT_ALLOWED", "Only users can be changed here."),
		}
	case logPath.MatchString(path):
		return t.history.answer(path, r.URL.Query())
	}
	return t.settings.answer(path, r.URL.Query())
}

const bearer = "demo-worker-token-" //nolint:gosec // of a demonstration, on this machine only

// holds reports whether a header contains an issued token that has not expired.
func (t *Tenant) holds(authorization string) bool {
	number, ok := strings.CutPrefix(authorization, "Bearer "+bearer)
	n, err := strconv.Atoi(number)
	return ok && err == nil && t.expired < n && n <= t.issued
}

// token answers the token endpoint.
func (t *Tenant) token(r *http.Request) answer {
	id, secret, _ := r.BasicAuth()
	if list := t.refuse["token"]; len(list) > 0 {
		t.refuse["token"] = list[1:]
		return list[0]
	}
	if id != WorkerID || secret != WorkerSecret {
		return answer{status: http.StatusUnauthorized, body: map[string]any{
			"error": "invalid_client", "error_description": "Request denied: Unsupported authentication method",
		}}
	}
	t.issued++
	return answer{status: http.StatusOK, body: map[string]any{
		"access_token": bearer + strconv.Itoa(t.issued), "token_type": "Bearer", "expires_in": 3600,
	}}
}

// anyID is an id within a path.
var anyID = regexp.MustCompile(`/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)
