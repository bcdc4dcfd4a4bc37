// Package fake answers like the management API of one PingOne environment that is set
// up rightly, until it is changed. It knows neither flows nor recordings, and sends nothing.
package fake

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The worker app that has a token, and ids that the environment needs of its own.
const (
	WorkerID     = "flowtest-worker"
	WorkerSecret = "demo-worker-Secret-1" //nolint:gosec // of a demonstration, on this machine only
	Application  = "a1000000-0000-4000-8000-00000000da71"
	openID       = "a1000000-0000-4000-8000-0000000000d1"
)

// A Config says what the environment has.
type Config struct {
	// Base is the address at which it is served, without a path: https://127.0.0.1:8910.
	// Required.
	Base string

	// Environment is the environment id, a UUID. Required.
	Environment string

	// ClientID is the id of its only app. Empty means that an app of any id is there. Optional.
	ClientID string

	// RedirectURI is that of the app. Required.
	RedirectURI string

	// Policies are the flow policy ids by the names of their flows. Required.
	Policies map[string]string

	// Population is the name of the only population, in which users may be made. Empty
	// means that nothing may be changed. Optional.
	Population string

	// Added receives the attributes of every user who may sign on: username, password, email, otp
	// and others. What it returns is called if that is no longer so. It may not call the tenant.
	// Optional.
	Added func(attributes map[string]string) (remove func())

	// Period is for how many seconds the code of an authenticator app holds. Zero means 30. Optional.
	Period int

	// Now is the clock. Nil means [time.Now]. Optional.
	Now func() time.Time
}

// A Tenant is an environment; it implements [http.Handler] for the paths below /v1/ and
// for the token endpoint of the worker app. It may be used by several goroutines at once.
type Tenant struct {
	config Config

	mu      sync.Mutex
	answers map[string]any      // by path below the environment; a []any is a list in pages
	refuse  map[string][]answer // what comes first, by path
	issued  int                 // tokens
	valid   bool                // whether the last one is
	written []string            // requests that would have changed something
	page    int                 // entries on a page

	users map[string]*person // by id
	order []string           // their ids, in the order in which they were made

	log []*Interaction // in their order
	lag int            // how many answers about it have nothing yet
}

type answer struct {
	status     int
	body       any
	retryAfter string
}

// New returns an environment in which everything holds.
func New(c Config) *Tenant {
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Period = cmp.Or(c.Period, usualPeriod)
	t := &Tenant{
		config: c, answers: map[string]any{}, refuse: map[string][]answer{}, page: 500, users: map[string]*person{},
	}
	t.fill()
	return t
}

// IsToken reports whether a request asks for a token as the worker app.
func IsToken(r *http.Request) bool {
	id, _, ok := r.BasicAuth()
	return ok && id == WorkerID && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/as/token")
}

// Change edits an answer, which is that of GET path below the environment: an object, or
// a list of them. Nil takes it away.
func (t *Tenant) Change(path string, edit func(any) any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := edit(t.answers[path]); now != nil {
		t.answers[path] = now
	} else {
		delete(t.answers, path)
	}
}

// Refuse answers the next requests for a path with a status, a code and a message. The
// path of the token endpoint is "token". A method may be before the path, and * stands for
// any id: "DELETE /users/*".
func (t *Tenant) Refuse(path string, times, status int, code, message, retryAfter string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range times {
		t.refuse[path] = append(t.refuse[path], answer{status, failure(code, message), retryAfter})
	}
}

// Expire ends the token that was issued last.
func (t *Tenant) Expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.valid = false
}

// Pages sets how many entries a page of a list has.
func (t *Tenant) Pages(entries int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.page = entries
}

// Issued returns how many tokens were issued.
func (t *Tenant) Issued() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.issued
}

// Written returns the requests to change something, those that were refused too.
func (t *Tenant) Written() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.written)
}

// Log puts an interaction into the execution log, in place of one with its id. The log has what
// happened in nodes only of flows whose settings.logLevel is 2 or more.
func (t *Tenant) Log(i *Interaction) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.log, func(known *Interaction) bool { return known.ID == i.ID })
	switch {
	case at >= 0:
		t.log[at] = i
	case len(t.log) == mostInteractions:
		t.log = append(slices.Clone(t.log[1:]), i)
	default:
		t.log = append(t.log, i)
	}
}

// Lag lets the next answers about the execution log have nothing yet.
func (t *Tenant) Lag(answers int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lag = answers
}

