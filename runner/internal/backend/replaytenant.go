package backend

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/recordings"
	"flowtest/runner/target"
	"flowtest/steps"
	"flowtest/steps/generated"
	"flowtest/steps/words"
)

// A replayedUser is a user that a scenario made in a replay.
type replayedUser struct {
	attributes map[string]string
	shown      string // as the management API would show the user
	devices    string
	remove     func()
}

// directory are the users that a scenario made in a replay: the recordings know them until
// it ends, and nothing leaves the process.
type directory struct {
	*replayScenario

	made map[string]*replayedUser // by username
}

// Tenant implements [Scenario].
func (r *replayScenario) Tenant() steps.Tenant {
	if r.directory == nil {
		r.directory = &directory{r, map[string]*replayedUser{}}
	}
	return r.directory
}

// End implements [Scenario].
func (r *replayScenario) End(context.Context) []string {
	if r.directory != nil {
		for _, u := range r.directory.made {
			u.remove()
		}
	}
	return nil
}

// NewUser implements [steps.Tenant]. The user has what the recordings ask for besides:
// the codes that messages bring, and a key for those of an authenticator app.
func (d *directory) NewUser(_ context.Context, attributes map[string]string, device string) (steps.User, error) {
	name := attributes["username"]
	if d.made[name] != nil {
		return nil, fmt.Errorf("the user %q is there already", name)
	}
	u := &replayedUser{attributes: maps.Clone(attributes), devices: "[]"}
	if device == "TOTP" {
		u.attributes[generated.TOTP] = generated.NewKey(name)
	}
	for _, attribute := range d.asked() {
		if _, given := u.attributes[attribute]; !given && isCode(attribute) && attribute != generated.TOTP {
			u.attributes[attribute] = newCode()
		}
	}
	if device != "" {
		u.devices, _ = sjson.Set("[]", "0", map[string]any{"id": generated.UUID(), "type": device, "status": "ACTIVE"})
	}
	u.shown = shownAs(u.attributes)
	u.shown, _ = sjson.Set(u.shown, "mfaEnabled", device != "")
	u.remove = d.server.AddUser(u.attributes)
	d.made[name] = u
	return target.NewUser(u.attributes), nil
}

// isCode reports whether an attribute is a code that a message brings.
func isCode(attribute string) bool {
	name := strings.ToLower(attribute)
	has := func(word string) bool { return strings.Contains(name, word) }
	return slices.ContainsFunc([]string{"otp", "code", "pin"}, has)
}

func newCode() string { return fmt.Sprintf("%06d", 100000+rand.IntN(900000)) } //nolint:gosec,mnd // of a replay

