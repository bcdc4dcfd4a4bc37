package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
	"flowtest/steps/words"
)

// A Tenant creates users for a scenario, and finds the users of the environment. Its
// methods may be called by several goroutines at once.
type Tenant interface {
	// NewUser creates a user with these attributes, who is removed when the scenario ends.
	//
	//	device  "", TOTP or EMAIL: the MFA device that the user has
	//
	// The returned user may have more attributes: those of the device.
	NewUser(ctx context.Context, attributes map[string]string, device string) (User, error)

	// SetUser puts a user into a state. It is an error if flowtest did not make the user.
	SetUser(ctx context.Context, user User, state UserState) error

	// FindUser returns a person's user in the environment as a JSON object, "" if there is
	// none.
	FindUser(ctx context.Context, p Person) (string, error)

	// Devices returns the MFA devices of a person, a JSON array.
	Devices(ctx context.Context, p Person) (string, error)

	// Code waits for the message that m describes, and returns the code in it.
	Code(ctx context.Context, p Person, m Message) (string, error)

	// OpenLink waits for the message that m describes, and opens the link in it.
	OpenLink(ctx context.Context, p Person, m Message) error

	// Log returns the execution log of a journey in the environment, without secrets. The
	// error says why it cannot be read.
	Log(ctx context.Context, d Driven) (*davinci.Log, error)
}

// A UserState is a state of a user.
type UserState string

// The states.
const (
	MustChange UserState = "must change" // the password, at the next sign-on
	Expired    UserState = "expired"     // the password
	Disabled   UserState = "disabled"
	Locked     UserState = "locked"
)

// A Person is the user that a sentence means by "the user".
type Person struct {
	User                   User   // nil for a person whom only the flow knows
	Username, Email, Phone string // the known values, at least one

	// Registered is a JSON object with the user.… values that a completed journey posted,
	// if they have the person's email or username, and otherwise "". It has no password.
	Registered string
}

const (
	usersArea      = "Users of a scenario"
	newUserExample = `Given a new user`
	withoutDevice  = undoes(equipped) // which an earlier user may have
	deviceTOTP     = "TOTP"
	deviceEmail    = "EMAIL"
)

var userColumns = columns{
	{"attribute", userAttribute, true, []string{"key", "name", "property", "path"}},
	{"value", text, true, []string{"is"}},
}

func people(v *vocabulary) {
	v.area = usersArea
	v.Given(`^a new user$`, newUser,
		"Creates a user, who signs on from now on, and removes the user when the scenario ends. The user has "+
			"the attributes username, email, password, givenName and familyName. A live target needs worker and "+
			"population.",
		newUserExample, withoutDevice)
	v.Given(`^a new user with:$`, newUserWith,
		"Creates a user with these attributes; flowtest generates the others. An attribute is one of "+
			"username, email, password, givenName, familyName and phone, or a path of the management API.",
		"Given a new user with:\n  | attribute | value |\n  | givenName | Ada   |", userColumns, withoutDevice)
	v.Given(`^a new user with a TOTP device$`, newUserWithTOTP,
		"Creates a user with an authenticator app, whose codes are those of ${user.totp}.",
		`Given a new user with a TOTP device`, withoutDevice)
	v.Given(`^a new user with an email device$`, newUserWithEmail,
		"Creates a user whose codes come by email.",
		`Given a new user with an email device`, withoutDevice)
	v.Given(`^the user's password must change$`, passwordMustChange,
		"The new user has to change the password at the next sign-on. In a replay, the password is refused if "+
			"the recording of the flow does not ask for a new one.",
		`Given the user's password must change`)
	v.Given(`^the user's password is expired$`, passwordIsExpired,
		"The password of the user is expired. PingOne has no request that expires a password: live, the step "+
			"checks that it has expired, and fails if it has not.",
		`Given the user's password is expired`)
	v.Given(`^the user is disabled$`, userIsDisabled,
		"The new user is disabled.",
		`Given the user is disabled`)
	v.Given(`^the user is locked$`, userIsLocked,
		"The account of the new user is locked.",
		`Given the user is locked`)
	v.Then(`^the user exists$`, userExists,
		"The environment has the user. Here and below, that is the new user, or else the user with "+
			"${unique.email} or ${unique.username} if the scenario used them, or else the one who signs on.",
		`Then the user exists`)
	v.Then(`^the user does not exist$`, userDoesNotExist,
		"The environment does not have the user.",
		`Then the user does not exist`)
	v.Then(`^the user's "((?:[^"\\]|\\.)*)" is ("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$`,
		userIs,
		"In the management API, the user has this JSON value at a gjson path.",
		`Then the user's "name.given" is "Ada"`, otherPath, jsonValue)
	v.Then(`^the user has (\d+) active "([^"]*)" devices?$`, userHasDevices,
		"The user has that many active MFA devices of a type, such as EMAIL, SMS or TOTP.",
		`Then the user has 1 active "EMAIL" device`, number, deviceType)
}

