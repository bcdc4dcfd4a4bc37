package recordings

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"
	"golang.org/x/text/language"

	"flowtest/steps/davinci"
	"flowtest/steps/generated"
	"flowtest/steps/words"
)

// A Request says which requests a hop answers.
type Request struct {
	Method string // "GET" or "POST"
	Path   string // of a start hop: below the environment, as in "/as/authorize"

	// Query holds the parameters that choose a start hop. A value is the text
	// itself, or ${user.ATTRIBUTE} for that of the user who signs on.
	Query map[string]string

	EventType string // "" for any
	Action    string // the key of the button; "" if none was pressed

	// ContinueToken means the request of a client that comes back from an identity
	// provider: "*" for any token, ${user.ATTRIBUTE} for that of the user who signs on, or
	// ${user.wrongATTRIBUTE}. It is never a token itself. "" for any other request.
	ContinueToken string

	// Native is the property in which a mobile app posts that token, one of
	// [davinci.NativeToken]; "" if the token is the bearer token.
	Native string

	Platform string // javascript, android or ios; "" for any
	Language string // what the client prefers: fr means fr-CA too; "" for any

	Session bool // of a start hop: only for a browser with a valid session

	token   field   // what is expected of the continue token
	query   []field // in the order of their names
	fields  []field // in the order of their keys
	looksAt bool    // whether formData is checked
	key     string
	exact   int
	loose   int
}

// Key is equal for requests that a replay cannot distinguish: hops that leave the same
// screen with the same key answer in order.
func (r *Request) Key() string { return r.key }

// NamesUser reports whether a request that matches r identifies the user who signs on.
func (r *Request) NamesUser() bool {
	names := func(f field) bool { return f.is == user }
	return names(r.token) || slices.ContainsFunc(r.fields, names) || slices.ContainsFunc(r.query, names)
}

// compare sorts first the request that says most exactly which requests it means.
func (r *Request) compare(o *Request) int {
	return cmp.Or(cmp.Compare(o.exact, r.exact), cmp.Compare(o.loose, r.loose))
}

// A field is what a recording expects under one key of formData.
type field struct {
	key  string
	is   rule
	attr string // of rules user, notUser and made
	text string // of rule literal: the text, or JSON if it is not a string
	json bool
	none bool // the literal is what a client sends for a field that was left as it was
}

type rule uint8

const (
	literal rule = iota
	anything
	user    // equal to that attribute of the user who signs on
	notUser // any other value than that attribute
	passkey // what answers the passkey prompt of the screen
	made    // like the generated value of that name
)

func newRequest(y *requestYAML) (Request, error) {
	r := Request{
		Method: strings.ToUpper(y.Method), Path: y.Path, Query: y.Query, EventType: y.EventType, Action: y.Action,
		ContinueToken: y.ContinueToken, Native: y.Native,
		Platform: y.Platform, Language: y.Language, Session: y.Session,
	}
	return NewRequest(r, y.FormData)
}

// NewRequest returns r with the expected formData, in the form of a recording.yaml. Nil
// means that formData is ignored. The error says which method, token, platform,
// language or value is not allowed.
func NewRequest(r Request, formData map[string]any) (Request, error) {
	r.looksAt, r.query, r.fields, r.token, r.exact, r.loose = formData != nil, nil, nil, field{}, 0, 0
	switch r.Method {
	case "":
		r.Method = http.MethodPost
		if r.Path != "" {
			r.Method = http.MethodGet
		}
	case http.MethodGet, http.MethodPost:
	default:
		return r, fmt.Errorf("method %q, want GET or POST", r.Method)
	}
	for _, name := range sortedKeys(r.Query) {
		f, err := newParameter(name, r.Query[name])
		if err != nil {
			return r, err
		}
		r.query = append(r.query, f)
	}
	for _, key := range sortedKeys(formData) {
		f, err := newField(key, formData[key])
		if err != nil {
			return r, err
		}
		r.fields = append(r.fields, f)
		r.count(f)
	}
	if r.Session {
		r.exact++
	}
	r.exact += len(r.Query)
	if r.EventType != "" {
		r.loose++
	}
	if err := r.client(); err != nil {
		return r, err
	}
	r.key = r.makeKey()
	return r, nil
}