func failure(code, message string) map[string]any {
	return map[string]any{"id": "f1000000-0000-4000-8000-000000000001", "code": code, "message": message}
}

// ServeHTTP implements [http.Handler].
func (t *Tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	a := t.answer(r)
	body, err := json.Marshal(a.body) // which may be a part of the state
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
	if r.Method != http.MethodGet && t.config.Population == "" {
		return answer{
			status: http.StatusMethodNotAllowed,
			body:   failure("METHOD_NOT_ALLOWED", "This environment is only read."),
		}
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/v1/environments/"+t.config.Environment)
	switch {
	case !ok:
		return answer{status: http.StatusForbidden, body: failure("ACCESS_FAILED",
			"Invalid key=value pair (missing equal-sign) in Authorization header")}
	case !t.valid || r.Header.Get("Authorization") != "Bearer "+t.bearer():
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
	if t.config.Population != "" && (path == "/populations" || path == "/users" || strings.HasPrefix(path, "/users/")) {
		return t.directory(r, path)
	}
	if r.Method != http.MethodGet {
		return answer{
			status: http.StatusMethodNotAllowed,
			body:   failure("METHOD_NOT_ALLOWED", "Only users can be changed here."),
		}
	}
	if parts := strings.Split(path, "/"); logPath.MatchString(path) {
		return history{t}.answer(r, parts)
	}
	body, ok := t.answers[path]
	if parts := strings.Split(path, "/"); !ok && t.config.ClientID == "" && len(parts) > 2 &&
		parts[1] == "applications" {
		parts[2] = anyApp
		body, ok = t.answers[strings.Join(parts, "/")]
	}
	list, isList := body.([]any)
	switch {
	case !ok:
		return answer{
			status: http.StatusNotFound,
			body:   failure("NOT_FOUND", "The requested resource object was not found."),
		}
	case isList:
		return answer{status: http.StatusOK, body: t.pageOf(path, list, r.URL.Query())}
	}
	return answer{status: http.StatusOK, body: chosen(body, r.URL.Query().Get("attributes"))}
}

// chosen leaves of an answer only the properties that were asked for, and those that
// every answer has.
func chosen(body any, attributes string) any {
	whole, ok := body.(map[string]any)
	if attributes == "" || !ok {
		return body
	}
	keep := append(strings.Split(attributes, ","), "_links", "environment", "id", "name")
	part := maps.Clone(whole)
	maps.DeleteFunc(part, func(name string, _ any) bool { return !slices.Contains(keep, name) })
	return part
}

func (t *Tenant) bearer() string { return "demo-worker-token-" + strconv.Itoa(t.issued) }

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
	t.valid = true
	return answer{status: http.StatusOK, body: map[string]any{
		"access_token": t.bearer(), "token_type": "Bearer", "expires_in": 3600,
	}}
}

// pageOf returns a page of a list. A page that is full names a next one, which may be empty.
func (t *Tenant) pageOf(path string, list []any, query url.Values) map[string]any {
	size := t.page
	if n, err := strconv.Atoi(query.Get("limit")); err == nil && n > 0 {
		size = min(size, n)
	}
	from, _ := strconv.Atoi(query.Get("cursor"))
	from = min(max(from, 0), len(list))
	to := min(from+size, len(list))
	links := map[string]any{"self": t.link(path), "environment": t.link("")}
	if to-from == size {
		next := url.Values{"limit": {strconv.Itoa(size)}, "cursor": {strconv.Itoa(to)}}
		if query.Has("filter") {
			next.Set("filter", query.Get("filter"))
		}
		links["next"] = t.link(path + "?" + next.Encode())
	}
	name := path[strings.LastIndex(path, "/")+1:]
	return map[string]any{
		"_links": links, "_embedded": map[string]any{name: append([]any{}, list[from:to]...)},
		"count": len(list), "size": to - from,
	}
}

// logPath is that of the execution log of a flow.
var logPath = regexp.MustCompile(`^/flows/[^/]+/interactions(/[^/]+/events)?$`)

// anyID is an id within a path.
var anyID = regexp.MustCompile(`/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)

func (t *Tenant) link(path string) map[string]any {
	return map[string]any{"href": t.config.Base + "/v1/environments/" + t.config.Environment + path}
}

// anyApp is where the app is kept that has any id.
const anyApp = "any"

// app is the id of the app in paths.
func (t *Tenant) app() string { return cmp.Or(t.config.ClientID, anyApp) }
