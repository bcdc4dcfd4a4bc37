package recordings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/steps/davinci"
	"flowtest/steps/generated"
)

// A Body is a response body in which the documentation's variables replace the values that are
// generated in each run. The HTML file that a JSON body names is part of its text.
type Body struct {
	File string // within the flow's folder
	Text []byte

	raw   []byte // the file as it is, which names its pages
	pages []page // the HTML files that raw names, in their order

	outcome davinci.Outcome // with status 200, at a screen
}

// IsVariable reports whether a replay fills in a name in double braces: the
// documentation's variables, minted.NAME for any other generated value, user.ATTRIBUTE,
// and unique values that were typed before, such as unique.email.
//
// Source: the variables in the links of the official pages.
func IsVariable(name string) bool {
	return slices.Contains(variables, name) || slices.Contains(generated.Names(), name) ||
		strings.HasPrefix(name, "user.") || strings.HasPrefix(name, minted)
}

// minted begins the names of generated values for which the documentation has no
// variable; [Form] says what they are like.
const minted = "minted."

var variables = []string{
	"authPath", "envID", "connectionInstanceID", "capabilityName", "davinciFlowPolicyID",
	"interactionId", "interactionToken", "correlationId", "challenge",
	"code", "state", "sessionId", "sessionToken", "accessToken", "idToken",
}

// Variable matches the variables of a body. Its first group is the name.
var Variable = regexp.MustCompile(`\{\{([A-Za-z][A-Za-z0-9_.:,/\- ]*)\}\}`)

// A variable is where a text has one, braces and all.
type variable struct {
	start, end int
	name       string
}

// variablesOf finds what [Variable] finds.
func variablesOf(text []byte) iter.Seq[variable] {
	return func(yield func(variable) bool) {
		letter := func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
		for at := 0; ; {
			open := bytes.Index(text[at:], []byte("{{"))
			if open < 0 {
				return
			}
			start := at + open
			name := start + len("{{")
			end := name
			for end < len(text) && (letter(text[end]) || end > name &&
				('0' <= text[end] && text[end] <= '9' || strings.IndexByte("_.:,/- ", text[end]) >= 0)) {
				end++
			}
			if end == name || !bytes.HasPrefix(text[end:], []byte("}}")) {
				at = start + 1
				continue
			}
			at = end + len("}}")
			if !yield(variable{start, at, string(text[name:end])}) {
				return
			}
		}
	}
}

// unbraced writes the braces of the service as JSON can, so that they are its own
// for every reader of the text.
func unbraced(text []byte) []byte {
	if !bytes.Contains(text, []byte(Braces)) {
		return text
	}
	return bytes.ReplaceAll(text, []byte(Braces), []byte(escapedBraces))
}

const escapedBraces = `\u007b\u007b`

const htmlPrefix = "html:"

// readBody reads a body file. The error has no file name at its front where it
// is a fault of the file that names it, and file and line where it is the file's own.
func readBody(fsys fs.FS, dir, name string, isJSON bool) (*Body, error) {
	text, err := readFile(fsys, dir, name)
	if err != nil {
		return nil, err
	}
	b := &Body{File: name, raw: text, Text: text}
	if isJSON {
		b.Text = unbraced(text)
		if !isFlat(text) || !b.classify() {
			if err := checkJSON(text); err != nil {
				return nil, fmt.Errorf("%s:%w", path.Join(dir, name), err)
			}
		}
	}
	if err := b.include(func(file string) ([]byte, error) { return readFile(fsys, dir, file) }); err != nil {
		return nil, fmt.Errorf("%s: %w", path.Join(dir, name), err)
	}
	if isJSON && (len(b.pages) > 0 || b.outcome == 0) {
		b.Text = unbraced(b.Text)
		b.classify()
	}
	if err := checkVariables(b.Text); err != nil {
		return nil, fmt.Errorf("%s: %w", path.Join(dir, name), err)
	}
	return b, nil
}