// makeKey returns all that r says in one text.
func (r *Request) makeKey() string {
	var key []byte
	for _, text := range []string{
		r.Method, r.Path, r.EventType, r.Action, r.ContinueToken, r.Native, r.Platform, r.Language,
	} {
		key = strconv.AppendQuote(key, text)
	}
	key = strconv.AppendBool(strconv.AppendBool(key, r.Session), r.looksAt)
	for i := range r.query {
		key = strconv.AppendQuote(strconv.AppendQuote(key, r.query[i].key), r.Query[r.query[i].key])
	}
	key = append(key, ' ')
	for i := range r.fields {
		key = strconv.AppendQuote(key, r.fields[i].key)
		switch value := r.fields[i].value().(type) {
		case json.RawMessage:
			key = append(key, value...)
		case string:
			key = strconv.AppendQuote(key, value)
		}
	}
	return string(key)
}

// count counts what is expected of a value among the exact or the loose conditions.
func (r *Request) count(f field) {
	switch f.is {
	case literal, user, passkey:
		r.exact++
	case made:
		r.loose += 2 // before one that takes anything
	case anything, notUser:
		r.loose++
	}
}

// client reads what is expected of the client besides what it fills in: its continue
// token, its platform and its language.
func (r *Request) client() error {
	if r.ContinueToken != "" {
		name := cmp.Or(r.Native, "continueToken")
		f, err := newField(name, r.ContinueToken)
		if err != nil || f.is == literal || f.is == passkey || f.is == made { // which may be a token: no error shows it
			return errors.New(name + " is a value, which a recording never has: want ${user.ATTRIBUTE}, or " +
				"\"*\" for any token")
		}
		r.token = f
		r.count(f)
	}
	if r.Platform != "" {
		if !slices.Contains(davinci.Platforms(), r.Platform) {
			return fmt.Errorf("platform %q, want %s", r.Platform, words.Or(davinci.Platforms()))
		}
		r.exact++
	}
	if r.Language != "" {
		tag, err := language.Parse(r.Language)
		if err != nil {
			return fmt.Errorf("language %q, want a language, as in fr or fr-CA", r.Language)
		}
		r.Language = tag.String()
		r.exact++
	}
	return nil
}

// Passkeys returns the keys of formData under which [Passkey] is expected.
func (r *Request) Passkeys() []string {
	var keys []string
	for i := range r.fields {
		if r.fields[i].is == passkey {
			keys = append(keys, r.fields[i].key)
		}
	}
	return keys
}

// FormData returns the expected formData in the form of a recording.yaml: text, or JSON if it is
// not text. It is nil if formData is ignored.
func (r *Request) FormData() map[string]any {
	if !r.looksAt {
		return nil
	}
	all := make(map[string]any, len(r.fields))
	for i := range r.fields {
		all[r.fields[i].key] = r.fields[i].value()
	}
	return all
}

func (f *field) value() any {
	switch {
	case f.is == anything:
		return "*"
	case f.is == passkey:
		return Passkey
	case f.is == user:
		return "${user." + f.attr + "}"
	case f.is == notUser:
		return OtherThan(f.attr)
	case f.is == made:
		return "${" + f.attr + "}"
	case f.json:
		return json.RawMessage(f.text)
	default:
		return f.text
	}
}

