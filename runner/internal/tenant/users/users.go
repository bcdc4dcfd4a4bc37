// Package users creates, changes and removes users in a PingOne environment for the
// scenarios of a run. It touches only users that have its mark and are in the population
// of the target. It does not know flows.
package users

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/tenant"
	"flowtest/steps/generated"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// Mark is the start of the externalId of every user that flowtest creates. The id of the
// run follows.
const Mark = "flowtest:"

// parallel is how many users are created at once.
const parallel = 3

// A Directory is the population of a target. It may be used by several goroutines at once.
type Directory struct {
	client *tenant.Client
	known  *secret.Redactor
	name   string // of the population
	mark   string // of this run
	slots  chan struct{}

	mu         sync.Mutex
	population string // its id, "" until it is needed
}

// New returns the directory for the population of that name. It adds the secrets of users
// to the redactor.
func New(c *tenant.Client, population string, known *secret.Redactor) *Directory {
	run, _ := (&generated.Person{}).Value(generated.Unique, nil)
	return &Directory{
		client: c, known: known, name: population, mark: Mark + run, slots: make(chan struct{}, parallel),
	}
}

// A User is a user that this run created, or may have created if the answer was lost.
type User struct {
	ID       string // "" if the answer was lost
	Username string
}

// escape escapes the value of a filter.
var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// filter returns the query with a filter of the API.
func filter(attribute, value string) string {
	return "?filter=" + url.QueryEscape(attribute+` eq "`+escape.Replace(value)+`"`)
}

// home returns the id of the population.
func (d *Directory) home(ctx context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.population != "" {
		return d.population, nil
	}
	list, err := d.client.Items(ctx, "/populations"+filter("name", d.name), "populations")
	if err != nil {
		return "", explain(err)
	}
	for _, p := range list {
		if p.Get("name").Str == d.name {
			d.population = p.Get("id").Str
			return d.population, nil
		}
	}
	return "", fmt.Errorf("the environment has no population %q, or the worker app cannot see it: create it in "+
		"PingOne (Directory > Populations), and give the worker app the role \"Identity Data Admin\" there", d.name)
}

// explain adds the missing role to an error of a request that was refused.
func explain(err error) error {
	refused, ok := errors.AsType[*tenant.RefusedError](err)
	if ok && refused.Status == http.StatusForbidden {
		return fmt.Errorf("%w: the worker app needs the role \"Identity Data Admin\"", err)
	}
	return err
}

// properties maps attributes of a user to their paths in the API, where those differ.
var properties = map[string]string{
	"givenName": "name.given", "familyName": "name.family", "phone": "mobilePhone",
}

