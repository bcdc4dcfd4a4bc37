package steps

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/steps/flow"
	"flowtest/steps/words"
)

// A Kind is the kind of a value in a sentence or in its table. People and editors see its text.
type Kind string

// The kinds of values that name something outside the feature. The others are
// listed with them in [Kinds].
const (
	FlowName        Kind = "flow"                           // a flow of the target
	UserName        Kind = "user"                           // a user of the target
	Parameter       Kind = "authorize parameter"            // the name of one
	FormName        Kind = "form"                           // the name of a screen
	FieldKey        Kind = "field"                          // the key of a field that takes a value
	RowKey          Kind = "field or button key"            // the key of anything on a screen
	ButtonName      Kind = "button"                         // the key or the label of a button
	OfferName       Kind = "field or button"                // the key of either, or the label of a button
	AbsentName      Kind = "field or button that is absent" // the same, which the screen must not have
	ProviderName    Kind = "identity provider"              // its type, or the key or label of its button
	InputName       Kind = "page input"                     // the name of an input of the page
	PageButton      Kind = "page button"                    // the key of a button of the page
	TypedValue      Kind = "value"                          // what a person fills in
	MemoryName      Kind = "name of a remembered value"     // which ${remembered.NAME} refers to
	ResponsePath    Kind = "gjson path"                     // into the response
	AbsentPath      Kind = "gjson path that is absent"      // the same, where the response must have nothing
	FieldType       Kind = "field type"                     // that a field of a screen has
	LabelText       Kind = "label"                          // that of a field, a button or an option
	ErrorCode       Kind = "error code"                     // that an answer has
	HeaderName      Kind = "response header"                // the name of one
	AbsentHeader    Kind = "response header that is absent" // the same, which the response must not have
	CookieName      Kind = "cookie"                         // the name of one
	AbsentCookie    Kind = "cookie that is not set"         // the same, which the response must not set
	cookieAttribute Kind = "cookie attribute"               // its name
	file            Kind = "file"                           // its name
	address         Kind = "URL"
	elements        Kind = "all of"                         // each element of an array, and not the array
	platform        Kind = "platform"                       // that of an SDK
	header          Kind = "request header"                 // the name of one
	text            Kind = "text"                           // a text that a person reads
	otherPath       Kind = "gjson path of another document" // a request, a token or a user
	jsonValue       Kind = "JSON value"
	jsonObject      Kind = "JSON object"
	jsonKind        Kind = "JSON kind"
	pattern         Kind = "regular expression"
	capability      Kind = "capability"
	oauthError      Kind = "OAuth error code"
	yesOrNo         Kind = "true or false"
	success         Kind = "success" // of a node in the execution log: true, false or empty for any
	browserError    Kind = "passkey error"
	relyingParty    Kind = "relying party"
	deviceType      Kind = "device type"
	userAttribute   Kind = "attribute of a user"
	NodeTitle       Kind = "node title"     // of one in the execution log
	subflowName     Kind = "name of a flow" // in the execution log
	challengeEnd    Kind = "end of a challenge"
	waiting         Kind = "time"   // as in 3s
	number          Kind = "number" // of digits, without quotes
)

// Between the quotes of a sentence \" is a quote and \\ a backslash. In a path
// and in a pattern the backslash has a meaning of its own, so that only \" is read.
var (
	bothEscapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
	quoteEscape = strings.NewReplacer(`\"`, `"`)
)

// readings says for each kind what a backslash does between quotes, nil for nothing.
var readings = map[Kind]*strings.Replacer{
	FlowName:        nil,
	UserName:        nil,
	Parameter:       nil,
	platform:        nil,
	cookieAttribute: nil,
	file:            nil,
	address:         nil,
	elements:        nil,
	header:          nil,
	browserError:    nil,
	relyingParty:    nil,
	deviceType:      nil,
	FormName:        bothEscapes,
	FieldKey:        nil,
	RowKey:          nil,
	ButtonName:      bothEscapes,
	OfferName:       bothEscapes,
	AbsentName:      bothEscapes,
	ProviderName:    bothEscapes,
	InputName:       nil,
	PageButton:      nil,
	TypedValue:      bothEscapes,
	MemoryName:      nil,
	HeaderName:      nil,
	AbsentHeader:    nil,
	CookieName:      nil,
	AbsentCookie:    nil,
	text:            bothEscapes,
	LabelText:       bothEscapes,
	ResponsePath:    quoteEscape,
	AbsentPath:      quoteEscape,
	otherPath:       quoteEscape,
	jsonValue:       nil, // JSON has escapes of its own
	jsonObject:      nil,
	userAttribute:   nil,
	jsonKind:        nil,
	pattern:         quoteEscape,
	capability:      nil,
	oauthError:      nil,
	FieldType:       nil,
	yesOrNo:         nil,
	success:         nil,
	ErrorCode:       bothEscapes,
	NodeTitle:       bothEscapes,
	subflowName:     bothEscapes,
	challengeEnd:    bothEscapes,
	waiting:         nil,
	number:          nil,
}

