package target

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"flowtest/steps/secret"
)

// A User is a person who walks through a flow: attributes by name, as a feature
// file says ${user.username}. It prints, logs and encodes with its secrets
// hidden. The zero value has no attributes. A User does not change and may be
// shared between goroutines.
type User struct {
	attributes map[string]secret.Value // secret or not: fmt may reach them
}

// NewUser returns a user with a copy of these attributes.
func NewUser(attributes map[string]string) User {
	u := User{attributes: make(map[string]secret.Value, len(attributes))}
	for name, v := range attributes {
		u.attributes[name] = secret.New(v)
	}
	return u
}

// Lookup returns the value of the attribute, secret or not, and whether the user
// has it. An empty value is one.
func (u User) Lookup(attr string) (value string, ok bool) {
	v, ok := u.attributes[attr]
	return v.Reveal(), ok
}

// Names returns the names of the attributes, sorted.
func (u User) Names() []string { return slices.Sorted(maps.Keys(u.attributes)) }

// Secrets returns the values of the attributes whose name says that they are
// secret, in the order of [User.Names], for a redactor to hide.
func (u User) Secrets() []string {
	var values []string
	for _, name := range u.Names() {
		if v := u.attributes[name].Reveal(); v != "" && Secret(name) {
			values = append(values, v)
		}
	}
	return values
}

// shown returns the attributes as they may be seen.
func (u User) shown() map[string]string {
	shown := make(map[string]string, len(u.attributes))
	for name, v := range u.attributes {
		shown[name] = v.Reveal()
		if Secret(name) {
			shown[name] = v.String()
		}
	}
	return shown
}

// Format implements [fmt.Formatter], so that no verb reaches the attributes.
func (u User) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprint(f, u.shown())
}

// MarshalJSON implements [json.Marshaler].
func (u User) MarshalJSON() ([]byte, error) { return json.Marshal(u.shown()) }

// LogValue implements [slog.LogValuer].
func (u User) LogValue() slog.Value {
	shown := u.shown()
	var attrs []slog.Attr
	for _, name := range u.Names() {
		attrs = append(attrs, slog.String(name, shown[name]))
	}
	return slog.GroupValue(attrs...)
}

// secretWords are looked for anywhere in the name of an attribute, and
// secretNames are whole names.
var (
	secretWords = []string{"password", "passphrase", "secret", "otp", "pin", "token", "code"}
	secretNames = []string{"mfa", "pass", "pwd"}
)

// Secret reports whether the name of a user's attribute says that its value is
// secret. In any case of letters, that is a name which contains password,
// passphrase, secret, otp, pin, token or code, and the names mfa, pass and pwd.
//
// It errs on the side of hiding: postalCode and shippingStreet count as well,
// and cost no more than a ${NAME} in a live target.
func Secret(attr string) bool {
	name := strings.ToLower(attr)
	return slices.Contains(secretNames, name) ||
		slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

// Demo returns the users of a replay target that names none: alice, the person
// in the shipped recordings. The maps are the caller's own.
func Demo() map[string]map[string]string {
	return map[string]map[string]string{
		"alice": {
			"username":    "alice",
			"password":    "demo-Passw0rd-1",
			"newPassword": "demo-Passw0rd-2",
			"email":       "alice@example.com",
			"givenName":   "Alice",
			"familyName":  "Example",
			"phone":       "+15550100",
			"otp":         "204816",
			"totp":        "otpauth://totp/flowtest:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=flowtest",

			// What identity providers bring back.
			"googleToken":   "demo-continue-token-of-google",
			"facebookToken": "demo-continue-token-of-facebook",
		},
	}
}

// demoUsers are the users of [Demo] as a target has them.
func demoUsers() map[string]User {
	users := map[string]User{}
	for name, attributes := range Demo() {
		users[name] = NewUser(attributes)
	}
	return users
}

// Attributes returns the attributes of every user by name, secrets included: it
// is for the replay server, which has to tell a right password from a wrong one.
func (t Target) Attributes() map[string]map[string]string {
	all := make(map[string]map[string]string, len(t.Users))
	for name, u := range t.Users {
		all[name] = make(map[string]string, len(u.attributes))
		for attribute, value := range u.attributes {
			all[name][attribute] = value.Reveal()
		}
	}
	return all
}