// asked returns the attributes of a user that recordings expect.
func asked(flows []*recordings.Flow) []string {
	all := map[string]bool{}
	for _, f := range flows {
		for _, h := range f.Hops {
			for _, value := range h.Request.FormData() {
				if attribute, _ := recordings.Attribute(value); attribute != "" {
					all[attribute] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// shownAs writes attributes as the management API shows a user.
func shownAs(attributes map[string]string) string {
	shown := `{"enabled":true,"lifecycle":{"status":"ACCOUNT_OK"},"account":{"canAuthenticate":true,"status":"OK"}}`
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		path := name
		switch {
		case name == "password" || isCode(name):
			continue
		case name == "givenName":
			path = "name.given"
		case name == "familyName":
			path = "name.family"
		case name == "phone":
			path = "mobilePhone"
		}
		if with, err := sjson.Set(shown, path, attributes[name]); err == nil {
			shown = with
		}
	}
	return shown
}

// SetUser implements [steps.Tenant]. One who is disabled or locked cannot sign on in a
// replay: the password is none that the recordings take. What a password leads to that
// must change, or is expired, the recordings say.
func (d *directory) SetUser(_ context.Context, user steps.User, state steps.UserState) error {
	name, _ := user.Lookup("username")
	u := d.made[name]
	switch {
	case u == nil && state == steps.Expired:
		return nil
	case u == nil:
		return fmt.Errorf("the user %q was not made by this scenario, and flowtest changes no other: write "+
			"\"Given a new user\" before this step", name)
	case state == steps.Disabled:
		u.shown, _ = sjson.Set(u.shown, "enabled", false)
	case state == steps.Locked:
		u.shown, _ = sjson.Set(u.shown, "account", map[string]any{"canAuthenticate": false, "status": "LOCKED"})
	default:
		return nil
	}
	u.remove()
	refused := maps.Clone(u.attributes)
	refused["password"] = generated.UUID()
	u.remove = d.server.AddUser(refused)
	return nil
}

// FindUser implements [steps.Tenant]. A replay has the users of the target, those that the
// scenario made, and one whose registration its journeys completed.
func (d *directory) FindUser(_ context.Context, p steps.Person) (string, error) {
	if u := d.made[p.Username]; u != nil && p.User != nil {
		return u.shown, nil
	}
	if p.User == nil {
		if p.Registered == "" {
			return "", nil
		}
		shown := shownAs(map[string]string{"email": p.Email, "username": p.Username})
		gjson.Parse(p.Registered).ForEach(func(key, value gjson.Result) bool {
			if with, err := sjson.SetRaw(shown, gjson.Escape(key.Str), value.Raw); err == nil {
				shown = with
			}
			return true
		})
		return shown, nil
	}
	attributes := map[string]string{}
	for _, name := range p.User.Names() {
		attributes[name], _ = p.User.Lookup(name)
	}
	return shownAs(attributes), nil
}

// Devices implements [steps.Tenant].
func (d *directory) Devices(_ context.Context, p steps.Person) (string, error) {
	if u := d.made[p.Username]; u != nil {
		return u.devices, nil
	}
	return "[]", nil
}

// Code implements [steps.Tenant]: it is the attribute of the user that a recording expects
// of the field.
func (d *directory) Code(_ context.Context, p steps.Person, m steps.Message) (string, error) {
	attribute, anything := expected(d.flows, m)
	switch {
	case anything:
		return newCode(), nil
	case attribute == "":
		return "", fmt.Errorf("no hop of the recording of %q expects an attribute of the user under %q, as in "+
			"%s: ${user.otp}, so a replay does not know the code", m.Flow, m.Field, m.Field)
	}
	user := p.User
	if user == nil { // one whom the recordings take for the first that they know
		first := slices.Min(slices.Collect(maps.Keys(d.target.Users)))
		user = d.target.Users[first]
	}
	if value, ok := user.Lookup(attribute); ok {
		return value, nil
	}
	return "", fmt.Errorf("the recording of %q expects ${user.%s} under %q, and the user has no such attribute, "+
		"there are %s", m.Flow, attribute, m.Field, words.List(user.Names(), 0))
}

// expected returns the attribute that a recording expects under the key of a field, or that
// it takes anything there.
func expected(flows []*recordings.Flow, m steps.Message) (attribute string, anything bool) {
	for _, f := range flows {
		if f.Name != m.Flow {
			continue
		}
		for _, h := range f.Hops {
			value, ok := h.Request.FormData()[m.Field]
			if name, wrong := recordings.Attribute(value); name != "" && !wrong && name != generated.TOTP {
				return name, false
			}
			anything = anything || ok && value == "*"
		}
	}
	return "", anything
}

// OpenLink implements [steps.Tenant]: the recording says what the flow learns of it.
func (d *directory) OpenLink(_ context.Context, _ steps.Person, m steps.Message) error {
	for _, f := range d.flows {
		polls := func(h *recordings.Hop) bool { return h.Request.EventType == "polling" }
		if f.Name == m.Flow && slices.ContainsFunc(f.Hops, polls) {
			return nil
		}
	}
	return fmt.Errorf("the recording of %q has no hop that polls, so a replay does not learn of an opened link", m.Flow)
}
