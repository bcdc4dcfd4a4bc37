package backend

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/recordings"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/users"
	"flowtest/steps"
	"flowtest/steps/generated"
	"flowtest/steps/words"
)

// A replayedUser is a user that a scenario created in a replay.
type replayedUser struct {
	attributes map[string]string
	shown      string // the user as the management API would show it
	devices    string
	refused    bool // the user cannot sign on
	mustChange bool // the password
	remove     func()
}

// directory holds the users that a scenario created in a replay. The recordings accept
// them until the scenario ends. Nothing is sent anywhere.
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

// NewUser implements [steps.Tenant]. The user also gets the attributes that the
// recordings ask for: the codes in messages, and the key of an authenticator app.
func (d *directory) NewUser(_ context.Context, attributes map[string]string, device string) (steps.User, error) {
	name := attributes["username"]
	if d.made[name] != nil {
		return nil, fmt.Errorf("the user %q already exists", name)
	}
	u := &replayedUser{attributes: maps.Clone(attributes), devices: "[]"}
	properties := users.Reserved("", "")
	for _, attribute := range slices.Sorted(maps.Keys(attributes)) {
		if err := users.Put(properties, attribute, attributes[attribute]); err != nil {
			return nil, err
		}
	}
	for attribute := range users.Reserved("", "") {
		delete(properties, attribute)
	}
	u.shown = shownAs(properties)
	u.shown, _ = sjson.Set(u.shown, "mfaEnabled", device != "")
	if device == "TOTP" {
		u.attributes[generated.TOTP] = generated.NewKey(name)
	}
	for _, attribute := range d.brought() {
		if _, given := u.attributes[attribute]; !given {
			u.attributes[attribute] = newCode()
		}
	}
	if device != "" {
		u.devices, _ = sjson.Set("[]", "0", map[string]any{"id": generated.UUID(), "type": device, "status": "ACTIVE"})
	}
	u.remove = d.server.AddUser(u.attributes)
	d.made[name] = u
	return target.NewUser(u.attributes), nil
}

func newCode() string { return fmt.Sprintf("%06d", 100000+rand.IntN(900000)) } //nolint:gosec,mnd // of a replay

// Brought returns the attributes that a user has only in a replay: the codes in messages, and
// for a new user also the key of an authenticator app.
func Brought(flows []*recordings.Flow, newUser bool) []string {
	if newUser {
		return append(codes(flows), generated.TOTP)
	}
	return codes(flows)
}

