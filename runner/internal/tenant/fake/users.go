package fake

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	home    = "a1000000-0000-4000-8000-000000000901" // the population
	maxBody = 1 << 20
)

// A person is a user of the environment.
type person struct {
	shown    map[string]any // the user in the API's answers
	password string
	status   string // of the password
	otp      string // the code in messages to this user
	devices  []*device
	remove   func() // nil if the user cannot sign on
}

func text(of map[string]any, name string) string {
	s, _ := of[name].(string)
	return s
}

// add creates a user.
func (d *directory) add(body map[string]any, password string) string {
	id, now := newID(), d.now()
	path := "/users/" + id
	shown := maps.Clone(body)
	for _, name := range []string{"password", "passwordState", "lifecycle"} {
		delete(shown, name)
	}
	maps.Copy(shown, map[string]any{
		"id": id, "environment": d.environment(), "createdAt": now, "updatedAt": now,
		"enabled": true, "mfaEnabled": body["mfaEnabled"] == true, "verifyStatus": "NOT_INITIATED",
		"lifecycle":        map[string]any{"status": "ACCOUNT_OK"},
		"account":          map[string]any{"canAuthenticate": true, "status": "OK"},
		"identityProvider": map[string]any{"type": "PING_ONE"},
		"_links":           map[string]any{"self": d.link(path), "password": d.link(path + "/password")},
	})
	if made, given := body["createdAt"]; given {
		shown["createdAt"] = made
	}
	p := &person{shown: shown, password: password, status: cmp.Or(text(body, "passwordState"), "OK"), otp: digits()}
	d.users[id], d.order = p, append(d.order, id)
	d.signsOn(p)
	return id
}

// signsOn updates the replay after a user has changed. A user who is disabled or locked
// cannot sign on; the replay then gets a random password.
func (d *directory) signsOn(p *person) {
	if d.Added == nil {
		return
	}
	if p.remove != nil {
		p.remove()
	}
	name, _ := p.shown["name"].(map[string]any)
	account, _ := p.shown["account"].(map[string]any)
	attributes := map[string]string{
		"username": text(p.shown, "username"), "email": text(p.shown, "email"), "password": p.password,
		"givenName": text(name, "given"), "familyName": text(name, "family"), "phone": text(p.shown, "mobilePhone"),
		"otp": p.otp,
	}
	if p.shown["enabled"] != true || account["canAuthenticate"] != true {
		attributes["password"] = newID()
	}
	for _, d := range p.devices {
		if d.secret != "" {
			attributes["totp"] = text(d.shown, "keyUri")
		}
	}
	p.remove = d.Added(attributes)
}

// A directory is the users of an environment.
type directory struct {
	*api

	users map[string]*person // by id
	order []string           // their ids, in the order in which they were created
}

// answer answers the paths of populations and users.
func (d *directory) answer(r *http.Request, path string) answer {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	body := map[string]any{}
	if read, err := io.ReadAll(io.LimitReader(r.Body, maxBody)); r.Method != http.MethodGet && (err != nil ||
		len(read) > 0 && json.Unmarshal(read, &body) != nil) {
		return refusal("INVALID_REQUEST", "The request body is not valid JSON.", "")
	}
	switch {
	case path == "/populations" && r.Method == http.MethodGet:
		return d.list(path, []any{d.population()}, r.URL.Query())
	case path == "/users" && r.Method == http.MethodGet:
		var all []any
		for _, id := range d.order {
			all = append(all, d.users[id].shown)
		}
		return d.list(path, all, r.URL.Query())
	case path == "/users" && r.Method == http.MethodPost:
		return d.create(r, body)
	case len(parts) > 1 && d.users[parts[1]] != nil:
		return d.user(r, parts, d.users[parts[1]], body)
	}
	return gone()
}

func (d *directory) population() map[string]any {
	return map[string]any{
		"id": home, "name": d.Population, "environment": d.environment(),
		"userCount": len(d.users), "default": true, "createdAt": made, "updatedAt": made,
		"_links": map[string]any{"self": d.link("/populations/" + home)},
	}
}

var comparison = regexp.MustCompile(`^([\w.]+) eq "((?:[^"\\]|\\.)*)"$`)

// list answers with the entries that match the filter.
func (d *directory) list(path string, all []any, query url.Values) answer {
	if f := query.Get("filter"); f != "" {
		m := comparison.FindStringSubmatch(f)
		if m == nil {
			return refusal("INVALID_FILTER", "The filter is not valid.", "filter")
		}
		want := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[2])
		all = slices.DeleteFunc(all, func(one any) bool { return !strings.EqualFold(at(one, m[1]), want) })
	}
	return d.page(path, all, query)
}

// at returns the text at a dotted path.
func at(of any, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		object, _ := of.(map[string]any)
		of = object[name]
	}
	s, _ := of.(string)
	return s
}