// Create creates a user with these attributes, which must include username, email and
// password. It does not send totp and the attributes that only a recording uses. It turns MFA
// on if device is set. A user that is returned with an error may exist.
func (d *Directory) Create(ctx context.Context, attributes map[string]string, device bool) (*User, error) {
	home, err := d.home(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	d.known.Add(attributes["password"])
	body := Reserved(home, d.mark)
	body["password"] = map[string]any{"value": attributes["password"], "forceChange": false}
	if device {
		body["mfaEnabled"] = true
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if err := Put(body, name, attributes[name]); err != nil {
			return nil, err
		}
	}
	u := &User{Username: attributes["username"]}
	answer, err := d.client.Write(ctx, http.MethodPost, "/users", "application/vnd.pingidentity.user.import+json", body)
	refused, ok := errors.AsType[*tenant.RefusedError](err)
	switch {
	case ok && refused.Status < http.StatusInternalServerError:
		return nil, explain(err)
	case err != nil: // the id in the answer is the id of the error
		return u, err
	}
	if u.ID = answer.Get("id").Str; u.ID == "" {
		err = errors.New("the answer to POST …/users has no id")
	}
	return u, err
}

// Reserved returns the properties of a new user that flowtest sets.
func Reserved(population, mark string) map[string]any {
	return map[string]any{
		"population": map[string]any{"id": population}, "externalId": mark,
		"lifecycle": map[string]any{"status": "ACCOUNT_OK"},
	}
}

// Put sets the property for an attribute in a body for the API. The attribute may be a path such
// as address.locality. The values true and false become booleans. Password and totp are not
// properties.
func Put(body map[string]any, attribute, value string) error {
	if attribute == "password" || attribute == generated.TOTP {
		return nil
	}
	path := attribute
	if other, ok := properties[attribute]; ok {
		path = other
	}
	parts := strings.Split(path, ".")
	at := body
	for _, part := range parts[:len(parts)-1] {
		next, ok := at[part].(map[string]any)
		if !ok && at[part] == nil {
			next = map[string]any{}
			at[part], ok = next, true
		}
		if !ok {
			return fmt.Errorf("the attribute %q cannot be set", attribute)
		}
		at = next
	}
	last := parts[len(parts)-1]
	if _, taken := at[last]; taken {
		return fmt.Errorf("the attribute %q cannot be set: flowtest sets it", attribute)
	}
	switch value {
	case "true", "false":
		at[last] = value == "true"
	default:
		at[last] = value
	}
	return nil
}

// word matches a word in the name of an attribute.
var word = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+`)

// ends reports whether the last word in the name of an attribute is one of with. A path has no
// such word.
func ends(attribute string, with ...string) bool {
	all := word.FindAllString(attribute, -1)
	return len(all) > 0 && !strings.Contains(attribute, ".") &&
		slices.Contains(with, strings.ToLower(all[len(all)-1]))
}

// IsCode reports whether an attribute is a code that a message contains.
func IsCode(attribute string) bool {
	return ends(attribute, "otp", "code", "passcode", "pin") &&
		!slices.Contains([]string{"postalCode", "zipCode", "countryCode"}, attribute)
}

// IsSecret reports whether an attribute is one that the API never shows.
func IsSecret(attribute string) bool { return ends(attribute, "password", "token", "secret") }

// The states of [Directory.Set].
const (
	MustChange = "must change"
	Disabled   = "disabled"
	Locked     = "locked"
)

// lockedFor is how long a user stays locked: longer than any scenario.
const lockedFor = 24 * time.Hour

// Set puts a user of this run into a state.
func (d *Directory) Set(ctx context.Context, u *User, state string) error {
	if err := d.own(ctx, u); err != nil {
		return err
	}
	at := "/users/" + u.ID
	var err error
	switch state {
	case MustChange:
		_, err = d.client.Write(ctx, http.MethodPost, at+"/password",
			"application/vnd.pingidentity.password.forceChange", nil)
	case Disabled:
		_, err = d.client.Write(ctx, http.MethodPut, at+"/enabled", "", map[string]any{"enabled": false})
	case Locked: // the API locks only until a time in the future
		_, err = d.client.Write(ctx, http.MethodPost, at, "application/vnd.pingidentity.account.lock+json",
			map[string]any{
				"canAuthenticate": false, "status": "LOCKED",
				"unlockAt": time.Now().Add(lockedFor).UTC().Format(time.RFC3339),
			})
	default:
		err = fmt.Errorf("%q is not a state of a user", state)
	}
	return explain(err)
}

// own returns an error if a user does not have the mark of this run or is not in its
// population. Only such users may be changed.
func (d *Directory) own(ctx context.Context, u *User) error {
	home, err := d.home(ctx)
	if err != nil {
		return err
	}
	now, err := d.client.Get(ctx, "/users/"+u.ID)
	if err != nil {
		return err
	}
	return owned(now, d.mark, home)
}

// owned says why a user may not be changed, nil if it may.
func owned(u gjson.Result, mark, home string) error {
	who := u.Get("username").Str
	switch {
	case !strings.HasPrefix(u.Get("externalId").Str, mark):
		return fmt.Errorf("the user %q does not have the mark %q in externalId, so flowtest does not touch it",
			who, mark)
	case u.Get("population.id").Str != home:
		return fmt.Errorf("the user %q is in another population than the target names, so flowtest does not touch it",
			who)
	}
	return nil
}

// Find returns the API's object of the user whose attribute has that value; the zero Result if
// there is none.
func (d *Directory) Find(ctx context.Context, attribute, value string) (gjson.Result, error) {
	list, err := d.client.Items(ctx, "/users"+filter(attribute, value), "users")
	if err != nil {
		return gjson.Result{}, explain(err)
	}
	if len(list) > 1 {
		return gjson.Result{}, fmt.Errorf("%s have the same %s, want one", words.Count(len(list), "user"), attribute)
	}
	if len(list) == 0 {
		return gjson.Result{}, nil
	}
	return list[0], nil
}

// Password returns the state of a user's password, such as OK or PASSWORD_EXPIRED.
func (d *Directory) Password(ctx context.Context, id string) (string, error) {
	answer, err := d.client.Get(ctx, "/users/"+id+"/password")
	return answer.Get("status").Str, explain(err)
}

// Delete removes a user of this run. It is not an error if the user no longer exists.
func (d *Directory) Delete(ctx context.Context, u *User) error {
	if u.ID == "" { // the answer was lost
		found, err := d.Find(ctx, "username", u.Username)
		if err != nil || !found.Exists() {
			return err
		}
		u = &User{ID: found.Get("id").Str, Username: u.Username}
	}
	err := d.own(ctx, u)
	if err == nil {
		_, err = d.client.Write(ctx, http.MethodDelete, "/users/"+u.ID, "", nil)
	}
	if isGone(err) {
		return nil
	}
	return explain(err)
}

func isGone(err error) bool {
	refused, ok := errors.AsType[*tenant.RefusedError](err)
	return ok && refused.Status == http.StatusNotFound
}