// codes returns the user attributes that the recordings expect and that messages contain.
func codes(flows []*recordings.Flow) []string {
	all := map[string]bool{}
	for _, f := range flows {
		for _, h := range f.Hops {
			for _, value := range h.Request.FormData() {
				if attribute, _ := recordings.Attribute(value); users.IsCode(attribute) {
					all[attribute] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// shownAs returns the properties of a user as the management API shows them.
func shownAs(properties map[string]any) string {
	shown := `{"enabled":true,"lifecycle":{"status":"ACCOUNT_OK"},"account":{"canAuthenticate":true,"status":"OK"}}`
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		shown, _ = sjson.Set(shown, gjson.Escape(key), properties[key]) // the values are strings and booleans
	}
	return shown
}

// SetUser implements [steps.Tenant]. In a replay, a user who is disabled or locked gets a
// password that the recordings do not accept. So does a user whose password must change,
// unless the recording of the flow asks for a new one. What follows an expired password is
// in the recordings.
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
	case state == steps.MustChange:
		u.mustChange = true
		d.signsOn(u)
		return nil
	default:
		return nil
	}
	u.refused = true
	d.signsOn(u)
	return nil
}

// signsOn updates whether the replay lets a user sign on to the flow that was chosen last.
func (d *directory) signsOn(u *replayedUser) {
	u.remove()
	attributes := u.attributes
	if u.refused || u.mustChange && !d.changesPassword() {
		attributes = maps.Clone(attributes)
		attributes["password"] = generated.UUID()
	}
	u.remove = d.server.AddUser(attributes)
}

// choose updates the users of the scenario after a flow was chosen.
func (d *directory) choose() {
	for _, u := range d.made {
		if u.mustChange {
			d.signsOn(u)
		}
	}
}

// changesPassword reports whether the recording of the flow that was chosen last asks for a new
// password after the right one: the right password never completes the flow, and another one
// follows.
func (d *directory) changesPassword() bool {
	asks := false
	for _, f := range d.flows {
		if f.Name != d.chosen {
			continue
		}
		for _, h := range f.Hops {
			switch right, other := passwords(h); {
			case right && other:
				asks = true
			case right && h.Screen() == nil && !h.Stays():
				return false
			case other:
				asks = asks || slices.ContainsFunc(h.From, func(screen *recordings.Hop) bool {
					right, _ := passwords(screen)
					return right
				})
			}
		}
	}
	return asks
}

// passwords reports whether a hop expects the password of the user, and whether it expects
// another.
func passwords(h *recordings.Hop) (right, other bool) {
	for _, value := range h.Request.FormData() {
		name, wrong := recordings.Attribute(value)
		right = right || name == "password" && !wrong
		other = other || recordings.Generated(value) == generated.Password ||
			!wrong && name != "password" && strings.HasSuffix(name, "Password")
	}
	return right, other
}

// FindUser implements [steps.Tenant]. A replay has the users of the target, those that the
// scenario created, and the one who registered in its journeys.
func (d *directory) FindUser(_ context.Context, p steps.Person) (string, error) {
	if u := d.made[p.Username]; u != nil && p.User != nil {
		return u.shown, nil
	}
	properties := map[string]any{}
	if p.User != nil {
		for _, name := range p.User.Names() {
			if value, _ := p.User.Lookup(name); !users.IsCode(name) && !users.IsSecret(name) {
				_ = users.Put(properties, name, value) // a property that contradicts another is left out
			}
		}
		return shownAs(properties), nil
	}
	if p.Registered == "" {
		return "", nil
	}
	for name, value := range map[string]string{"email": p.Email, "username": p.Username} {
		if value != "" {
			properties[name] = value
		}
	}
	shown := shownAs(properties)
	gjson.Parse(p.Registered).ForEach(func(key, value gjson.Result) bool {
		if with, err := sjson.SetRaw(shown, gjson.Escape(key.Str), value.Raw); err == nil {
			shown = with
		}
		return true
	})
	return shown, nil
}

// Devices implements [steps.Tenant].
func (d *directory) Devices(_ context.Context, p steps.Person) (string, error) {
	if u := d.made[p.Username]; u != nil {
		return u.devices, nil
	}
	return "", fmt.Errorf("a replay does not know the devices of the user %q, because the scenario did not create "+
		"the user: write \"Given a new user with an email device\" or \"with a TOTP device\" before, or run "+
		"against a live target",
		cmp.Or(p.Username, p.Email))
}

// Code implements [steps.Tenant]. The code is the user attribute that the recording expects in
// the field. There is none if the journey chose a device that does not receive such a message.
func (d *directory) Code(_ context.Context, p steps.Person, m steps.Message) (string, error) {
	if what, by := "email", "EMAIL"; m.Device != "" {
		if m.Text {
			what, by = "text message", "SMS"
		}
		if m.Device != by {
			return "", fmt.Errorf("the journey chose a device of the type %s, so the flow sends no %s with a code: "+
				"choose one of the type %s", m.Device, what, by)
		}
	}
	attribute, anything := expected(d.flows, m)
	switch {
	case anything:
		return newCode(), nil
	case attribute == "":
		return "", fmt.Errorf("no hop of the recording of %q expects an attribute of the user under %q, as in "+
			"%s: ${user.otp}, so a replay does not know the code", m.Flow, m.Field, m.Field)
	}
	user := p.User
	if user == nil { // the recordings match the first user that they know
		first := slices.Min(slices.Collect(maps.Keys(d.target.Users)))
		user = d.target.Users[first]
	}
	if value, ok := user.Lookup(attribute); ok {
		return value, nil
	}
	name, _ := user.Lookup("username")
	if value := d.sent[name][attribute]; value != "" {
		return value, nil
	}
	return "", fmt.Errorf("the recording of %q expects ${user.%s} under %q, and the user does not have that "+
		"attribute, "+
		"there are %s", m.Flow, attribute, m.Field, words.List(user.Names(), 0))
}

// expected returns the user attribute that the recordings expect under the key of a field,
// or that they accept anything there.
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

// OpenLink implements [steps.Tenant]. The recording decides how the flow goes on.
func (d *directory) OpenLink(_ context.Context, _ steps.Person, m steps.Message) error {
	for _, f := range d.flows {
		polls := func(h *recordings.Hop) bool { return h.Request.EventType == "polling" }
		if f.Name == m.Flow && slices.ContainsFunc(f.Hops, polls) {
			return nil
		}
	}
	return fmt.Errorf("the recording of %q has no hop that polls, so a replay cannot go on after a link is "+
		"opened", m.Flow)
}