// shorter are the attributes that have a name of flowtest's own, by their paths.
var shorter = map[string]string{
	"name.given": "givenName", "name.family": "familyName", "mobilePhone": "phone",
}

// attributesOfUsers are those that every environment has.
var attributesOfUsers = []string{
	"username", "email", "password", "givenName", "familyName", "phone", generated.TOTP, "name.given", "name.family",
	"name.middle", "name.formatted", "name.honorificPrefix", "name.honorificSuffix", "mobilePhone", "primaryPhone",
	"nickname", "title", "locale", "preferredLanguage", "timezone", "type", "accountId", "externalId", "enabled",
	"mfaEnabled", "photo.href", "address.streetAddress", "address.locality", "address.region", "address.postalCode",
	"address.countryCode",
}

// checkAttribute says that an attribute is likely to be a misspelt one. One that begins with
// the whole name of another, such as phone2, is an attribute of the environment's own.
func checkAttribute(name string) error {
	if name == generated.TOTP {
		return fmt.Errorf("the table sets %q, which a device brings: write %s", generated.TOTP,
			quoted("Given a new user with a TOTP device"))
	}
	whole := func(known string) bool { return strings.HasPrefix(name, known) }
	if slices.ContainsFunc(attributesOfUsers, whole) {
		return nil
	}
	if near := words.Nearest(name, attributesOfUsers); near != "" {
		return fmt.Errorf("the table sets %q, which no user has: did you mean %q?", name, near)
	}
	return nil
}

// errNoTenant says that what runs the scenario cannot make users.
var errNoTenant = errors.New("the target of this scenario has no directory of users")

func (w *World) tenant() (Tenant, error) {
	if w.Tenant == nil {
		return nil, errNoTenant
	}
	return w.Tenant, nil
}

func newUser(ctx context.Context, w *World) error { return makeUser(ctx, w, nil, "") }

func newUserWith(ctx context.Context, w *World, rows []row) error { return makeUser(ctx, w, rows, "") }

func newUserWithTOTP(ctx context.Context, w *World) error { return makeUser(ctx, w, nil, deviceTOTP) }

func newUserWithEmail(ctx context.Context, w *World) error { return makeUser(ctx, w, nil, deviceEmail) }

// makeUser makes a user of made-up values, and of those of the table.
func makeUser(ctx context.Context, w *World, rows []row, device string) error {
	t, err := w.tenant()
	if err != nil {
		return err
	}
	made := generated.Person{}
	if e, ok := w.target.(interface{ EmailDomain() string }); ok {
		made.Domain = e.EmailDomain()
	}
	attributes := map[string]string{"givenName": "Flow", "familyName": "Test"}
	for attribute, name := range map[string]string{
		"username": generated.Username, "email": generated.Email, "password": generated.Password,
	} {
		attributes[attribute], _ = made.Value(name, nil)
	}
	for _, r := range rows {
		attributes[cmp.Or(shorter[r["attribute"]], r["attribute"])] = r["value"]
	}
	w.redactor.Add(attributes["password"])
	user, err := t.NewUser(ctx, attributes, device)
	if err != nil {
		return fmt.Errorf("no new user: %w", err)
	}
	w.user, w.userName, w.fresh, w.made = user, attributes["username"], true, append(w.made, user)
	w.redactor.Add(user.Secrets()...)
	return nil
}

func passwordMustChange(ctx context.Context, w *World) error { return setUser(ctx, w, MustChange) }

func passwordIsExpired(ctx context.Context, w *World) error { return setUser(ctx, w, Expired) }

func userIsDisabled(ctx context.Context, w *World) error { return setUser(ctx, w, Disabled) }

func userIsLocked(ctx context.Context, w *World) error { return setUser(ctx, w, Locked) }

func setUser(ctx context.Context, w *World, state UserState) error {
	t, err := w.tenant()
	if err != nil {
		return err
	}
	if w.user == nil {
		if err := w.ChooseUser(DefaultUser); err != nil {
			return err
		}
	}
	if err := t.SetUser(ctx, w.user, state); err != nil || state != Disabled && state != Locked {
		return err
	}
	name, _ := w.user.Lookup("username")
	w.refused = append(w.refused, name)
	return nil
}

