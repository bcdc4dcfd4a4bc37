package mutate

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// other replaces a text that a mutant changes.
const other = "Something else"

const fieldsPath = "form.components.fields"

// errSame says that a mutant would equal the original.
var errSame = errors.New("mutate: the change is in the original already")

// A bodyMutant makes mutants of one body.
type bodyMutant struct {
	*making

	hop  *recordings.Hop
	file string
	text []byte
	name string // of the screen
}

// body makes the mutants of a body: of the texts and fields of its screen, and of the
// properties that a client reads.
func (k *making) body(h *recordings.Hop, b *recordings.Body) {
	m := &bodyMutant{making: k, hop: h, file: b.File, text: b.Text, name: screenName(h)}
	read := (davinci.Reader{}).Read(h.Response.Status, nil, b.Text)
	if s := read.Screen(); s != nil && gjson.GetBytes(b.Text, fieldsPath).IsArray() {
		var entries []int
		for i := range s.Fields {
			entries = append(entries, i)
			if s.Fields[i].IsButton() {
				m.button(i, &s.Fields[i])
			} else {
				m.field(i, &s.Fields[i])
			}
		}
		m.order(fieldsPath, entries)
	}
	m.page()
	if !strings.HasSuffix(b.File, ".json") {
		return
	}
	if s := read.Screen(); s != nil {
		m.screen(s)
	}
	m.texts(read)
	m.properties(read)
}

// set adds a mutant in which a property has another value.
func (m *bodyMutant) set(group, operator, path string, value any, change string) *Mutant {
	return m.edit(group, operator, path, change, func(text []byte) ([]byte, error) {
		return sjson.SetBytes(text, path, value)
	})
}

// remove adds a mutant without a property.
func (m *bodyMutant) remove(group, operator, path, change string) {
	m.edit(group, operator, path, change, func(text []byte) ([]byte, error) { return sjson.DeleteBytes(text, path) })
}

// edit adds a mutant with a changed body, in every hop whose response has that body.
func (m *bodyMutant) edit(group, operator, path, change string, edit func(text []byte) ([]byte, error),
) *Mutant {
	made := m.made(group, operator, path, change)
	made.change = func(f *recordings.Flow) error { return replace(f, made.file, edit) }
	m.add(made)
	return made
}

// made returns a mutant of the body, which does not change it yet.
func (m *bodyMutant) made(group, operator, path, change string) *Mutant {
	file, where := m.file, m.name
	if where != "" {
		change += fmt.Sprintf(" on %q", where)
	}
	return &Mutant{
		Hop: m.hop.Name, Screen: where, Property: path, Group: group, Operator: operator, Change: change,
		file: file,
		seen: func(c crossing) bool { return c.reads(file) },
	}
}

// replace changes the text of a body file in every hop whose response has it.
func replace(f *recordings.Flow, file string, edit func(text []byte) ([]byte, error)) error {
	var places []**recordings.Body
	for _, h := range f.Hops {
		for _, b := range []**recordings.Body{&h.Response.JSON, &h.Response.Detailed, &h.Response.HTML} {
			if *b != nil && (*b).File == file {
				places = append(places, b)
			}
		}
	}
	before := (*places[0]).Text
	text, err := edit(bytes.Clone(before))
	if err != nil {
		return err
	}
	if bytes.Equal(text, before) {
		return errSame
	}
	made, err := recordings.NewBody(file, text)
	if err != nil {
		return err
	}
	for _, b := range places {
		*b = made
	}
	return nil
}

