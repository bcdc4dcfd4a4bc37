package target

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"flowtest/recordings/strictyaml"
	"flowtest/steps/words"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// problemOfReferences says what is wrong with the ${NAME} references of a text, in words
// that continue a sentence which begins with the setting's name. What is between
// the braces is not quoted: it may be a secret and no name at all.
func problemOfReferences(pieces []words.Piece, closed bool) string {
	if !closed {
		return "has a ${ without its }, want ${NAME}: write $${ for a plain ${"
	}
	for _, p := range pieces {
		if p.Ref && !variableName.MatchString(p.Text) {
			return "has a ${...} without a variable's name, want letters, digits and _ as in ${NAME}: " +
				"write $${ for a plain ${"
		}
	}
	return ""
}

// A reader reads the string values of the file as settings.
type reader struct{ *strictyaml.Reader }

// text reads a string value and cuts it at its references.
func (r reader) text(path string, n ast.Node) (setting, bool) { return r.setting(path, n, false) }

// setting is text. With number a number is text too: what is wanted instead is said of the
// setting.
func (r reader) setting(path string, n ast.Node, number bool) (setting, bool) {
	s := setting{path: path}
	var ok bool
	if number && n.Type() == ast.IntegerType {
		s.raw, s.at = n.String(), strictyaml.PlaceOf(n)
	} else if s.raw, s.at, ok = r.Text(path, n); !ok {
		return s, false
	}
	pieces, closed := words.Pieces(s.raw)
	if problem := problemOfReferences(pieces, closed); problem != "" {
		r.Add(s.at, "%s %s", path, problem)
		return s, false
	}
	s.pieces = pieces
	return s, true
}

// texts reads a mapping of any keys to string values.
func (r reader) texts(path string, n ast.Node) map[string]setting {
	entries, _ := r.Entries(path, n)
	values := map[string]setting{}
	for _, e := range entries {
		if s, ok := r.text(strictyaml.Join(path, e.Key), e.Value); ok {
			values[e.Key] = s
		}
	}
	return values
}

// list reads a list of at least one string value.
func (r reader) list(path string, n ast.Node) []setting {
	all := r.List(path, n)
	if n.Type() == ast.SequenceType && len(all) == 0 {
		r.Add(strictyaml.PlaceOf(n), "%s is empty, want at least one entry: write one or remove the key", path)
	}
	var values []setting
	for i, one := range all {
		if s, ok := r.text(fmt.Sprintf("%s[%d]", path, i), one); ok {
			values = append(values, s)
		}
	}
	return values
}

// A setting is one string value of the file.
type setting struct {
	path   string // as an error names it: targets.staging.clientId
	raw    string // as the file has it
	at     strictyaml.Position
	pieces []words.Piece
}

// literal returns the text of a setting that has no reference.
func (s setting) literal() (string, bool) {
	var text strings.Builder
	for _, p := range s.pieces {
		if p.Ref {
			return "", false
		}
		text.WriteString(p.Text)
	}
	return text.String(), true
}

// expand puts the variables in place. A variable that is unset or empty is a
// mistake, which m takes.
func (s setting) expand(lookup func(string) (string, bool), m *strictyaml.Reader) (string, bool) {
	var text strings.Builder
	ok := true
	for _, p := range s.pieces {
		if !p.Ref {
			text.WriteString(p.Text)
			continue
		}
		v, set := lookup(p.Text)
		text.WriteString(v)
		if v != "" {
			continue
		}
		ok = false
		is := "not set"
		if set {
			is = "empty"
		}
		m.Add(s.at, "%s names the variable %s, which is %s, want a value: set %s", s.path, p.Text, is, p.Text)
	}
	return text.String(), ok
}