func (d *directory) create(r *http.Request, body map[string]any) answer {
	secret, _ := body["password"].(map[string]any)
	password := text(secret, "value")
	switch name := text(body, "username"); {
	case name == "":
		return refusal("REQUIRED_VALUE", "username is required.", "username")
	case at(body, "population.id") != home:
		return refusal("INVALID_VALUE", "There is no such population.", "population.id")
	case slices.ContainsFunc(d.order, func(id string) bool { return text(d.users[id].shown, "username") == name }):
		return refusal("UNIQUENESS_VIOLATION", "is unique but a non-unique value is provided", "username")
	case secret != nil && r.Header.Get("Content-Type") != "application/vnd.pingidentity.user.import+json":
		return refusal("INVALID_VALUE", "password is not allowed.", "password")
	case secret != nil && !strong(password):
		return refusal("INVALID_VALUE", "The provided password did not satisfy the password policy.", "password")
	}
	id := d.add(body, password)
	if secret["forceChange"] == true {
		d.users[id].status = "MUST_CHANGE_PASSWORD"
	}
	return answer{status: http.StatusCreated, body: d.users[id].shown}
}

// strong is the password policy: the part of the shipped recordings' policy that matters
// here.
func strong(password string) bool {
	const least = 12
	return len(password) >= least && strings.ContainsAny(password, "0123456789") &&
		strings.ToLower(password) != password && strings.ToUpper(password) != password
}

// user answers a path below a user.
func (d *directory) user(r *http.Request, parts []string, p *person, body map[string]any) answer {
	below, kind := strings.Join(parts[2:], "/"), r.Header.Get("Content-Type")
	ok := answer{status: http.StatusOK, body: p.shown}
	switch what := r.Method + " " + below; {
	case what == "GET ":
		return ok
	case what == "DELETE ":
		d.delete(parts[1])
		return answer{status: http.StatusNoContent}
	case what == "POST " && kind == "application/vnd.pingidentity.account.lock+json":
		return d.lock(p, body)
	case what == "POST " && kind == "application/vnd.pingidentity.account.unlock+json":
		p.shown["account"] = map[string]any{"canAuthenticate": true, "status": "OK"}
	case what == "PUT enabled":
		p.shown["enabled"] = body["enabled"] == true
		ok.body = map[string]any{"enabled": p.shown["enabled"]}
	case what == "PUT mfaEnabled":
		p.shown["mfaEnabled"] = body["mfaEnabled"] == true
		ok.body = map[string]any{"mfaEnabled": p.shown["mfaEnabled"]}
	case what == "GET password":
		return d.passwordOf(parts[1], p)
	case what == "POST password" && kind == "application/vnd.pingidentity.password.forceChange":
		p.status = "MUST_CHANGE_PASSWORD"
		return d.passwordOf(parts[1], p)
	case what == "PUT password" && kind == "application/vnd.pingidentity.password.set+json":
		p.password = text(body, "value")
		ok = d.passwordOf(parts[1], p)
	case parts[2] == "devices":
		return (&devices{d, p}).answer(r, parts, body)
	default:
		return answer{
			status: http.StatusUnsupportedMediaType,
			body:   failure("UNSUPPORTED_MEDIA_TYPE", "There is no such action of this media type."),
		}
	}
	d.signsOn(p)
	return ok
}

func (d *directory) passwordOf(id string, p *person) answer {
	path := "/users/" + id + "/password"
	return answer{status: http.StatusOK, body: map[string]any{
		"_links":      map[string]any{"self": d.link(path)},
		"environment": d.environment(), "user": map[string]any{"id": id}, "status": p.status,
		"passwordPolicy": map[string]any{"id": "a1000000-0000-4000-8000-000000000911"}, "lastChangedAt": made,
	}}
}

// lock locks a user until a time; it does not if the time is missing or past. The body is
// the wanted state of the account.
func (d *directory) lock(p *person, body map[string]any) answer {
	if body["canAuthenticate"] != false || text(body, "status") != "LOCKED" {
		return refusal("REQUIRED_VALUE", "canAuthenticate and status are required.", "status")
	}
	until, err := time.Parse(time.RFC3339, text(body, "unlockAt"))
	if left := until.Sub(d.Now()); err == nil && left > 0 {
		p.shown["account"] = map[string]any{
			"canAuthenticate": false, "status": "LOCKED", "lockedAt": d.now(),
			"secondsUntilUnlock": int(left.Seconds()),
		}
		d.signsOn(p)
	}
	return answer{status: http.StatusOK, body: p.shown}
}

func (d *directory) delete(id string) {
	if p := d.users[id]; p.remove != nil {
		p.remove()
	}
	delete(d.users, id)
	d.order = slices.DeleteFunc(d.order, func(one string) bool { return one == id })
}

func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// digits returns a code.
func digits() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = '1' + b[i]%9
	}
	return string(b)
}