func (k Kind) unescape(written string) string {
	if r := readings[k]; r != nil && strings.Contains(written, `\`) {
		return r.Replace(written)
	}
	return written
}

// rules say what is wrong with a value of a kind, whatever a flow answers.
var rules = map[Kind]func(value string) error{
	cookieAttribute: attributeKnown,
	userAttribute:   checkAttribute,
	deviceType:      deviceTypeKnown,
	platform:        flow.CheckPlatform,
	browserError:    flow.CheckPasskeyError,
	challengeEnd:    endKnown,
	ResponsePath:    pathRight,
	AbsentPath:      pathRight,
	otherPath:       pathRight,
	FieldType:       typeKnown,
	header:          func(name string) error { return flow.CheckHeader(name, "") },
	pattern: func(expr string) error {
		if _, err := regexp.Compile(expr); err != nil {
			return fmt.Errorf("%q is not a regular expression: %w", expr, err)
		}
		return nil
	},
	waiting: func(text string) error {
		if d, err := time.ParseDuration(text); err != nil || d < 0 {
			return fmt.Errorf("%q is not a time, want one such as 500ms, 3s or 1m", text)
		}
		return nil
	},
	yesOrNo: func(text string) error {
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		return nil
	},
	success: func(text string) error {
		if text != "" && text != "true" && text != "false" {
			return fmt.Errorf("%q is not a success, want true or false, or nothing for any", text)
		}
		return nil
	},
}

func (k Kind) check(value string) error {
	if rule := rules[k]; rule != nil {
		return rule(value)
	}
	return nil
}

// Check returns the error that a run would report for the value whatever the flow answers. It
// cannot check the values of ${…}, which only a run knows.
//
//	near  finds a file that the scenario names, from the folder of its own file on: in which files
//	      it is, where there, and how reports call it; nil for one from the working directory on
func (v *Value) Check(near func(name string) (files fs.FS, at, show string)) error {
	switch {
	case v.json && !v.Kind.valid(v.Written):
		return v.Kind.invalid(v.Written)
	case strings.Contains(v.Text, "${"):
		return nil
	case v.Kind == file:
		_, err := schemaNamed(near, v.Text)
		return err
	}
	return v.Kind.check(v.Text)
}

// valid reports whether a text may be one of a JSON kind.
func (k Kind) valid(written string) bool {
	return gjson.Valid(written) && (k != jsonObject || gjson.Parse(written).IsObject())
}

func (k Kind) invalid(written string) error {
	const most = 60 // characters
	return fmt.Errorf("%s is not a %s", words.Cut(written, most), k)
}

// read returns what is meant by a value between the quotes of a sentence.
func read(ctx context.Context, w *World, k Kind, written string) (string, error) {
	if (k == jsonValue || k == jsonObject) && !k.valid(written) {
		return "", k.invalid(written)
	}
	return cell(ctx, w, k, k.unescape(written))
}

// cell returns what is meant by a cell of a table, if nothing is escaped.
func cell(ctx context.Context, w *World, k Kind, text string) (string, error) {
	switch k {
	case jsonValue, jsonObject:
		return literal(ctx, w, text)
	case pattern:
		text, err := w.expand(ctx, text, regexp.QuoteMeta)
		return text, cmp.Or(err, k.check(text))
	default:
		text, err := w.expand(ctx, text, nil)
		return text, cmp.Or(err, k.check(text))
	}
}

// literal expands what a person wrote for a JSON value; what is not JSON is text. What is put in
// may hold quotes or look like a number, so whether it is text is decided before: a remembered
// value without quotes is what it was.
func literal(ctx context.Context, w *World, written string) (string, error) {
	if raw, ok := w.rememberedJSON(written); ok {
		return raw, nil
	}
	value, valid := gjson.Parse(written), gjson.Valid(written)
	if valid && value.Type != gjson.String {
		return w.expand(ctx, written, nil)
	}
	if valid {
		written = value.Str
	}
	text, err := w.expand(ctx, written, nil)
	if err != nil {
		return "", err
	}
	return quoteJSON(text)
}

// quoteJSON writes a text as JSON that is shown to a person.
func quoteJSON(text string) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(text)
	return strings.TrimSpace(b.String()), err
}
