package steps

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/words"
)

// A Kind says what a value in a sentence or in its table is. Its text is what
// people and editors are shown.
type Kind string

// The kinds of values that name something outside the feature. The others are
// listed with them in [Kinds].
const (
	FlowName     Kind = "flow"                           // a flow of the target
	UserName     Kind = "user"                           // a user of the target
	Parameter    Kind = "authorize parameter"            // the name of one
	FormName     Kind = "form"                           // the name of a screen
	FieldKey     Kind = "field"                          // the key of a field that takes a value
	RowKey       Kind = "field or button key"            // the key of anything on a screen
	ButtonName   Kind = "button"                         // the key or the label of a button
	OfferName    Kind = "field or button"                // the key of either, or the label of a button
	AbsentName   Kind = "field or button that is absent" // the same, which the screen must not have
	ProviderName Kind = "identity provider"              // its type, or the key or label of its button
	InputName    Kind = "page input"                     // the name of an input of the page
	PageButton   Kind = "page button"                    // the key of a button of the page
	TypedValue   Kind = "value"                          // what a person fills in
	platform     Kind = "platform"                       // that of an SDK
	header       Kind = "request header"                 // the name of one
	text         Kind = "text"                           // a text that a person reads
	label        Kind = "label"                          // that of a field or button
	path         Kind = "gjson path"
	jsonValue    Kind = "JSON value"
	jsonKind     Kind = "JSON kind"
	pattern      Kind = "regular expression"
	capability   Kind = "capability"
	fieldType    Kind = "field type"
	yesOrNo      Kind = "true or false"
	errorCode    Kind = "error code"
	waiting      Kind = "time"   // as in 3s
	number       Kind = "number" // of digits, without quotes
)

// A reading says how a run reads the values of a kind.
type reading struct {
	expands bool              // ${user.ATTRIBUTE} and ${env.NAME} are replaced
	escapes *strings.Replacer // what a backslash does between quotes, nil for nothing
}

// Between the quotes of a sentence \" is a quote and \\ a backslash. In a path
// and in a pattern the backslash has a meaning of its own, so that only \" is read.
var (
	bothEscapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
	quoteEscape = strings.NewReplacer(`\"`, `"`)
)

var readings = map[Kind]reading{
	FlowName:     {expands: true},
	UserName:     {},
	Parameter:    {expands: true},
	platform:     {expands: true},
	header:       {expands: true},
	FormName:     {escapes: bothEscapes},
	FieldKey:     {expands: true},
	RowKey:       {expands: true},
	ButtonName:   {escapes: bothEscapes},
	OfferName:    {escapes: bothEscapes},
	AbsentName:   {escapes: bothEscapes},
	ProviderName: {escapes: bothEscapes},
	InputName:    {},
	PageButton:   {},
	TypedValue:   {expands: true, escapes: bothEscapes},
	text:         {expands: true, escapes: bothEscapes},
	label:        {expands: true},
	path:         {escapes: quoteEscape},
	jsonValue:    {expands: true}, // JSON has escapes of its own
	jsonKind:     {},
	pattern:      {escapes: quoteEscape},
	capability:   {},
	fieldType:    {expands: true},
	yesOrNo:      {expands: true},
	errorCode:    {escapes: bothEscapes},
	waiting:      {expands: true},
	number:       {},
}

// Expands reports whether ${user.ATTRIBUTE} and ${env.NAME} are replaced in
// values of this kind. Elsewhere they are text like any other.
func (k Kind) Expands() bool { return readings[k].expands }

func (k Kind) unescape(written string) string {
	if r := readings[k].escapes; r != nil && strings.Contains(written, `\`) {
		return r.Replace(written)
	}
	return written
}

// read returns what is meant by a value between the quotes of a sentence.
func read(w *World, k Kind, written string) (string, error) {
	if k == jsonValue && !gjson.Valid(written) {
		return "", fmt.Errorf("%s is no JSON value", written)
	}
	return cell(w, k, k.unescape(written))
}

// cell returns what is meant by a cell of a table, where nothing is escaped.
func cell(w *World, k Kind, text string) (string, error) {
	switch {
	case k == jsonValue:
		return literal(w, text)
	case k.Expands():
		return w.Expand(text)
	default:
		return text, nil
	}
}

// literal expands what a person wrote for a JSON value; what is no JSON is
// text. What is put in may hold quotes or look like a number, so whether it is
// text is decided before.
func literal(w *World, written string) (string, error) {
	value, valid := gjson.Parse(written), gjson.Valid(written)
	if valid && value.Type != gjson.String {
		return w.Expand(written)
	}
	if valid {
		written = value.Str
	}
	text, err := w.Expand(written)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it is shown to a person
	err = e.Encode(text)
	return strings.TrimSpace(b.String()), err
}

// Expand puts values in the place of ${user.ATTRIBUTE} and ${env.NAME}, as our
// own sentences do between quotes and in tables. What cannot be resolved is an
// error, never an empty string. $${ is a plain ${.
func (w *World) Expand(text string) (string, error) {
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
		value, err := resolve(w, p.Text)
		if err != nil {
			return "", err
		}
		out.WriteString(value)
	}
	return out.String(), nil
}

// isName is what may stand between ${ and }, or was likely to be that. Whatever
// else is there may be a part of a password.
var isName = regexp.MustCompile(`^(?:(?:user|env)\.[\p{L}\p{N}._-]+|[\p{L}._]*)$`)

// quotable returns the name as an error quotes it.
func quotable(name string) string {
	if isName.MatchString(name) {
		return name
	}
	return "…"
}

func resolve(w *World, name string) (string, error) {
	if attribute, ok := strings.CutPrefix(name, "user."); ok {
		return userAttribute(w, attribute)
	}
	if variable, ok := strings.CutPrefix(name, "env."); ok {
		value, _ := w.target.Env(variable)
		if value == "" {
			shown := quotable(name)
			return "", fmt.Errorf("${%s}: the environment variable %s is not set",
				shown, strings.TrimPrefix(shown, "env."))
		}
		w.redactor.Add(value)
		return value, nil
	}
	return "", fmt.Errorf("${%s} is unknown, want ${user.ATTRIBUTE} or ${env.NAME}", quotable(name))
}

func userAttribute(w *World, name string) (string, error) {
	if w.user == nil {
		if err := w.ChooseUser(DefaultUser); err != nil {
			return "", err
		}
	}
	value, ok := w.user.Lookup(name)
	if !ok {
		return "", fmt.Errorf("${%s}: the user %q has no such attribute, there are %s",
			quotable("user."+name), w.userName, words.List(w.user.Names(), 0))
	}
	return value, nil
}