// whom returns whom a sentence means by "the user".
func (w *World) whom() (Person, error) {
	used := map[string]string{}
	for value, name := range w.person.Made() {
		used[name] = value
	}
	p := Person{}
	if p.Username, p.Email = used[generated.Username], used[generated.Email]; !w.fresh && p.Username+p.Email != "" {
		p.Phone = used[generated.Phone]
		p.Registered = w.registered(&p)
		return p, nil
	}
	if w.user == nil {
		if err := w.ChooseUser(DefaultUser); err != nil {
			return p, err
		}
	}
	p.User = w.user
	p.Username, _ = w.user.Lookup("username")
	p.Email, _ = w.user.Lookup("email")
	p.Phone, _ = w.user.Lookup("phone")
	if p.Username+p.Email == "" {
		return p, fmt.Errorf("the user %q has neither username nor email, want one of them to find the user by",
			w.UserName())
	}
	return p, nil
}

// registered returns what the last journey posted for user.… that completed and named the
// person by email or username.
func (w *World) registered(p *Person) string {
	last := ""
	for _, d := range w.Driven() {
		if n := len(d.Hops); n == 0 || d.Hops[n-1].Outcome != davinci.Completed {
			continue
		}
		if object, named := posted(d.Hops, p); named {
			last = object
		}
	}
	return last
}

// posted returns what hops posted for user.…, a JSON object, and reports whether the email or
// the username of the person is among it.
func posted(hops []*flow.Hop, p *Person) (object string, named bool) {
	for _, h := range hops {
		if h.Outcome == davinci.Refused || len(h.Exchange.Body) == 0 {
			continue
		}
		davinci.ReadSent(gjson.ParseBytes(h.Exchange.Body)).FormData.ForEach(func(key, value gjson.Result) bool {
			name, ok := strings.CutPrefix(key.Str, "user.")
			if ok && !strings.Contains(strings.ToLower(name), "password") {
				if with, err := sjson.SetRaw(object, name, value.Raw); err == nil {
					object = with
					named = named || value.Str != "" &&
						(strings.EqualFold(value.Str, p.Email) || strings.EqualFold(value.Str, p.Username))
				}
			}
			return true
		})
	}
	return object, named
}

// find returns the user as the environment has them, which has to be there.
func find(ctx context.Context, w *World) (Tenant, Person, string, error) {
	t, err := w.tenant()
	if err != nil {
		return nil, Person{}, "", err
	}
	p, err := w.whom()
	if err != nil {
		return nil, p, "", err
	}
	found, err := t.FindUser(ctx, p)
	return t, p, found, err
}

// called names a person.
func (p *Person) called() string {
	if p.Username != "" {
		return strconv.Quote(p.Username)
	}
	return strconv.Quote(p.Email)
}

func userExists(ctx context.Context, w *World) error {
	_, p, found, err := find(ctx, w)
	if err == nil && found == "" {
		err = rejected(w, "the environment has no user %s, want one", p.called())
	}
	return err
}

func userDoesNotExist(ctx context.Context, w *World) error {
	_, p, found, err := find(ctx, w)
	if err == nil && found != "" {
		err = rejected(w, "the environment has the user %s, want no such user", p.called())
	}
	return err
}

func userIs(ctx context.Context, w *World, path, literal string) error {
	_, p, found, err := find(ctx, w)
	if err == nil && found == "" {
		err = rejected(w, "the environment has no user %s, so it has no %q, want %s", p.called(), path, literal)
	}
	if err != nil {
		return err
	}
	got, want := gjson.Get(found, path), gjson.Parse(literal)
	switch {
	case got.Exists() && same(got, want), !got.Exists() && want.Type == gjson.Null:
		return nil
	case !got.Exists():
		return rejected(w, "the user %s has no %q, want %s: the user has %s", p.called(), path, show(w, want),
			words.List(keysOf(gjson.Parse(found)), 0))
	}
	return rejected(w, "the user's %q is %s, want %s", path, show(w, got), show(w, want))
}

func keysOf(object gjson.Result) (keys []string) {
	object.ForEach(func(key, _ gjson.Result) bool {
		keys = append(keys, key.Str)
		return true
	})
	return keys
}

func userHasDevices(ctx context.Context, w *World, number, kind string) error {
	want, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	t, p, found, err := find(ctx, w)
	if err == nil && found == "" {
		err = rejected(w, "the environment has no user %s, want %s of the type %s", p.called(),
			words.Count(want, "device"), kind)
	}
	if err != nil {
		return err
	}
	list, err := t.Devices(ctx, p)
	if err != nil {
		return err
	}
	n, there := 0, []string{}
	for _, d := range gjson.Parse(list).Array() {
		there = append(there, d.Get("type").Str+" ("+d.Get("status").Str+")")
		if strings.EqualFold(d.Get("type").Str, kind) && d.Get("status").Str == "ACTIVE" {
			n++
		}
	}
	if n == want {
		return nil
	}
	has := "no device"
	if len(there) > 0 {
		has = words.List(there, 0)
	}
	return rejected(w, "the user %s has %d active %s, want %d: the user has %s", p.called(), n,
		words.Plural(n, kind+" device"), want, has)
}