func (m *bodyMutant) button(i int, f *davinci.Field) {
	at := fieldsPath + "." + strconv.Itoa(i)
	what := fmt.Sprintf("the button %q", f.Key)
	m.remove(Buttons, "button-gone", at, what+" is gone")
	if f.Key != "" {
		m.set(Buttons, "button-renamed", at+".key", f.Key+"_2", fmt.Sprintf("%s has the key %q", what, f.Key+"_2"))
	}
	switch f.Type {
	case "SUBMIT_BUTTON":
		m.set(Buttons, "button-kind", at+".type", "FLOW_BUTTON", what+" is a FLOW_BUTTON and submits nothing")
	case "FLOW_BUTTON", "FLOW_LINK":
		m.set(Buttons, "button-kind", at+".type", "SUBMIT_BUTTON", what+" is a SUBMIT_BUTTON")
	}
	m.edit(Buttons, "button-doubled", at, what+" is there twice", func(text []byte) ([]byte, error) {
		return sjson.SetRawBytes(text, fieldsPath+".-1", []byte(gjson.GetBytes(text, at).Raw))
	})
	m.label(at, what, f)
}

func (m *bodyMutant) label(at, what string, f *davinci.Field) {
	for _, name := range []string{"label", "content"} {
		if v := f.Raw.Get(name); v.Type == gjson.String && v.Str != "" {
			m.set(Texts, name, at+"."+name, other, fmt.Sprintf("the %s of %s is %q", name, what, other))
		}
	}
}

func (m *bodyMutant) field(i int, f *davinci.Field) {
	at := fieldsPath + "." + strconv.Itoa(i)
	what := fmt.Sprintf("the field %q", f.Key)
	if f.Key == "" {
		what = "the " + f.Type
	}
	m.remove(Fields, "field-gone", at, what+" is gone")
	m.label(at, what, f)
	if f.Key == "" || !f.Fills() {
		return
	}
	m.set(Fields, "field-renamed", at+".key", f.Key+"_2", fmt.Sprintf("%s has the key %q", what, f.Key+"_2"))
	if f.Secret() {
		m.set(Security, "password-shown", at+".type", "TEXT", what+" shows what is typed: it is a TEXT")
	} else if f.Type != "" {
		to := "TEXT"
		if f.Type == to {
			to = "PHONE_NUMBER"
		}
		m.set(Fields, "field-type", at+".type", to, fmt.Sprintf("%s is a %s", what, to))
	}
	if v := f.Raw.Get("required"); v.IsBool() {
		change := what + " is required"
		if v.Bool() {
			change = what + " is not required"
		}
		m.set(Fields, "required", at+".required", !v.Bool(), change)
	}
	for j, o := range f.Options() {
		m.remove(Fields, "option-gone", at+".options."+strconv.Itoa(j),
			fmt.Sprintf("the option %q of %s is gone", cmp.Or(davinci.Read(o.Label), o.Value), what))
	}
	key := "formData.value." + gjson.Escape(f.Key)
	if v := gjson.GetBytes(m.text, key); v.Type == gjson.String {
		m.set(Fields, "prefill", key, other, fmt.Sprintf("%s is filled in with %q", what, other))
	}
}

// order adds the mutant in which the first two of some entries of a list are swapped.
func (m *bodyMutant) order(list string, entries []int) {
	if len(entries) < 2 { //nolint:mnd // the first two
		return
	}
	one, two := list+"."+strconv.Itoa(entries[0]), list+"."+strconv.Itoa(entries[1])
	m.edit(Fields, "order", list, "the first two entries have changed places", func(text []byte) ([]byte, error) {
		a, b := gjson.GetBytes(text, one).Raw, gjson.GetBytes(text, two).Raw
		text, err := sjson.SetRawBytes(text, one, []byte(b))
		if err != nil {
			return nil, err
		}
		return sjson.SetRawBytes(text, two, []byte(a))
	})
}

func (m *bodyMutant) texts(read *davinci.Answer) {
	for _, t := range []struct{ operator, path, what string }{
		{"form-name", "form.name", "the name of the form"},
		{"form-name", "screen.properties.nodeTitle.value", "the title of the screen"},
		{"description", "form.description", "the description of the form"},
	} {
		if v := gjson.GetBytes(m.text, t.path); v.Type == gjson.String && v.Str != "" {
			m.set(Texts, t.operator, t.path, other, fmt.Sprintf("%s is %q", t.what, other))
		}
	}
	message := read.Message()
	if message == "" {
		return
	}
	for _, path := range []string{"message", "error.message", "errorMessage", "error_description"} {
		if v := gjson.GetBytes(m.text, path); v.Type != gjson.String || strings.TrimSpace(v.Str) != message {
			continue
		}
		m.set(Texts, "message", path, other, fmt.Sprintf("the message %q is %q", message, other))
		low := strings.ToLower(message)
		if strings.Contains(low, "password") && strings.Contains(low, "user") {
			m.set(Security, "error-tells", path, "The password is wrong",
				"the error says which of user and password was wrong")
		}
		return
	}
}