func readFile(fsys fs.FS, dir, name string) ([]byte, error) {
	if strings.ContainsAny(name, `/\`) || name == "" || name == ".." {
		return nil, fmt.Errorf("body %q is not a file of this folder: give only its name", name)
	}
	text, err := read(fsys, path.Join(dir, name), MaxBody)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("body %q is missing: %s does not exist", name, path.Join(dir, name))
	}
	if err != nil {
		return nil, fmt.Errorf("body %q cannot be read: %w", name, bare(err))
	}
	return text, nil
}

// A page is an HTML file that a JSON body names.
type page struct {
	file string
	text []byte
}

// include puts the text of the HTML files that the body names in their place, and notes them.
func (b *Body) include(read func(file string) ([]byte, error)) error {
	var out []byte
	done := 0
	for v := range variablesOf(b.raw) {
		file, ok := strings.CutPrefix(v.name, htmlPrefix)
		if !ok {
			continue
		}
		file = strings.TrimSpace(file)
		text, err := read(file)
		if err != nil {
			return err
		}
		b.pages = append(b.pages, page{file, text})
		out = append(append(out, b.raw[done:v.start]...), quotedInside(string(text))...)
		done = v.end
	}
	if done > 0 {
		b.Text = append(out, b.raw[done:]...)
	}
	return nil
}

// quotedInside writes s as it is between the quotes of a JSON string.
func quotedInside(s string) []byte {
	quoted := davinci.Quote(s)
	return []byte(quoted[1 : len(quoted)-1])
}

// checkJSON returns an error that starts with the line at which text stops
// being a JSON object.
func checkJSON(text []byte) error {
	if isFlat(text) && gjson.ValidBytes(text) && bytes.TrimLeft(text, " \t\r\n")[0] == '{' {
		return nil
	}
	var object map[string]json.RawMessage
	err := json.Unmarshal(text, &object)
	if err == nil && object != nil {
		return nil
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := text[:min(int(syntax.Offset), len(text))]
		return fmt.Errorf("%d: not JSON: %w", 1+bytes.Count(before, []byte("\n")), syntax)
	}
	return errors.New("1: not a JSON object, and a response body is one")
}

// isFlat reports whether a JSON text is nested so little that each reader of JSON reads it. That
// of the standard library has a bound.
func isFlat(text []byte) bool {
	const few = 1000
	return bytes.Count(text, []byte("{"))+bytes.Count(text, []byte("[")) < few
}

// checkVariables refuses names that nothing would fill in. The links of a rich
// text are written in the same braces, and are the service's own.
func checkVariables(text []byte) error {
	links := sync.OnceValue(func() []gjson.Result {
		return gjson.GetBytes(text, "form.components.fields.#.richContent.replacements").Array()
	})
	for v := range variablesOf(text) {
		name := v.name
		if !IsVariable(name) && string(text[v.start:v.end]) != Braces {
			isLink := func(r gjson.Result) bool { return r.Get(gjson.Escape(name)).Exists() }
			if !slices.ContainsFunc(links(), isLink) {
				return fmt.Errorf("unknown variable {{%s}}, want one of %s, minted.NAME, user.ATTRIBUTE, "+
					"unique.email, html:FILE or literal:braces", name, strings.Join(variables, ", "))
			}
		}
		if _, err := ParseForm(name); err != nil {
			return err
		}
	}
	return nil
}

// classify notes what the flow does after the body, and reports whether it is a JSON object.
func (b *Body) classify() bool {
	a := davinci.Reader{Waits: true}.Read(http.StatusOK, nil, b.Text)
	b.outcome = a.Outcome
	return a.IsObject()
}

// refuses reports whether the body has the flow stay where it is, with status 400 at a screen.
func (b *Body) refuses() bool {
	return b != nil && davinci.Reader{Waits: true}.Read(http.StatusBadRequest, nil, b.Text).Stays()
}

// customHTML is where a detailed response carries the screen as HTML.
//
// Source: "Detailed Responses", the sample of a custom HTML screen.
const customHTML = "screen.properties.customHTML.value"

// NewBody makes the body file of a recording from a response whose generated values have become
// variables. JSON is indented, and the HTML of a detailed screen becomes a page of its own, named
// after the file. The error says why a recording cannot contain it: it is not a JSON object, has
// an unknown variable, or has more than [MaxBody] bytes.
//
//	file  the name, as in "sign-on-form.json"; one that ends in .html is a page
func NewBody(file string, text []byte) (*Body, error) {
	if len(text) > MaxBody {
		return nil, fmt.Errorf("body %q has %d bytes, want at most %d", file, len(text), MaxBody)
	}
	b := &Body{File: file, raw: text, Text: text}
	isJSON := path.Ext(file) == ".json"
	if isJSON {
		if err := b.indent(); err != nil {
			return nil, fmt.Errorf("%s:%w", file, err)
		}
	}
	if err := checkVariables(b.Text); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if isJSON {
		b.classify()
	}
	return b, nil
}

// indent lays the JSON out as a person reads it.
func (b *Body) indent() error {
	if err := checkJSON(b.raw); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(b.raw), "", "  "); err != nil {
		return fmt.Errorf("1: not JSON: %w", err)
	}
	out.WriteByte('\n')
	b.raw, b.Text = out.Bytes(), unbraced(out.Bytes())
	html := gjson.GetBytes(b.raw, customHTML)
	escaped := strings.Contains(strings.ToLower(html.Raw), `\u007b`) // a page would read them as a variable
	if html.Type != gjson.String || !strings.Contains(html.Str, "<") || escaped {
		return nil
	}
	name, _, _ := strings.Cut(b.File, ".")
	name += ".html"
	raw, err := sjson.SetBytes(bytes.Clone(b.raw), customHTML, "{{"+htmlPrefix+name+"}}")
	if err != nil {
		return nil //nolint:nilerr // it stays where it is, which a recording may have too
	}
	split := &Body{File: b.File, raw: raw, Text: raw}
	err = split.include(func(string) ([]byte, error) { return []byte(html.Str), nil })
	split.Text = unbraced(split.Text)
	if err != nil || checkVariables(split.Text) != nil {
		return nil //nolint:nilerr // it stays where it is
	}
	*b = *split
	return nil
}

// Rename returns the body under another name, its page with it.
func (b *Body) Rename(file string) *Body {
	c := *b
	c.File = file
	if len(b.pages) == 1 {
		name, _, _ := strings.Cut(file, ".")
		c.pages = []page{{name + ".html", b.pages[0].text}}
		c.raw = bytes.Replace(b.raw, []byte("{{"+htmlPrefix+b.pages[0].file+"}}"),
			[]byte("{{"+htmlPrefix+c.pages[0].file+"}}"), 1)
	}
	return &c
}

// files returns what the body is on disk: its own file and its pages.
func (b *Body) files() []page {
	raw := b.raw
	if raw == nil {
		raw = b.Text
	}
	return append([]page{{b.File, raw}}, b.pages...)
}
