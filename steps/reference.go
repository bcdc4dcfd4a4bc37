package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/generated"
	"flowtest/steps/words"
)

// References returns the forms of ${…} that our sentences know, as people write them.
func References() []string {
	list := []string{"user.ATTRIBUTE", "users.NAME.ATTRIBUTE", "env.NAME", "remembered.NAME"}
	list = slices.Concat(list, generated.Names(), []string{"uuid", "now", "today"})
	for i := range list {
		list[i] = "${" + list[i] + "}"
	}
	return list
}

// Expand replaces ${user.ATTRIBUTE}, ${env.NAME} and the other forms of [References] by their
// values, as our own sentences do between quotes and in tables. A reference that cannot be
// resolved is an error, never an empty string. $${ is a plain ${.
func (w *World) Expand(text string) (string, error) { return w.expand(context.Background(), text, nil) }

// expand is [World.Expand] with a context that ends its waiting, and with what every value
// is put through, nil for nothing.
func (w *World) expand(ctx context.Context, text string, put func(string) string) (string, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	var out strings.Builder
	pieces, closed := words.Pieces(text)
	for i, p := range pieces {
		if !p.Ref {
			out.WriteString(p.Text)
			continue
		}
		if !closed && i == len(pieces)-1 {
			return "", fmt.Errorf("${%s has no closing brace", quotable(p.Text))
		}
		value, err := resolve(ctx, w, p.Text)
		if err != nil {
			return "", err
		}
		if put != nil {
			value = put(value)
		}
		out.WriteString(value)
	}
	return out.String(), nil
}

// isName is what may be between ${ and }, or was likely to be that. Whatever
// else is there may be a part of a password.
var isName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(?:users?|env|remembered|unique)\.[\p{L}\p{N}._-]+|` +
		`(?:now|today)[+-]\w{1,8}|[\p{L}._]*)$`)
})

// quotable returns the name as an error quotes it.
func quotable(name string) string {
	if isName().MatchString(name) {
		return name
	}
	return "…"
}

func resolve(ctx context.Context, w *World, name string) (string, error) {
	of, rest, dotted := strings.Cut(name, ".")
	switch {
	case dotted && of == "user":
		return w.attribute(ctx, rest)
	case dotted && of == "users":
		return w.attributeOf(ctx, rest)
	case dotted && of == "env":
		return w.variable(rest)
	case dotted && of == remembered:
		return w.recall(rest)
	case name == "uuid":
		return generated.UUID(), nil
	}
	if value, ok := generated.Moment(name, time.Now()); ok {
		return value, nil
	}
	if value, ok := w.unique(name); ok {
		return value, nil
	}
	return "", fmt.Errorf("${%s} is unknown, want %s; %s", quotable(name), words.Or(References()), w.instead(name))
}

// instead says what to write in place of a name of which no form is known.
func (w *World) instead(name string) string {
	if strings.HasPrefix(name, "now") || strings.HasPrefix(name, "today") {
		return "an offset is a number with s, m, h, d, w or y, as in ${now-90s}, and with d, w or y in ${today+30d}"
	}
	user, attributes := w.user, []string(nil)
	if user == nil {
		user, _ = w.target.User(DefaultUser)
	}
	if user != nil {
		attributes = user.Names()
	}
	meant := words.Nearest(name, append(generated.Names(), "uuid", "now", "today"))
	if of, rest, dotted := strings.Cut(name, "."); dotted && meant == "" {
		of = words.Nearest(of, []string{"user", "users", "env", remembered, "unique"})
		known := map[string][]string{"user": attributes, "unique": {"email", "username", "phone", "password"}}[of]
		rest = cmp.Or(words.Nearest(rest, known), rest)
		if of != "" && (of != "unique" || slices.Contains(known, rest)) {
			meant = of + "." + rest
		}
	} else if near := words.Nearest(name, attributes); meant == "" && near != "" {
		meant = "user." + near
	}
	if meant != "" {
		return fmt.Sprintf("did you mean %q?", meant)
	}
	return "write $${ for a literal ${"
}

// variable returns a variable of the environment.
func (w *World) variable(name string) (string, error) {
	value, _ := w.target.Env(name)
	if value == "" {
		shown := quotable("env." + name)
		return "", fmt.Errorf("${%s}: the environment variable %s is not set", shown, strings.TrimPrefix(shown, "env."))
	}
	w.redactor.Add(value)
	return value, nil
}

// attribute returns an attribute of the user who signs on.
func (w *World) attribute(ctx context.Context, name string) (string, error) {
	if w.user == nil {
		if err := w.ChooseUser(DefaultUser); err != nil {
			return "", err
		}
	}
	return w.lookup(ctx, w.user, w.userName, name, "user."+name)
}

// attributeOf returns an attribute of any user, of NAME.ATTRIBUTE. Both may have dots.
func (w *World) attributeOf(ctx context.Context, name string) (string, error) {
	var unknown error
	for i, c := range name {
		if c != '.' {
			continue
		}
		u, err := w.target.User(name[:i])
		if err == nil {
			w.redactor.Add(u.Secrets()...)
			return w.lookup(ctx, u, name[:i], name[i+1:], "users."+name)
		}
		if unknown == nil {
			unknown = err
		}
	}
	if unknown == nil {
		unknown = errors.New("it names no attribute, want ${users.NAME.ATTRIBUTE}")
	}
	return "", fmt.Errorf("${%s}: %w", quotable("users."+name), unknown)
}

func (w *World) lookup(ctx context.Context, u User, user, name, written string) (string, error) {
	value, ok := u.Lookup(name)
	if !ok {
		return "", fmt.Errorf("${%s}: the user %q has no such attribute, there are %s%s",
			quotable(written), user, words.List(u.Names(), 0), words.DidYouMean("; ", name, u.Names()))
	}
	if name != generated.TOTP {
		return value, nil
	}
	key, err := generated.ParseKey(value)
	if err != nil {
		return "", fmt.Errorf("${%s}: of the user %q %w", quotable(written), user, err)
	}
	w.redactor.Add(key.Secret())
	code, err := w.passcode(ctx, key)
	w.redactor.Add(code)
	return code, err
}

// passcode returns the code of a time step that was not used before: not in this run,
// where the target knows what that has used, else not in this scenario.
func (w *World) passcode(ctx context.Context, key *generated.Key) (string, error) {
	if t, ok := w.target.(interface {
		Passcode(ctx context.Context, key *generated.Key) (string, error)
	}); ok {
		return t.Passcode(ctx, key)
	}
	return w.codes.Code(ctx, key)
}

// unique returns the unique value of that name.
func (w *World) unique(name string) (string, bool) {
	if t, ok := w.target.(interface{ EmailDomain() string }); ok && w.person.Domain == "" {
		w.person.Domain = t.EmailDomain()
	}
	var policy *davinci.PasswordPolicy
	if name == generated.Password && w.Journey != nil && w.Journey.Screen() != nil {
		policy = w.Journey.Screen().PasswordPolicy()
	}
	value, ok := w.person.Value(name, policy)
	if name == generated.Password {
		w.redactor.Add(value)
	}
	return value, ok
}

// Generated returns the names, by value, of the unique values that the scenario used so
// far, and of the codes in messages: for example unique.email and user.otp.
func (w *World) Generated() map[string]string {
	all := maps.Clone(w.person.Made())
	maps.Copy(all, w.received)
	return all
}

// NewUsers returns the users that the scenario created so far.
func (w *World) NewUsers() []User { return w.made }

// remembered begins the names of remembered values.
const remembered = "remembered"

func memories(v *vocabulary) {
	v.area = "What a scenario remembers"
	v.When(`^I remember "((?:[^"\\]|\\.)*)" as "([^"]*)"$`, rememberPath,
		"Remembers the value at a gjson path of the response. Later sentences use it as ${remembered.NAME}; in a "+
			"table, without quotes, it keeps its JSON type, such as number or array.",
		`When I remember "interactionId" as "id"`, ResponsePath, MemoryName)
	v.When(`^I remember the cookie "([^"]*)" as "([^"]*)"$`, rememberCookie,
		"Remembers the last value of the cookie with that name.",
		`When I remember the cookie "ST" as "session"`, CookieName, MemoryName)
	v.When(`^I remember the header "([^"]*)" as "([^"]*)"$`, rememberHeader,
		"Remembers the value of a header of the response.",
		`When I remember the header "Content-Type" as "type"`, HeaderName, MemoryName)
}

// A memory is a remembered value.
type memory struct{ text, json string }

// memoryName is how a value may be called.
var memoryName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}._ -]*$`)
})