// newField reads what a recording expects under key.
func newField(key string, value any) (field, error) {
	s, ok := value.(string)
	if !ok {
		text, err := plainJSON(value)
		if err != nil {
			return field{}, fmt.Errorf("formData %q: %w", key, err)
		}
		return field{key: key, text: string(text), json: true, none: davinci.Untouched(gjson.ParseBytes(text))}, nil
	}
	if s == "*" {
		return field{key: key, is: anything}, nil
	}
	if s == Passkey {
		return field{key: key, is: passkey}, nil
	}
	if !strings.HasPrefix(s, "${") {
		return field{key: key, text: s, none: s == ""}, nil
	}
	attr, wrong := Attribute(s)
	switch {
	case Generated(s) != "":
		return field{key: key, is: made, attr: Generated(s)}, nil
	case attr == "":
		return field{}, fmt.Errorf("formData %q is %q, want ${user.ATTRIBUTE}, ${unique.email}, \"*\" or "+
			"the value itself", key, s)
	case wrong:
		return field{key: key, is: notUser, attr: attr}, nil
	default:
		return field{key: key, is: user, attr: attr}, nil
	}
}

// Attribute reads a value of formData that means an attribute of the user who signs on:
// ${user.pin} is the attribute pin, and ${user.wrongPin} any other value. For any other
// text the name is empty.
func Attribute(value any) (name string, wrong bool) {
	name, ok := strings.CutPrefix(reference(value), "user.")
	if !ok {
		return "", false
	}
	if other, ok := strings.CutPrefix(name, "wrong"); ok && other != "" && unicode.IsUpper(rune(other[0])) {
		return strings.ToLower(other[:1]) + other[1:], true
	}
	return name, false
}

// OtherThan returns the value of formData that means any value other than an attribute of the
// user who signs on, as [Attribute] reads it. The name of the attribute is not empty.
func OtherThan(attribute string) string {
	return "${user.wrong" + strings.ToUpper(attribute[:1]) + attribute[1:] + "}"
}

// Generated reads a value of formData that means any unique value of a form, such as
// ${unique.email}. It returns its name, "" for any other text.
func Generated(value any) string {
	if name := reference(value); slices.Contains(generated.Names(), name) {
		return name
	}
	return ""
}

// reference returns the name of a value that is one reference and nothing else, else "".
func reference(value any) string {
	text, _ := value.(string)
	if pieces, closed := words.Pieces(text); closed && len(pieces) == 1 && pieces[0].Ref {
		return pieces[0].Text
	}
	return ""
}

// Typed returns the unique values in a request that matches r, by name.
func (r *Request) Typed(s *davinci.Sent) map[string]string {
	var out map[string]string
	for i := range r.fields {
		if f := &r.fields[i]; f.is == made {
			if out == nil {
				out = map[string]string{}
			}
			out[f.attr] = typedText(get(s.FormData, f.key))
		}
	}
	return out
}

// newParameter reads what a recording expects of a parameter of the query. The
// error says which values cannot be used there.
func newParameter(name, value string) (field, error) {
	if !strings.HasPrefix(value, "${") {
		return field{key: name, text: value}, nil // a * is a text like another
	}
	f, err := newField(name, value)
	if err != nil || f.is != user {
		return f, fmt.Errorf("query %q is %q, want ${user.ATTRIBUTE} or the value itself", name, value)
	}
	return f, nil
}

// parameter returns what a client sends for a parameter of the query.
func (f *field) parameter(attr func(name string) (string, bool)) (string, bool) {
	if f.is == user {
		return attr(f.attr)
	}
	return f.text, true
}

// Parameters returns the query of r for a user. It leaves out a parameter whose
// attribute the user does not have.
func (r *Request) Parameters(attr func(name string) (string, bool)) map[string]string {
	out := make(map[string]string, len(r.query))
	for i := range r.query {
		if value, ok := r.query[i].parameter(attr); ok {
			out[r.query[i].key] = value
		}
	}
	return out
}

// plainJSON writes a value so that equal values are equal text: keys in their
// order, numbers in one spelling.
func plainJSON(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	return json.Marshal(plain)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