// properties makes the mutants of what a client reads: the properties of the data model
// in the body, the link to the next hop, and the properties that end a sign-on.
func (m *bodyMutant) properties(read *davinci.Answer) {
	if m.hop.Response.Status >= http.StatusBadRequest {
		for _, path := range []string{"code", "error.code"} {
			if gjson.GetBytes(m.text, path).Exists() {
				m.set(Protocol, "error-code", path, other, fmt.Sprintf("%s is %q", path, other))
			}
		}
		return
	}
	for _, path := range []string{
		"interactionId", "interactionToken", "id", "companyId", "connectionId", "capabilityName", "flowId", "success",
		"status", "session", "sessionToken", "eventName", "form", "_links.next",
	} {
		if gjson.GetBytes(m.text, path).Exists() {
			m.remove(Protocol, "property-gone", path, path+" is gone")
		}
	}
	if v := gjson.GetBytes(m.text, "interactionToken"); v.Str == "{{interactionToken}}" {
		made := m.token()
		if read.Outcome == davinci.Completed || read.Outcome == davinci.Failed {
			made.idle = "nothing is sent after an end, so no client uses its token"
		}
	}
	if v := gjson.GetBytes(m.text, "_links.next.href"); v.Type == gjson.String {
		href := strings.Replace(v.Str, "{{authPath}}", "https://other.example", 1)
		m.set(Protocol, "next-host", "_links.next.href", href, "the link to the next hop has another host")
	}
	if gjson.GetBytes(m.text, codePath).Exists() {
		m.remove(Protocol, "code-gone", codePath, "the authorization code is gone")
	}
	if gjson.GetBytes(m.text, "authorizeResponse.state").Exists() {
		m.set(Protocol, "state-wrong", "authorizeResponse.state", "another-state",
			"the state is not that of the request")
	}
	if read.Outcome == davinci.Completed && gjson.GetBytes(m.text, "status").Exists() {
		m.set(Protocol, "end-status", "status", "FAILED", "the status of the end is FAILED")
	}
}

// token adds the mutant whose interactionToken is not a new one. Where a journey starts, there is no
// earlier one.
func (m *bodyMutant) token() *Mutant {
	const operator, path = "token-not-refreshed", "interactionToken"
	starts := func(h *recordings.Hop) bool {
		r := h.Answer()
		return h.Starts() && (m.is(r.JSON) || m.is(r.Detailed))
	}
	if slices.ContainsFunc(m.flow.Hops, starts) {
		return m.set(Protocol, operator, path, sameToken, "interactionToken is the same in every journey")
	}
	made := m.made(Protocol, operator, path, "interactionToken is that of the hop before")
	made.change = func(f *recordings.Flow) error {
		f.EarlierToken = m.file
		return nil
	}
	m.add(made)
	return made
}

func (m *bodyMutant) is(b *recordings.Body) bool { return b != nil && b.File == m.file }

// sameToken is what is in place of a token that no hop was ever given before.
const sameToken = "the-token-of-every-journey"

// screenName returns the name of the screen that a hop shows, "" if it shows none.
func screenName(h *recordings.Hop) string {
	r := h.Answer()
	for _, b := range []*recordings.Body{r.JSON, r.Detailed} {
		if b == nil {
			continue
		}
		if s := (davinci.Reader{}).Read(r.Status, nil, b.Text).Screen(); s != nil && s.Name != "" {
			return s.Name
		}
	}
	return ""
}