// Remember keeps a value under a name, for ${remembered.NAME}. Sentences of your own may call it.
// The error says that the name is not allowed.
func (w *World) Remember(name, value string) error {
	quoted, err := quoteJSON(value)
	if err != nil {
		return err
	}
	return w.keep(name, memory{value, quoted})
}

func (w *World) keep(name string, m memory) error {
	if !memoryName().MatchString(name) {
		return fmt.Errorf("%q is not a name for a value, want one of letters, digits, spaces and ._-", name)
	}
	if w.memories == nil {
		w.memories = map[string]memory{}
	}
	w.memories[name] = m
	return nil
}

// recall returns a remembered value.
func (w *World) recall(name string) (string, error) {
	m, ok := w.memories[name]
	if !ok {
		there := "nothing was remembered before"
		if len(w.memories) > 0 {
			all := slices.Sorted(maps.Keys(w.memories))
			there = "there are " + words.List(all, 0) + words.DidYouMean("; ", name, all)
		}
		return "", fmt.Errorf("${%s}: no value was remembered by this name, %s", quotable(remembered+"."+name), there)
	}
	return m.text, nil
}

// rememberedJSON returns the value as it was where a text is nothing but its reference.
func (w *World) rememberedJSON(written string) (string, bool) {
	pieces, closed := words.Pieces(written)
	if !closed || len(pieces) != 1 || !pieces[0].Ref {
		return "", false
	}
	name, is := strings.CutPrefix(pieces[0].Text, remembered+".")
	m, ok := w.memories[name]
	return m.json, is && ok
}

func rememberPath(w *World, p, name string) error {
	got, err := found(w, p)
	if err != nil {
		return err
	}
	raw := got.Raw
	if !gjson.Valid(raw) { // as a modifier of a path may make it
		return w.Remember(name, got.String())
	}
	return w.keep(name, memory{got.String(), raw})
}

func rememberCookie(w *World, cookie, name string) error {
	for _, hop := range slices.Backward(w.Hops()) {
		for _, set := range slices.Backward(hop.Header["Set-Cookie"]) {
			if c, err := davinci.ParseSetCookie(set); err == nil && c.Name == cookie {
				return w.Remember(name, c.Value)
			}
		}
	}
	return rejected(w, "no response set the cookie %q", cookie)
}

func rememberHeader(w *World, header, name string) error {
	h := w.Journey.Last().Header
	if len(h.Values(header)) == 0 {
		return rejected(w, "the response has no header %q, it has %s", header,
			words.List(slices.Sorted(maps.Keys(h)), 0))
	}
	return w.Remember(name, strings.Join(h.Values(header), ", "))
}
